"""The gate: whether a checkpoint may pass, one check a concept, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from driftcore.records.report import Verdict

GateStatus = Literal["passed", "failed", "not_evaluated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCheck:
    """One thing that was held to the gate: the whole comparison (`concept` is None), or one of its concepts.

    A `verdict` of None is that of a concept too small to be judged: it neither passes nor fails. `why` says in one
    line what was found. `displacement` is a share of the mean gap between concepts.
    """

    concept: str | None
    verdict: Verdict | None
    failed: bool
    why: str
    n: int
    displacement: float | None = None
    toward: str | None = None
    accuracy_reference: float | None = None
    accuracy_current: float | None = None

    @property
    def name(self) -> str:
        """What was checked, for a list."""
        return "overall" if self.concept is None else f"concept {self.concept}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether `current` may pass: the answer of `driftloop check`, and what every alert says.

    Parameters
    ----------
    status : str
        "passed", "failed", or "not_evaluated": nothing could be measured or judged, which is no pass.
    sentence : str
        One line: what failed, or that nothing did, or why it could not be said.
    fail_on : tuple of str
        The verdicts that fail the gate.
    checks : tuple of GateCheck
        The whole first, then each concept, the one that needs a person most first; empty where nothing was measured.
    report_id : str or None
        The drift report that it quotes, kept in the store; None where there is none.
    at : datetime
        When the gate was asked.
    notes : tuple of str
        What the report could not say.
    """

    status: GateStatus
    sentence: str
    reference: str
    current: str
    split: str
    fail_on: tuple[Verdict, ...]
    checks: tuple[GateCheck, ...]
    report_id: str | None
    at: datetime
    notes: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[GateCheck, ...]:
        """The concepts that fail the gate; the whole only where no concept does."""
        failed = tuple(check for check in self.checks if check.failed)
        return tuple(check for check in failed if check.concept is not None) or failed

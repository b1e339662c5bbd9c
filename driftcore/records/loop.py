"""One round of the loop: what it found, what it did about it, and what that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from driftcore.records.report import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRound:
    """What one round of the loop did.

    Parameters
    ----------
    round_id : str
    reference, current : str
        What was compared; `verdict` and `summary` are the report's.
    spans : tuple of str
        Ids of the spans that were retrained on.
    skipped : mapping of str to str
        Spans that the policy left alone, and why.
    traced : int or None
        Training rows behind the spans; None where nothing was traced.
    truly_relabelled : int or None
        How many of them are known to be labelled wrongly; only the demo knows.
    job, checkpoint : str or None
        The job, and the checkpoint that it made.
    accepted : bool or None
    reason : str
        Why it was accepted, rejected, or nothing was done; one line.
    before, after : mapping of str to float or None
        Accuracy of the judged samples: "span", "concept", "rest", "live", "live_concept", and "live NAME" for each
        concept of the spans.
    """

    round_id: str
    at: datetime
    reference: str
    current: str
    split: str
    verdict: Verdict | None
    summary: str
    reason: str
    spans: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    traced: int | None = None
    truly_relabelled: int | None = None
    job: str | None = None
    checkpoint: str | None = None
    accepted: bool | None = None
    before: Mapping[str, float | None] = field(default_factory=dict)
    after: Mapping[str, float | None] = field(default_factory=dict)

"""The trend: a whole sequence of checkpoints against one reference, and each against the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from driftcore.records.policy import DriftPolicy
from driftcore.records.report import Verdict

TimeUnit = Literal["week", "checkpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One checkpoint of the sequence.

    Parameters
    ----------
    checkpoint : str
    at : datetime
    time : float
        Since the reference, in the trend's unit.
    alpha : float
        The level at which this look tests: the levels of all looks together stay below the policy's.
    verdict : Verdict
        Of the whole, since the reference.
    accuracy : float or None
    report_id : str
        The report since the reference.
    before : str
        The checkpoint before, which may be the reference.
    step_report_id : str
        The report since the checkpoint before.
    step_verdict : Verdict
    """

    checkpoint: str
    at: datetime
    time: float
    alpha: float
    verdict: Verdict
    accuracy: float | None
    report_id: str
    before: str
    step_report_id: str
    step_verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTrend:
    """One concept through time; tuples have one value a look, None where a look has none.

    Parameters
    ----------
    verdicts, displacement, standout, toward, accuracy, margin : tuples
        Since the reference, as the reports say.
    step_displacement : tuple
        Since the checkpoint before.
    slope, slope_low, slope_high : float or None
        Theil–Sen slope of the displacement, mean gaps a unit of time, with its 95 % interval.
    too_fast : bool
        Whether the slope is above the policy's `max_weekly_drift`.
    onset : str or None
        The first checkpoint at which it stood out, tested at the level of that look, and at the next one still; or the
        last checkpoint, where nothing can have come back yet.
    confirmed : bool or None
        Whether the look after the onset saw it too; None without an onset.
    accuracy_drop : str or None
        The first checkpoint at which its accuracy had surely fallen, by the report or at the level of the look.
    lead_looks, lead_days : int and float, or None
        From the onset to the drop; negative where accuracy fell first. None where one of them has not come.
    silent_looks : int or None
        Looks since the onset, itself included, at which accuracy had not fallen yet; None without an onset.
    """

    concept: str
    n: int
    verdicts: tuple[Verdict | None, ...]
    displacement: tuple[float | None, ...]
    standout: tuple[float | None, ...]
    toward: tuple[str | None, ...]
    accuracy: tuple[float | None, ...]
    margin: tuple[float | None, ...]
    step_displacement: tuple[float | None, ...]
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    too_fast: bool
    onset: str | None
    confirmed: bool | None
    accuracy_drop: str | None
    lead_looks: int | None
    lead_days: float | None
    silent_looks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTrend:
    """A concept and the one it heads for, through time; tuples have one value a look.

    Parameters
    ----------
    a, b : str
        `a` is the one that goes, `b` where it goes.
    gap_closure, step_gap_closure : tuples
        Since the reference, and since the checkpoint before.
    migration : tuple
        Of `a` toward `b`, since the reference; None where `a` headed for another concept.
    slope, slope_low, slope_high : float or None
        Theil–Sen slope of the gap closure, shares of the gap a unit of time, with its 95 % interval.
    p_value, q_value : float or None
        Mann–Kendall, and Benjamini–Hochberg over all pairs of concepts: those shown here were chosen by looking.
    """

    a: str
    b: str
    gap_closure: tuple[float | None, ...]
    step_gap_closure: tuple[float | None, ...]
    migration: tuple[float | None, ...]
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    p_value: float | None
    q_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Everything `driftloop trend --json` says.

    `unit` is what one step of time is; `smallest_p_value` what the Mann–Kendall test of so few looks could reach at
    best. Concepts stand in the order of who needs a person most.
    """

    reference: str
    split: str
    unit: TimeUnit
    looks: tuple[Look, ...]
    summary: str
    concepts: tuple[ConceptTrend, ...]
    pairs: tuple[PairTrend, ...]
    n_pairs: int
    smallest_p_value: float
    policy: DriftPolicy
    notes: tuple[str, ...] = ()

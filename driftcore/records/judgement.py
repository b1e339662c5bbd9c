"""What a retrained checkpoint did to the span, to its concept, and to everything else; and whether it is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Accuracy of one group of samples before and after retraining.

    Parameters
    ----------
    group : str
        "span", "concept", "rest", "live", or the name of another concept.
    n_samples : int
        Judged samples: those that no retraining set may hold.
    before, after : float or None
        Share of them that the checkpoint got right; None where no sample is judged.
    worse, better : int
        How many went from right to wrong, and from wrong to right.
    p_value : float or None
        Exact two-sided McNemar test of "accuracy did not change".
    """

    group: str
    n_samples: int
    before: float | None
    after: float | None
    worse: int
    better: int
    p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a retrained checkpoint is taken, and the numbers that say so.

    `accepted` where the span gained and nothing else surely lost more than the policy allows; `reason` says which it
    was, in one line.
    """

    before: str
    after: str
    accepted: bool
    reason: str
    span: Change
    concept: Change
    rest: Change
    live: Change | None
    others: tuple[Change, ...] = ()

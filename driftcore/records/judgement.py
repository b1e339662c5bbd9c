"""What a retrained checkpoint did to the span, to its concept, and to everything else; and whether it is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Accuracy of one group of samples before and after retraining.

    Parameters
    ----------
    group : str
        "span", "concept", "rest", "live", "concept, live", or the name of a concept.
    against : str
        The checkpoint that `before` is of.
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
    against: str
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
    was, in one line. `span` are the judged samples of the spans, `concept` all of their concepts, `rest` those of all
    other concepts, `live_concept` those of the spans' concepts in live traffic and `live_concepts` each of those
    by itself; `concepts` is every concept of the split.
    The shifts say how far the span's judged samples stand from where the reference had them (cosine distance).
    """

    before: str
    after: str
    accepted: bool
    reason: str
    span: Change
    concept: Change
    rest: Change
    live: Change | None = None
    live_concept: Change | None = None
    live_concepts: tuple[Change, ...] = ()
    concepts: tuple[Change, ...] = ()
    shift_before: float | None = None
    shift_after: float | None = None

"""Numbers into verdicts: the policy's rules, applied to a measurement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcore.records import DriftPolicy, Gauges, Kind, Verdict
from driftcore.workflows._measure import ConceptNumbers
from driftcore.workflows._parts import Found, PartNumbers

# from the one that needs a person most to the one that needs nobody
_URGENCY: tuple[Verdict | None, ...] = ("regression", "silent", "boundary", "watch", "improved", None, "stable")

# a part is at most half of its concept: if more moved, the concept did, and some stayed behind
_LARGEST_PART = 0.5
# the rest of a concept stayed if it moved at most this share of the part's way, either way. Most of it is the fit: a
# concept that stands out is laid down by the others, and where they don't share its directions its place is uncertain
_REST_STAYED = 0.5
# members that go to one place together have a unison of 1, those that scatter to other concepts at most .70 (measured)
_TOGETHER = 0.7
# a sample that went less than this share of a gap has not left its concept
_LEFT = 0.25


def kinds(numbers: ConceptNumbers, parts: PartNumbers, policy: DriftPolicy) -> tuple[Kind, ...]:
    """How each concept moved: a part of it, a few members one by one, as a whole, or torn in two; the first that holds.

    A third of a concept that goes 15 % of the way takes the centroid 5 % along: that the rest stayed says more.
    """
    judged = numbers.sizes >= policy.min_samples
    heading, torn, left = parts.heading, parts.torn, parts.left
    looks: tuple[tuple[Kind, NDArray[np.bool_]], ...] = (
        ("part", _found(heading, policy) & _alone(heading) & (heading.unison >= _TOGETHER)),
        ("scattered", _found(left, policy) & _alone(left) & (left.unison < _TOGETHER) & (left.displacement >= _LEFT)),
        ("moved", moved_concepts(numbers, policy)),
        ("split", _found(torn, policy) & (torn.unison >= _TOGETHER)),
    )
    return tuple(
        next((kind for kind, flagged in looks if judged[k] and flagged[k]), "none") for k in range(len(judged))
    )


def moved_concepts(numbers: ConceptNumbers, policy: DriftPolicy) -> NDArray[np.bool_]:
    """Which concepts moved: a sure test, a large enough effect, and more than training did to the others."""
    return _significant(numbers, policy) & _outstanding(numbers.standout, policy.min_standout)


def verdicts(numbers: ConceptNumbers, each: tuple[Kind, ...], policy: DriftPolicy) -> tuple[Verdict | None, ...]:
    """One verdict a concept; None for a concept with fewer samples than `policy.min_samples`: too small to say.

    Where only a part moved, `numbers` hold the accuracy of its samples: see `judged_by_parts`.
    """
    moved = np.array([kind != "none" for kind in each])
    watched = _significant(numbers, policy) & _outstanding(numbers.standout, policy.watch_standout)
    change = numbers.accuracy_current - numbers.accuracy_reference
    sure = (numbers.accuracy_q_values <= policy.alpha) & (np.abs(change) >= policy.min_accuracy_change)
    judged = numbers.sizes >= policy.min_samples
    return tuple(
        _verdict(bool(moved[k]), bool(watched[k]), float(change[k]) if sure[k] else 0.0) if judged[k] else None
        for k in range(len(numbers.sizes))
    )


def overall(each: tuple[Verdict | None, ...], gauges: Gauges, accuracy_p_value: float, policy: DriftPolicy) -> Verdict:
    """The verdict of the whole: the one that needs a person most, or what happened to all concepts alike."""
    change = (gauges.accuracy_current or 0.0) - (gauges.accuracy_reference or 0.0)
    fell = accuracy_p_value <= policy.alpha and change <= -policy.min_accuracy_change
    ran_together = gauges.separation is not None and gauges.separation <= -policy.max_separation_loss
    candidates: list[Verdict] = [verdict for verdict in each if verdict is not None]
    candidates += ["boundary" if fell else "stable", "watch" if ran_together else "stable"]
    return min(candidates, key=_URGENCY.index)


def urgency(verdict: Verdict | None) -> int:
    """0 for the verdict that needs a person most; for ordering lists."""
    return _URGENCY.index(verdict)


def _found(part: Found, policy: DriftPolicy) -> NDArray[np.bool_]:
    """Whether a part stands out as a moved concept must; where there are too few concepts to tell, none does.

    By its p-value, not its q-value: that many concepts were looked at is what standing out of them answers for.
    """
    return (
        (part.p_values <= policy.alpha)
        & (part.displacement >= policy.min_effect)
        & (part.standout >= policy.min_standout)
    )


def _alone(part: Found) -> NDArray[np.bool_]:
    """Whether most of the concept stayed."""
    return (part.share <= _LARGEST_PART) & (np.abs(part.rest) <= _REST_STAYED * part.displacement)


def _significant(numbers: ConceptNumbers, policy: DriftPolicy) -> NDArray[np.bool_]:
    # NaN compares false: a concept that could not be tested is not flagged
    return (
        (numbers.q_values <= policy.alpha)
        & (numbers.displacement >= policy.min_effect)
        & (numbers.sizes >= policy.min_samples)
    )


def _outstanding(standout: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Whether a concept stands out far enough; with too few concepts to tell, the test alone decides."""
    return np.isnan(standout) | (standout >= threshold)


def _verdict(moved: bool, watched: bool, change: float) -> Verdict:
    """The table of METHODS: movement of the concept against a sure change of its accuracy."""
    if moved:
        return "regression" if change < 0 else "improved" if change > 0 else "silent"
    if change < 0:
        return "boundary"
    return "watch" if watched else "stable"

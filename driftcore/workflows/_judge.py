"""Numbers into verdicts: the policy's rules, applied to a measurement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Cause, DriftPolicy, Gauges, Verdict
from driftcore.workflows._measure import ConceptNumbers

# from the one that needs a person most to the one that needs nobody
_URGENCY: tuple[Verdict, ...] = ("regression", "silent", "boundary", "watch", "improved", "stable")


def moved_concepts(numbers: ConceptNumbers, policy: DriftPolicy) -> NDArray[np.bool_]:
    """Which concepts moved: a sure test, a large enough effect, and more than training did to the others."""
    return _significant(numbers, policy) & _outstanding(numbers.standout, policy.min_standout)


def verdicts(numbers: ConceptNumbers, policy: DriftPolicy) -> tuple[Verdict, ...]:
    """One verdict a concept; a concept with fewer samples than `policy.min_samples` is never judged."""
    moved = moved_concepts(numbers, policy)
    watched = _significant(numbers, policy) & _outstanding(numbers.standout, policy.watch_standout)
    change = numbers.accuracy_current - numbers.accuracy_reference
    sure = (numbers.accuracy_q_values <= policy.alpha) & (np.abs(change) >= policy.min_accuracy_change)
    judged = numbers.sizes >= policy.min_samples
    return tuple(
        _verdict(bool(moved[k]), bool(watched[k]), float(change[k]) if sure[k] else 0.0) if judged[k] else "stable"
        for k in range(len(numbers.sizes))
    )


def overall(each: tuple[Verdict, ...], gauges: Gauges, accuracy_p_value: float, policy: DriftPolicy) -> Verdict:
    """The verdict of the whole: the one that needs a person most; a fall spread over all concepts counts too."""
    change = (gauges.accuracy_current or 0.0) - (gauges.accuracy_reference or 0.0)
    fell = accuracy_p_value <= policy.alpha and change <= -policy.min_accuracy_change
    candidates: list[Verdict] = [*each, "boundary" if fell else "stable"]
    return min(candidates, key=_URGENCY.index)


def urgency(verdict: Verdict) -> int:
    """0 for the verdict that needs a person most; for ordering lists."""
    return _URGENCY.index(verdict)


def cause(numbers: ConceptNumbers, moved: NDArray[np.bool_], names: tuple[str, ...], mean_shift: float) -> Cause:
    """Where paired drift comes from: the samples are the same on both sides, so it is the model or nothing."""
    if moved.any():
        shown = [
            f"{names[k]}: displacement {numbers.displacement[k]:.2f} of the mean gap, q = {numbers.q_values[k]:.1g}"
            for k in np.flatnonzero(moved)
        ]
        return Cause(kind="semantic", evidence=("the same samples under both checkpoints", *shown))
    if mean_shift > 0:
        return Cause(
            kind="model",
            evidence=(f"mean shift {mean_shift:.3g} after alignment, and no concept stands out from the others",),
        )
    return Cause(kind="none", evidence=("every vector is where it was",))


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

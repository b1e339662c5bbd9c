"""Numbers of two windows into verdicts: the policy's rules, applied to composition, content and novelty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftcore.records import DriftPolicy, Verdict
from driftcore.workflows import _limits as limits
from driftcore.workflows._judge import urgency
from driftcore.workflows._window_numbers import WindowNumbers

# composition, content, novelty: three questions about one pair of windows
N_QUESTIONS = 3


def per_question(policy: DriftPolicy) -> DriftPolicy:
    """The policy that each of the three questions is held to: together they then err as often as `alpha` says."""
    return replace(policy, alpha=policy.alpha / N_QUESTIONS)


def changed_concepts(numbers: WindowNumbers, policy: DriftPolicy) -> NDArray[np.bool_]:
    """Concepts about which other things are said than before."""
    return surely_changed(numbers.q_values, policy)


def surely_changed(q_values: NDArray[np.float64], policy: DriftPolicy) -> NDArray[np.bool_]:
    """Concepts, by the q-values of their content, about which other things are said than before."""
    # NaN compares false: what was not tested is not flagged
    return q_values <= per_question(policy).alpha


def composition_shifted(numbers: WindowNumbers, policy: DriftPolicy) -> bool:
    """Whether the mix of concepts is another one: surely, and by enough to matter."""
    sure = numbers.composition.p_value <= per_question(policy).alpha
    return sure and variation(numbers) >= limits.COMPOSITION


def variation(numbers: WindowNumbers) -> float:
    """Share of the current samples that would have to change their concept to have the old mix: the total variation."""
    before, after = numbers.counts_reference, numbers.counts_current
    if not before.sum() or not after.sum():
        return 0.0
    return float(np.abs(before / before.sum() - after / after.sum()).sum() / 2)


def novelty_found(numbers: WindowNumbers, policy: DriftPolicy) -> bool:
    """Whether there are more samples unlike any known one than chance brings."""
    new = numbers.novel
    return new is not None and new.p_value <= per_question(policy).alpha and new.share > new.expected_share


def window_verdicts(numbers: WindowNumbers, policy: DriftPolicy) -> tuple[Verdict | None, ...]:
    """One verdict a concept; None for one with too few samples in either window to say.

    What is said changed and the centroid moved far enough: *silent*, or *regression* or *improved* where the accuracy
    surely changed with it. Changed without moving: *watch*.
    """
    changed = changed_concepts(numbers, policy)
    told = numbers.accuracy
    change = told.current - told.reference
    sure = (told.q_values <= policy.alpha) & (np.abs(change) >= policy.min_accuracy_change)
    return tuple(
        _verdict(
            bool(changed[k]),
            bool(numbers.movement.displacement[k] >= policy.min_effect),
            float(change[k]) if sure[k] else 0.0,
        )
        if not np.isnan(numbers.q_values[k])
        else None
        for k in range(len(changed))
    )


def window_verdict(each: tuple[Verdict | None, ...], numbers: WindowNumbers, policy: DriftPolicy) -> Verdict:
    """The verdict of the whole: the one that needs a person most; another mix or something new is worth watching."""
    told = numbers.accuracy
    change = (told.overall_current or 0.0) - (told.overall_reference or 0.0)
    # NaN compares false: without an eval on both sides nothing fell
    fell = told.p_value <= policy.alpha and change <= -policy.min_accuracy_change
    shifted = composition_shifted(numbers, policy) or novelty_found(numbers, policy)
    candidates: list[Verdict] = [verdict for verdict in each if verdict is not None]
    candidates += ["watch" if shifted else "stable", "boundary" if fell else "stable"]
    if fell and (shifted or changed_concepts(numbers, policy).any()):
        candidates.append("regression")
    return min(candidates, key=urgency)


def _verdict(changed: bool, far: bool, change: float) -> Verdict:
    if not changed:
        return "boundary" if change < 0 else "stable"
    if change:
        return "regression" if change < 0 else "improved"
    return "silent" if far else "watch"

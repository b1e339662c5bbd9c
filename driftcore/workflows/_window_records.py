"""The numbers of two windows as records."""

from __future__ import annotations

import numpy as np

from driftcore.records import (
    Composition,
    ConceptContent,
    ConceptDrift,
    ConceptShare,
    Divergence,
    DriftPolicy,
    GapClosures,
    Gauges,
    NearestCount,
    Novelty,
    SampleDrift,
    Verdict,
    WindowDrift,
)
from driftcore.workflows._judge_windows import changed_concepts
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_numbers import WindowNumbers
from driftcore.workflows._window_rows import Ground, Window

# ids that a report carries; the span of the novel samples has them all
_MAX_IDS = 200


def concept_drift(
    concepts: WindowConcepts, numbers: WindowNumbers, policy: DriftPolicy, k: int, verdict: Verdict | None
) -> ConceptDrift:
    """One concept; what only pairs of samples can say is None."""
    moved = numbers.movement
    changed = bool(changed_concepts(numbers, policy)[k])
    toward = concepts.names[moved.toward[k]] if changed and moved.migration[k] > 0 else None
    return ConceptDrift(
        concept=concepts.names[k],
        n=int(numbers.counts_current[k]),
        displacement=float(moved.displacement[k]),
        p_value=_known(numbers.content.p_values[k]),
        q_value=_known(numbers.q_values[k]),
        standout=None,
        verdict=verdict,
        toward=toward,
        migration=float(moved.migration[k]) if toward else None,
        migration_low=None,
        migration_high=None,
        mean_shift=None,
        neighbor_overlap=None,
        accuracy_reference=_known(numbers.accuracy.reference[k]),
        accuracy_current=_known(numbers.accuracy.current[k]),
        churn=None,
        kind="moved" if changed and moved.displacement[k] >= policy.min_effect else "none",
        accuracy_q_value=_known(numbers.accuracy.q_values[k]),
    )


def window_drift(
    reference: Window, current: Window, concepts: WindowConcepts, numbers: WindowNumbers, met: Ground
) -> WindowDrift:
    """Both windows side by side."""
    before, after = numbers.counts_reference, numbers.counts_current
    return WindowDrift(
        reference_split=reference.snapshot.split,
        current_split=current.snapshot.split,
        n_reference=len(reference.sample_ids),
        n_current=len(current.sample_ids),
        spaces=met.spaces,
        n_anchors=0 if met.anchors is None else met.anchors.n,
        composition=Composition(
            g=numbers.composition.value,
            p_value=numbers.composition.p_value if before.sum() and after.sum() else None,
            shares=tuple(
                ConceptShare(
                    concept=name,
                    share_reference=float(before[k] / max(1, before.sum())),
                    share_current=float(after[k] / max(1, after.sum())),
                    n_reference=int(before[k]),
                    n_current=int(after[k]),
                )
                for k, name in enumerate(concepts.names)
            ),
        ),
        content=tuple(
            ConceptContent(
                concept=name,
                n_reference=int(before[k]),
                n_current=int(after[k]),
                mmd=_known(numbers.content.mmd[k]),
                p_value=_known(numbers.content.p_values[k]),
                q_value=_known(numbers.q_values[k]),
                judged=not np.isnan(numbers.q_values[k]),
            )
            for k, name in enumerate(concepts.names)
        ),
        novelty=_novelty(current, concepts, numbers),
        divergences=tuple(
            Divergence(name=name, value=tested.value, p_value=tested.p_value, n_resamples=tested.n_resamples)
            for name, tested in numbers.divergences
        ),
    )


def _novelty(current: Window, concepts: WindowConcepts, numbers: WindowNumbers) -> Novelty | None:
    new = numbers.novel
    if new is None:
        return None
    near = numbers.nearest_concept[numbers.nearest_concept >= 0]
    counts = np.bincount(near, minlength=len(concepts.names))
    return Novelty(
        share=new.share,
        expected_share=new.expected_share,
        n=len(new.rows),
        threshold=new.threshold,
        p_value=new.p_value,
        sample_ids=tuple(current.sample_ids[new.rows[:_MAX_IDS]]),
        nearest=tuple(
            NearestCount(concept=concepts.names[k], n=int(counts[k]))
            for k in np.argsort(-counts, kind="stable")
            if counts[k]
        ),
    )


def most_shifted(drift: WindowDrift) -> tuple[ConceptShare, ...]:
    """The concepts whose share changed most, first."""
    return tuple(sorted(drift.composition.shares, key=lambda each: -abs(each.share_current - each.share_reference)))


def gauges_of(numbers: WindowNumbers) -> Gauges:
    """What can be said of the whole: accuracy."""
    return Gauges(
        cka=None,
        procrustes_distance=None,
        mean_shift=None,
        accuracy_reference=numbers.accuracy.overall_reference,
        accuracy_current=numbers.accuracy.overall_current,
        churn=None,
        drift_error_auroc=None,
    )


def sample_drift(current: Window, concepts: WindowConcepts, numbers: WindowNumbers) -> SampleDrift:
    """The per-sample side: how far each current sample is from any known one; nobody knows its share of a movement."""
    names = np.array([*concepts.names, None], dtype=object)
    return SampleDrift(
        sample_ids=current.sample_ids,
        concepts=names[concepts.current],
        shift=numbers.shift,
        share=np.full(len(current.sample_ids), np.nan, dtype=np.float32),
    )


def no_gaps(concepts: WindowConcepts) -> GapClosures:
    """Gap closure needs the same samples on both sides."""
    n = len(concepts.names)
    return GapClosures(concepts=concepts.names, values=np.full((n, n), np.nan, dtype=np.float32))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

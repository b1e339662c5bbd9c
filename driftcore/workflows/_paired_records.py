"""A measurement of paired rows as the records of a report, and what it could not say in words."""

from __future__ import annotations

import numpy as np

from driftcore.errors import one_line
from driftcore.records import ConceptDrift, DriftPolicy, Gauges, Kind, PairDrift, SampleDrift, Span, Verdict
from driftcore.stats import OddsRatio
from driftcore.workflows._judge import urgency
from driftcore.workflows._measure import Intervals, Measurement
from driftcore.workflows._movement import MIN_POPULATION
from driftcore.workflows._pairing import Outcome, PairedRows
from driftcore.workflows._part_drift import part_drifts


def concept_drifts(
    rows: PairedRows,
    measured: Measurement,
    each: tuple[Kind, ...],
    judged: tuple[Verdict | None, ...],
    policy: DriftPolicy,
    spread: dict[tuple[int, int], Intervals],
    spans: tuple[Span, ...],
) -> tuple[ConceptDrift, ...]:
    """The concepts, the one that needs a person most first."""
    numbers, migration = measured.concepts, measured.pairs.migration
    parts = part_drifts(rows, measured, each, {span.concept: span.words for span in spans})
    drifts = []
    for k, name in enumerate(measured.names):
        b = int(measured.pairs.toward[k])
        went = float(migration[k, b]) > 0
        interval = spread.get((k, b)) if went else None
        drifts.append(
            ConceptDrift(
                concept=name,
                n=int(numbers.sizes[k]),
                displacement=float(numbers.displacement[k]),
                p_value=_known(numbers.p_values[k]),
                q_value=_known(numbers.q_values[k]),
                standout=_known(numbers.standout[k]),
                verdict=judged[k],
                toward=measured.names[b] if went else None,
                migration=float(migration[k, b]) if went else 0.0,
                migration_low=interval.migration[0] if interval else None,
                migration_high=interval.migration[1] if interval else None,
                mean_shift=float(numbers.mean_shift[k]),
                neighbor_overlap=_known(numbers.neighbor_overlap[k]),
                accuracy_reference=_known(numbers.accuracy_reference[k]),
                accuracy_current=_known(numbers.accuracy_current[k]),
                churn=_known(numbers.churn[k]),
                kind=each[k],
                detectable=_detectable(float(numbers.detectable[k]), policy),
                margin_reference=_known(numbers.margin_reference[k]),
                margin_current=_known(numbers.margin_current[k]),
                accuracy_q_value=_known(numbers.accuracy_q_values[k]),
                n_worse=_counted(numbers.n_worse[k]),
                n_better=_counted(numbers.n_better[k]),
                part=parts.get(k),
            )
        )
    return tuple(sorted(drifts, key=lambda drift: (urgency(drift.verdict), -drift.displacement)))


def pair_drift(measured: Measurement, a: int, b: int, interval: Intervals | None) -> PairDrift:
    """How much closer two concepts came."""
    return PairDrift(
        a=measured.names[a],
        b=measured.names[b],
        gap_closure=float(measured.pairs.gap_closure[a, b]),
        low=interval.gap_closure[0] if interval else None,
        high=interval.gap_closure[1] if interval else None,
        q_value=_known(measured.pairs.q_values[a, b]),
    )


def gauges_of(rows: PairedRows, measured: Measurement) -> Gauges:
    """Numbers about the whole space, and what the two evals say together."""

    def mean(outcome: Outcome | None) -> float | None:
        known = np.empty(0) if outcome is None else outcome.correct[~np.isnan(outcome.correct)]
        return float(known.mean(dtype=np.float64)) if len(known) else None

    errors = measured.new_errors
    churn = None
    if rows.outcome_reference is not None and rows.outcome_current is not None:
        flipped = np.abs(rows.outcome_current.correct - rows.outcome_reference.correct)
        churn = _known(np.nanmean(flipped)) if not np.isnan(flipped).all() else None
    return Gauges(
        cka=measured.cka,
        procrustes_distance=measured.procrustes_distance,
        mean_shift=float(measured.shift.mean(dtype=np.float64)),
        accuracy_reference=mean(rows.outcome_reference),
        accuracy_current=mean(rows.outcome_current),
        churn=churn,
        drift_error_auroc=errors.shift.auroc if errors.shift else None,
        drift_error_interval=errors.shift.interval if errors.shift else None,
        confidence_error_auroc=errors.confidence.auroc if errors.confidence else None,
        confidence_error_interval=errors.confidence.interval if errors.confidence else None,
        combined_error_auroc=errors.combined.auroc if errors.combined else None,
        combined_error_interval=errors.combined.interval if errors.combined else None,
        shift_error_odds=errors.odds.value if errors.odds else None,
        shift_error_odds_interval=_interval(errors.odds),
        n_new_errors=errors.n,
        typical_displacement=float(np.median(measured.concepts.displacement)),
        separation=measured.separation,
    )


def sample_drift(rows: PairedRows, measured: Measurement) -> SampleDrift:
    """What happened to each sample."""
    names = np.array([*measured.names, None], dtype=object)
    return SampleDrift(
        sample_ids=rows.sample_ids,
        concepts=names[measured.codes],
        shift=measured.shift,
        share=measured.share.astype(np.float32),
    )


def notes_of(
    rows: PairedRows, measured: Measurement, policy: DriftPolicy, concept_note: str | None, n_dims: int
) -> tuple[str, ...]:
    """What the report could not compute or had to leave out, in words."""
    small = np.flatnonzero(measured.concepts.sizes < policy.min_samples)
    named = ", ".join(one_line(measured.names[k], 30) for k in small[:5]) + (" …" if len(small) > 5 else "")
    unlabelled = int((measured.codes < 0).sum())
    no_eval = [
        side
        for side, told in (("reference", rows.outcome_reference), ("current", rows.outcome_current))
        if told is None
    ]
    candidates = {
        concept_note: bool(concept_note),
        f"{rows.n_only_reference} samples are only in the reference and {rows.n_only_current} only in the current "
        "snapshot: they were left out.": rows.n_only_reference + rows.n_only_current > 0,
        f"{rows.n_relabeled} samples have another label in the current snapshot: the reference's was used.": (
            rows.n_relabeled > 0
        ),
        f"{len(small)} concepts have fewer than {policy.min_samples} samples: too small to be judged: {named}.": (
            len(small) > 0
        ),
        f"{unlabelled} samples belong to no concept: they count in the gauges only.": unlabelled > 0,
        f"No eval run is stored for the {' and the '.join(no_eval)} checkpoint: accuracy, churn and drift_error_auroc "
        "are unknown, and 'silent' means moved with unknown accuracy. Add one with driftloop evaluate.": bool(no_eval),
        f"Fewer than {MIN_POPULATION} concepts: standing out from the others cannot be measured, the test and the "
        "effect decide alone, and no part of a concept is looked for.": len(measured.names) < MIN_POPULATION,
        "With fewer than 4 concepts the scale of the gaps is set by the very gaps that are measured: a gap closure "
        "near 0 then says little.": len(measured.names) < 4,
        f"{len(rows.sample_ids)} samples are few for {n_dims} dims: all was measured in the {rows.reference.shape[1]} "
        "directions that carry most of each snapshot.": rows.reference.shape[1] < n_dims,
        f"{len(rows.reference):,} of the {len(rows.sample_ids):,} samples, drawn from every label, were looked at "
        "closely: neighbourhoods, parts of concepts, margins, intervals and the cause are told by them, everything "
        "else by all samples.": rows.drawn is not None,
        "neighbor_overlap was measured on a drawn part of the samples.": len(rows.sample_ids) > 2000,
    }
    return tuple(str(note) for note, holds in candidates.items() if holds)


def _detectable(value: float, policy: DriftPolicy) -> float | None:
    """The smallest displacement that this concept could be called moved by."""
    return max(value, policy.min_effect) if np.isfinite(value) else None


def _interval(odds: OddsRatio | None) -> tuple[float, float] | None:
    return None if odds is None or odds.low is None or odds.high is None else (odds.low, odds.high)


def _counted(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

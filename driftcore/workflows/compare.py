"""Compare two checkpoints: what moved, toward whom, and what it did to the eval."""

from __future__ import annotations

import hashlib
import json
import time
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import NotComparableError
from driftcore.records import (
    ConceptDrift,
    DriftPolicy,
    DriftReport,
    GapClosures,
    Gauges,
    Kind,
    PairDrift,
    Provenance,
    SampleDrift,
    Snapshot,
    Span,
    to_json,
)
from driftcore.stats import OddsRatio
from driftcore.store import Store
from driftcore.workflows._cause import cause, context
from driftcore.workflows._concepts import concepts_of_pair
from driftcore.workflows._judge import kinds, overall, urgency, verdicts
from driftcore.workflows._measure import Intervals, Measurement, intervals, measure
from driftcore.workflows._movement import MIN_POPULATION
from driftcore.workflows._pairing import MIN_PAIRS, Outcome, PairedRows, narrowed, pair
from driftcore.workflows._part_drift import judged_by_parts, part_drifts
from driftcore.workflows._sentence import sentence
from driftcore.workflows._window_rows import n_shared
from driftcore.workflows.compare_windows import compare_windows
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.segment import segment

# raise it when a number of the report is computed in another way: kept reports are then not read back
METHOD = "paired-7"
_MAX_PAIRS = 20


def compare(
    store: Store,
    reference: str,
    current: str,
    *,
    split: str = "validation",
    reference_split: str | None = None,
    policy: DriftPolicy | None = None,
    align: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> DriftReport:
    """What moved between two checkpoints, on the samples that both embedded; else what changed between two windows.

    The report is kept in the store under everything it was computed from; asked for again, it is read back.

    Parameters
    ----------
    store : Store
    reference, current : str
        Names of checkpoints.
    split : str
        The split to compare; its samples are paired by id, whatever the order of rows. Where the two snapshots have
        next to none in common they are compared as windows: see `compare_windows`.
    reference_split : str, optional
        Another split as the reference's side: two windows of different samples.
    policy : DriftPolicy, optional
        What counts as drift; quoted in the report.
    align : bool
        Allow snapshots of different width (different encoders).
    seed : int
        Of the bootstrap and of the samples drawn for neighbourhoods; stored with the report.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    WidthMismatchError
        If the widths differ and `align` is False.
    NotComparableError
        If the checkpoints share neither samples nor anchors, or there are no two concepts to compare.
    """
    windows = split if reference_split is None else reference_split, split
    if windows[0] != split:
        return _windows(store, reference, current, windows, policy, seed, progress)

    # 1. kept already?
    policy = policy or DriftPolicy()
    before, after = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    report_id = _report_id(store, before, after, policy, seed)
    kept = store.reports.get(report_id)
    if kept is not None and (align or before.n_dims == after.n_dims):
        return kept

    # other samples on both sides: nothing to pair
    if reference != current and n_shared(store, before, after) < MIN_PAIRS:
        return _windows(store, reference, current, windows, policy, seed, progress)

    # 2. pair the rows and say what each is about
    started = time.monotonic()
    progress("reading both snapshots", 0.0)
    rows = pair(store, before, after, align=align)
    concepts_found = concepts_of_pair(store, before, rows, seed=seed)
    names = concepts_found.names
    if len(names) < 2:
        raise NotComparableError(
            f"'{reference}' and '{current}' share {len(rows.sample_ids)} samples of {len(names) or 'no'} concept: at "
            "least two concepts are needed, for drift is measured by the gaps between them."
            + (f" {concepts_found.note} Ingest them with labels." if concepts_found.note else "")
        )

    # 3. measure, judge, segment
    rng = np.random.default_rng(seed)
    raw, n_dims, rows = rows, rows.reference.shape[1], narrowed(rows)
    measured = measure(rows, names, concepts_found.codes, policy=policy, rng=rng, progress=progress)
    each = kinds(measured.concepts, measured.parts, policy)
    moved = np.array([kind != "none" for kind in each])
    pairs = _pairs_worth_reading(measured, moved, policy)
    progress("drawing bootstrap samples", 0.9)
    spread = intervals(rows, measured, sorted({*pairs, *_directed(measured, moved)}), rng=rng)
    spans = segment(store, rows, measured, each, reference=before, current=after, report_id=report_id)

    # 4. say it, and keep it
    concepts = _concept_drifts(rows, measured, each, policy, spread, spans)
    pair_drifts = tuple(_pair_drift(measured, a, b, spread.get((a, b))) for a, b in pairs)
    gauges = _gauges(rows, measured)
    report = DriftReport(
        report_id=report_id,
        reference=reference,
        current=current,
        split=split,
        pairing="paired",
        n_samples=len(rows.sample_ids),
        n_dims=n_dims,
        n_only_reference=rows.n_only_reference,
        n_only_current=rows.n_only_current,
        verdict=overall(tuple(concept.verdict for concept in concepts), gauges, measured.accuracy_p_value, policy),
        summary=sentence(reference, current, concepts, pair_drifts, gauges, [span.brief for span in spans], policy),
        cause=cause(raw, measured, each, policy, known=context(store, before, after, raw)),
        global_=gauges,
        concepts=concepts,
        pairs=pair_drifts,
        spans=tuple(span.brief for span in spans),
        policy=policy,
        provenance=_provenance(seed, time.monotonic() - started),
        notes=_notes(rows, measured, policy, concepts_found.note, n_dims),
    )
    for span in spans:
        store.spans.write(span)
    gaps = GapClosures(concepts=names, values=measured.pairs.gap_closure.astype(np.float32))
    store.reports.write(report, _sample_drift(rows, measured), gaps)
    progress("done", 1.0)
    return report


def _windows(
    store: Store,
    reference: str,
    current: str,
    splits: tuple[str, str],
    policy: DriftPolicy | None,
    seed: int,
    progress: Progress,
) -> DriftReport:
    return compare_windows(
        store,
        reference,
        current,
        reference_split=splits[0],
        split=splits[1],
        policy=policy,
        seed=seed,
        progress=progress,
    )


def kept_report(
    store: Store, reference: str, current: str, *, split: str = "validation", policy: DriftPolicy | None = None
) -> DriftReport | None:
    """The report that `compare` would read back, or None where it would have to compute.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    """
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    return store.reports.get(_report_id(store, *sides, policy or DriftPolicy(), 0))


def _report_id(store: Store, reference: Snapshot, current: Snapshot, policy: DriftPolicy, seed: int) -> str:
    """A hash of everything that a report depends on."""
    runs = [store.evals.get(side.checkpoint, side.split) for side in (reference, current)]
    basis = [
        METHOD,
        *(f"{side.checkpoint}/{side.split}/{side.fingerprint}" for side in (reference, current)),
        *("" if run is None else run.fingerprint for run in runs),
        to_json(policy),
        seed,
    ]
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=8).hexdigest()


def _directed(measured: Measurement, moved: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Each concept with the one it heads for; of the many that stayed still, only the largest few."""
    toward = measured.pairs.toward
    went = measured.pairs.migration[np.arange(len(toward)), toward]
    order = np.lexsort((-went, ~moved))[: max(int(moved.sum()), _MAX_PAIRS)]
    return [(int(a), int(toward[a])) for a in order if went[a] > 0]


def _pairs_worth_reading(measured: Measurement, moved: NDArray[np.bool_], policy: DriftPolicy) -> list[tuple[int, int]]:
    """Pairs that surely closed, those of a moved concept first, then the largest closures."""
    a, b = np.triu_indices(len(measured.names), 1)
    closure, q_values = measured.pairs.gap_closure[a, b], measured.pairs.q_values[a, b]
    closing = np.flatnonzero((closure > 0) & (q_values <= policy.alpha))
    order = closing[np.lexsort((-closure[closing], ~(moved[a] | moved[b])[closing]))][:_MAX_PAIRS]
    return [(int(a[i]), int(b[i])) for i in order]


def _concept_drifts(
    rows: PairedRows,
    measured: Measurement,
    each: tuple[Kind, ...],
    policy: DriftPolicy,
    spread: dict[tuple[int, int], Intervals],
    spans: tuple[Span, ...],
) -> tuple[ConceptDrift, ...]:
    """The concepts, the one that needs a person most first."""
    numbers, migration = measured.concepts, measured.pairs.migration
    judged = verdicts(judged_by_parts(rows, measured, each), each, policy)
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


def _pair_drift(measured: Measurement, a: int, b: int, interval: Intervals | None) -> PairDrift:
    return PairDrift(
        a=measured.names[a],
        b=measured.names[b],
        gap_closure=float(measured.pairs.gap_closure[a, b]),
        low=interval.gap_closure[0] if interval else None,
        high=interval.gap_closure[1] if interval else None,
        q_value=_known(measured.pairs.q_values[a, b]),
    )


def _gauges(rows: PairedRows, measured: Measurement) -> Gauges:
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


def _sample_drift(rows: PairedRows, measured: Measurement) -> SampleDrift:
    names = np.array([*measured.names, None], dtype=object)
    return SampleDrift(
        sample_ids=rows.sample_ids,
        concepts=names[measured.codes],
        shift=measured.shift,
        share=measured.share.astype(np.float32),
    )


def _provenance(seed: int, duration_s: float) -> Provenance:
    packages = ("driftloop", "numpy", "scipy", "lancedb")
    return Provenance(
        versions={name: version(name) for name in packages} | {"method": METHOD},
        seed=seed,
        engine="local",
        duration_s=round(duration_s, 3),
    )


def _notes(
    rows: PairedRows, measured: Measurement, policy: DriftPolicy, concept_note: str | None, n_dims: int
) -> tuple[str, ...]:
    """What the report could not compute or had to leave out, in words."""
    small = np.flatnonzero(measured.concepts.sizes < policy.min_samples)
    named = ", ".join(measured.names[k] for k in small[:5]) + (" …" if len(small) > 5 else "")
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
        f"{len(small)} concepts have fewer than {policy.min_samples} samples and are too small to be judged: {named}.": (
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

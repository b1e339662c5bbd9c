"""Compare two checkpoints: what moved, toward whom, and what it did to the eval."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from driftcore.engine import Engine, alone, chosen_engine
from driftcore.errors import NotComparableError
from driftcore.records import (
    DriftPolicy,
    DriftReport,
    EvalRun,
    GapClosures,
    Provenance,
    Snapshot,
    to_json,
)
from driftcore.store import Store
from driftcore.workflows._cause import cause, context
from driftcore.workflows._concepts import concepts_of_pair
from driftcore.workflows._everyone import Everyone
from driftcore.workflows._judge import kinds, overall, verdicts
from driftcore.workflows._measure import Measurement, intervals, measure
from driftcore.workflows._paired_records import concept_drifts, gauges_of, notes_of, pair_drift, sample_drift
from driftcore.workflows._pairing import MIN_PAIRS, RowPairs, narrowed, pair
from driftcore.workflows._part_drift import judged_by_parts, with_all_members
from driftcore.workflows._reading import CLOSELY, Sides
from driftcore.workflows._sentence import sentence
from driftcore.workflows.compare_windows import compare_windows
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.segment import segment

# raise it when a number of the report is computed in another way: kept reports are then not read back
METHOD = "paired-12"
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
    engine: Engine | None = None,
    closely: int = CLOSELY,
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
    engine : Engine, optional
        Where the rows of large snapshots are read and added up; by default where `choose_engine` said, in this
        process. The numbers are the same everywhere.
    closely : int
        Of more samples than that, so many are looked at closely, drawn from every label: their neighbourhoods, parts of
        concepts, margins, intervals and causes. Everything else is measured on all, which pass by in parts.
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
        return _windows(store, reference, current, windows, policy, engine, closely, seed, progress)

    # 1. kept already?
    policy = policy or DriftPolicy()
    before, after = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    report_id = _report_id(store, before, after, policy, seed, closely)
    kept = store.reports.get(report_id)
    if kept is not None and (align or before.n_dims == after.n_dims):
        return kept

    # other samples on both sides: nothing to pair
    places = store.snapshots.shared_rows(before, after)
    if reference != current and len(places[0]) < MIN_PAIRS:
        return _windows(store, reference, current, windows, policy, engine, closely, seed, progress)

    report = _paired(
        store, before, after, places, report_id, policy, align, engine, closely=closely, seed=seed, progress=progress
    )
    progress("done", 1.0)
    return report


# one core a product: the report has the same digits wherever it is made, and many small ones are faster so
@alone()
def _paired(
    store: Store,
    before: Snapshot,
    after: Snapshot,
    places: RowPairs,
    report_id: str,
    policy: DriftPolicy,
    align: bool,
    engine: Engine | None,
    *,
    closely: int,
    seed: int,
    progress: Progress,
) -> DriftReport:
    """Pair, measure, judge, say and keep."""
    reference, current = before.checkpoint, after.checkpoint

    # 2. pair the rows and say what each is about
    started = time.monotonic()
    progress("reading both snapshots", 0.0)
    rows = pair(store, before, after, align=align, places=places, closely=closely, seed=seed)
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
    codes, everyone = concepts_found.codes, None
    if rows.drawn is not None:
        everyone = Everyone(
            engine=engine or chosen_engine(),
            sides=Sides(store=store.place, reference=before, current=after),
            rows=rows,
            codes=codes,
            n_concepts=len(names),
            progress=progress,
        )
    measured = measure(rows, names, codes, policy=policy, rng=rng, progress=progress, everyone=everyone)
    each = kinds(measured.concepts, measured.parts, policy)
    if everyone is not None:
        measured = with_all_members(everyone, measured, each)
    moved = np.array([kind != "none" for kind in each])
    pairs = _pairs_worth_reading(measured, moved, policy)
    progress("drawing bootstrap samples", 0.9)
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(
            cause, raw.closely(), measured.closely(raw), each, policy, known=context(store, before, after, raw)
        )
        spread = intervals(rows, measured, sorted({*pairs, *_directed(measured, moved)}), rng=rng)
        judged = verdicts(judged_by_parts(rows, measured, each), each, policy)
        spans = segment(store, rows, measured, each, judged, reference=before, current=after, report_id=report_id)

    # 4. say it, and keep it
    concepts = concept_drifts(rows, measured, each, judged, policy, spread, spans)
    pair_drifts = tuple(pair_drift(measured, a, b, spread.get((a, b))) for a, b in pairs)
    gauges = gauges_of(rows, measured)
    report = DriftReport(
        report_id=report_id,
        reference=reference,
        current=current,
        split=before.split,
        pairing="paired",
        n_samples=len(rows.sample_ids),
        n_dims=n_dims,
        n_only_reference=rows.n_only_reference,
        n_only_current=rows.n_only_current,
        verdict=overall(tuple(concept.verdict for concept in concepts), gauges, measured.accuracy_p_value, policy),
        summary=sentence(reference, current, concepts, pair_drifts, gauges, [span.brief for span in spans], policy),
        cause=found.result(),
        global_=gauges,
        concepts=concepts,
        pairs=pair_drifts,
        spans=tuple(span.brief for span in spans),
        policy=policy,
        provenance=_provenance(seed, "local" if everyone is None else everyone.engine.name, time.monotonic() - started),
        notes=notes_of(rows, measured, policy, concepts_found.note, n_dims),
    )
    for span in spans:
        store.spans.write(span)
    gaps = GapClosures(concepts=names, values=measured.pairs.gap_closure.astype(np.float32))
    store.reports.write(report, sample_drift(rows, measured), gaps)
    return report


def _windows(
    store: Store,
    reference: str,
    current: str,
    splits: tuple[str, str],
    policy: DriftPolicy | None,
    engine: Engine | None,
    closely: int,
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
        engine=engine,
        closely=closely,
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
    return store.reports.get(_report_id(store, *sides, policy or DriftPolicy(), 0, CLOSELY))


def kept_reports(store: Store, reference: str, sides: Sequence[Snapshot]) -> tuple[DriftReport | None, ...]:
    """The kept report of each of `sides` against a reference, None where it is not computed; however many, few reads.

    Raises
    ------
    NotFoundError
        If the reference is not stored with the split of `sides`.
    """
    if not sides:
        return ()
    first = store.snapshots.get(reference, sides[0].split)
    runs = {(run.checkpoint, run.split): run for run in store.evals.all()}
    ids = [
        _report_id_of(
            first, side, [runs.get((each.checkpoint, each.split)) for each in (first, side)], DriftPolicy(), 0, CLOSELY
        )
        for side in sides
    ]
    kept = store.reports.some(ids)
    return tuple(kept.get(report_id) for report_id in ids)


def _report_id(
    store: Store, reference: Snapshot, current: Snapshot, policy: DriftPolicy, seed: int, closely: int
) -> str:
    """A hash of everything that a report depends on."""
    runs = [store.evals.get(side.checkpoint, side.split) for side in (reference, current)]
    return _report_id_of(reference, current, runs, policy, seed, closely)


def _report_id_of(
    reference: Snapshot,
    current: Snapshot,
    runs: Sequence[EvalRun | None],
    policy: DriftPolicy,
    seed: int,
    closely: int,
) -> str:
    everyone = min(reference.n_samples, current.n_samples) <= closely
    basis = [
        METHOD,
        *(f"{side.checkpoint}/{side.split}/{side.fingerprint}" for side in (reference, current)),
        *("" if run is None else run.fingerprint for run in runs),
        to_json(policy),
        seed,
        0 if everyone else closely,
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


def _provenance(seed: int, engine: str, duration_s: float) -> Provenance:
    packages = ("driftloop", "numpy", "scipy", "lancedb")
    return Provenance(
        versions={name: version(name) for name in packages} | {"method": METHOD},
        seed=seed,
        engine=engine,
        duration_s=round(duration_s, 3),
    )

"""The corridor of two concepts through time: kept in the store, so that a page only reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import stats, wording
from driftcore.errors import NotFoundError, listed, one_line
from driftcore.records import Between, Corridor, CorridorStep, DriftPolicy, DriftReport, Snapshot, SpaceMap
from driftcore.store import Store
from driftcore.workflows._concepts import concepts_of_pair
from driftcore.workflows._movement import movement
from driftcore.workflows._pairing import MIN_PAIRS, narrowed, outcome, pair
from driftcore.workflows.compare import compare, kept_reports
from driftcore.workflows.look import some_texts
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.stored_texts import StoredTexts

# raise it when a position is computed in another way: kept corridors are then not read back
METHOD = "corridor-1"
_N_RESAMPLES = 999
# the middle fifth of the way
_NEAR_THE_MIDDLE = 0.1

Vectors = NDArray[np.float32]


def make_corridor(
    store: Store,
    reference: str,
    concepts: tuple[str, str],
    *,
    split: str = "validation",
    seed: int = 0,
    progress: Progress = silent,
) -> Corridor:
    """Compute what is missing of a corridor, keep it, and return it.

    The first corridor of a reference lays every checkpoint's space over it, which takes about as long as comparing
    them; how, is kept, and every further pair reads the vectors of its two concepts only.

    Parameters
    ----------
    store : Store
    reference : str
    concepts : (str, str)
        The first at 0, the second at 1.
    split : str
    seed : int
        Of the bootstrap.

    Raises
    ------
    NotFoundError
        If the reference, the split or a concept is not stored.
    """
    sides = [side for side in _sides(store, reference, split) if _shared(store, reference, side, split)]
    reports = []
    for number, side in enumerate(sides):
        progress(f"comparing {side} with {reference}", 0.3 * number / len(sides))
        reports.append(compare(store, reference, side, split=split, align=True))
    known = {each.concept for report in reports for each in report.concepts}
    missing = [name for name in concepts if name not in known]
    if missing:
        raise NotFoundError(f"No concept named '{one_line(missing[0])}'. Known: {listed(sorted(known))}.")
    for number, report in enumerate(reports):
        progress(f"measuring the corridor at {report.current}", 0.3 + 0.7 * number / len(reports))
        basis = _basis(store, report, *concepts)
        if store.corridors.get(*basis) is None:
            store.corridors.write(_step(store, report, concepts, seed), *basis)
    progress("done", 1.0)
    return kept_corridor(store, reference, concepts, split=split)


def kept_corridor(store: Store, reference: str, concepts: tuple[str, str], *, split: str = "validation") -> Corridor:
    """The corridor with the steps that are kept, in order of time; nothing is computed.

    Raises
    ------
    NotFoundError
        If the reference or the split is not stored.
    """
    first, sides = store.snapshots.get(reference, split), store.line(split, reference)
    reports = kept_reports(store, reference, sides)
    bases = [_basis_of(first, side, *concepts) for side, report in zip(sides, reports, strict=True) if report]
    return Corridor(
        reference=reference,
        split=split,
        a=concepts[0],
        b=concepts[1],
        steps=tuple(step for step in store.corridors.some(bases) if step is not None),
    )


def missing_steps(store: Store, corridor: Corridor) -> tuple[str, ...]:
    """The checkpoints that the corridor lacks; those that share no samples with the reference have none to lack."""
    kept, sides = {step.checkpoint for step in corridor.steps}, store.line(corridor.split, corridor.reference)
    reports = kept_reports(store, corridor.reference, sides)
    return tuple(
        side.checkpoint
        for side, report in zip(sides, reports, strict=True)
        if side.checkpoint not in kept
        # what was compared has samples in common: to find out by reading them takes long for a hundred checkpoints
        and (report is not None or _shared(store, corridor.reference, side.checkpoint, corridor.split))
    )


def between(store: Store, corridor: Corridor, current: str) -> Between:
    """The samples of both concepts that stand near the middle at a checkpoint, or have crossed it since the reference.

    Near is within the middle fifth of the way. Judged in each checkpoint's own space, where the concepts' means stay
    at 0 and 1: what all of a concept did together lets nobody cross.

    Raises
    ------
    NotFoundError
        If the corridor lacks the reference or the checkpoint.
    """
    before, now = (_step_of(corridor, checkpoint) for checkpoint in (corridor.reference, current))
    rows = pd.Index(before.sample_ids).get_indexer(pd.Index(now.sample_ids))
    crossed = now.beyond & ~before.beyond[rows]
    inside = crossed | (np.abs(now.own_positions - 0.5) <= _NEAR_THE_MIDDLE)
    # how far from their own concept: the samples of the second one come from the other end
    gone = np.where(now.of_a, now.own_positions, 1 - now.own_positions)
    chosen = np.flatnonzero(inside)
    chosen = chosen[np.argsort(-gone[chosen], kind="stable")]
    ids = now.sample_ids[chosen]
    snapshots = [store.snapshots.get(checkpoint, corridor.split) for checkpoint in (corridor.reference, current)]
    said = [outcome(store, snapshot, ids) for snapshot in snapshots]
    nothing = np.full(len(ids), None, dtype=object)
    texts = StoredTexts(store=store, checkpoint=current, split=corridor.split, sample_ids=now.sample_ids)
    return Between(
        sample_ids=ids,
        texts=replace(texts, sample_ids=ids),
        concepts=np.where(now.of_a, corridor.a, corridor.b).astype(object)[chosen],
        predictions_reference=nothing if said[0] is None else said[0].predictions,
        predictions_current=nothing if said[1] is None else said[1].predictions,
        positions_reference=before.own_positions[rows][chosen],
        positions_current=now.own_positions[chosen],
        crossed=crossed[chosen],
        words=tuple(_words(corridor, now, texts, inside)),
    )


def _words(
    corridor: Corridor, step: CorridorStep, texts: StoredTexts, inside: NDArray[np.bool_]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for concept, own in ((corridor.a, step.of_a), (corridor.b, ~step.of_a)):
        words = wording.distinguishing_words(*(some_texts(texts, side) for side in (own & inside, own & ~inside)))
        if words:
            yield concept, words


def _step_of(corridor: Corridor, checkpoint: str) -> CorridorStep:
    step = corridor.step(checkpoint)
    if step is None:
        raise NotFoundError(f"The corridor lacks '{one_line(checkpoint)}': compute it first.")
    return step


def _step(store: Store, report: DriftReport, concepts: tuple[str, str], seed: int) -> CorridorStep:
    """Where the samples of two concepts stand at the report's current checkpoint."""
    # 1. the samples of both, in one space
    drift = store.reports.samples(report.report_id)
    members = (drift.concepts == concepts[0]) | (drift.concepts == concepts[1])
    ids = drift.sample_ids[members]
    codes = (drift.concepts[members] == concepts[1]).astype(np.int64)
    laid = _space_map(store, report)
    own = store.snapshots.vectors(report.current, report.split, ids)
    before = store.snapshots.vectors(report.reference, report.split, ids) @ laid.reference_axes
    after = own @ laid.current_axes + laid.offset

    # 2. the way from one to the other, then and now
    then, now = stats.concept_centroids(before, codes, 2), stats.concept_centroids(after, codes, 2)
    gap = float(stats.centroid_distances(then)[0, 1])
    rng = np.random.default_rng(seed)
    copies = [
        stats.resample_concept(before[codes == k], after[codes == k], n_resamples=_N_RESAMPLES, rng=rng) for k in (0, 1)
    ]
    # the space map carries the scale
    closures = stats.resampled_gap_closures(copies[0], copies[1], scale=1.0)
    low, high = (None, None) if np.isnan(closures).all() else stats.percentile_interval(closures)
    return CorridorStep(
        checkpoint=report.current,
        sample_ids=ids,
        of_a=codes == 0,
        positions=stats.corridor_positions(after, then, 0, 1).astype(np.float32),
        own_positions=stats.corridor_positions(own, stats.concept_centroids(own, codes, 2), 0, 1).astype(np.float32),
        gap_closure=1 - float(stats.centroid_distances(now)[0, 1]) / gap if gap else None,
        low=low,
        high=high,
    )


def _space_map(store: Store, report: DriftReport) -> SpaceMap:
    """How the two spaces of a report are laid over each other, kept for the next pair."""
    sides = [store.snapshots.get(name, report.split) for name in (report.reference, report.current)]
    basis = (METHOD, *(f"{side.checkpoint}/{side.split}/{side.fingerprint}" for side in sides))
    kept = store.space_maps.get(*basis)
    if kept is not None:
        return kept
    rows = pair(store, sides[0], sides[1], align=True)
    concepts = concepts_of_pair(store, sides[0], rows, seed=report.provenance.seed)
    seen = narrowed(rows)
    found = movement(seen.reference, seen.current, concepts.codes, len(concepts.names), DriftPolicy()).alignment
    n_kept = seen.reference.shape[1]
    # what `narrowed` took the coordinates from; all directions where it took none
    axes = [
        np.eye(n_kept) if n_kept == side.shape[1] else stats.principal_axes(side, n_kept)
        for side in (rows.reference, rows.current)
    ]
    laid = SpaceMap(
        reference_axes=axes[0][: sides[0].n_dims].astype(np.float32),
        current_axes=(found.scale * axes[1] @ found.rotation)[: sides[1].n_dims].astype(np.float32),
        offset=(found.mean_reference - found.scale * found.mean_current @ found.rotation).astype(np.float32),
    )
    store.space_maps.write(laid, *basis)
    return laid


def _sides(store: Store, reference: str, split: str) -> tuple[str, ...]:
    """Every checkpoint of the split in order of time, the reference among them."""
    store.snapshots.get(reference, split)
    return tuple(snapshot.checkpoint for snapshot in store.line(split, reference))


def _shared(store: Store, reference: str, side: str, split: str) -> bool:
    """Whether two checkpoints have samples in common: others stand on no line that could be compared."""
    return (
        store.snapshots.n_shared(store.snapshots.get(reference, split), store.snapshots.get(side, split)) >= MIN_PAIRS
    )


def _basis(store: Store, report: DriftReport, a: str, b: str) -> tuple[str, ...]:
    sides = [store.snapshots.get(name, report.split) for name in (report.reference, report.current)]
    return _basis_of(sides[0], sides[1], a, b)


def _basis_of(reference: Snapshot, side: Snapshot, a: str, b: str) -> tuple[str, ...]:
    """What a step depends on: a new eval run changes the report, and no position."""
    return METHOD, *(f"{each.checkpoint}/{each.split}/{each.fingerprint}" for each in (reference, side)), a, b

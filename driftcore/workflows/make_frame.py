"""Make a frame: one map for all checkpoints, kept in the store so that a page only reads it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import clustering, projection, stats
from driftcore.errors import NotComparableError, one_line
from driftcore.records import DriftPolicy, Frame, FrameStep, Snapshot
from driftcore.store import Store
from driftcore.workflows._concepts import Concepts, concepts_of
from driftcore.workflows._movement import MIN_POPULATION, movement
from driftcore.workflows._pairing import narrowed, pair
from driftcore.workflows.progress import Progress, silent


def make_frame(
    store: Store,
    reference: str,
    current: str | None = None,
    *,
    split: str = "validation",
    seed: int = 0,
    progress: Progress = silent,
) -> Frame:
    """Compute what is missing of a frame, keep it, and return it.

    Places come from UMAP on the reference, movement from the full space (see `projection`). The first frame of a
    reference takes as long as UMAP does; every further checkpoint only its movement.

    Parameters
    ----------
    store : Store
    reference : str
        The checkpoint whose samples make the layout.
    current : str, optional
        The last checkpoint to draw; all between it and the reference are drawn too. Default: every checkpoint.
    split : str
    seed : int

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If the reference has neither labels nor clusters.
    """
    sides = _sides(store, reference, current, split)
    base_key = _basis(sides[0], sides[0], seed)
    base = store.frames.get(*base_key)
    if base is None:
        progress("placing the reference's samples (UMAP; the first run on a machine compiles it)", 0.02)
        base = _reference_step(store, sides[0], seed)
        store.frames.write(base, *base_key)
    missing = [side for side in sides[1:] if not store.frames.kept(*_basis(sides[0], side, seed))]
    if missing:
        rows = store.snapshots.rows(reference, split)
        concepts = concepts_of(rows.labels, rows.vectors, seed=seed)
    for number, side in enumerate(missing):
        progress(f"drawing {side.checkpoint}", 0.4 + 0.6 * number / len(missing))
        step = _moved_step(store, sides[0], side, base, concepts, seed)
        store.frames.write(step, *_basis(sides[0], side, seed))
    progress("done", 1.0)
    frame = kept_frame(store, reference, split=split, seed=seed)
    assert frame is not None, "just written"
    return frame


def kept_frame(store: Store, reference: str, *, split: str = "validation", seed: int = 0) -> Frame | None:
    """The frame of a reference with all steps that are kept, or None where it was never computed."""
    sides = _sides(store, reference, None, split)
    found = (store.frames.get(*_basis(sides[0], side, seed)) for side in sides)
    steps = tuple(step for step in found if step is not None)
    if not steps or steps[0].checkpoint != reference:
        return None
    return Frame(reference=reference, split=split, method=projection.METHOD, steps=steps)


def kept_outline(store: Store, reference: str, *, split: str = "validation", seed: int = 0) -> Frame | None:
    """As `kept_frame`, but each step without its samples: names, centroids and what it explains, in one read."""
    sides = _sides(store, reference, None, split)
    steps = tuple(s for s in store.frames.outlines([_basis(sides[0], side, seed) for side in sides]) if s is not None)
    if not steps or steps[0].checkpoint != reference:
        return None
    return Frame(reference=reference, split=split, method=projection.METHOD, steps=steps)


def kept_step(
    store: Store, reference: str, checkpoint: str, *, split: str = "validation", seed: int = 0
) -> FrameStep | None:
    """One step of a kept frame with its samples, or None where it was not computed."""
    sides = store.snapshots.get(reference, split), store.snapshots.get(checkpoint, split)
    return store.frames.get(*_basis(*sides, seed))


def step_stamp(store: Store, reference: str, current: str, *, split: str = "validation", seed: int = 0) -> str:
    """What the kept step of one checkpoint was computed from, in one word; empty where it is not kept."""
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    basis = _basis(*sides, seed)
    return "/".join(basis) if store.frames.kept(*basis) else ""


def _sides(store: Store, reference: str, current: str | None, split: str) -> list[Snapshot]:
    """The reference's snapshot, then those of the other checkpoints up to `current`, in order of time."""
    first = store.snapshots.get(reference, split)
    all_sides = store.line(split, *([] if current is None else [current]))
    others = [side for side in all_sides if side.checkpoint != reference]
    if current is not None:
        last = store.snapshots.get(current, split)
        low, high = sorted((first.at, last.at))
        others = [side for side in others if low <= side.at <= high]
    return [first, *others]


def _basis(reference: Snapshot, side: Snapshot, seed: int) -> tuple[str, ...]:
    return projection.METHOD, reference.fingerprint, side.checkpoint, side.fingerprint, str(seed)


def _reference_step(store: Store, reference: Snapshot, seed: int) -> FrameStep:
    rows = store.snapshots.rows(reference.checkpoint, reference.split)
    concepts = concepts_of(rows.labels, rows.vectors, seed=seed)
    if not concepts.names:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' has no labels and no clusters: there is nothing to draw movement by. "
            "Ingest it with labels."
        )
    points = projection.places(rows.vectors, seed=seed)
    return FrameStep(
        checkpoint=reference.checkpoint,
        sample_ids=rows.sample_ids,
        points=points,
        clusters=clustering.cluster(rows.vectors, seed=seed).labels,
        concepts=concepts.names,
        centroids=projection.landmark_places(points, concepts.codes, len(concepts.names)).astype(np.float32),
        explained=1.0,
    )


def _moved_step(
    store: Store, reference: Snapshot, side: Snapshot, base: FrameStep, concepts: Concepts, seed: int
) -> FrameStep:
    rows = pair(store, reference, side, align=True)
    at_base = pd.Index(base.sample_ids).get_indexer(pd.Index(rows.sample_ids))
    codes = concepts.of(at_base).codes
    seen = narrowed(rows)
    moved = movement(seen.reference, seen.current, codes, len(concepts.names), DriftPolicy())
    layer = projection.movement_layer(
        moved.before.means,
        moved.residuals.means,
        _meaningless(moved.residuals),
        base.centroids.astype(np.float64),
        stats.heading(moved.before, moved.residuals).argmax(axis=1),
    )
    return FrameStep(
        checkpoint=side.checkpoint,
        sample_ids=rows.sample_ids,
        points=projection.moved_points(base.points[at_base], codes, layer, moved.share),
        # this checkpoint's own clusters, under the reference's numbers where they share samples
        clusters=clustering.matched(base.clusters[at_base], clustering.cluster(rows.current, seed=seed).labels),
        concepts=base.concepts,
        centroids=(base.centroids + layer.shifts).astype(np.float32),
        explained=layer.explained,
    )


def _meaningless(residuals: stats.Centroids) -> NDArray[np.float64]:
    """Squared displacement that is not drawn: what sampling gives, and what training gave to the typical concept."""
    lengths = np.einsum("ij,ij->i", residuals.means, residuals.means)
    if len(lengths) < MIN_POPULATION:
        return residuals.sampling_variance
    return np.maximum(residuals.sampling_variance, np.median(lengths))

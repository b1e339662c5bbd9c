"""A later step of a frame: how the reference's samples have moved at another checkpoint, and its own clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import clustering, projection, stats
from driftcore.errors import NotComparableError, one_line
from driftcore.records import DriftPolicy, FrameStep, Snapshot
from driftcore.store import Store, VectorReader
from driftcore.workflows._concepts import by_label
from driftcore.workflows._movement import MIN_POPULATION, Movement, movement
from driftcore.workflows._pairing import MIN_PAIRS, narrowed_vectors, shared_rows, widened
from driftcore.workflows._reference_step import FITTED_AT_MOST, drawn_part, read

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

# samples by which the movement of the concepts is measured where there are more, and axes in which it is looked at
_MEASURED_BY, _N_AXES = 5_000, 128
_ROWS = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """The samples that both sides have, in the reference's order, and who reads their vectors.

    `at_base` and `at_side` are their rows on the two sides, `codes` their concepts.
    """

    sample_ids: NDArray[np.object_]
    at_base: NDArray[np.int64]
    at_side: NDArray[np.int64]
    codes: NDArray[np.int64]
    width: int
    before: VectorReader
    after: VectorReader

    def vectors(self, rows: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Of some pairs the vectors of both sides, at equal width."""
        return (
            widened(read(self.before, self.at_base[rows]), self.width),
            widened(read(self.after, self.at_side[rows]), self.width),
        )

    def parts(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        return (rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Measured:
    """What some pairs say of the movement of all.

    `moved` is seen in `axes`, once `first` has laid the current side over the reference; `outside` is how far each
    concept went outside of them, `noise` the squared displacement of each that means nothing.
    """

    moved: Movement
    first: stats.Alignment
    axes: Floats
    outside: Floats
    noise: Floats

    def share(self, reference: Vectors, current: Vectors, codes: NDArray[np.int64]) -> Floats:
        """How much of its concept's movement each pair made, shape (n_samples,): see `stats.movement_share`."""
        then, went = self.moved.alignment, self.moved.residuals.means
        # both alignments, the axes and the way of each concept as one vector a concept: a product a row is enough
        matrix = self.first.scale * then.scale * self.first.rotation @ self.axes @ then.rotation
        offset = then.apply_exactly(self.first.apply_exactly(np.zeros((1, len(matrix)))) @ self.axes)
        lengths = np.maximum(np.einsum("ij,ij->i", went, went), np.finfo(np.float64).tiny)
        ways = went / lengths[:, None]
        there, here = (ways @ each.T for each in (matrix, self.axes))
        along = np.einsum("ij,ij->i", current, there.astype(np.float32)[codes])
        along -= np.einsum("ij,ij->i", reference, here.astype(np.float32)[codes])
        share: Floats = along + (ways @ offset[0])[codes]
        return share


def moved_step(
    store: Store, reference: Snapshot, side: Snapshot, base: FrameStep, *, seed: int, measured_by: int = _MEASURED_BY
) -> FrameStep:
    """Draw the movement of one checkpoint; its clusters are those of the reference until `own_clusters` are kept.

    The movement of the concepts is measured by at most some thousand pairs, drawn from every concept, and each
    sample's own share of it by one pass over the rows of the concepts that are drawn as moving, in parts.

    Raises
    ------
    NotComparableError
        If the two checkpoints share too few samples.
    """
    pairs = _pairs(store, reference, side, base)
    n_close = max(measured_by, 5 * pairs.width)
    close = drawn_part(pairs.sample_ids, pairs.codes, seed=seed, at_most=n_close)
    measured = _measured(*pairs.vectors(close), pairs.codes[close], len(base.concepts))
    layer = _layer(measured, base.centroids.astype(np.float64))
    share = np.zeros(len(pairs.sample_ids))
    share[close] = measured.moved.share
    # what is not drawn as moving need not be read
    moving = np.append(layer.shifts.any(axis=1), False)[pairs.codes]
    moving[close] = False
    for rows in pairs.parts(np.flatnonzero(moving)):
        share[rows] = measured.share(*pairs.vectors(rows), pairs.codes[rows])
    return FrameStep(
        checkpoint=side.checkpoint,
        sample_ids=pairs.sample_ids,
        points=projection.moved_points(base.points[pairs.at_base], pairs.codes, layer, share),
        clusters=base.clusters[pairs.at_base],
        concepts=base.concepts,
        centroids=(base.centroids + layer.shifts).astype(np.float32),
        explained=layer.explained,
        n_fitted=base.n_fitted,
        n_reference=base.n_reference,
        clustered=False,
    )


def own_clusters(store: Store, reference: Snapshot, side: Snapshot, base: FrameStep, *, seed: int) -> NDArray[np.int32]:
    """A checkpoint's own clusters, under the reference's numbers where they share samples, row by row of its step.

    Found as the reference's were: on a part of the samples, and for the rest by their neighbours.
    """
    pairs = _pairs(store, reference, side, base)
    part = drawn_part(pairs.sample_ids, pairs.codes, seed=seed, at_most=FITTED_AT_MOST)
    found = clustering.cluster_part(read(pairs.after, pairs.at_side[part]), seed=seed)
    clusters = np.empty(len(pairs.sample_ids), dtype=np.int32)
    clusters[part] = found.clusters.labels
    for rows in pairs.parts(np.setdiff1d(np.arange(len(clusters)), part)):
        clusters[rows] = found.of(read(pairs.after, pairs.at_side[rows]))
    return clustering.matched(base.clusters[pairs.at_base], clusters)


def _layer(measured: _Measured, landmarks: Floats) -> projection.MovementLayer:
    """The movement layer of what was measured.

    What lies outside of the axes is one direction more, in which no concept stands: it counts as not explained.
    """
    moved = measured.moved
    return projection.movement_layer(
        np.column_stack([moved.before.means, np.zeros_like(measured.outside)]),
        np.column_stack([moved.residuals.means, measured.outside]),
        measured.noise,
        landmarks,
        stats.heading(moved.before, moved.residuals).argmax(axis=1),
    )


def _pairs(store: Store, reference: Snapshot, side: Snapshot, base: FrameStep) -> _Pairs:
    ids, labels = store.snapshots.labels(reference.checkpoint, reference.split)
    codes = base.clusters.astype(np.int64) if pd.isna(labels).all() else by_label(labels).codes
    others, _ = store.snapshots.labels(side.checkpoint, side.split)
    at_base, at_side = shared_rows(ids, others)
    if len(at_base) < MIN_PAIRS:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' and '{one_line(side.checkpoint)}' share {len(at_base)} sample ids in "
            f"split '{one_line(reference.split)}'. Draw a split that stays the same, with --split."
        )
    return _Pairs(
        sample_ids=ids[at_base],
        at_base=at_base,
        at_side=at_side,
        codes=codes[at_base],
        width=max(reference.n_dims, side.n_dims),
        before=store.snapshots.reader(reference.checkpoint, reference.split),
        after=store.snapshots.reader(side.checkpoint, side.split),
    )


def _measured(reference: Vectors, current: Vectors, codes: NDArray[np.int64], n_concepts: int) -> _Measured:
    """The movement of some pairs, seen in the axes in which the concepts lie apart.

    Everything is laid over the other side once; what is fitted again and again to find out what moved, and what must
    not drag the rest along, is fitted in at most 128 axes: the time of a decomposition grows with their cube.
    """
    reference, current = narrowed_vectors(reference, current)
    before = stats.concept_centroids(reference, codes, n_concepts)
    first = stats.fit_alignment(reference, current)
    aligned = first.apply(current)
    axes = _concept_axes(reference, before)
    near = axes.astype(np.float32)
    moved = movement(reference @ near, aligned @ near, codes, n_concepts, DriftPolicy())

    whole = stats.concept_centroids(aligned - reference, codes, n_concepts)
    outside = np.linalg.norm(whole.means - whole.means @ axes @ axes.T, axis=1)
    lengths = np.einsum("ij,ij->i", moved.residuals.means, moved.residuals.means) + outside**2
    return _Measured(
        moved=moved, first=first, axes=axes, outside=outside, noise=_meaningless(lengths, whole.sampling_variance)
    )


def _concept_axes(reference: Vectors, before: stats.Centroids) -> Floats:
    """Orthogonal directions, at most 128, in which the concepts lie apart, as columns; all where there are no more.

    Where the concepts need fewer, differences within them fill up: what scatters must not seem to lie still.
    """
    width = reference.shape[1]
    if width <= _N_AXES:
        return np.eye(width)
    means = before.means[before.sizes > 0]
    centred = means - means.mean(axis=0)
    if len(means) > _N_AXES:
        return np.linalg.svd(centred, full_matrices=False)[2][:_N_AXES].T
    rows = reference[: _N_AXES - len(means) + 1].astype(np.float64) - means.mean(axis=0)
    axes: Floats = np.linalg.qr(np.vstack([centred[:-1], rows]).T)[0]
    return axes


def _meaningless(lengths: Floats, sampling_variance: Floats) -> Floats:
    """Squared displacement that is not drawn: what sampling gives, and what training gave to the typical concept."""
    if len(lengths) < MIN_POPULATION:
        return sampling_variance
    return np.maximum(sampling_variance, np.median(lengths))

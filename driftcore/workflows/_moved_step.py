"""A later step of a frame: how the reference's samples have moved at another checkpoint, and its own clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import clustering, projection, stats
from driftcore.engine import chosen_engine
from driftcore.errors import NotComparableError, one_line
from driftcore.records import DriftPolicy, FrameStep, Snapshot
from driftcore.store import Store
from driftcore.workflows._clouds import Column, Passing, Where, to_nobody
from driftcore.workflows._concepts import by_label
from driftcore.workflows._movement import MIN_POPULATION, Movement, movement
from driftcore.workflows._pairing import MIN_PAIRS, narrowed_vectors, shared_rows
from driftcore.workflows._reading import Pairs, Places, Sides, parts_of, read_pairs
from driftcore.workflows._reference_step import FITTED_AT_MOST, drawn_part

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

# samples by which the movement of the concepts is measured where there are more, and axes in which it is looked at
_MEASURED_BY, _N_AXES = 5_000, 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shared:
    """The samples that both sides have, in the reference's order, and where their vectors are."""

    sample_ids: NDArray[np.object_]
    places: Places
    sides: Sides

    def some(self, rows: NDArray[np.int64]) -> Places:
        """Some of them."""
        here = self.places
        return Places(reference=here.reference[rows], current=here.current[rows], concepts=here.concepts[rows])

    def parts(self, rows: NDArray[np.int64]) -> list[Places]:
        """Some of them, as many at a time as are in memory."""
        return [self.some(part) for part in parts_of(rows)]


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
    shared = _shared(store, reference, side, base)
    codes, sides = shared.places.concepts, shared.sides
    n_close = max(measured_by, 5 * max(reference.n_dims, side.n_dims))
    close = drawn_part(shared.sample_ids, codes, seed=seed, at_most=n_close)
    measured = _measured(read_pairs(sides, shared.some(close)), len(base.concepts))
    layer = _layer(measured, base.centroids.astype(np.float64))
    share = np.zeros(len(codes))
    share[close] = measured.moved.share
    # what is not drawn as moving need not be read
    moving = np.append(layer.shifts.any(axis=1), False)[codes]
    moving[close] = False
    if moving.any():
        tally, parts = partial(_shares, measured=measured), shared.parts(np.flatnonzero(moving))
        share[moving] = chosen_engine().total(partial(read_pairs, sides), tally, parts, told=to_nobody).values
    points = base.points[shared.places.reference]
    return FrameStep(
        checkpoint=side.checkpoint,
        sample_ids=shared.sample_ids,
        points=projection.moved_points(points, codes, layer, share),
        clusters=base.clusters[shared.places.reference],
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
    shared = _shared(store, reference, side, base)
    places = shared.places
    part = drawn_part(shared.sample_ids, places.concepts, seed=seed, at_most=FITTED_AT_MOST)
    cloud = Passing(where=Where(store=store.place, snapshot=side), engine=chosen_engine())
    found = clustering.cluster_part(cloud.at(places.current[part]), seed=seed)
    clusters = np.empty(len(places.current), dtype=np.int32)
    clusters[part] = found.clusters.labels
    rest = np.setdiff1d(np.arange(len(clusters)), part)
    if len(rest):
        nothing = np.zeros(side.n_samples, dtype=np.int64)
        clusters[rest] = cloud.total(partial(_clusters, found=found), nothing, rows=places.current[rest]).values
    return clustering.matched(base.clusters[places.reference], clusters)


def _shares(pairs: Pairs, *, measured: _Measured) -> Column[np.float64]:
    return Column(measured.share(pairs.reference, pairs.current, pairs.concepts))


def _clusters(vectors: Vectors, _codes: NDArray[np.int64], *, found: clustering.ClusteredPart) -> Column[np.int32]:
    return Column(found.of(vectors))


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


def _shared(store: Store, reference: Snapshot, side: Snapshot, base: FrameStep) -> _Shared:
    ids, labels = store.snapshots.labels(reference.checkpoint, reference.split)
    codes = base.clusters.astype(np.int64) if pd.isna(labels).all() else by_label(labels).codes
    others, _ = store.snapshots.labels(side.checkpoint, side.split)
    at_base, at_side = shared_rows(ids, others)
    if len(at_base) < MIN_PAIRS:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' and '{one_line(side.checkpoint)}' share {len(at_base)} sample ids in "
            f"split '{one_line(reference.split)}'. Draw a split that stays the same, with --split."
        )
    return _Shared(
        sample_ids=ids[at_base],
        places=Places(reference=at_base, current=at_side, concepts=codes[at_base]),
        sides=Sides(store=store.place, reference=reference, current=side),
    )


def _measured(pairs: Pairs, n_concepts: int) -> _Measured:
    """The movement of some pairs, seen in the axes in which the concepts lie apart.

    Everything is laid over the other side once; what is fitted again and again to find out what moved, and what must
    not drag the rest along, is fitted in at most 128 axes: the time of a decomposition grows with their cube.
    """
    reference, current = narrowed_vectors(pairs.reference, pairs.current)
    codes = pairs.concepts
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

"""Two windows in one space, and how far their concepts moved there beyond what the model explains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._clouds import Cloud, centroids
from driftcore.workflows._pairing import Vectors
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_rows import Ground, Window
from driftcore.workflows.progress import Progress, within

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowSpace:
    """Both windows in one space, and the anchors there with their concepts where two checkpoints made it."""

    reference: Cloud
    current: Cloud
    n_directions: int
    anchors: tuple[Vectors, Vectors, Codes] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """How far each concept's centroid moved beyond what the model explains, toward which concept, and by how much.

    `displacement` is a share of the mean gap, `migration` of the gap to the concept `toward`; shape (n_concepts,).
    """

    displacement: Floats
    toward: Codes
    migration: Floats


def one_space(reference: Window, current: Window, concepts: WindowConcepts, met: Ground) -> WindowSpace:
    """Both windows where their vectors can be subtracted."""
    if met.spaces == "same encoder" or met.anchors is None or concepts.anchors is None:
        width = reference.snapshot.n_dims
        return WindowSpace(reference=reference.cloud, current=current.cloud, n_directions=width, anchors=None)
    anchors, codes = met.anchors, concepts.anchors
    axes = _directions(anchors.reference), _directions(anchors.current)
    width = min(axes[0].shape[1], axes[1].shape[1])
    before, after = anchors.reference @ axes[0][:, :width], anchors.current @ axes[1][:, :width]
    stand = [stats.concept_centroids(side, codes, len(concepts.names)) for side in (before, after)]
    alignment = stats.fit_trimmed_alignment(before, after)
    # the scale of least squares shrinks with noise and would pull every concept to the middle
    present = [replace(side, means=side.means[side.sizes > 0], sizes=side.sizes[side.sizes > 0]) for side in stand]
    alignment = replace(alignment, scale=stats.relative_scale(present[0], present[1]))
    return WindowSpace(
        reference=reference.cloud.through(partial(_onto, axes=axes[0][:, :width])),
        current=current.cloud.through(partial(_laid, axes=axes[1][:, :width], alignment=alignment)),
        n_directions=width,
        anchors=(before, alignment.apply(after), codes),
    )


def _onto(vectors: Vectors, *, axes: Vectors) -> Vectors:
    return vectors @ axes


def _laid(vectors: Vectors, *, axes: Vectors, alignment: stats.Alignment) -> Vectors:
    return alignment.apply(vectors @ axes)


def _directions(anchors: Vectors) -> Vectors:
    """Orthonormal directions that carry most of the anchors, five anchors for each at least."""
    axes = stats.leading_directions(anchors, anchors, max_dims=anchors.shape[1])
    return axes.astype(np.float32)


def net_movement(space: WindowSpace, concepts: WindowConcepts, progress: Progress) -> Movement:
    """How far each centroid moved beyond its anchors; a concept that a window lacks did not move."""
    n_concepts = len(concepts.names)
    looking = partial(within, progress, "looking at every sample: where concepts stand")
    before = centroids(space.reference, concepts.reference, n_concepts, told=looking(0.7, 0.75))
    after = centroids(space.current, concepts.current, n_concepts, told=looking(0.75, 0.8))
    means, variance = after.means - before.means, before.sampling_variance + after.sampling_variance
    both = (before.sizes > 0) & (after.sizes > 0)
    if space.anchors is not None:
        model = _anchor_residuals(space.anchors, n_concepts)
        means, variance, both = means - model.means, variance + model.sampling_variance, both & (model.sizes > 0)
    displacement, migration, toward = np.zeros(n_concepts), np.zeros(n_concepts), np.zeros(n_concepts, dtype=np.int64)
    present = np.flatnonzero(both)
    if len(present) > 1:
        net = stats.Centroids(means=means[present], sizes=after.sizes[present], sampling_variance=variance[present])
        start = _of(before, present)
        heading = stats.heading(start, net).argmax(axis=1)
        displacement[present] = stats.centroid_displacement(start, net)
        toward[present] = present[heading]
        migration[present] = stats.migration(start, net)[np.arange(len(present)), heading]
    return Movement(displacement=displacement, toward=toward, migration=migration)


def _of(centroids: stats.Centroids, present: NDArray[np.int64]) -> stats.Centroids:
    """The centroids of some concepts."""
    return stats.Centroids(
        means=centroids.means[present],
        sizes=centroids.sizes[present],
        sampling_variance=centroids.sampling_variance[present],
    )


def _anchor_residuals(anchors: tuple[Vectors, Vectors, Codes], n_concepts: int) -> stats.Centroids:
    before, after, codes = anchors
    return stats.concept_centroids(after - before, codes, n_concepts)


def model_part(space: WindowSpace, n_concepts: int) -> Floats | None:
    """How far the model moved the anchors of each concept, in mean gaps."""
    if space.anchors is None:
        return None
    before = stats.concept_centroids(space.anchors[0], space.anchors[2], n_concepts)
    present = np.flatnonzero(before.sizes > 0)
    parts = np.zeros(n_concepts)
    parts[present] = stats.centroid_displacement(
        _of(before, present), _of(_anchor_residuals(space.anchors, n_concepts), present)
    )
    return parts

"""How far every current sample is from the known ones, and which are unlike any of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._clouds import Column, drawn
from driftcore.workflows._pairing import Vectors
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_rows import Ground, Window
from driftcore.workflows.progress import Progress, within

Codes = NDArray[np.int64]

# known samples that distances are measured to, and samples of a window that stand for the whole of it
MAX_ROWS = 5000
# fewer known samples say nothing of what is unlike them
_MIN_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What novelty is measured by, None where too little is known, and the concepts of the known samples."""

    farness: stats.Farness | None
    concepts: Codes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """Of every sample its distances, where novelty is measured, and its shift."""

    distances: stats.Distances | None
    shift: Column[np.float32]

    def __add__(self, other: _Seen) -> _Seen:
        # measured in both parts, or in none
        both = None if self.distances is None or other.distances is None else self.distances + other.distances
        return _Seen(distances=both, shift=self.shift + other.shift)


def known_samples(reference: Window, concepts: WindowConcepts, met: Ground, rng: np.random.Generator) -> Known:
    """The reference, or the anchors where two checkpoints made the windows; of many, a draw."""
    rows = drawn(len(reference.sample_ids), rng, MAX_ROWS)
    if met.spaces == "anchors" and met.anchors is not None and concepts.anchors is not None:
        anchors = drawn(len(met.anchors.reference), rng, MAX_ROWS)
        sides = met.anchors.reference[anchors], met.anchors.current[anchors]
        farness = stats.Farness.from_anchors(*sides, reference.cloud.at(rows))
        return Known(farness=farness, concepts=concepts.anchors[anchors])
    if len(rows) < _MIN_ROWS:
        return Known(farness=None, concepts=np.empty(0, dtype=np.int64))
    return Known(farness=stats.Farness.from_half(reference.cloud.at(rows), rng=rng), concepts=concepts.reference[rows])


def seen_beside(
    known: Known, current: Window, reference: Window, met: Ground, rng: np.random.Generator, progress: Progress
) -> tuple[stats.Novel | None, NDArray[np.float32]]:
    """Novel samples, and the cosine distance of each current one from the nearest known under its own checkpoint."""
    if met.spaces == "same encoder" or met.anchors is None:
        nearest = reference.cloud.at(drawn(len(reference.sample_ids), rng, MAX_ROWS))
    else:
        nearest = met.anchors.current[drawn(len(met.anchors.current), rng, MAX_ROWS)]
    seen = current.cloud.total(
        partial(_seen, farness=known.farness, nearest=_unit(nearest)),
        np.zeros(len(current.sample_ids), dtype=np.int64),
        told=within(progress, "looking at every sample: how far it is from any known one", 0.8, 0.95),
    )
    novel = None if known.farness is None or seen.distances is None else known.farness.novel(seen.distances)
    return novel, seen.shift.values


def _seen(vectors: Vectors, _: Codes, *, farness: stats.Farness | None, nearest: Vectors) -> _Seen:
    from sklearn.neighbors import NearestNeighbors

    searched = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(nearest)
    # ‖u − v‖² / 2 = 1 − cos; asked for as a cosine the search would hold a matrix of a gigabyte
    distances, _rows = searched.kneighbors(_unit(vectors))
    shift = np.clip(distances[:, 0] ** 2 / 2, 0.0, 2.0).astype(np.float32)
    return _Seen(distances=None if farness is None else farness.of(vectors), shift=Column(shift))


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

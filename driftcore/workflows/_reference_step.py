"""The first step of a frame: where the reference's samples stand, and its clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import clustering, projection, stats
from driftcore.engine import chosen_engine
from driftcore.errors import NotComparableError, one_line
from driftcore.records import FrameStep, Snapshot
from driftcore.store import Store
from driftcore.workflows._clouds import Passing, Where
from driftcore.workflows._concepts import Concepts, by_label, concepts_of
from driftcore.workflows.progress import Progress, silent, within

# the time of a frame grows with it, both UMAP's and that of finding neighbours for the rest. Measured (table of
# `make bench-frames`): a quarter of Banking77 gives .992 where all give .995, of a world of 12,000 both give .998
FITTED_AT_MOST = 10_000
# UMAP's own choice of 15 counts the sample itself
_N_NEIGHBORS, _N_BETWEEN = 14, 5


def reference_step(
    store: Store, reference: Snapshot, *, seed: int, progress: Progress = silent, at_most: int = FITTED_AT_MOST
) -> FrameStep:
    """Lay out a part of the reference with UMAP, place the rest between its neighbours, and cluster likewise.

    Vectors of the part are in memory, the others pass by on the engine that was chosen. Which samples are the part, and
    in what order UMAP sees them, depends on their ids and the seed: not on the order in which they were ingested.

    Parameters
    ----------
    store : Store
    reference : Snapshot
    seed : int
    at_most : int
        Samples that are fitted, a few more where concepts are small. Up to so many, all are.

    Raises
    ------
    NotComparableError
        If the reference has neither labels nor clusters.
    """
    # 1. who is there, and who gives the layout
    progress("reading the reference", 0.01)
    ids, labels = store.snapshots.labels(reference.checkpoint, reference.split)
    labelled = not pd.isna(labels).all()
    concepts = by_label(labels) if labelled else _clusters(store, reference, seed)
    if not concepts.names:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' has no labels and no clusters: there is nothing to draw movement by. "
            "Ingest it with labels."
        )
    part = drawn_part(ids, concepts.codes, seed=seed, at_most=at_most)
    vectors = store.snapshots.reader(reference.checkpoint, reference.split).at(part)

    # 2. the part: one neighbour graph, its layout, its clusters
    points, clusters = np.empty((len(ids), 2), dtype=np.float32), np.empty(len(ids), dtype=np.int32)
    progress("looking for neighbours", 0.02)
    graph = stats.neighbor_graph(vectors, k=min(_N_NEIGHBORS, len(part) - 1)) if len(part) > 1 else None
    progress("placing the reference's samples (UMAP)", 0.1)
    fitted = projection.places(
        vectors,
        neighbors=None if graph is None else graph.rows,
        distances=None if graph is None else graph.distances,
        seed=seed,
    )
    points[part] = fitted
    progress("clustering the reference", 0.25)
    found = clustering.cluster_part(vectors, seed=seed) if labelled else None
    clusters[part] = concepts.codes[part] if found is None else found.clusters.labels

    # 3. the rest, as it passes by
    rest = np.setdiff1d(np.arange(len(ids)), part)
    if len(rest):
        where = Where(store=store.place, snapshot=reference)
        placed = Passing(where=where, engine=chosen_engine()).total(
            partial(_placed, part=vectors, fitted=fitted, found=found),
            concepts.codes,
            rows=rest,
            told=within(progress, "placing the rest by its neighbours", 0.3, 0.4),
        )
        points[rest], clusters[rest] = placed.points, placed.clusters

    points = projection.framed(points)
    return FrameStep(
        checkpoint=reference.checkpoint,
        sample_ids=ids,
        points=points,
        clusters=clusters,
        concepts=concepts.names,
        centroids=projection.landmark_places(points, concepts.codes, len(concepts.names)).astype(np.float32),
        explained=1.0,
        n_fitted=len(part),
        n_reference=len(ids),
    )


def drawn_part(ids: NDArray[np.object_], codes: NDArray[np.int64], *, seed: int, at_most: int) -> NDArray[np.int64]:
    """Rows of a part in which every concept has its share and at least some tens, in an order that their ids give.

    Samples of no concept are drawn as if they were one.
    """
    keys = pd.util.hash_array(ids, hash_key=f"{seed % 10**16:016d}", categorize=False)
    strata = np.where(codes < 0, codes.max(initial=-1) + 1, codes)
    return stats.stratified_part(strata, keys, n_wanted=at_most)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placed:
    """Where some samples stand, and their clusters; those of two parts follow each other."""

    points: NDArray[np.float32]
    clusters: NDArray[np.int32]

    def __add__(self, other: _Placed) -> _Placed:
        return _Placed(
            points=np.concatenate([self.points, other.points]), clusters=np.concatenate([self.clusters, other.clusters])
        )


def _placed(
    vectors: NDArray[np.float32],
    codes: NDArray[np.int64],
    *,
    part: NDArray[np.float32],
    fitted: NDArray[np.float32],
    found: clustering.ClusteredPart | None,
) -> _Placed:
    """Samples between their neighbours of the part, of which `fitted` are the places."""
    near = stats.neighbors_among(vectors, part, k=min(_N_BETWEEN, len(part)))
    return _Placed(
        points=projection.between_neighbors(fitted, near.rows, near.distances),
        clusters=codes.astype(np.int32) if found is None else found.of(vectors),
    )


def _clusters(store: Store, reference: Snapshot, seed: int) -> Concepts:
    """Concepts where no sample has a label: clusters of all samples, as every other workflow finds them."""
    vectors = store.snapshots.rows(reference.checkpoint, reference.split).vectors
    return concepts_of(None, vectors, seed=seed)

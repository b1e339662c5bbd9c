"""The first step of a frame: where the reference's samples stand, and its clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import clustering, projection, stats
from driftcore.errors import NotComparableError, one_line
from driftcore.records import FrameStep, Snapshot
from driftcore.store import Store, VectorReader
from driftcore.workflows._concepts import Concepts, by_label, concepts_of
from driftcore.workflows.progress import Progress, silent

# the time of a frame grows with it, both UMAP's and that of finding neighbours for the rest. Measured (table of
# `make bench-frames`): a quarter of Banking77 gives .992 where all give .995, of a world of 12,000 both give .998
FITTED_AT_MOST = 10_000
# UMAP's own choice of 15 counts the sample itself
_N_NEIGHBORS, _N_BETWEEN = 14, 5
# rows that are in memory beside the part
_ROWS = 16_384
# a row in so many is taken by its number; of more, the range is read as it lies
_SPARSE = 8


def reference_step(
    store: Store, reference: Snapshot, *, seed: int, progress: Progress = silent, at_most: int = FITTED_AT_MOST
) -> FrameStep:
    """Lay out a part of the reference with UMAP, place the rest between its neighbours, and cluster likewise.

    Vectors of the part are in memory, the others pass by in parts of 16,384 rows. Which samples are the part, and in
    what order UMAP sees them, depends on their ids and the seed: not on the order in which they were ingested.

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
    reader = store.snapshots.reader(reference.checkpoint, reference.split)
    vectors = read(reader, part)

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
    for start in range(0, len(rest), _ROWS):
        progress("placing the rest by its neighbours", 0.3 + 0.1 * start / len(rest))
        rows = rest[start : start + _ROWS]
        more = read(reader, rows)
        near = stats.neighbors_among(more, vectors, k=min(_N_BETWEEN, len(part)))
        points[rows] = projection.between_neighbors(fitted, near.rows, near.distances)
        clusters[rows] = concepts.codes[rows] if found is None else found.of(more)

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


def read(reader: VectorReader, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The vectors of some rows in the order asked for; where they lie close together, their whole range is read."""
    first, last = int(rows.min()), int(rows.max())
    if last - first >= _SPARSE * len(rows):
        return reader.at(rows)
    return reader.at(np.arange(first, last + 1))[rows - first]


def _clusters(store: Store, reference: Snapshot, seed: int) -> Concepts:
    """Concepts where no sample has a label: clusters of all samples, as every other workflow finds them."""
    vectors = store.snapshots.rows(reference.checkpoint, reference.split).vectors
    return concepts_of(None, vectors, seed=seed)

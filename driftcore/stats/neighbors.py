"""How much of a sample's neighbourhood two checkpoints share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Floats, Matrix, chunks

# distances held at a time: queries in a block times samples
_BLOCK_CELLS = 5_000_000
# columns whose smallest value is looked at first
_STRIP = 64


def nearest_neighbors(vectors: Matrix, queries: NDArray[np.int64], *, k: int) -> NDArray[np.int64]:
    """The k nearest other samples of each query, exact, in no order, shape (n_queries, k).

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    queries : int64 array of shape (n_queries,)
        Row numbers.
    k : int, below n_samples
    """
    # Euclidean about the mean: unchanged by rotation, shift and scale, which a retrained space is free in
    centred = np.asarray(vectors - vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype), dtype=np.float32)
    squared = np.einsum("ij,ij->i", centred, centred)
    found = np.empty((len(queries), k), dtype=np.int64)
    for part in chunks(len(queries), max(1, _BLOCK_CELLS // len(centred))):
        rows = queries[part]
        distances = squared - 2 * centred[rows] @ centred.T
        distances[np.arange(len(rows)), rows] = np.inf
        found[part] = _smallest(distances, k)
    return found


def nearest_among(vectors: Matrix, among: Matrix, *, k: int) -> NDArray[np.int64]:
    """The k rows of `among` that are nearest to each vector, exact, in no order, shape (n_samples, k).

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    among : array of shape (n_others, n_dims)
    k : int, at most n_others

    Examples
    --------
    >>> nearest_among(np.array([[0.9]]), np.array([[0.0], [1.0], [5.0]]), k=1).tolist()
    [[1]]
    """
    origin = among.mean(axis=0, dtype=np.float64)
    others = np.asarray(among - origin, dtype=np.float32)
    squared = np.einsum("ij,ij->i", others, others)
    found = np.empty((len(vectors), k), dtype=np.int64)
    for part in chunks(len(vectors), max(1, _BLOCK_CELLS // len(others))):
        distances = squared - 2 * np.asarray(vectors[part] - origin, dtype=np.float32) @ others.T
        found[part] = _smallest(distances, k)
    return found


def _smallest(distances: Matrix, k: int) -> NDArray[np.int64]:
    """The columns of the k smallest values of each row, in no order, shape (n_rows, k).

    The k-th smallest of the minima of disjoint strips is no smaller than the k-th smallest value, for each of k strips
    holds a value that is no larger: what is beyond it need not be sorted, and that is nearly everything. A strip is
    every n-th column, lest the minima be taken along a row, which is several times slower.
    """
    n_rows, n_columns = distances.shape
    n_strips = n_columns // _STRIP
    if n_strips < 2 * k:
        return np.argpartition(distances, k - 1, axis=1)[:, :k]
    strips = distances[:, : n_strips * _STRIP].reshape(n_rows, _STRIP, n_strips).min(axis=1)
    bound = np.partition(strips, k - 1, axis=1)[:, k - 1]
    found = np.empty((n_rows, k), dtype=np.int64)
    for row in range(n_rows):
        (near,) = np.nonzero(distances[row] <= bound[row])
        found[row] = near[np.argpartition(distances[row, near], k - 1)[:k]]
    return found


def neighbor_overlap(reference: Matrix, current: Matrix, queries: NDArray[np.int64], *, k: int) -> Floats:
    r"""Share of neighbours that a sample keeps from the reference to the current checkpoint.

    1 means the same k neighbours, 0 none of them; it survives any map that preserves similarity, and it depends
    on k and on how dense the data are, so compare concepts with each other and not with a fixed threshold.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired; widths may differ
    queries : int64 array of shape (n_queries,)
    k : int

    Returns
    -------
    float64 array of shape (n_queries,), in [0, 1]

    Notes
    -----
    .. math:: J_i = |N_k(x_i) \cap N_k(y_i)| \,/\, |N_k(x_i) \cup N_k(y_i)|
    """
    # numpy lets go of the interpreter while it multiplies: both sides at a time
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(lambda side: nearest_neighbors(side, queries, k=k), (reference, current))
    return shared_neighbors(before, after)


def shared_neighbors(before: NDArray[np.int64], after: NDArray[np.int64]) -> Floats:
    r"""Overlap of two neighbour lists of each sample: 1 = the same neighbours, 0 = none of them.

    Parameters
    ----------
    before, after : int64 arrays of shape (n_samples, k)
        Row numbers, in any order, none twice in a row: those of a `NeighborGraph`, or from `nearest_neighbors`.

    Returns
    -------
    float64 array of shape (n_samples,), in [0, 1]

    Notes
    -----
    .. math:: J_i = |A_i \cap B_i| \,/\, |A_i \cup B_i|

    Examples
    --------
    >>> shared_neighbors(np.array([[1, 2]]), np.array([[2, 3]])).round(2).tolist()
    [0.33]
    """
    kept = (before[:, :, None] == after[:, None, :]).any(axis=2).sum(axis=1)
    overlap: Floats = kept / (before.shape[1] + after.shape[1] - kept)
    return overlap


def cohesion(
    inside: NDArray[np.bool_], neighbors: NDArray[np.int64], concepts: NDArray[np.int64], members: NDArray[np.int64]
) -> float:
    r"""Whether the members of a part of a concept were neighbours before they moved.

    0 means strewn over their concept, 1 that no other member of the concept stands between them; below 0 they avoid
    each other. Only neighbours from the same concept count.

    Parameters
    ----------
    inside : bool array of shape (n_samples,)
        The samples of the part.
    neighbors : int64 array of shape (n_members, k)
        Row numbers of the neighbours of each member: see `nearest_neighbors`.
    concepts : int64 array of shape (n_samples,)
    members : int64 array of shape (n_members,)
        Row numbers of the part, all of one concept.

    Returns
    -------
    float, at most 1
        NaN where no member has a neighbour of its own concept, or the part is the whole of it.

    Notes
    -----
    .. math:: (p - s) / (1 - s)

    with p the share of their neighbours within the concept that are of the part, and s the share of the part in the
    concept as one of its members sees it: chance-corrected like Cohen's κ.

    Examples
    --------
    >>> inside = np.array([True, True, False, False])
    >>> cohesion(inside, np.array([[1, 2], [0, 1]]), np.zeros(4, dtype=int), np.array([0, 1])).__round__(2)
    0.62
    """
    own = concepts[neighbors] == concepts[members][:, None]
    n_concept = int((concepts == concepts[members[0]]).sum())
    chance = (len(members) - 1) / (n_concept - 1) if n_concept > 1 else 1.0
    if not own.any() or chance >= 1:
        return float("nan")
    purity = float(inside[neighbors][own].mean())
    return (purity - chance) / (1 - chance)


def stratified_queries(
    concepts: NDArray[np.int64], *, n_queries: int, rng: np.random.Generator, at_least: int = 30
) -> NDArray[np.int64]:
    """Row numbers of about `n_queries` samples, `at_least` so many of every concept that has them; all if they are few.

    Parameters
    ----------
    concepts : int64 array of shape (n_samples,); −1 belongs to none and is not drawn
    """
    inside = np.flatnonzero(concepts >= 0)
    if len(inside) <= n_queries:
        return inside
    order = rng.permutation(inside)
    rank, sizes = _ranks(concepts[order])
    share = sizes * n_queries / len(inside)
    return np.sort(order[rank < np.maximum(share, at_least)[concepts[order]]])


def stratified_part(
    strata: NDArray[np.int64], keys: NDArray[np.uint64], *, n_wanted: int, at_least: int = 30
) -> NDArray[np.int64]:
    """Row numbers of about `n_wanted` samples in the order of their keys, of every stratum its share.

    Who is drawn depends on the keys alone and not on the order of the rows: give hashes of ids, and the same samples
    come out of a file that was sorted otherwise.

    Parameters
    ----------
    strata : int64 array of shape (n_samples,), all at least 0
    keys : uint64 array of shape (n_samples,)
        As good as random, none twice.
    n_wanted : int
        At least as many are drawn, where there are more: every stratum rounds up.
    at_least : int
        Of a smaller share, so many of the stratum or all that it has; fewer where `n_wanted` has no room for them, and
        never none.

    Examples
    --------
    >>> strata = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> stratified_part(strata, np.array([7, 6, 5, 4, 3, 2, 1, 0], dtype=np.uint64), n_wanted=3, at_least=1).tolist()
    [7, 5, 4, 3]
    """
    order = np.argsort(keys, kind="stable")
    if len(order) <= n_wanted:
        return order
    sizes = np.bincount(strata)
    room = max(1, min(at_least, n_wanted // max(1, int(np.count_nonzero(sizes)))))
    wanted = np.maximum(np.ceil(sizes * (n_wanted / len(order))), room)
    rank, _ = _ranks(strata[order])
    return order[rank < wanted[strata[order]]]


def _ranks(strata: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each sample, how many of its stratum come before it; and how large each stratum is."""
    sizes = np.bincount(strata)
    # small integers are sorted by counting
    by_stratum = np.argsort(strata.astype(np.min_scalar_type(len(sizes))), kind="stable")
    rank = np.empty(len(strata), dtype=np.int64)
    rank[by_stratum] = np.arange(len(strata)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank, sizes

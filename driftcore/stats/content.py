"""Whether what two windows say within a concept comes from one distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftcore.stats.moments import Codes, Floats, Matrix, chunks
from driftcore.stats.resampling import Counts, WindowTest, permuted_sums

# rows of a window that a kernel matrix holds at most: twice as many take four times the time and memory
MAX_ROWS = 1000
# first p-values above it do not become discoveries by more permutations
_REFINED_FROM = 0.02


def mmd(
    reference: Matrix,
    current: Matrix,
    *,
    rng: np.random.Generator,
    n_resamples: int = 999,
    max_rows: int = MAX_ROWS,
    allowed: float = 0.0,
) -> WindowTest:
    r"""Squared maximum mean discrepancy: how far two clouds are from being draws of one distribution.

    0 on average where nothing changed (single values fall on both sides of it), 0.01 to 0.05 where a cloud moved by a
    fraction of its own spread, 1 where the two have nothing in common. Unlike a distance of means it also sees a
    cloud that was torn or stretched. It depends on the bandwidth: compare p-values, not values, between concepts.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims), at least 2 rows each
        Vectors of one space; see `fit_alignment` for those of two.
    rng : numpy.random.Generator
    n_resamples : int
        Permutations of the windows.
    max_rows : int
        Rows used of each window, drawn at random where it has more: the test holds a matrix of (2 · max_rows)² cells.
    allowed : float
        Discrepancy that is there without any drift, from how the windows were made comparable; taken off the value.

    Returns
    -------
    WindowTest
        `value` is dimensionless, at most 2; where nothing changed it is negative as often as not.

    Notes
    -----
    .. math:: \mathrm{MMD}^2_u = \frac{\sum_{i \ne j} k(x_i, x_j)}{m(m-1)} + \frac{\sum_{i \ne j} k(y_i, y_j)}{n(n-1)}
       - \frac{2 \sum_{i,j} k(x_i, y_j)}{m n}, \quad k(x, y) = \exp(-\lVert x - y \rVert^2 / 2 h^2)

    with h the median distance of the pooled samples, which no permutation changes: the p-value is exact. Gretton,
    Borgwardt, Rasch, Schölkopf, Smola, A kernel two-sample test, Journal of Machine Learning Research 13, 2012.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> there, away = rng.normal(size=(60, 8)), rng.normal(size=(60, 8)) + 1
    >>> mmd(there, away, rng=rng).p_value
    0.001
    """
    left, right = _drawn(reference, max_rows, rng), _drawn(current, max_rows, rng)
    kernel = _kernel(np.concatenate([left, right]))
    totals, n, m = kernel.sum(axis=1), len(right), len(left)

    def squared(members: Floats, sums: Floats) -> Floats:
        within = np.einsum("ij,ij->i", sums, members)
        touching = members @ totals
        across = touching - within
        return within / (n * (n - 1)) + (totals.sum() - 2 * touching + within) / (m * (m - 1)) - 2 * across / (m * n)

    found = permuted_sums(kernel, m, n_resamples=n_resamples, rng=rng, of=squared)
    found[0] -= allowed
    return WindowTest.of(found)


def mmd_witness(reference: Matrix, current: Matrix, queries: Matrix) -> Floats:
    r"""How much more typical a sample is of the current window than of the reference.

    0 means as typical of one as of the other, positive values that its like has become more frequent. What a
    discrepancy found by `mmd` consists of: read the samples with the largest values.

    Parameters
    ----------
    reference, current, queries : arrays of shape (n_reference, n_dims), (n_current, n_dims) and (n_queries, n_dims)

    Returns
    -------
    float64 array of shape (n_queries,), in [−1, 1]

    Notes
    -----
    .. math:: w(z) = \operatorname{mean}_j k(z, y_j) - \operatorname{mean}_i k(z, x_i)

    with k as in `mmd`; a query that is itself in a window has itself as one of its neighbours. Gretton, Borgwardt,
    Rasch, Schölkopf, Smola, A kernel two-sample test, Journal of Machine Learning Research 13, 2012.

    Examples
    --------
    >>> stayed, came = np.zeros((3, 1)), np.ones((3, 1))
    >>> mmd_witness(stayed, came, np.array([[0.0], [1.0]])).round(2).tolist()
    [-0.39, 0.39]
    """
    return Witness.between(reference, current).of(queries)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Witness:
    """`mmd_witness` of two windows, for whoever comes with one part of the queries after the other.

    Parameters
    ----------
    centre : float64 array of shape (n_dims,)
    reference, current : float64 arrays of shape (n_reference, n_dims) and (n_current, n_dims)
        About the centre.
    bandwidth : float
    """

    centre: Floats
    reference: Floats
    current: Floats
    bandwidth: float

    @classmethod
    def between(cls, reference: Matrix, current: Matrix) -> Witness:
        """Of two windows, shapes (n_reference, n_dims) and (n_current, n_dims)."""
        centre = reference.mean(axis=0, dtype=np.float64)
        left, right = np.asarray(reference, dtype=np.float64) - centre, np.asarray(current, dtype=np.float64) - centre
        bandwidth = _bandwidth(_squared_distances(np.concatenate([left, right])))
        return cls(centre=centre, reference=left, current=right, bandwidth=bandwidth)

    def of(self, queries: Matrix) -> Floats:
        """Of some samples, shape (n_queries, n_dims)."""
        scale, witness = -2 * self.bandwidth**2, np.empty(len(queries))
        for part in chunks(len(queries), 1024):
            asked = queries[part].astype(np.float64) - self.centre
            windows = self.reference, self.current
            typical = [np.exp(_squared_distances(asked, window) / scale).mean(axis=1) for window in windows]
            witness[part] = typical[1] - typical[0]
        return witness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptContents:
    """`mmd` of every concept, each of shape (n_concepts,); NaN where a window has too few samples of it."""

    mmd: Floats
    p_values: Floats
    sizes_reference: Counts
    sizes_current: Counts


def concept_mmds(
    reference: Matrix,
    current: Matrix,
    concepts_reference: Codes,
    concepts_current: Codes,
    n_concepts: int,
    *,
    rng: np.random.Generator,
    n_resamples: int = 999,
    min_rows: int = 10,
    n_refined: int = 0,
    max_rows: int = MAX_ROWS,
    allowed: Floats | None = None,
) -> ConceptContents:
    """`mmd` within each concept: what is said about it changed, however often it is talked about.

    Time is the sum of the squared concept sizes, not the square of the window's. A change of the shares alone moves
    none of these numbers: see `g_test`. Many tests at once: read the p-values through `benjamini_hochberg`.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims)
    concepts_reference, concepts_current : int64 arrays of shape (n_reference,) and (n_current,)
        Concept numbers; −1 belongs to none.
    n_concepts : int
    min_rows : int
        Concepts with fewer samples than this in either window are not tested: NaN.
    n_refined : int
        Permutations for a second, independent test of each concept whose first p-value is at most 0.02; its p-value
        then stands. Through `benjamini_hochberg` one changed concept of many needs a p-value far below 1/1000.
    max_rows : int
    allowed : float64 array of shape (n_concepts,), optional
        As in `mmd`.
    """
    before = np.bincount(concepts_reference[concepts_reference >= 0], minlength=n_concepts)
    after = np.bincount(concepts_current[concepts_current >= 0], minlength=n_concepts)
    values, p_values = np.full(n_concepts, np.nan), np.full(n_concepts, np.nan)
    for k in np.flatnonzero((before >= max(2, min_rows)) & (after >= max(2, min_rows))):
        left, right = reference[concepts_reference == k], current[concepts_current == k]
        surplus = 0.0 if allowed is None else float(allowed[k])
        tested = mmd(left, right, rng=rng, n_resamples=n_resamples, max_rows=max_rows, allowed=surplus)
        if tested.p_value <= _REFINED_FROM and n_refined > n_resamples:
            tested = mmd(left, right, rng=rng, n_resamples=n_refined, max_rows=max_rows, allowed=surplus)
        values[k], p_values[k] = tested.value, tested.p_value
    return ConceptContents(mmd=values, p_values=p_values, sizes_reference=before, sizes_current=after)


def _drawn(vectors: Matrix, max_rows: int, rng: np.random.Generator) -> Matrix:
    if len(vectors) <= max_rows:
        return vectors
    return vectors[np.sort(rng.choice(len(vectors), max_rows, replace=False))]


def _kernel(vectors: Matrix) -> Floats:
    """RBF kernel with the median distance as bandwidth and nothing on the diagonal, shape (n_samples, n_samples)."""
    # about the mean: squared norms far from the origin would eat the digits of the distances
    kernel = _squared_distances(np.asarray(vectors, dtype=np.float64) - vectors.mean(axis=0, dtype=np.float64))
    kernel /= -2 * _bandwidth(kernel) ** 2
    np.exp(kernel, out=kernel)
    np.fill_diagonal(kernel, 0.0)
    return kernel


def _squared_distances(left: Floats, right: Floats | None = None) -> Floats:
    """Shape (n_left, n_right); of `left` to itself where there is no `right`."""
    other = left if right is None else right
    squared: Floats = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", other, other)
    squared -= 2 * (left @ other.T)
    return np.maximum(squared, 0.0, out=squared)


def _bandwidth(squared: Floats) -> float:
    """The median distance between different samples."""
    median = float(np.median(np.sqrt(squared[np.triu_indices(len(squared), 1)])))
    # more than half of the samples coincide: any bandwidth tells them from the rest
    return median or float(np.sqrt(squared.max())) or 1.0

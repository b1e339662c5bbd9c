"""Measures of lexical semantic change, for two windows instead of two decades."""

from __future__ import annotations

import numpy as np

from driftcore.stats.moments import Floats, Matrix
from driftcore.stats.resampling import WindowTest, permuted_sums


def prototype_distance(
    reference: Matrix, current: Matrix, *, rng: np.random.Generator, n_resamples: int = 999
) -> WindowTest:
    r"""Cosine distance between the mean vectors of two windows.

    0 means that they point the same way, 1 a right angle. Without drift it is not 0 but falls like 1/n, so the
    p-value says more than the value. It mixes what is talked about with what is said: a change of the shares moves
    it too.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims)
    rng : numpy.random.Generator
    n_resamples : int
        Permutations of the windows.

    Returns
    -------
    WindowTest
        `value` is in [0, 2]; 0 where a mean is zero.

    Notes
    -----
    ``1 − cos(x̄, ȳ)``, the prototypes of Kutuzov & Giulianelli, UiO-UvA at SemEval-2020 Task 1: Contextualised
    embeddings for lexical semantic change detection, SemEval 2020, who take the inverse of the cosine instead.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> there, away = rng.normal(size=(40, 3)) + [4, 0, 0], rng.normal(size=(40, 3)) + [0, 4, 0]
    >>> prototype_distance(there, away, rng=rng).value > 0.5
    True
    """
    pooled = np.concatenate([reference, current]).astype(np.float64)
    total = pooled.sum(axis=0)

    def distance(_members: Floats, sums: Floats) -> Floats:
        left, right = _unit(total - sums), _unit(sums)
        # ‖u − v‖² / 2 and not 1 − u·v, which loses its digits where the two coincide
        return np.einsum("ij,ij->i", left - right, left - right) / 2

    return WindowTest.of(permuted_sums(pooled, len(reference), n_resamples=n_resamples, rng=rng, of=distance))


def average_pairwise_distance(
    reference: Matrix, current: Matrix, *, rng: np.random.Generator, n_resamples: int = 999
) -> WindowTest:
    r"""Mean cosine distance between samples of two windows, beyond the mean distance within them.

    0 on average where nothing changed, whatever the spread of the windows; 0.01 is little, 0.1 a lot. Half the
    squared mean discrepancy under the cosine kernel, so it sees windows whose means moved, and not a cloud that was
    torn around a mean that stayed: see `mmd`. A change of the shares moves it too.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims), at least 2 rows each
    rng : numpy.random.Generator
    n_resamples : int
        Permutations of the windows.

    Returns
    -------
    WindowTest
        `value` is in [−1, 2], slightly negative where nothing changed.

    Notes
    -----
    .. math:: \mathrm{APD}(X, Y) - \tfrac12 \left( \mathrm{APD}(X, X) + \mathrm{APD}(Y, Y) \right), \quad
       \mathrm{APD}(X, Y) = \operatorname{mean}_{i,j} (1 - \cos(x_i, y_j))

    without pairs of a sample with itself. Giulianelli, Del Tredici, Fernández, Analysing lexical semantic change with
    contextualised word representations, ACL 2020, use APD(X, Y) alone, which also grows with the spread.
    """
    pooled = _unit(np.concatenate([reference, current]).astype(np.float64))
    total, n, m = pooled.sum(axis=0), len(current), len(reference)

    def net(_members: Floats, sums: Floats) -> Floats:
        other = total - sums
        within_current = (np.einsum("ij,ij->i", sums, sums) - n) / (n * (n - 1))
        within_reference = (np.einsum("ij,ij->i", other, other) - m) / (m * (m - 1))
        return (within_current + within_reference) / 2 - np.einsum("ij,ij->i", sums, other) / (m * n)

    return WindowTest.of(permuted_sums(pooled, m, n_resamples=n_resamples, rng=rng, of=net))


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.where(norms > 0, norms, 1.0)
    return unit

"""Which concepts moved: the leave-one-concept-out test, and how far a concept stands out from the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from driftcore.stats.alignment import Alignment
from driftcore.stats.moments import Codes, Floats, Matrix, chunks

# with fewer samples the variance of F(1, n − 1) below does not exist
MIN_SAMPLES = 7

# concepts decomposed at a time: bounds memory at a few dozen (n_dims, n_dims) matrices
_BLOCK = 32


def leave_one_concept_out(
    reference: Matrix,
    current: Matrix,
    concepts: Codes,
    n_concepts: int,
    *,
    excluded: NDArray[np.bool_] | None = None,
) -> Floats:
    r"""P-value of "this concept did not move against the others", for every concept.

    The space is laid over the reference by all concepts but the tested one (and but the `excluded` ones, which
    are known to have moved), so that the concept cannot hide its own movement. The error of that fit is shared
    by all members of a concept and is part of the variance. The test says whether sampling and the fit alone
    could have moved the centroid that far; after any retraining most concepts are "significant", so read it
    together with `robust_z` and an effect.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
        At most about a fifth as wide as there are samples: see `leading_directions`.
    concepts : int64 array of shape (n_samples,); −1 belongs to none and takes no part
    n_concepts : int
    excluded : bool array of shape (n_concepts,), optional
        Concepts that take no part in any fit but their own test.

    Returns
    -------
    float64 array of shape (n_concepts,), in (0, 1]
        NaN for a concept with fewer than `MIN_SAMPLES` samples, or where no other concept is left to fit on.

    Notes
    -----
    With V, λ the eigenvectors and eigenvalues of the left-out centred Gram of the reference, r the residuals of
    concept k, s_j their variance along v_j and a = Vᵀ(μ_k − m₀):

    .. math:: \operatorname{Var}(d_{kj}) = s_j (1/n_k + 1/n_F) + \sum_{i \ne j}
        a_i^2 (\lambda_i s_j + \lambda_j s_i) / (\lambda_i + \lambda_j)^2

    and the sum of d²/Var follows a scaled χ² whose mean and variance are those of a sum of F(1, n_k − 1):
    with the plain χ² small concepts would be flagged too often.
    """
    excluded = np.zeros(n_concepts, dtype=bool) if excluded is None else excluded
    # about their means: centring a Gram about a far-out origin afterwards would lose its digits
    reference = reference - reference.mean(axis=0, dtype=np.float64).astype(reference.dtype)
    current = current - current.mean(axis=0, dtype=np.float64).astype(current.dtype)
    sums = _concept_sums(reference, current, concepts, n_concepts)
    order = np.argsort(concepts, kind="stable")
    edges = np.searchsorted(concepts[order], np.arange(n_concepts + 1))
    p_values = np.full(n_concepts, np.nan)
    for start in range(0, n_concepts, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, n_concepts))
        fits = _fits(sums.left_out(block, excluded))
        for row, k in enumerate(block):
            members = order[edges[k] : edges[k + 1]]
            if len(members) >= MIN_SAMPLES and fits.n[row] >= 2 * reference.shape[1]:
                p_values[k] = _p_value(reference[members], current[members], fits, row)
    return p_values


def leading_directions(reference: Matrix, aligned: Matrix, *, max_dims: int = 128) -> Floats:
    """Orthonormal directions that carry most of both clouds, shape (n_dims, n_kept).

    The test estimates a variance for every direction, so there must be far fewer of them than samples: at most
    a fifth, and at most `max_dims`. Chosen from both sides together, lest a movement out of the reference's
    own directions be lost.

    Parameters
    ----------
    reference, aligned : arrays of shape (n_samples, n_dims)
    max_dims : int
    """
    n_kept = int(min(reference.shape[1], max_dims, max(2, len(reference) // 5)))
    mean = reference.mean(axis=0, dtype=np.float64)
    gram = np.zeros((reference.shape[1], reference.shape[1]))
    for part in chunks(len(reference)):
        for side in (reference, aligned):
            centred = side[part] - mean
            gram += centred.T @ centred
    _, vectors = np.linalg.eigh(gram)
    return vectors[:, ::-1][:, :n_kept]


def robust_z(values: Floats, *, floor: float) -> Floats:
    """How far each value stands out from the others, in robust standard deviations.

    0 is the median; 3 happens by chance in a population of a hundred; the tampered intents of Banking77 reach
    5 to 25.

    Parameters
    ----------
    values : float64 array of shape (n,), NaN where there is none
    floor : float, positive
        The smallest spread that is believed: where nearly all values are equal the MAD is 0 and everything
        else would stand out without limit.

    Returns
    -------
    float64 array of shape (n,)

    Examples
    --------
    >>> robust_z(np.array([1.0, 2.0, 3.0, 4.0, 100.0]), floor=0.1).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 65.4]
    """
    centre = np.nanmedian(values)
    # 1.4826: the MAD of a normal population times this is its standard deviation
    spread = max(1.4826 * float(np.nanmedian(np.abs(values - centre))), floor)
    return (values - centre) / spread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """Sums over the samples of each concept; the first axis is the concept."""

    n: Floats
    reference: Floats
    current: Floats
    gram: Floats
    cross: Floats
    spread: Floats

    def left_out(self, block: NDArray[np.int64], excluded: NDArray[np.bool_]) -> _Sums:
        """For each concept of `block`, the sums over all concepts but it and the excluded ones."""

        def rest(each: Floats) -> Floats:
            weight = (~excluded[block]).astype(float).reshape(-1, *[1] * (each.ndim - 1))
            remainder: Floats = each[~excluded].sum(axis=0) - weight * each[block]
            return remainder

        return _Sums(
            n=rest(self.n),
            reference=rest(self.reference),
            current=rest(self.current),
            gram=rest(self.gram),
            cross=rest(self.cross),
            spread=rest(self.spread),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fits:
    """For each concept of a block, the alignment by the other concepts and the axes of their cloud."""

    n: Floats
    alignments: tuple[Alignment, ...]
    eigenvalues: Floats
    eigenvectors: Floats


def _concept_sums(reference: Matrix, current: Matrix, concepts: Codes, n_concepts: int) -> _Sums:
    width = reference.shape[1]
    n, spread = np.zeros(n_concepts), np.zeros(n_concepts)
    sum_reference, sum_current = np.zeros((n_concepts, width)), np.zeros((n_concepts, width))
    gram, cross = np.zeros((n_concepts, width, width)), np.zeros((n_concepts, width, width))
    for k in range(n_concepts):
        rows = np.flatnonzero(concepts == k)
        for part in chunks(len(rows)):
            x, y = reference[rows[part]].astype(np.float64), current[rows[part]].astype(np.float64)
            n[k] += len(x)
            sum_reference[k] += x.sum(axis=0)
            sum_current[k] += y.sum(axis=0)
            gram[k] += x.T @ x
            cross[k] += y.T @ x
            spread[k] += np.einsum("ij,ij->", y, y)
    return _Sums(n=n, reference=sum_reference, current=sum_current, gram=gram, cross=cross, spread=spread)


def _fits(sums: _Sums) -> _Fits:
    n = np.maximum(sums.n, 1)[:, None]
    mean_reference, mean_current = sums.reference / n, sums.current / n
    gram = sums.gram - sums.n[:, None, None] * np.einsum("ki,kj->kij", mean_reference, mean_reference)
    cross = sums.cross - sums.n[:, None, None] * np.einsum("ki,kj->kij", mean_current, mean_reference)
    spread = sums.spread - sums.n * np.einsum("ki,ki->k", mean_current, mean_current)
    u, singular, vt = np.linalg.svd(cross)
    scale = np.divide(singular.sum(axis=1), spread, out=np.ones(len(n)), where=spread > 0)
    eigenvalues, eigenvectors = np.linalg.eigh(gram)
    return _Fits(
        n=sums.n,
        alignments=tuple(
            Alignment(rotation=rotation, scale=float(factor), mean_reference=before, mean_current=after)
            for rotation, factor, before, after in zip(u @ vt, scale, mean_reference, mean_current, strict=True)
        ),
        eigenvalues=eigenvalues,
        eigenvectors=eigenvectors,
    )


def _p_value(reference: Matrix, current: Matrix, fits: _Fits, row: int) -> float:
    """P-value of one concept, from its own samples and the fit of the others."""
    alignment, axes = fits.alignments[row], fits.eigenvectors[row]
    before = (reference - alignment.mean_reference) @ axes
    residual = (alignment.apply_exactly(current) - alignment.mean_reference) @ axes - before
    n, dims = residual.shape

    # an eigenvalue of exactly 0 is a direction that the others do not have: no rotation within it is known
    eigenvalues = np.maximum(fits.eigenvalues[row], 1e-9 * fits.eigenvalues[row].max())
    # below the digits of float32 input there is nothing to test
    spread = np.maximum(residual.var(axis=0, ddof=1), 1e-12 * before.var(axis=0).sum())
    centre = before.mean(axis=0)
    total = (eigenvalues[:, None] + eigenvalues[None]) ** 2
    turned = centre[:, None] ** 2 * (eigenvalues[:, None] * spread[None] + spread[:, None] * eigenvalues[None]) / total
    variance = spread * (1 / n + 1 / fits.n[row]) + turned.sum(axis=0) - np.diag(turned)
    moved = residual.mean(axis=0) ** 2
    statistic = np.divide(moved, variance, out=np.zeros(dims), where=variance > 0).sum()

    nu = n - 1
    mean = nu / (nu - 2)
    # a sum of F(1, ν) as c·χ²_df with the same mean and variance
    factor = nu**2 * (nu - 1) / ((nu - 2) ** 2 * (nu - 4)) / mean
    # never 0: what is smaller than the smallest float is still not impossible
    return max(float(chi2.sf(statistic / factor, dims * mean / factor)), float(np.finfo(float).tiny))

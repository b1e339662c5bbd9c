"""Which concepts moved: the leave-one-concept-out test, and how far a concept stands out from the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from driftcore.stats.alignment import Alignment
from driftcore.stats.gaps import centroid_distances
from driftcore.stats.moments import Centroids, Codes, Floats, Matrix, PairedMoments, chunks

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
    together with how far it stands out of the `Population` and with an effect.

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
    With V, λ the eigenvectors and eigenvalues of the left-out centred Gram of the reference, c_j the size along v_j
    of what both sides share (the symmetric factor of their cross-product), r the residuals of concept k, s_j their
    variance along v_j and a = Vᵀ(μ_k − m₀):

    .. math:: \operatorname{Var}(d_{kj}) = s_j (1/n_k + 1/n_F) + \sum_{i \ne j}
        a_i^2 (\lambda_i s_j + \lambda_j s_i) / (c_i + c_j)^2

    Two measured reasons for what is not textbook here. With λ for c, noise on both sides makes the rotation look
    surer than it is. And the scale comes from the gaps between the other concepts: the least-squares scale shrinks
    with every noise that a retraining adds, and draws all concepts to the middle, where each looks moved.

    The sum of d²/Var follows a scaled χ² whose mean and variance are those of a sum of F(1, n_k − 1):
    with the plain χ² small concepts would be flagged too often.
    """
    # about their means: centring a Gram about a far-out origin afterwards would lose its digits
    reference = reference - reference.mean(axis=0, dtype=np.float64).astype(reference.dtype)
    current = current - current.mean(axis=0, dtype=np.float64).astype(current.dtype)
    return left_out_pvalues(concept_sums(reference, current, concepts, n_concepts), excluded=excluded)


def left_out_pvalues(sums: ConceptSums, *, excluded: NDArray[np.bool_] | None = None) -> Floats:
    """What `leave_one_concept_out` says, from what the rows of each concept add up to.

    Parameters
    ----------
    sums : ConceptSums
        Of both clouds, counted from origins near their means.
    excluded : bool array of shape (n_concepts,), optional
    """
    n_concepts, width = sums.reference.shape
    excluded = np.zeros(n_concepts, dtype=bool) if excluded is None else excluded
    scales = _left_out_scales(*sums.centroids(), excluded)
    p_values = np.full(n_concepts, np.nan)

    def tested(start: int) -> None:
        block = np.arange(start, min(start + _BLOCK, n_concepts))
        fits = _fits(sums.left_out(block, excluded), scales[block])
        for row, k in enumerate(block):
            if sums.n[k] >= MIN_SAMPLES and fits.n[row] >= 2 * width:
                p_values[k] = _p_value(sums, int(k), fits, row)

    # numpy lets go of the interpreter while it decomposes: two blocks at a time
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tested, range(0, n_concepts, _BLOCK)))
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
    mean = reference.mean(axis=0, dtype=np.float64)
    gram = np.zeros((reference.shape[1], reference.shape[1]))
    for part in chunks(len(reference)):
        for side in (reference, aligned):
            centred = side[part] - mean
            gram += centred.T @ centred
    return _leading(gram, len(reference), max_dims)


def leading_directions_of_sums(moments: PairedMoments, alignment: Alignment, *, max_dims: int = 128) -> Floats:
    """What `leading_directions` finds, from the moments of both clouds before one was laid over the other."""
    turned = alignment.scale * alignment.rotation
    beside = alignment.apply_exactly(moments.mean_current) - moments.mean_reference
    gram = moments.gram_reference + turned.T @ moments.gram_current @ turned
    return _leading(gram + moments.n_samples * np.outer(beside, beside), moments.n_samples, max_dims)


def _leading(gram: Floats, n_samples: int, max_dims: int) -> Floats:
    n_kept = int(min(len(gram), max_dims, max(2, n_samples // 5)))
    _, vectors = np.linalg.eigh(gram)
    return vectors[:, ::-1][:, :n_kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What training did to the typical concept, robustly: most of the concepts may not have moved on their own.

    Parameters
    ----------
    centre : float
        The median value over concepts.
    spread : float, positive
        Robust standard deviation over concepts, 1.4826 · MAD.
    error : float
        The typical sampling error of a value, which is in the spread already.
    """

    centre: float
    spread: float
    error: float

    @classmethod
    def of(cls, values: Floats, errors: Floats, *, floor: float) -> Population:
        """The population of `values`, shape (n_concepts,), whose standard errors are `errors`; NaN values left out.

        `floor` is the smallest spread that is believed: where nearly all values are equal the MAD is 0, and
        everything else would stand out without limit.

        Notes
        -----
        Leys, Ley, Klein, Bernard, Licata, Detecting outliers: Do not use standard deviation around the mean, use
        absolute deviation around the median, Journal of Experimental Social Psychology 49, 2013.
        """
        centre = float(np.nanmedian(values))
        # 1.4826: the MAD of a normal population times this is its standard deviation
        spread = max(1.4826 * float(np.nanmedian(np.abs(values - centre))), floor)
        return cls(centre=centre, spread=spread, error=float(np.sqrt(np.nanmedian(errors**2))))

    def standout(self, values: Floats, errors: Floats) -> Floats:
        r"""How far each value stands out from the others, in robust standard deviations, shape (n_concepts,).

        0 is the median; 3 happens by chance in a population of a hundred; the tampered intents of Banking77 reach
        7 to 36. A value that is known worse than the typical one (a small concept) stands out less.

        Notes
        -----
        .. math:: z_k = (v_k - \tilde v) \,/\, \sqrt{s^2 + \max(0, e_k^2 - \tilde e^2)}

        Examples
        --------
        >>> values, errors = np.array([1.0, 2.0, 3.0, 4.0, 100.0]), np.zeros(5)
        >>> Population.of(values, errors, floor=0.1).standout(values, errors).round(1).tolist()
        [-1.3, -0.7, 0.0, 0.7, 65.4]
        """
        return (values - self.centre) / self._deviation(errors)

    def value_at(self, standout: float, errors: Floats) -> Floats:
        """The value at which a concept with such an error stands out that far, shape (n_concepts,)."""
        return self.centre + standout * self._deviation(errors)

    def _deviation(self, errors: Floats) -> Floats:
        return np.sqrt(self.spread**2 + np.maximum(errors**2 - self.error**2, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptSums:
    """Sums and second moments of the rows of each concept in two paired clouds; the first axis is the concept.

    Parameters
    ----------
    n : float64 array of shape (n_concepts,)
    reference, current : float64 arrays of shape (n_concepts, n_dims)
    gram, cross, gram_current : float64 arrays of shape (n_concepts, n_dims, n_dims)
        ``XᵀX``, ``YᵀX`` and ``YᵀY`` of the rows, not centred.
    """

    n: Floats
    reference: Floats
    current: Floats
    gram: Floats
    cross: Floats
    gram_current: Floats

    def __add__(self, other: ConceptSums) -> ConceptSums:
        return ConceptSums(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def of_whole(self) -> ConceptSums:
        """The same where `current` is what is left of the movement: of the reference and of it plus what is left."""
        across = self.cross + self.cross.transpose(0, 2, 1)
        return replace(
            self,
            current=self.reference + self.current,
            cross=self.gram + self.cross,
            gram_current=self.gram + across + self.gram_current,
        )

    def centroids(self) -> tuple[Centroids, Centroids]:
        """Of both clouds, counted from the same origins as the sums."""
        sizes, nowhere = self.n.astype(np.int64), np.zeros(self.reference.shape[1])
        squares = [np.einsum("kii->k", each) for each in (self.gram, self.gram_current)]
        return (
            Centroids.of_sums(sizes, self.reference, squares[0], origin=nowhere),
            Centroids.of_sums(sizes, self.current, squares[1], origin=nowhere),
        )

    def left_out(self, block: NDArray[np.int64], excluded: NDArray[np.bool_]) -> ConceptSums:
        """For each concept of `block`, the sums over all concepts but it and the excluded ones."""

        def rest(each: Floats) -> Floats:
            weight = (~excluded[block]).astype(float).reshape(-1, *[1] * (each.ndim - 1))
            remainder: Floats = each[~excluded].sum(axis=0) - weight * each[block]
            return remainder

        return ConceptSums(**{each.name: rest(getattr(self, each.name)) for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fits:
    """For each concept of a block, the alignment by the other concepts and the axes of their cloud.

    `eigenvalues` are the reference's along the axes, `shared` what the current cloud has of them.
    """

    n: Floats
    alignments: tuple[Alignment, ...]
    eigenvalues: Floats
    shared: Floats
    eigenvectors: Floats


def concept_sums(reference: Matrix, current: Matrix, concepts: Codes, n_concepts: int) -> ConceptSums:
    """What the rows of each concept add up to; −1 belongs to none.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    concepts : int64 array of shape (n_samples,)
    n_concepts : int
    """
    width = reference.shape[1]
    n, (sum_reference, sum_current) = np.zeros(n_concepts), np.zeros((2, n_concepts, width))
    gram, cross, gram_current = np.zeros((3, n_concepts, width, width))
    order = np.argsort(concepts, kind="stable")
    edges = np.searchsorted(concepts[order], np.arange(n_concepts + 1))
    for k in range(n_concepts):
        rows = order[edges[k] : edges[k + 1]]
        for part in chunks(len(rows)):
            x, y = reference[rows[part]].astype(np.float64), current[rows[part]].astype(np.float64)
            n[k] += len(x)
            sum_reference[k] += x.sum(axis=0)
            sum_current[k] += y.sum(axis=0)
            gram[k] += x.T @ x
            cross[k] += y.T @ x
            gram_current[k] += y.T @ y
    return ConceptSums(
        n=n, reference=sum_reference, current=sum_current, gram=gram, cross=cross, gram_current=gram_current
    )


def _left_out_scales(reference: Centroids, current: Centroids, excluded: NDArray[np.bool_]) -> Floats:
    """For each concept, how many times larger the gaps between the others are at the reference; NaN without gaps."""
    weights = np.where(excluded, 0, reference.sizes)
    squared = [centroid_distances(side) ** 2 * np.outer(weights, weights) for side in (reference, current)]
    # every gap stands twice in the matrix, those of the left-out concept in its row and in its column
    before, after = (each.sum() - 2 * each.sum(axis=1) for each in squared)
    usable = (before > 0) & (after > 0)
    return np.sqrt(np.divide(before, after, out=np.full(len(before), np.nan), where=usable))


def _fits(sums: ConceptSums, scales: Floats) -> _Fits:
    n = np.maximum(sums.n, 1)[:, None]
    mean_reference, mean_current = sums.reference / n, sums.current / n
    gram = sums.gram - sums.n[:, None, None] * np.einsum("ki,kj->kij", mean_reference, mean_reference)
    cross = sums.cross - sums.n[:, None, None] * np.einsum("ki,kj->kij", mean_current, mean_reference)
    u, singular, vt = np.linalg.svd(cross)
    eigenvalues, eigenvectors = np.linalg.eigh(gram)
    common = singular.sum(axis=1)
    # one other concept has no gap: its own samples say how large the space is
    by_samples = np.divide(eigenvalues.sum(axis=1), common, out=np.ones(len(n)), where=common > 0)
    scale = np.where(np.isnan(scales), by_samples, scales)
    on_axes = vt @ eigenvectors
    return _Fits(
        n=sums.n,
        alignments=tuple(
            Alignment(rotation=rotation, scale=float(factor), mean_reference=before, mean_current=after)
            for rotation, factor, before, after in zip(u @ vt, scale, mean_reference, mean_current, strict=True)
        ),
        eigenvalues=eigenvalues,
        shared=scale[:, None] * np.einsum("kij,ki,kij->kj", on_axes, singular, on_axes),
        eigenvectors=eigenvectors,
    )


def _p_value(sums: ConceptSums, k: int, fits: _Fits, row: int) -> float:
    """P-value of one concept, from its own sums and the fit of the others."""
    alignment, axes = fits.alignments[row], fits.eigenvectors[row]
    n, dims = int(sums.n[k]), axes.shape[1]
    mean_reference, mean_current = sums.reference[k] / n, sums.current[k] / n
    turned_axes = alignment.scale * alignment.rotation @ axes
    centre = (mean_reference - alignment.mean_reference) @ axes
    moved = ((mean_current - alignment.mean_current) @ turned_axes - centre) ** 2
    within = sums.gram[k] - n * np.outer(mean_reference, mean_reference)
    across = sums.cross[k] - n * np.outer(mean_current, mean_reference)
    within_current = sums.gram_current[k] - n * np.outer(mean_current, mean_current)
    # the squares of y·turned − x·axes, column by column, without the rows
    left = np.einsum("ij,ij->j", within_current @ turned_axes, turned_axes)
    left += np.einsum("ij,ij->j", within @ axes - 2 * across.T @ turned_axes, axes)

    # an eigenvalue of exactly 0 is a direction that the others do not have: no rotation within it is known
    smallest = 1e-9 * fits.eigenvalues[row].max()
    eigenvalues, shared = np.maximum(fits.eigenvalues[row], smallest), np.maximum(fits.shared[row], smallest)
    # below the digits of float32 input there is nothing to test
    spread = np.maximum(left / (n - 1), 1e-12 * np.trace(within) / n)
    total = (shared[:, None] + shared[None]) ** 2
    turned = centre[:, None] ** 2 * (eigenvalues[:, None] * spread[None] + spread[:, None] * eigenvalues[None]) / total
    variance = spread * (1 / n + 1 / fits.n[row]) + turned.sum(axis=0) - np.diag(turned)
    statistic = np.divide(moved, variance, out=np.zeros(dims), where=variance > 0).sum()

    nu = n - 1
    mean = nu / (nu - 2)
    # a sum of F(1, ν) as c·χ²_df with the same mean and variance
    factor = nu**2 * (nu - 1) / ((nu - 2) ** 2 * (nu - 4)) / mean
    # never 0: what is smaller than the smallest float is still not impossible
    return max(float(chi2.sf(statistic / factor, dims * mean / factor)), float(np.finfo(float).tiny))

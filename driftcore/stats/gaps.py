"""Gaps between concepts: how much of a gap has closed, with its test and its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from driftcore.stats.moments import Centroids, Codes, Floats, Matrix, chunks


def centroid_distances(centroids: Centroids) -> Floats:
    r"""Distances between centroids without the part that sampling adds, shape (n_concepts, n_concepts).

    Noise makes centroids stand too far apart: each one's expected squared error is taken off. 0 where nothing
    is left, and on the diagonal.

    Notes
    -----
    .. math:: \sqrt{\max(0, \lVert \bar a - \bar b \rVert^2 - \operatorname{tr} S_a / n_a
        - \operatorname{tr} S_b / n_b)}
    """
    # about their mean: distances from a product of far-out coordinates would lose their digits
    means = centroids.means - centroids.means.mean(axis=0)
    squared = np.einsum("ij,ij->i", means, means)
    distances = squared[:, None] + squared[None] - 2 * means @ means.T
    distances -= centroids.sampling_variance[:, None] + centroids.sampling_variance[None]
    np.fill_diagonal(distances, 0.0)
    return np.sqrt(np.maximum(distances, 0.0))


def mean_gap(centroids: Centroids) -> float:
    """Mean distance between two different concepts: the unit of displacement; 0 where there is only one."""
    distances = centroid_distances(centroids)
    return float(distances[np.triu_indices(len(distances), 1)].mean()) if len(distances) > 1 else 0.0


def separation(centroids: Centroids) -> float | None:
    r"""How far concepts stand apart, measured by how wide they are.

    Below 1 the typical concept is wider than the way to the next one; fine-tuned classifiers reach 2 to 5. A
    better-trained checkpoint raises it for all concepts, a collapse lowers it; neither is drift of any of them.
    Unchanged by rotating, shifting or scaling the space.

    Parameters
    ----------
    centroids : Centroids of shape (n_concepts, n_dims)

    Returns
    -------
    float or None
        At least 0; None where no concept has any width, or where there is only one.

    Notes
    -----
    .. math:: \bar g \,/\, \sqrt{\operatorname{mean}_k \operatorname{tr} S_k}

    Examples
    --------
    >>> wide = Centroids(means=np.array([[0.0], [6.0]]), sizes=np.array([4, 4]), sampling_variance=np.full(2, 0.25))
    >>> round(separation(wide) or 0.0, 1)
    6.0
    """
    width = np.sqrt(np.mean(centroids.sampling_variance * centroids.sizes))
    return mean_gap(centroids) / float(width) if width > 0 and len(centroids.means) > 1 else None


def relative_scale(reference: Centroids, current: Centroids) -> float:
    """How many times larger the reference's gaps are: the median ratio over all pairs; 1 where none is usable."""
    upper = np.triu_indices(len(reference.means), 1)
    before, after = centroid_distances(reference)[upper], centroid_distances(current)[upper]
    usable = (before > 0) & (after > 0)
    return float(np.median(before[usable] / after[usable])) if usable.any() else 1.0


def gap_closures(reference: Centroids, current: Centroids) -> Floats:
    r"""Share of the distance between two concepts that has gone, for all pairs.

    0 means they stand as far apart as before, 0.15 that they came 15 % closer, 1 that they coincide; negative
    values mean they moved apart. Unchanged by rotating, shifting or uniformly scaling either space, so it needs
    no alignment. It does not say who moved: see `displacement.migration`.

    Parameters
    ----------
    reference, current : Centroids of shape (n_concepts, n_dims)
        Before and after; widths may differ.

    Returns
    -------
    float64 array of shape (n_concepts, n_concepts), symmetric, in (−inf, 1]
        0 on the diagonal, NaN where two concepts coincide at the reference.

    Notes
    -----
    .. math:: g = 1 - s \, \lVert \nu_a - \nu_b \rVert / \lVert \mu_a - \mu_b \rVert

    with s from `relative_scale`. Two spaces with the same distances have g = 0 exactly only where the median
    ratio is that of the pair.
    """
    before, after = centroid_distances(reference), centroid_distances(current)
    ratio = np.divide(after, before, out=np.full_like(before, np.nan), where=before > 0)
    closures = 1 - relative_scale(reference, current) * ratio
    np.fill_diagonal(closures, 0.0)
    return closures


def gap_closure_pvalues(
    reference: Matrix,
    current: Matrix,
    concepts: Codes,
    reference_centroids: Centroids,
    current_centroids: Centroids,
) -> Floats:
    r"""Two-sided p-value of "the gap is what it was", for all pairs, by a paired Wald test.

    It answers whether sampling alone could make the closure seen; whether it is more than what retraining does
    to every pair is another question, which the standing out of a concept answers.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired; widths may differ
        All rows, or some that were drawn from each concept.
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    reference_centroids, current_centroids : Centroids of the two clouds, of all rows

    Returns
    -------
    float64 array of shape (n_concepts, n_concepts), symmetric
        1 on the diagonal, NaN where a pair has no gap.

    Notes
    -----
    Delta method on ``log(s‖ν_a − ν_b‖) − log‖μ_a − μ_b‖``: every sample's influence is its projection on the
    two unit differences, each over its gap; s is taken as known.
    """
    n_concepts = len(reference_centroids.means)
    before, after = centroid_distances(reference_centroids), centroid_distances(current_centroids)
    scale = relative_scale(reference_centroids, current_centroids)
    weight_before = np.divide(1.0, before**2, out=np.zeros_like(before), where=before > 0)
    weight_after = np.divide(1.0, after**2, out=np.zeros_like(after), where=after > 0)

    on_before = _projections(reference, reference_centroids.means)
    on_after = _projections(current, current_centroids.means)
    variance = np.zeros((n_concepts, n_concepts))
    for a in range(n_concepts):
        rows = np.flatnonzero(concepts == a)
        if len(rows) < 2:
            continue
        # <x_i, mu_a - mu_b> for every b at once, each over its squared gap
        influence = (on_after[rows, a, None] - on_after[rows]) * weight_after[a]
        influence -= (on_before[rows, a, None] - on_before[rows]) * weight_before[a]
        variance[a] = influence.var(axis=0, ddof=1) / reference_centroids.sizes[a]
    variance += variance.T

    usable = (before > 0) & (after > 0)
    change = np.log(np.where(usable, scale * after, 1.0)) - np.log(np.where(usable, before, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(change == 0, 0.0, np.abs(change) / np.sqrt(variance))
    p_values = np.where(usable, np.maximum(2 * norm.sf(z), np.finfo(float).tiny), np.nan)
    np.fill_diagonal(p_values, 1.0)
    return p_values


def _projections(vectors: Matrix, means: Floats) -> Floats:
    """Inner products of every sample with every centroid about their mean, shape (n_samples, n_concepts)."""
    origin = means.mean(axis=0)
    directions = (means - origin).T
    projected = np.empty((len(vectors), len(means)))
    for part in chunks(len(vectors)):
        projected[part] = (vectors[part] - origin) @ directions
    return projected


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptResamples:
    """Bootstrap copies of one concept's centroid on both sides, the same samples drawn for both.

    Parameters
    ----------
    reference, current : float64 arrays of shape (n_resamples, n_dims)
    variance_reference, variance_current : float
        ``tr S / n`` of the concept: what resampling adds to a squared distance, once more.
    """

    reference: Floats
    current: Floats
    variance_reference: float
    variance_current: float


def resample_concept(
    reference: Matrix,
    current: Matrix,
    *,
    n_resamples: int,
    rng: np.random.Generator,
    n_batches: int = 1000,
    drawn_from: tuple[int, Floats, Floats] | None = None,
) -> ConceptResamples:
    """Paired bootstrap of one concept's centroids.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims)
        The rows of one concept.
    n_resamples : int
    drawn_from : tuple of (int, float64 array, float64 array), optional
        Where the rows were drawn from more: how many those are, and their centroids. The copies are then of these, as
        often as there are samples, from the rows as a likeness of them.
    n_batches : int
        A larger concept is resampled as this many random batches, whose means have the same sampling
        variance; memory then does not grow with n.
    """
    n_rows = len(reference)
    if n_rows > n_batches:
        order = rng.permutation(len(reference))
        reference, current = _batch_means(reference[order], n_batches), _batch_means(current[order], n_batches)
    x, y = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    n = size = len(x)
    if drawn_from is not None:
        size = max(n, round(n * drawn_from[0] / n_rows))
        x, y = x - x.mean(axis=0) + drawn_from[1], y - y.mean(axis=0) + drawn_from[2]
    weights = rng.multinomial(size, np.full(n, 1 / n), size=n_resamples) / size
    return ConceptResamples(
        reference=weights @ x,
        current=weights @ y,
        variance_reference=_sampling_variance(x) * n / size,
        variance_current=_sampling_variance(y) * n / size,
    )


def resampled_gap_closures(a: ConceptResamples, b: ConceptResamples, scale: float) -> Floats:
    """Bootstrap copies of the gap closure of a pair, shape (n_resamples,); `scale` from `relative_scale`.

    A resampled squared distance carries the sampling variance twice, once from the data and once from the
    resampling, so it is taken off twice: the copies centre on the estimate and not beside it.
    """
    before = _squared_lengths(a.reference - b.reference) - 2 * (a.variance_reference + b.variance_reference)
    after = _squared_lengths(a.current - b.current) - 2 * (a.variance_current + b.variance_current)
    usable = before > 0
    ratio = np.divide(np.maximum(after, 0), before, out=np.full_like(before, np.nan), where=usable)
    return 1 - scale * np.sqrt(ratio)


def percentile_interval(copies: Floats, *, level: float = 0.95) -> tuple[float, float]:
    """The percentile bootstrap interval of `copies`, NaN copies left out.

    Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), level=0.5)
    (25.0, 75.0)
    """
    low, high = np.nanquantile(copies, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _batch_means(vectors: Matrix, n_batches: int) -> Floats:
    edges = np.linspace(0, len(vectors), n_batches + 1).astype(int)
    sums = np.add.reduceat(vectors.astype(np.float64), edges[:-1], axis=0)
    means: Floats = sums / np.diff(edges)[:, None]
    return means


def _sampling_variance(vectors: Floats) -> float:
    return float(vectors.var(axis=0, ddof=1).sum() / len(vectors)) if len(vectors) > 1 else 0.0


def _squared_lengths(vectors: Floats) -> Floats:
    return np.einsum("ij,ij->i", vectors, vectors)

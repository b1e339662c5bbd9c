"""How much room a sample has before another concept is nearer than its own."""

from __future__ import annotations

import numpy as np

from driftcore.stats.gaps import mean_gap
from driftcore.stats.moments import Centroids, Codes, Floats, Matrix, chunks


def margins(vectors: Matrix, concepts: Codes, centroids: Centroids) -> Floats:
    r"""How much nearer each sample stands to its own concept than to the nearest other one.

    0 means halfway between the two, 1 that the other is a whole mean gap farther, negative values that the sample
    stands nearer to another concept than to its own. Accuracy counts only what has crossed the border; the lowest
    margins of a concept (see `concept_quantiles`) say how close the others stand to it. Unchanged by rotating, shifting
    or scaling the space, so margins of two checkpoints compare without an alignment. They need not shrink before
    accuracy falls: on Banking77 the margins of two intents that moved as a whole stayed, and their target's shrank.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    centroids : Centroids of these vectors and concepts

    Returns
    -------
    float64 array of shape (n_samples,), in mean gaps between concepts
        NaN for a sample of no concept, the only sample of a concept, and where there is no second concept.

    Notes
    -----
    .. math:: m_i = \big(\min_{b \ne a} \lVert x_i - \mu_b \rVert - \lVert x_i - \mu_a^{(-i)} \rVert\big) / \bar g

    A sample draws its own centroid toward itself, and that of a small concept most: its distance is the one to the
    mean of the others, which is n/(n − 1) times the distance to the mean of all.

    Examples
    --------
    Three samples around 0 and three at 10, all on a line; the last of the first kind is on its way to the others.

    >>> from driftcore.stats.moments import concept_centroids
    >>> line, concepts = np.array([[-1.5], [-1.5], [3.0], [10.0], [10.0], [10.0]]), np.array([0, 0, 0, 1, 1, 1])
    >>> margins(line, concepts, concept_centroids(line, concepts, 2)).round(2).tolist()
    [0.94, 0.94, 0.25, 1.01, 1.01, 1.01]
    """
    unit = mean_gap(centroids)
    found = np.full(len(vectors), np.nan)
    present = np.flatnonzero(centroids.sizes > 0)
    if len(present) < 2 or unit == 0:
        return found
    others = np.where(centroids.sizes > 1, centroids.sizes - 1, np.nan)
    for part in chunks(len(vectors)):
        rows = np.flatnonzero(concepts[part] >= 0)
        codes, row_numbers = concepts[part][rows], np.arange(len(rows))
        distances = _distances(vectors[part][rows], centroids.means)
        own = distances[row_numbers, codes] * (centroids.sizes / others)[codes]
        distances[row_numbers, codes] = np.inf
        found[part.start + rows] = (distances[:, present].min(axis=1) - own) / unit
    return found


def closeness_to_border(vectors: Matrix, centroids: Centroids) -> tuple[Codes, Floats]:
    r"""The concept whose centroid is nearest to each sample, and how close the sample stands to the next one.

    0 means on the centroid itself, 1 on the border between both. Unlike `margins` it needs no label.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    centroids : Centroids
        With at least two concepts that have samples.

    Returns
    -------
    codes : int64 array of shape (n_samples,)
    closeness : float64 array of shape (n_samples,), in [0, 1]

    Notes
    -----
    .. math:: \lVert x - \mu_1 \rVert / \lVert x - \mu_2 \rVert

    of the nearest and the second nearest centroid.

    Examples
    --------
    >>> from driftcore.stats.moments import concept_centroids
    >>> centroids = concept_centroids(np.array([[0.0], [10.0]]), np.array([0, 1]), 2)
    >>> codes, closeness = closeness_to_border(np.array([[0.0], [4.0], [5.5]]), centroids)
    >>> codes.tolist(), closeness.round(2).tolist()
    ([0, 0, 1], [0.0, 0.67, 0.82])
    """
    present = np.flatnonzero(centroids.sizes > 0)
    codes, closeness = np.empty(len(vectors), dtype=np.int64), np.empty(len(vectors))
    for part in chunks(len(vectors)):
        distances = _distances(vectors[part], centroids.means[present])
        order = np.argpartition(distances, 1, axis=1)[:, :2]
        nearest, second = np.take_along_axis(distances, order, axis=1).T
        codes[part] = present[order[:, 0]]
        closeness[part] = np.divide(nearest, second, out=np.ones_like(second), where=second > 0)
    return codes, closeness


def concept_quantiles(values: Floats, concepts: Codes, n_concepts: int, *, level: float) -> Floats:
    """The `level` quantile of `values` in each concept, shape (n_concepts,); NaN for one without known values.

    Parameters
    ----------
    values : float64 array of shape (n_samples,); NaN values are left out
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int
    level : float in [0, 1]

    Notes
    -----
    Between two order statistics by straight lines, as `numpy.quantile` does.

    Examples
    --------
    >>> concept_quantiles(np.array([1.0, 2.0, 3.0, 9.0]), np.array([0, 0, 0, 1]), 3, level=0.5).tolist()
    [2.0, 9.0, nan]
    """
    known = np.flatnonzero((concepts >= 0) & ~np.isnan(values))
    order = known[np.argsort(concepts[known], kind="stable")]
    groups = np.split(values[order], np.searchsorted(concepts[order], np.arange(1, n_concepts)))
    return np.array([np.quantile(group, level) if len(group) else np.nan for group in groups[:n_concepts]])


def _distances(vectors: Matrix, means: Floats) -> Floats:
    """Euclidean distances, shape (n_samples, n_concepts)."""
    # about the middle of the centroids: a product of far-out coordinates would lose the digits of their difference
    origin = means.mean(axis=0)
    x, centres = vectors - origin, means - origin
    squared = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", centres, centres) - 2 * x @ centres.T
    distances: Floats = np.sqrt(np.maximum(squared, 0.0))
    return distances

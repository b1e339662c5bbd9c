"""The corridor of two concepts: where samples stand on the way from one to the other."""

from __future__ import annotations

import numpy as np

from driftcore.stats.moments import Centroids, Floats, Matrix, chunks


def corridor_positions(vectors: Matrix, centroids: Centroids, a: int, b: int) -> Floats:
    r"""How far along the line from one concept's centroid to another's each sample stands.

    0 is level with the first centroid, 1 with the second, 1/2 the middle between them; samples may stand before 0 and
    beyond 1. With centroids of these very vectors the mean of a concept stays at 0 or 1 however close the two come:
    then a position says which of the two a sample is nearer to, and not who moved. With the centroids of a reference
    and vectors that were aligned to it, the mean of a concept is its migration.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    centroids : Centroids in the same space
    a, b : int
        Rows of the two concepts.

    Returns
    -------
    float64 array of shape (n_samples,), in lengths of the gap between the two
        NaN where the two centroids are no farther apart than sampling alone puts them: there is no line then.

    Notes
    -----
    .. math:: t_i = \langle x_i - \mu_a,\ \mu_b - \mu_a \rangle \,/\, \lVert \mu_b - \mu_a \rVert^2
        \quad \text{where} \quad
        \lVert \mu_b - \mu_a \rVert^2 > \operatorname{tr} S_a / n_a + \operatorname{tr} S_b / n_b

    ``t_i > 1/2`` exactly where ``x_i`` is nearer to the second centroid than to the first.

    Examples
    --------
    >>> from driftcore.stats.moments import concept_centroids
    >>> line, concepts = np.array([[-1.0], [1.0], [4.0], [4.0]]), np.array([0, 0, 1, 1])
    >>> corridor_positions(line, concept_centroids(line, concepts, 2), 0, 1).tolist()
    [-0.25, 0.25, 1.0, 1.0]
    """
    start, way = centroids.means[a], centroids.means[b] - centroids.means[a]
    squared = float(way @ way)
    positions = np.full(len(vectors), np.nan)
    # the gap between two samples of one concept is noise, and every sample would be millions of it away
    if squared <= centroids.sampling_variance[[a, b]].sum():
        return positions
    for part in chunks(len(vectors)):
        # from the start: a product of far-out coordinates would lose the digits of their difference
        positions[part] = (vectors[part] - start) @ way / squared
    return positions

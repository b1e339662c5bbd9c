"""Neighbours and centroids, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from driftcore.stats import closeness_to_border, concept_centroids, nearest_among

RNG = np.random.default_rng(0)
OTHERS = RNG.normal(size=(80, 6)).astype(np.float32) + 100
POINTS = RNG.normal(size=(30, 6)).astype(np.float32) + 100


def test_the_nearest_among_others_are_those_that_scikit_learn_finds() -> None:
    expected = NearestNeighbors(n_neighbors=5).fit(OTHERS).kneighbors(POINTS, return_distance=False)
    assert np.array_equal(np.sort(nearest_among(POINTS, OTHERS, k=5), axis=1), np.sort(expected, axis=1))


def test_closeness_is_the_ratio_of_the_distances_to_the_two_nearest_centroids() -> None:
    centroids = concept_centroids(OTHERS, np.arange(80) % 4, 5)
    codes, closeness = closeness_to_border(POINTS, centroids)
    distances, order = NearestNeighbors(n_neighbors=2).fit(centroids.means[:4]).kneighbors(POINTS)
    assert np.array_equal(codes, order[:, 0])
    assert np.allclose(closeness, distances[:, 0] / distances[:, 1], atol=1e-6)

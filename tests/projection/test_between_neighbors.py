"""Where samples stand that were not fitted: between their nearest fitted neighbours."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from sklearn.manifold import trustworthiness

from driftcore import stats
from driftcore.projection import between_neighbors, framed, places
from driftcore.testing import make_world

law = settings(deadline=None, derandomize=True, max_examples=50)
ROW = np.array([[0, 1, 2]])


def stands_at(points: list[list[float]], distances: list[float]) -> NDArray[np.float32]:
    rows = np.arange(len(points))[None]
    return between_neighbors(np.array(points, np.float32), rows, np.array([distances], np.float32))[0]


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_placed_sample_stands_between_its_neighbors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, distances = rng.normal(size=(5, 2)).astype(np.float32), np.sort(rng.random((1, 5)).astype(np.float32))

    found = between_neighbors(points, np.arange(5)[None], distances)

    # inside of their convex hull, or on its edge up to float32
    middle = points.mean(axis=0)
    assert Delaunay(points).find_simplex(found + 1e-4 * (middle - found))[0] >= 0


def test_equally_near_neighbors_count_equally() -> None:
    np.testing.assert_allclose(stands_at([[0, 0], [1, 0], [0.5, 1.5]], [0.2, 0.2, 0.2]), [0.5, 0.5], atol=1e-6)


def test_a_neighbor_half_as_far_counts_twice() -> None:
    np.testing.assert_allclose(stands_at([[0, 0], [1, 0]], [0.1, 0.2]), [1 / 3, 0], atol=1e-4)


def test_a_copy_of_a_fitted_sample_stands_where_that_stands() -> None:
    np.testing.assert_allclose(stands_at([[0.25, 0.75], [1, 0], [0, 1]], [0, 0.3, 0.3]), [0.25, 0.75], atol=1e-4)


def test_no_sample_stands_in_the_sea_between_two_islands() -> None:
    # four neighbours within 1 of each other, and one that UMAP tore off
    island = [[0, 0], [1, 0], [0, 1], [1, 1]]

    found = stands_at([*island, [100, 100]], [0.1] * 5)

    np.testing.assert_allclose(found, [0.5, 0.5], atol=1e-6)


def test_a_map_of_a_part_is_nearly_as_trustworthy_as_one_of_all() -> None:
    world = make_world(n_concepts=8, n_per_concept=75, n_dims=16, seed=3)
    part, rest = np.arange(0, 600, 2), np.arange(1, 600, 2)

    whole, some = (stats.neighbor_graph(each, k=14) for each in (world.vectors, world.vectors[part]))
    of_all = places(world.vectors, neighbors=whole.rows, distances=whole.distances)
    points = np.empty((600, 2), dtype=np.float32)
    points[part] = places(world.vectors[part], neighbors=some.rows, distances=some.distances)
    near = stats.neighbors_among(world.vectors[rest], world.vectors[part], k=5)
    points[rest] = between_neighbors(points[part], near.rows, near.distances)

    trusted = [trustworthiness(world.vectors, each, n_neighbors=10, metric="cosine") for each in (of_all, points)]
    assert trusted[1] > trusted[0] - 0.02


def test_the_neighbors_that_are_given_are_those_that_umap_finds() -> None:
    # exact neighbours, which UMAP looks up itself below 4,096 samples: the same layout, but for ties
    world = make_world(n_concepts=4, n_per_concept=30, n_dims=8)
    graph = stats.neighbor_graph(world.vectors, k=14)

    given_them = places(world.vectors, neighbors=graph.rows, distances=graph.distances)

    assert trustworthiness(world.vectors, given_them, n_neighbors=10, metric="cosine") > 0.9


@given(shift=st.floats(-100, 100), scale=st.floats(0.01, 100))
@law
def test_a_framed_map_does_not_depend_on_umaps_units(shift: float, scale: float) -> None:
    points = np.random.default_rng(0).normal(size=(200, 2))

    framed_points = framed((scale * points + shift).astype(np.float32))

    np.testing.assert_allclose(framed_points, framed(points.astype(np.float32)), atol=0.02)

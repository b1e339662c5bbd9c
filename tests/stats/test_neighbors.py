"""Neighbourhoods, compared with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from driftcore import stats
from driftcore.testing import jittered, make_world, moved, rotated
from tests.stats.clouds import law, seeds


def sklearn_neighbors(vectors: np.ndarray, k: int) -> list[set[int]]:
    # without an argument sklearn leaves each sample out of its own neighbours
    found = NearestNeighbors(n_neighbors=k).fit(vectors).kneighbors(return_distance=False)
    return [set(row) for row in found.tolist()]


@given(seed=seeds, k=st.integers(1, 8))
@law
def test_the_neighbors_are_those_that_sklearn_finds(seed: int, k: int) -> None:
    cloud = np.random.default_rng(seed).normal(size=(40, 5))

    found = stats.nearest_neighbors(cloud, np.arange(40), k=k)

    assert [set(row) for row in found.tolist()] == sklearn_neighbors(cloud, k)


def test_only_the_queried_rows_are_answered_in_their_order() -> None:
    line = np.array([[0.0], [1], [10], [11]])

    assert stats.nearest_neighbors(line, np.array([3, 0]), k=1).tolist() == [[2], [1]]


def test_a_sample_is_not_its_own_neighbor_even_beside_a_copy() -> None:
    cloud = np.array([[0.0], [0], [5]])

    assert stats.nearest_neighbors(cloud, np.array([0, 1]), k=1).tolist() == [[1], [0]]


@given(seed=seeds, k=st.integers(1, 8))
@law
def test_the_overlap_is_the_jaccard_index_of_sklearns_neighbors(seed: int, k: int) -> None:
    reference = np.random.default_rng(seed).normal(size=(40, 5))
    current = reference + np.random.default_rng(seed + 1).normal(scale=0.3, size=(40, 5))
    both = zip(sklearn_neighbors(reference, k), sklearn_neighbors(current, k), strict=True)

    found = stats.neighbor_overlap(reference, current, np.arange(40), k=k)

    np.testing.assert_allclose(found, [len(x & y) / len(x | y) for x, y in both])


def test_the_overlap_survives_a_rotation() -> None:
    world = make_world()
    queries = np.arange(0, len(world.vectors), 10)

    assert stats.neighbor_overlap(world.vectors, rotated(world.vectors), queries, k=15).mean() > 0.99


def test_neighborhoods_that_share_nothing_overlap_by_zero() -> None:
    before, after = np.array([[0.0], [1], [9], [10]]), np.array([[0.0], [9], [1], [10]])

    assert stats.neighbor_overlap(before, after, np.array([0]), k=1).tolist() == [0]


def test_the_concept_that_arrived_at_another_lost_most_of_its_neighborhood() -> None:
    world = make_world()
    current = jittered(moved(world, 2, toward=5, share=1.0), scale=0.005)

    overlap = stats.neighbor_overlap(world.vectors, current, np.arange(len(world.vectors)), k=15)

    by_concept = stats.concept_means(overlap, world.concepts, len(world.names))
    assert set(np.argsort(by_concept)[:2].tolist()) == {2, 5}


def test_few_samples_are_all_queried() -> None:
    concepts = np.array([0, -1, 1, 1])

    drawn = stats.stratified_queries(concepts, n_queries=3, rng=np.random.default_rng(0))

    assert drawn.tolist() == [0, 2, 3]


@pytest.mark.parametrize("seed", range(3))
def test_each_concept_is_queried_by_its_share_and_at_least_thirty_times(seed: int) -> None:
    # 1,000 of 10,000: shares of 600, 380, 18 and 2; the last two have fewer than 30 to be drawn by share
    sizes = np.array([6000, 3800, 180, 20])
    concepts = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2, 3], sizes))

    drawn = stats.stratified_queries(concepts, n_queries=1000, rng=np.random.default_rng(seed))

    assert np.bincount(concepts[drawn]).tolist() == [600, 380, 30, 20]
    assert len(np.unique(drawn)) == len(drawn)


def test_samples_of_no_concept_are_not_queried() -> None:
    concepts = np.random.default_rng(0).integers(-1, 3, size=5000)

    drawn = stats.stratified_queries(concepts, n_queries=300, rng=np.random.default_rng(0))

    assert (concepts[drawn] >= 0).all()


def test_every_sample_of_a_concept_has_the_same_chance_of_being_queried() -> None:
    concepts = np.zeros(200, dtype=np.int64)
    rng = np.random.default_rng(0)

    times = np.bincount(
        np.concatenate([stats.stratified_queries(concepts, n_queries=100, rng=rng) for _ in range(400)]), minlength=200
    )

    # B(400, 1/2) has a standard deviation of 10; of 200 of them the farthest stays within five
    assert np.abs(times - 200).max() < 50

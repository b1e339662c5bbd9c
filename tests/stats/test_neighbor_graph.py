"""The neighbour graph that a frame is made from, compared with scikit-learn's, and the part that it is made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from driftcore import stats
from driftcore.testing import make_world, rotated
from tests.stats.clouds import law, seeds


@given(seed=seeds, k=st.integers(1, 8))
@law
def test_the_graph_is_what_looking_at_every_pair_finds(seed: int, k: int) -> None:
    cloud = np.random.default_rng(seed).normal(size=(40, 5))
    distances, rows = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(cloud).kneighbors()

    graph = stats.neighbor_graph(cloud, k=k)

    assert np.array_equal(graph.rows, rows)
    np.testing.assert_allclose(graph.distances, distances, atol=1e-6)


@given(seed=seeds, k=st.integers(1, 8))
@law
def test_neighbors_among_others_are_what_looking_at_every_pair_finds(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    cloud, others = rng.normal(size=(7, 5)), rng.normal(size=(30, 5))
    distances, rows = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(others).kneighbors(cloud)

    found = stats.neighbors_among(cloud, others, k=k)

    assert np.array_equal(found.rows, rows)
    np.testing.assert_allclose(found.distances, distances, atol=1e-6)


def test_the_graph_does_not_depend_on_the_length_of_vectors_nor_on_the_turn_of_the_space() -> None:
    world = make_world(n_concepts=4, n_per_concept=30)
    lengths = np.linspace(0.1, 10, 120, dtype=np.float32)[:, None]

    graph, turned = (stats.neighbor_graph(each, k=5) for each in (world.vectors, rotated(lengths * world.vectors)))

    # neighbours that are equally far to the last digit may change places
    assert stats.shared_neighbors(graph.rows, turned.rows).mean() > 0.99
    np.testing.assert_allclose(turned.distances, graph.distances, atol=1e-5)


def test_a_sample_beside_its_copy_is_not_its_own_neighbor() -> None:
    graph = stats.neighbor_graph(np.array([[1.0, 0], [2, 0], [0, 1]]), k=1)

    assert graph.rows[:2].tolist() == [[1], [0]]
    assert graph.distances[:2].tolist() == [[0], [0]]


def test_the_overlap_of_checkpoints_can_be_read_off_two_graphs() -> None:
    world = make_world(n_concepts=4, n_per_concept=30)
    unit = world.vectors / np.linalg.norm(world.vectors, axis=1, keepdims=True)
    turned = rotated(unit)
    graphs = [stats.neighbor_graph(each, k=5).rows for each in (unit, turned)]

    # at length 1 the nearest by cosine are the nearest by Euclidean distance
    expected = stats.neighbor_overlap(unit, turned, np.arange(120), k=5)
    np.testing.assert_allclose(stats.shared_neighbors(*graphs), expected)


# strata of 1,000, 100, 10 and 1 samples
STRATA = np.repeat(np.arange(4), [1000, 100, 10, 1])


def keys(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(len(STRATA)).astype(np.uint64)


@given(seed=seeds)
@law
def test_every_stratum_is_in_the_part_with_its_share_or_some_tens(seed: int) -> None:
    part = stats.stratified_part(STRATA, keys(seed), n_wanted=222, at_least=30)

    # a fifth of 1,000; a fifth of 100 is fewer than 30; the last two have fewer than 30
    assert np.bincount(STRATA[part]).tolist() == [200, 30, 10, 1]


@given(seed=seeds)
@law
def test_who_is_drawn_does_not_depend_on_the_order_of_the_rows(seed: int) -> None:
    named, order = keys(seed), np.random.default_rng(seed + 1).permutation(len(STRATA))

    part = stats.stratified_part(STRATA, named, n_wanted=222)
    other = stats.stratified_part(STRATA[order], named[order], n_wanted=222)

    assert np.array_equal(order[other], part)


def test_up_to_the_limit_everybody_is_in_the_part() -> None:
    assert sorted(stats.stratified_part(STRATA, keys(0), n_wanted=len(STRATA))) == list(range(len(STRATA)))


@pytest.mark.parametrize("n_wanted", [4, 10, 100])
def test_where_there_is_no_room_for_tens_every_stratum_still_has_one(n_wanted: int) -> None:
    part = stats.stratified_part(STRATA, keys(0), n_wanted=n_wanted, at_least=30)

    assert (np.bincount(STRATA[part], minlength=4) > 0).all()
    # a stratum rounds up, or has its least: never more than twice as many in all
    assert len(part) <= 2 * n_wanted + 4

"""Clusters of a cloud, and which is which from one checkpoint to the next."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from driftcore.clustering import Clusters, cluster, matched
from driftcore.errors import NotComparableError
from driftcore.testing import make_world, rotated

law = settings(deadline=None, derandomize=True, max_examples=50)

# every cluster at least once, or there would be none of that number
labelings = st.lists(st.integers(-1, 4), max_size=60).map(lambda more: np.array([*range(5), *more], dtype=np.int32))


def as_labels(*labels: int) -> NDArray[np.int32]:
    return np.array(labels, dtype=np.int32)


def test_planted_blobs_are_found() -> None:
    world = make_world(n_concepts=8, n_per_concept=60)

    found = cluster(world.vectors)

    assert found.n_clusters == 8
    clustered = found.labels >= 0
    # centres are about √2 apart and samples 0.3 from theirs: none can be in the wrong one
    assert adjusted_rand_score(world.concepts[clustered], found.labels[clustered]) == 1
    assert clustered.mean() > 0.7


@pytest.mark.parametrize("distance", [3, 30])
def test_samples_far_from_every_blob_are_noise(distance: int) -> None:
    # hdbscan's approximate spanning tree put two of the eight farthest into a cluster
    world = make_world(n_concepts=4, n_per_concept=60)
    strays = np.random.default_rng(0).normal(scale=distance / np.sqrt(32), size=(8, 32)).astype(np.float32)

    found = cluster(np.vstack([world.vectors, strays]))

    assert (found.labels[-8:] == -1).all()
    assert found.n_clusters == 4


def test_a_cloud_without_structure_is_all_noise() -> None:
    cloud = np.random.default_rng(0).normal(size=(60, 16)).astype(np.float32)

    assert cluster(cloud).n_clusters == 0


def test_noise_is_not_a_cluster() -> None:
    assert Clusters(labels=as_labels(-1, -1), reduction="none").n_clusters == 0
    assert Clusters(labels=as_labels(-1, 0, 1), reduction="none").n_clusters == 2


def test_a_rotated_cloud_has_the_same_clusters() -> None:
    world = make_world()

    before, after = cluster(world.vectors).labels, cluster(rotated(world.vectors)).labels

    assert adjusted_rand_score(before, after) > 0.98


def test_the_same_seed_gives_the_same_clusters() -> None:
    world = make_world()

    assert np.array_equal(cluster(world.vectors, seed=3).labels, cluster(world.vectors, seed=3).labels)


def test_ten_copies_of_one_sample_can_be_clustered() -> None:
    assert len(cluster(np.ones((10, 3), dtype=np.float32)).labels) == 10


def test_nine_samples_are_too_few() -> None:
    with pytest.raises(NotComparableError, match=r"9 samples are too few .* at least 10"):
        cluster(np.ones((9, 3), dtype=np.float32))


@given(labels=labelings, order=st.permutations(range(5)))
@law
def test_clusters_keep_their_numbers_whatever_they_are_called_later(
    labels: NDArray[np.int32], order: list[int]
) -> None:
    renamed = np.array([*order, -1], dtype=np.int32)[labels]

    assert np.array_equal(matched(labels, renamed), labels)


@given(reference=labelings, seed=st.integers(0, 2**32 - 1))
@law
def test_matching_only_renames(reference: NDArray[np.int32], seed: int) -> None:
    current = np.random.default_rng(seed).permutation(reference)

    found = matched(reference, current)

    assert np.array_equal(found == -1, current == -1)
    assert adjusted_rand_score(found, current) == 1


def test_a_new_cluster_gets_a_number_that_the_reference_does_not_use() -> None:
    # what was noise is a cluster now
    assert matched(as_labels(0, 0, 1, 1, -1, -1), as_labels(1, 1, 2, 2, 0, 0)).tolist() == [0, 0, 1, 1, 2, 2]


def test_a_cluster_that_split_keeps_its_number_in_the_larger_part() -> None:
    # overlaps with the first: 2/5 and 3/5
    assert matched(as_labels(0, 0, 0, 0, 0, 1), as_labels(0, 0, 1, 1, 1, 2)).tolist() == [2, 2, 0, 0, 0, 1]


def test_a_cluster_that_disappeared_leaves_its_number_unused() -> None:
    assert matched(as_labels(0, 0, 1, 1), as_labels(-1, -1, 0, 0)).tolist() == [-1, -1, 1, 1]


def test_an_overlap_below_a_fifth_is_not_the_same_cluster() -> None:
    # one shared sample of 1 + 5 = 6, and of 1 + 4 = 5
    assert matched(as_labels(0, -1, -1, -1, -1, -1), as_labels(0, 0, 0, 0, 0, 0)).tolist() == [1] * 6
    assert matched(as_labels(0, -1, -1, -1, -1), as_labels(0, 0, 0, 0, 0)).tolist() == [0] * 5


@pytest.mark.parametrize("labels", [as_labels(), as_labels(-1, -1)])
def test_nothing_but_noise_stays_noise(labels: NDArray[np.int32]) -> None:
    assert np.array_equal(matched(labels, labels), labels)

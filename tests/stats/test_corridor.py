"""The corridor: where a sample stands on the way from one concept to another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcore import stats
from driftcore.testing import make_world, moved
from tests.stats.clouds import Pair, law, pairs


def centroids(*means: tuple[float, ...]) -> stats.Centroids:
    """Centroids that are known for sure."""
    n = len(means)
    return stats.Centroids(means=np.array(means), sizes=np.ones(n, dtype=np.int64), sampling_variance=np.zeros(n))


def test_a_position_is_the_foot_of_the_sample_on_the_way() -> None:
    # from (1, 1) to (5, 1): (2, 9) stands above the first quarter, (0, 1) a quarter before the start
    found = stats.corridor_positions(np.array([[2.0, 9], [0, 1], [5, -3]]), centroids((1, 1), (5, 1)), 0, 1)

    assert found.tolist() == [0.25, -0.25, 1.0]


def test_the_way_back_counts_from_the_other_end() -> None:
    cloud, known = np.array([[2.0, 9], [0, 1]]), centroids((1, 1), (5, 1))

    np.testing.assert_allclose(
        stats.corridor_positions(cloud, known, 1, 0), 1 - stats.corridor_positions(cloud, known, 0, 1)
    )


@given(pair=pairs())
@law
def test_beyond_the_middle_is_nearer_to_the_other_concept(pair: Pair) -> None:
    known = stats.concept_centroids(pair.current, pair.concepts, pair.n_concepts)
    found = stats.corridor_positions(pair.current, known, 0, 1)

    nearer = np.linalg.norm(pair.current - known.means[1], axis=1) < np.linalg.norm(
        pair.current - known.means[0], axis=1
    )
    np.testing.assert_array_equal(found > 0.5, nearer)


@given(pair=pairs())
@law
def test_in_its_own_space_a_concept_stays_at_its_end(pair: Pair) -> None:
    found = stats.corridor_positions(
        pair.current, stats.concept_centroids(pair.current, pair.concepts, pair.n_concepts), 0, 1
    )

    assert found[pair.concepts == 0].mean() == pytest.approx(0, abs=1e-9)
    assert found[pair.concepts == 1].mean() == pytest.approx(1)


@given(share=st.floats(-0.5, 1.5))
@law
def test_on_the_reference_line_the_mean_is_the_share_of_the_way_that_was_gone(share: float) -> None:
    world = make_world(n_concepts=3, n_per_concept=20, n_dims=6)
    after = moved(world, 0, toward=1, share=share)

    found = stats.corridor_positions(after, stats.concept_centroids(world.vectors, world.concepts, 3), 0, 1)

    # 1e-4: the vectors are float32
    assert found[world.concepts == 0].mean() == pytest.approx(share, abs=1e-4)


def test_two_concepts_in_one_place_have_no_way_between_them() -> None:
    assert np.isnan(stats.corridor_positions(np.eye(2), centroids((1, 1), (1, 1)), 0, 1)).all()


@pytest.mark.parametrize(("gap", "there_is_a_line"), [(1.4, False), (1.5, True)])
def test_concepts_no_farther_apart_than_sampling_puts_them_have_no_way_between_them(
    gap: float, there_is_a_line: bool
) -> None:
    # tr S / n = 2 / 2 of either: sampling alone makes a squared distance of 2
    line = np.array([[-1.0], [1], [gap - 1], [gap + 1]])
    known = stats.concept_centroids(line, np.array([0, 0, 1, 1]), 2)

    assert np.isnan(stats.corridor_positions(line, known, 0, 1)).any() != there_is_a_line


def test_a_far_out_origin_costs_no_digits() -> None:
    found = stats.corridor_positions(np.array([[1e8 + 1.0]]), centroids((1e8,), (1e8 + 4,)), 0, 1)

    assert found.tolist() == [0.25]

"""How a displacement of the full space is drawn in terms of landmarks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftcore.projection import MovementLayer, landmark_places, moved_points, movement_layer, places
from driftcore.testing import make_world, rotation

Floats = NDArray[np.float64]

law = settings(deadline=None, derandomize=True, max_examples=25)

# four concepts in three dimensions, and their places on a map that is no projection of them
MEANS = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
MAP = np.array([[0.0, 0], [0.4, 0.8], [-0.6, 0.2], [0.9, -0.9]])


def layer(displacement: list[float], *, noise: float = 0.0, toward: int = 1, n_nearest: int = 8) -> MovementLayer:
    """The layer of the first concept's displacement; the others stay."""
    displacements = np.zeros_like(MEANS)
    displacements[0] = displacement
    heads = np.array([toward, 0, 0, 0])
    return movement_layer(MEANS, displacements, np.full(4, noise), MAP, heads, n_nearest=n_nearest)


@given(share=st.floats(0, 2), target=st.integers(1, 3))
@law
def test_a_share_of_the_way_to_a_concept_is_that_share_on_the_map(share: float, target: int) -> None:
    found = layer((share * MEANS[target]).tolist())

    np.testing.assert_allclose(found.shifts[0], share * MAP[target], atol=1e-12)
    assert found.explained == pytest.approx(1)


def test_ways_to_two_concepts_add_up() -> None:
    np.testing.assert_allclose(layer([0.25, 0.5, 0]).shifts[0], 0.25 * MAP[1] + 0.5 * MAP[2])


def test_what_did_not_move_stays_exactly_put() -> None:
    found = layer([0, 0, 0])

    assert not found.shifts.any()
    assert found.explained == 1


def test_a_movement_that_no_concept_explains_is_not_drawn_and_is_said() -> None:
    # away from every other concept: no weight of 0 or more brings it nearer
    found = layer([-1, -1, -1])

    assert not found.shifts.any()
    assert found.explained == pytest.approx(0, abs=1e-12)


def test_the_explained_share_is_by_squared_length() -> None:
    # (3/5 along the first way, −4/5 away from the second): 9/25 of the square is drawn
    assert layer([0.6, -0.8, 0]).explained == pytest.approx(0.36)


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_turning_the_space_changes_nothing_on_the_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    means, displacements = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    map_places, noise, heads = rng.normal(size=(5, 2)), np.zeros(5), np.roll(np.arange(5), 1)
    turn = rotation(4, seed=seed)

    plain = movement_layer(means, displacements, noise, map_places, heads)
    turned = movement_layer(means @ turn, displacements @ turn, noise, map_places, heads)

    np.testing.assert_allclose(turned.shifts, plain.shifts, atol=1e-8)
    assert turned.explained == pytest.approx(plain.explained)


def test_the_target_is_a_landmark_however_far_away_it_stands() -> None:
    # of the nearest only one is a landmark, and it is not the third
    assert not layer([0, 0, 0.5], toward=1, n_nearest=1).shifts.any()
    np.testing.assert_allclose(layer([0, 0, 0.5], toward=3, n_nearest=1).shifts[0], 0.5 * MAP[3])


def test_noise_shrinks_a_movement_as_james_and_stein_do() -> None:
    # 1 − noise/‖d‖² = 1 − 0.04/0.16
    np.testing.assert_allclose(layer([0.4, 0, 0], noise=0.04).shifts[0], 0.75 * 0.4 * MAP[1])


def test_a_movement_that_is_all_noise_is_not_drawn() -> None:
    assert not layer([0.1, 0, 0], noise=0.02).shifts.any()


def test_a_single_concept_has_nowhere_to_go() -> None:
    alone = movement_layer(np.ones((1, 3)), np.ones((1, 3)), np.zeros(1), np.zeros((1, 2)), np.array([0]))

    assert not alone.shifts.any()


def drawn_at(share: list[float], concepts: list[int]) -> list[list[float]]:
    points = np.zeros((len(share), 2), dtype=np.float32)
    one_right = MovementLayer(shifts=np.array([[1.0, 0]]), explained=1.0)
    return moved_points(points, np.array(concepts), one_right, np.array(share)).tolist()


def test_a_sample_is_drawn_half_way_between_its_own_movement_and_its_concepts() -> None:
    assert drawn_at([1, 0, 2], [0, 0, 0]) == [[1, 0], [0.5, 0], [1.5, 0]]


def test_a_sample_is_never_drawn_backwards_nor_beyond_three_times_the_way() -> None:
    assert drawn_at([-50, 50], [0, 0]) == [[0, 0], [3, 0]]


def test_a_sample_of_no_concept_stays() -> None:
    assert drawn_at([1], [-1]) == [[0, 0]]


def test_a_concepts_place_is_not_torn_away_by_a_few_samples() -> None:
    points = np.array([[0, 0], [1, 1], [2, 2], [100, 100], [5, 5]], dtype=np.float32)

    assert landmark_places(points, np.array([0, 0, 0, 0, 1]), 2).tolist() == [[1.5, 1.5], [5, 5]]


@pytest.mark.parametrize("n_samples", [1, 2, 3, 4])
def test_very_few_samples_stand_on_a_circle(n_samples: int) -> None:
    world = make_world(n_concepts=1, n_per_concept=n_samples)

    np.testing.assert_allclose(np.linalg.norm(places(world.vectors), axis=1), 1, rtol=1e-6)

"""The marks that the map's benchmark gives, on maps whose marks are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench.frames.quality import Quality, quality
from tests.bench.frames.truth import Truth, world

# four concepts of 20 on the corners of a square; the first goes half of the way to the second
CORNERS = np.array([[-1.0, -1], [1, -1], [-1, 1], [1, 1]])
CONCEPTS = np.repeat(np.arange(4), 20)
PLACES = CORNERS[CONCEPTS] + 0.05 * np.random.default_rng(0).normal(size=(80, 2))
TRUTH = Truth(
    checkpoints=(np.hstack([PLACES, np.full((80, 1), 3.0)]).astype(np.float32),) * 2,
    concepts=CONCEPTS,
    names=("a", "b", "c", "d"),
    shares={0: 0.5},
    toward={0: 1},
)


def marks(shifts: NDArray[np.float64] | list[list[float]]) -> Quality:
    return quality([PLACES, PLACES + np.asarray(shifts)[CONCEPTS]], TRUTH)


def test_the_true_movement_is_found_and_wholly_explained() -> None:
    found = marks([[1, 0], [0, 0], [0, 0], [0, 0]])

    assert (found.found, found.false_movement) == (1, 0)
    # the centres are those of 20 samples, not the corners
    assert found.explained == pytest.approx(1, abs=0.01)


def test_a_map_on_which_nothing_moves_explains_nothing_and_is_trustworthy() -> None:
    found = marks(np.zeros((4, 2)))

    assert (found.found, found.false_movement, found.explained) == (0, 0, 0)
    assert found.trustworthiness > 0.99 and found.continuity > 0.99


def test_half_of_the_way_explains_three_quarters() -> None:
    # 1 − (1/2)²
    assert marks([[0.5, 0], [0, 0], [0, 0], [0, 0]]).explained == pytest.approx(0.75, abs=0.02)


def test_going_elsewhere_is_not_found() -> None:
    assert marks([[0, 1], [0, 0], [0, 0], [0, 0]]).found == 0


def test_what_did_not_move_and_wanders_is_counted() -> None:
    # two of the three; a fiftieth of the map's radius is not seen
    assert marks([[1, 0], [0, 0.5], [0.5, 0], [0, 0.02]]).false_movement == pytest.approx(2 / 3)


def test_the_concepts_of_a_world_go_where_it_says() -> None:
    truth = world(7, n_checkpoints=3, n_concepts=40, n_per_concept=20, n_dims=64)
    before, after = (
        np.array([cloud[truth.concepts == k].mean(axis=0) for k in range(40)])
        for cloud in (truth.checkpoints[0], truth.checkpoints[-1])
    )

    for a, b in truth.toward.items():
        way = before[b] - before[a]
        # laying the whole cloud back takes some of it away, and training adds some
        assert (after[a] - before[a]) @ way / (way @ way) == pytest.approx(truth.shares[a], abs=0.1)

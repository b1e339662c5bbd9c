"""How far concepts moved, and toward whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftcore import stats
from driftcore.testing import World, jittered, make_world, moved, rotated
from tests.stats.clouds import Pair, law, pairs

A, B = 2, 5


def measured(world: World, current: NDArray[np.float32]) -> tuple[stats.Centroids, stats.Centroids]:
    """The reference's centroids and the residuals' where no alignment is needed."""
    n_concepts = len(world.names)
    return (
        stats.concept_centroids(world.vectors, world.concepts, n_concepts),
        stats.concept_centroids(current - world.vectors, world.concepts, n_concepts),
    )


def points(*rows: list[float]) -> stats.Centroids:
    return stats.Centroids(
        means=np.array(rows, dtype=float),
        sizes=np.ones(len(rows), dtype=np.int64),
        sampling_variance=np.zeros(len(rows)),
    )


@given(share=st.floats(-1, 1))
@law
def test_a_concept_that_went_a_share_of_the_way_migrated_by_that_share(share: float) -> None:
    # two points at a distance of 5; the first goes `share` of (3, 4), a third stands aside
    before, residuals = points([0, 0], [3, 4], [-4, 3]), points([3 * share, 4 * share], [0, 0], [0, 0])

    # toward the third, at a right angle to the way, it came no nearer
    np.testing.assert_allclose(stats.migration(before, residuals)[0], [0, share, 0], atol=1e-12)


def test_migration_says_who_moved() -> None:
    world = make_world(n_per_concept=500)

    found = stats.migration(*measured(world, moved(world, A, toward=B, share=0.25)))

    # the gap is debiased by 2 · 0.09/500, a three-thousandth of its square
    assert found[A, B] == pytest.approx(0.25, rel=1e-3)
    assert found[B, A] == 0


def test_when_both_meet_half_way_each_did_its_own_part() -> None:
    found = stats.migration(points([0, 0], [1, 0]), points([0.5, 0], [-0.5, 0]))

    assert found.tolist() == [[0, 0.5], [0.5, 0]]


def test_migration_between_concepts_that_coincide_is_zero() -> None:
    assert stats.migration(points([1, 1], [1, 1]), points([1, 0], [0, 0])).tolist() == [[0, 0], [0, 0]]


def test_heading_points_to_the_target_and_not_to_the_nearest() -> None:
    # the first goes a little toward the far one; the near one stands at 60° to that way, where cos = 1/2
    before, residuals = points([0, 0], [100, 0], [1, np.sqrt(3)]), points([0.1, 0], [0, 0], [0, 0])

    found = stats.heading(before, residuals)

    np.testing.assert_allclose(found[0], [0, 1, 0.5], atol=1e-12)
    # what `migration` makes of it: 0.1 % of the one gap, 0.1/2 · 1/2 = 2.5 % of the other
    np.testing.assert_allclose(stats.migration(before, residuals)[0], [0, 0.001, 0.025], atol=1e-12)


@pytest.mark.parametrize("share", [0.05, 0.25, 1.0, 3.0])
def test_heading_does_not_depend_on_how_far_a_concept_went(share: float) -> None:
    world = make_world(n_per_concept=100)

    found = stats.heading(*measured(world, moved(world, A, toward=B, share=share)))

    assert found[A].argmax() == B
    assert found[A, B] == pytest.approx(1, abs=1e-5)


def test_a_concept_that_did_not_move_heads_nowhere() -> None:
    world = make_world()

    assert not stats.heading(*measured(world, moved(world, A, toward=B, share=0.5)))[B].any()


@given(pair=pairs())
@law
def test_heading_is_a_cosine(pair: Pair) -> None:
    before = stats.concept_centroids(pair.reference, pair.concepts, pair.n_concepts)
    residuals = stats.concept_centroids(pair.current - pair.reference, pair.concepts, pair.n_concepts)

    found = stats.heading(before, residuals)

    assert (np.abs(found) <= 1).all()
    assert (np.diag(found) == 0).all()
    # the cosine by its definition
    way = before.means[1] - before.means[0]
    step = residuals.means[0]
    assert found[0, 1] == pytest.approx(step @ way / np.linalg.norm(step) / np.linalg.norm(way), abs=1e-9)


def test_displacement_is_in_units_of_the_mean_gap() -> None:
    # sides 3, 4 and 5: the mean gap is 4; one concept moves by 1
    before, residuals = points([0, 0], [3, 0], [0, 4]), points([0, 0], [0, 0], [0.6, 0.8])

    np.testing.assert_allclose(stats.centroid_displacement(before, residuals), [0, 0, 0.25])


def test_a_concept_alone_has_no_displacement_for_want_of_a_unit() -> None:
    assert stats.centroid_displacement(points([1, 2]), points([5, 5])).tolist() == [0]


def test_jitter_alone_displaces_nobody() -> None:
    # sampling alone would move a centroid by √(32 · 0.05²/60) = 0.037, a fortieth of a gap; that is taken off, and
    # what is left over is the root of a difference of two equal expectations, whose spread is √(2/32) of the square:
    # √(0.25) · 0.037 = 0.018 at one standard deviation of it, about 1.3 % of the mean gap of √2
    displaced = []
    for seed in range(10):
        world = make_world(seed=seed)
        displaced.append(stats.centroid_displacement(*measured(world, jittered(world.vectors, scale=0.05, seed=seed))))

    assert np.mean(displaced) < 0.013
    # half of the differences are negative, and cut at 0
    assert 0.25 < np.mean(np.array(displaced) == 0) < 0.75


def test_an_aligned_world_with_noise_is_displaced_by_the_scale_of_least_squares_and_not_by_that_of_the_gaps() -> None:
    # noise of variance σ² in each of d dimensions makes the least-squares scale tr XᵀX/(tr XᵀX + ndσ²): with a mean
    # square of about 1 and dσ² = 0.08 that is 0.92, and every centroid is drawn 8 % of the way to the middle
    world = make_world(n_per_concept=200)
    current = jittered(rotated(world.vectors), scale=0.05)
    n_concepts = len(world.names)
    before, after = (stats.concept_centroids(each, world.concepts, n_concepts) for each in (world.vectors, current))
    by_samples = stats.fit_alignment(world.vectors, current)
    by_gaps = replace(by_samples, scale=stats.relative_scale(before, after))

    def displacement(alignment: stats.Alignment) -> float:
        left = alignment.apply(current) - world.vectors
        residuals = stats.concept_centroids(left, world.concepts, n_concepts)
        return float(np.median(stats.centroid_displacement(before, residuals)))

    assert by_samples.scale < 0.94
    assert by_gaps.scale == pytest.approx(1, abs=0.01)
    assert displacement(by_samples) > 0.03
    assert displacement(by_gaps) < 0.01


@given(pair=pairs())
@law
def test_the_mean_share_of_a_concept_is_one(pair: Pair) -> None:
    # c = ⟨r, d⟩/‖d‖² is linear in r, and the mean of r is d
    residuals = pair.current - pair.reference
    displacements = stats.concept_centroids(residuals, pair.concepts, pair.n_concepts).means

    share = stats.movement_share(residuals, pair.concepts, displacements)

    np.testing.assert_allclose(stats.concept_means(share, pair.concepts, pair.n_concepts), 1, rtol=1e-6)


def test_a_sample_that_stayed_has_no_share_and_one_that_went_twice_as_far_has_two() -> None:
    residuals = np.array([[0.0, 0], [2, 0], [1, 5], [7, 7]])
    concepts = np.array([0, 0, 0, -1])

    # (1, 5) went as far along (1, 0) as its concept; what it did aside does not count; the last belongs to none
    assert stats.movement_share(residuals, concepts, np.array([[1.0, 0]])).tolist() == [0, 2, 1, 0]


def test_nobody_has_a_share_of_no_movement() -> None:
    assert stats.movement_share(np.ones((2, 2)), np.array([0, 0]), np.zeros((1, 2))).tolist() == [0, 0]


def test_a_straight_way_counts_in_full_and_a_way_to_nobody_not_at_all() -> None:
    # 0 goes straight to 1, 1 at a right angle to both others, 2 straight away from both
    before = points([0, 0, 0], [4, 0, 0], [-4, 0, 0])
    residuals = points([1, 0, 0], [0, 1, 0], [-1, 0, 0])

    found = stats.directed_displacement(before, residuals)

    # the mean gap of 4, 4 and 8
    np.testing.assert_allclose(found, [3 / 16, 0, 0])


def test_a_way_between_counts_by_the_root_of_its_cosine() -> None:
    # a third-four-fifth triangle: cosine 3/5 with the way to the other
    before, residuals = points([0, 0], [10, 0]), points([3, 4], [0, 0])

    assert stats.directed_displacement(before, residuals)[0] == pytest.approx(5 / 10 * np.sqrt(3 / 5))


def test_growth_that_all_share_is_nobodys_own() -> None:
    # every concept a tenth, a fifth or three tenths farther from the middle: all typical
    before = points([4, 0], [-4, 0], [0, 4], [0, -4], [0, 0])
    residuals = points([0.4, 0], [-0.8, 0], [0, 0.8], [0, -1.2], [0, 0])

    own = stats.without_common_growth(before, residuals, reach=3)

    np.testing.assert_allclose(own.means, 0, atol=1e-12)


def test_where_nobody_grows_nothing_is_taken_off() -> None:
    before = points([4, 0], [-4, 0], [0, 4], [0, -4], [1, 1])
    residuals = points([-2, 0], [0, 0], [0, 0], [0, 0], [0, 0])

    own = stats.without_common_growth(before, residuals)

    assert own.means.tolist() == residuals.means.tolist()


def test_the_error_of_a_displacement_is_that_of_a_mean() -> None:
    # two concepts 10 apart; both move by 1 along their way with a scatter of 0.5 a sample
    rng = np.random.default_rng(0)
    sizes = (400, 100)
    concepts = np.repeat([0, 1], sizes)
    steps = np.array([1.0, 0]) + rng.normal(scale=0.5, size=(500, 2))
    before = replace(points([0, 0], [10, 0]), sizes=np.array(sizes))
    residuals = stats.concept_centroids(steps, concepts, 2)

    found = stats.displacement_errors(
        before, residuals, stats.movement_share(steps, concepts, residuals.means), concepts
    )

    # 0.5/√n over the gap of 10; a standard deviation of 100 samples is right to 7 %
    np.testing.assert_allclose(found, [0.5 / 20 / 10, 0.5 / 10 / 10], rtol=0.1)


def test_a_concept_without_samples_has_no_bounded_error() -> None:
    before, residuals = points([0, 0], [1, 0]), replace(points([0, 0], [0, 0]), sizes=np.array([3, 0]))

    assert np.isinf(stats.displacement_errors(before, residuals, np.ones(3), np.zeros(3, dtype=int))[1])

"""A part of a concept that moved alone is found: who is in it, where it went, and not where nothing did."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from driftcore import stats
from driftcore.testing import World, jittered, make_world, moved, part_moved, part_of, scattered, split
from tests.stats.clouds import law, seeds

A, B = 2, 5
WORLD = make_world(n_concepts=8, n_per_concept=90, n_dims=32, seed=3)
# 3 % of a gap for every sample, in every direction together
NOISE = 0.03 * WORLD.mean_gap / np.sqrt(32)


def looked(world: World, current: NDArray[np.float32]) -> tuple[stats.Centroids, NDArray[np.float32]]:
    """What the looks take, where no alignment is needed and every sample trembles."""
    trembling = jittered(current, scale=NOISE, seed=7)
    return stats.concept_centroids(world.vectors, world.concepts, len(world.names)), trembling - world.vectors


def members(world: World, inside: NDArray[np.bool_], concept: int) -> NDArray[np.int64]:
    return np.flatnonzero(inside & (world.concepts == concept))


def spread_out(values: NDArray[np.float64], errors: NDArray[np.float64]) -> NDArray[np.float64]:
    return stats.Population.of(values, errors, floor=0.003).standout(values, errors)


@given(seed=seeds, n=st.integers(4, 30))
@law
def test_the_best_cut_is_the_best_of_all_cuts(seed: int, n: int) -> None:
    values = np.random.default_rng(seed).normal(size=n)
    ordered = np.sort(values)

    cuts = stats.two_group_cuts(values[:, None])

    # every cut tried, by the definition of the variance within two groups
    within = [ordered[:i].var() * i + ordered[i:].var() * (n - i) for i in range(1, n)]
    assert 1 - cuts.explained[0] == pytest.approx(min(within) / (n * values.var()))
    best = int(np.argmin(within))
    assert list(pairwise(ordered))[best][0] <= cuts.threshold[0] <= list(pairwise(ordered))[best][1]


def test_the_best_cut_is_what_k_means_finds() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(0, 1, 40), rng.normal(4, 1, 20)])[:, None]

    cuts = stats.two_group_cuts(values)
    oracle = KMeans(2, n_init=10, random_state=0).fit(values)

    assert cuts.distance[0] == pytest.approx(np.ptp(oracle.cluster_centers_))
    assert 1 - cuts.explained[0] == pytest.approx(oracle.inertia_ / (60 * values.var()))


def test_both_groups_of_a_cut_have_the_size_that_was_asked_for() -> None:
    # one value far out would be a group of its own
    values = np.array([[0.0], [1.0], [2.0], [3.0], [100.0]])

    assert stats.two_group_cuts(values).threshold[0] == pytest.approx((3 + 100) / 2)
    assert stats.two_group_cuts(values, min_size=2).threshold[0] == pytest.approx((2 + 3) / 2)


def test_what_cannot_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="3 samples cannot be cut into two groups of at least 2"):
        stats.two_group_cuts(np.zeros((3, 1)), min_size=2)


def test_equal_values_have_no_cut() -> None:
    cuts = stats.two_group_cuts(np.ones((6, 1)))

    assert (cuts.explained[0], cuts.distance[0]) == (0.0, 0.0)


@pytest.mark.parametrize("n", [14, 40, 300])
def test_a_cut_bell_curve_is_called_two_groups_as_often_as_the_level_says(n: int) -> None:
    values = np.random.default_rng(1).normal(size=(n, 4000))
    p_values = stats.cut_pvalues(stats.two_group_cuts(values, min_size=max(5, n // 10)).explained, n)

    # 4,000 draws at 5 %: a standard error of 0.34 %
    assert (p_values <= 0.05).mean() < 0.065
    assert (p_values <= 0.01).mean() < 0.017


def test_the_leading_direction_of_noise_is_cut_no_better_than_a_bell_curve() -> None:
    # fewer samples than dimensions, and unequal variances: the case that fits best by chance
    rng = np.random.default_rng(2)
    scales = np.geomspace(3, 0.1, 60)
    p_values = []
    for _ in range(400):
        cloud = rng.normal(size=(40, 60)) * scales
        leading = np.linalg.svd(cloud - cloud.mean(axis=0), full_matrices=False)[0][:, :1]
        p_values.append(stats.cut_pvalues(stats.two_group_cuts(leading, min_size=5).explained, 40)[0])

    # 400 draws at 5 %: a standard error of 1.1 %
    assert (np.array(p_values) <= 0.05).mean() < 0.085


def test_a_part_that_went_toward_a_concept_is_found_with_its_members() -> None:
    reference, residuals = looked(WORLD, part_moved(WORLD, A, toward=B, share=0.18, n=30))

    parts = stats.heading_parts(reference, residuals, WORLD.concepts)

    np.testing.assert_array_equal(members(WORLD, parts.inside, A), part_of(WORLD, A, n=30))
    assert parts.toward[A] == B
    assert parts.share[A] == pytest.approx(1 / 3)
    # 18 % of their own gap, in mean gaps
    gap = np.linalg.norm(WORLD.centroids[B] - WORLD.centroids[A]) / WORLD.mean_gap
    assert parts.displacement[A] == pytest.approx(0.18 * gap, abs=0.01)
    assert parts.rest[A] == pytest.approx(0, abs=0.005)
    assert parts.unison[A] > 0.9
    assert parts.p_values[A] < 1e-6
    standout = spread_out(parts.score, parts.errors)
    assert standout[A] > 10
    assert np.delete(standout, A).max() < 4


def test_a_concept_that_moved_as_a_whole_has_no_part_that_stands_out() -> None:
    reference, residuals = looked(WORLD, moved(WORLD, A, toward=B, share=0.18))

    parts = stats.heading_parts(reference, residuals, WORLD.concepts)

    # all went: whoever is called the part went no farther than the noise spreads
    assert parts.displacement[A] - parts.rest[A] < 0.03
    assert spread_out(parts.score, parts.errors).max() < 4


def test_a_cloud_torn_in_two_is_seen_though_its_centroid_stays() -> None:
    torn = split(WORLD, A, share=0.2, seed=4)
    reference, residuals = looked(WORLD, torn)

    parts = stats.torn_parts(reference, residuals, WORLD.concepts)

    upper = np.linalg.norm(torn - WORLD.vectors, axis=1) > 0
    assert upper.sum() == 90  # both halves went
    # 0.2 of a gap apart, each half of them half of it
    assert parts.displacement[A] - parts.rest[A] == pytest.approx(0.2, abs=0.01)
    assert parts.displacement[A] == pytest.approx(0.1, abs=0.01)
    assert parts.unison[A] > 0.9
    standout = spread_out(parts.score, parts.errors)
    assert standout[A] > 10
    assert parts.p_values[A] < 1e-6


def test_members_that_leave_one_by_one_are_leavers_and_not_a_part() -> None:
    there = scattered(WORLD, A, n=12, share=0.5, seed=4)
    reference, residuals = looked(WORLD, there)

    found = stats.leavers(reference, residuals, WORLD.concepts)

    went = np.flatnonzero((there != WORLD.vectors).any(axis=1))
    np.testing.assert_array_equal(members(WORLD, found.inside, A), went)
    assert found.share[A] == pytest.approx(12 / 90)
    # they have the way out of their concept in common, and nothing else
    assert found.unison[A] < 0.7
    # half a gap each, and their gaps are near the mean one; about the concept's mean, which they took along a bit
    assert found.displacement[A] == pytest.approx(0.5, abs=0.1)
    assert found.p_values[A] < 1e-6
    assert np.delete(found.p_values, A).min() > 0.01


def test_where_all_samples_tremble_alike_nobody_left() -> None:
    reference, residuals = looked(WORLD, WORLD.vectors)

    found = stats.leavers(reference, residuals, WORLD.concepts)

    assert found.inside.mean() < 0.005
    assert found.p_values.min() * len(WORLD.names) > 0.05


def test_where_nothing_moved_every_part_has_stayed() -> None:
    reference = stats.concept_centroids(WORLD.vectors, WORLD.concepts, 8)

    for look in (stats.heading_parts, stats.torn_parts):
        parts = look(reference, np.zeros_like(WORLD.vectors), WORLD.concepts)
        for zero in (parts.displacement, parts.rest, parts.score):
            assert (zero == 0).all()
        assert (parts.p_values == 1).all()


def test_a_concept_of_which_every_sample_made_the_same_step_is_not_torn() -> None:
    reference = stats.concept_centroids(WORLD.vectors, WORLD.concepts, 8)
    step = np.where(WORLD.concepts[:, None] == A, 0.25, 0.0) * np.ones(32)

    parts = stats.torn_parts(reference, step, WORLD.concepts)

    assert (parts.score == 0).all()


def test_small_concepts_are_not_cut() -> None:
    world = make_world(n_concepts=3, sizes=(9, 10, 40), n_dims=8)
    reference, residuals = looked(world, world.vectors)

    for parts in (
        stats.heading_parts(reference, residuals, world.concepts),
        stats.torn_parts(reference, residuals, world.concepts),
    ):
        np.testing.assert_array_equal(np.isnan(parts.score), [True, False, False])
        assert not parts.inside[world.concepts == 0].any()
        assert parts.share[1] == 0.5


def test_samples_of_no_concept_are_in_no_part() -> None:
    concepts = np.where(np.arange(len(WORLD.concepts)) % 5 == 0, -1, WORLD.concepts)
    reference = stats.concept_centroids(WORLD.vectors, concepts, 8)
    residuals = looked(WORLD, WORLD.vectors)[1]

    for found in (
        stats.heading_parts(reference, residuals, concepts),
        stats.torn_parts(reference, residuals, concepts),
        stats.leavers(reference, residuals, concepts),
    ):
        assert not found.inside[concepts < 0].any()


def test_cohesion_is_1_for_a_neighbourhood_of_its_own_and_0_for_members_strewn_over_the_concept() -> None:
    # two clumps far apart, one concept
    rng = np.random.default_rng(0)
    cloud = np.concatenate([rng.normal(0, 1, (40, 3)), rng.normal(50, 1, (40, 3))])
    concepts, clump, strewn = np.zeros(80, dtype=int), np.arange(80) < 40, np.arange(80) % 2 == 0

    def cohesion(inside: NDArray[np.bool_]) -> float:
        rows = np.flatnonzero(inside)
        return stats.cohesion(inside, stats.nearest_neighbors(cloud, rows, k=10), concepts, rows)

    assert cohesion(clump) == 1
    # 400 neighbours drawn with a chance of a half: a standard error of 0.05 once chance is taken off
    assert cohesion(strewn) == pytest.approx(0, abs=0.15)


def test_cohesion_of_a_whole_concept_is_unknown() -> None:
    inside = np.ones(3, dtype=bool)

    assert np.isnan(stats.cohesion(inside, np.array([[1], [2], [0]]), np.zeros(3, dtype=int), np.arange(3)))

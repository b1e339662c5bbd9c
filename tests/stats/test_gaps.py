"""How much of a gap has closed, with its test and its interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, kstest

from driftcore import stats
from driftcore.testing import World, jittered, make_world, moved, rotated
from tests.stats.clouds import factors, law, seeds

A, B = 2, 5


def centroids(world: World, vectors: NDArray[np.float32]) -> stats.Centroids:
    return stats.concept_centroids(vectors, world.concepts, len(world.names))


def points(*rows: list[float]) -> stats.Centroids:
    """Centroids without any sampling variance."""
    return stats.Centroids(
        means=np.array(rows, dtype=float),
        sizes=np.ones(len(rows), dtype=np.int64),
        sampling_variance=np.zeros(len(rows)),
    )


def closure(world: World, current: NDArray[np.float32]) -> float:
    return float(stats.gap_closures(centroids(world, world.vectors), centroids(world, current))[A, B])


def pvalues(world: World, current: NDArray[np.float32]) -> NDArray[np.float64]:
    before, after = centroids(world, world.vectors), centroids(world, current)
    return stats.gap_closure_pvalues(world.vectors, current, world.concepts, before, after)


# a rigid move of the one concept by a share s of ā−b̄ leaves (1 − s)² ‖ā−b̄‖² of the raw squared distance; without
# the sampling part v that both sides have, 1 − g = √((1−s)²D² − v) / √(D² − v). 4,000 samples make v/D² < 1e-4.
CROWDED = make_world(n_per_concept=4000, n_dims=8)


def test_a_quarter_of_the_way_closes_a_quarter_of_the_gap() -> None:
    assert closure(CROWDED, moved(CROWDED, A, toward=B, share=0.25)) == pytest.approx(0.25, abs=1e-4)


def test_gaps_between_points_close_exactly() -> None:
    # 3-4-5 triangles beside it keep the median ratio at 1; the gap of 0 and 1 goes from 4 to 3
    before = points([0, 0], [4, 0], [0, 100], [100, 0], [100, 100])
    after = points([0, 0], [3, 0], [0, 100], [100, 0], [100, 100])

    assert stats.gap_closures(before, after)[0, 1] == 0.25


def test_moving_apart_is_a_negative_closure() -> None:
    assert closure(CROWDED, moved(CROWDED, A, toward=B, share=-0.25)) == pytest.approx(-0.25, abs=1e-4)


def test_arriving_closes_the_whole_gap() -> None:
    assert closure(CROWDED, moved(CROWDED, A, toward=B, share=1.0)) == 1


@given(seed=seeds, factor=factors, share=st.floats(0.05, 0.9))
@law
def test_turning_scaling_and_shifting_either_side_closes_no_gap(seed: int, factor: float, share: float) -> None:
    world = make_world(n_per_concept=20, n_dims=6)
    current = moved(world, A, toward=B, share=share)
    expected = stats.gap_closures(centroids(world, world.vectors), centroids(world, current))

    def elsewhere(vectors: NDArray[np.float32]) -> stats.Centroids:
        return centroids(world, factor * rotated(vectors, seed=seed).astype(np.float64) + 7)

    for before, after in (
        (elsewhere(world.vectors), centroids(world, current)),
        (centroids(world, world.vectors), elsewhere(current)),
    ):
        # float32 input has seven digits; a gap nearly closed loses two of them in the difference
        np.testing.assert_allclose(stats.gap_closures(before, after), expected, atol=1e-4)


def test_a_wider_space_closes_no_gap() -> None:
    wider = np.pad(CROWDED.vectors, ((0, 0), (0, 5)))

    np.testing.assert_allclose(
        stats.gap_closures(centroids(CROWDED, CROWDED.vectors), centroids(CROWDED, wider)), 0, atol=1e-12
    )


def test_the_closure_of_concepts_that_coincide_at_the_reference_is_unknown() -> None:
    found = stats.gap_closures(points([0, 0], [0, 0], [1, 0]), points([0, 0], [1, 1], [1, 0]))

    assert np.isnan(found).tolist() == [[False, True, False], [True, False, False], [False, False, False]]


def test_distances_are_those_that_scipy_finds_where_nothing_is_sampled() -> None:
    from scipy.spatial.distance import cdist

    means = np.random.default_rng(0).normal(size=(6, 3))

    np.testing.assert_allclose(stats.centroid_distances(points(*means.tolist())), cdist(means, means), atol=1e-7)


def test_sampling_does_not_make_gaps_longer() -> None:
    # 200 worlds of two concepts at a distance of 1, 5 samples each, 50 dimensions of noise with σ = 0.3: the raw
    # squared distance is 1 + 2·50·0.09/5 = 2.8 on average, the debiased one 1
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 5)
    squared = []
    for _ in range(200):
        cloud = rng.normal(scale=0.3, size=(10, 50))
        cloud[codes == 1, 0] += 1
        squared.append(stats.centroid_distances(stats.concept_centroids(cloud, codes, 2))[0, 1] ** 2)

    assert np.mean(squared) == pytest.approx(1, abs=0.15)


def test_the_mean_gap_counts_every_pair_once() -> None:
    # sides 3, 4 and 5
    assert stats.mean_gap(points([0, 0], [3, 0], [0, 4])) == pytest.approx(4)


def test_a_single_concept_has_no_gap() -> None:
    assert stats.mean_gap(points([1, 2])) == 0


def test_the_relative_scale_is_how_many_times_larger_the_reference_is() -> None:
    triangle = points([0, 0], [3, 0], [0, 4])
    smaller = points([0, 0], [1.5, 0], [0, 2])

    assert stats.relative_scale(triangle, smaller) == pytest.approx(2)


def test_one_moved_concept_of_eight_does_not_change_the_scale() -> None:
    # 7 of 28 pairs involve it: the median is among the other 21
    before = centroids(CROWDED, CROWDED.vectors)
    after = centroids(CROWDED, moved(CROWDED, A, toward=B, share=0.5))

    assert stats.relative_scale(before, after) == pytest.approx(1, abs=1e-6)


def test_pvalues_are_symmetric() -> None:
    world = make_world()

    found = pvalues(world, jittered(world.vectors, scale=0.02))

    np.testing.assert_array_equal(found, found.T)


def test_identical_clouds_have_pvalues_of_one() -> None:
    world = make_world()

    assert (pvalues(world, world.vectors.copy()) == 1).all()


def test_a_closed_gap_is_surely_closed_and_never_impossibly() -> None:
    world = make_world(n_per_concept=100)

    found = pvalues(world, jittered(moved(world, A, toward=B, share=0.25), scale=0.02))

    assert 0 < found[A, B] < 1e-10


def test_pvalues_are_uniform_under_paired_noise() -> None:
    # one pair a world: the pairs of a world share their samples
    found = []
    for seed in range(150):
        world = make_world(n_per_concept=40, n_dims=16, seed=seed)
        found.append(pvalues(world, jittered(rotated(world.vectors, seed=seed), scale=0.05, seed=1000 + seed))[A, B])

    # P[B(150, .05) > 18] < 0.0005; Kolmogorov–Smirnov at one in a thousand
    assert binom.sf(18, 150, 0.05) < 0.0005
    assert (np.array(found) < 0.05).sum() <= 18
    assert kstest(found, "uniform").pvalue > 0.001


def bootstrap(world: World, current: NDArray[np.float32], *, seed: int = 0) -> tuple[float, float]:
    copies = [
        stats.resample_concept(
            world.vectors[world.concepts == k],
            current[world.concepts == k],
            n_resamples=400,
            rng=np.random.default_rng((seed, k)),
        )
        for k in (A, B)
    ]
    scale = stats.relative_scale(centroids(world, world.vectors), centroids(world, current))
    return stats.percentile_interval(stats.resampled_gap_closures(copies[0], copies[1], scale))


def planted(seed: int, *, share: float, n_per_concept: int = 60) -> tuple[World, NDArray[np.float32], float]:
    """A world, one concept moved by `share` of the gap between the *centres*, with noise; and the true closure.

    The truth is about the centres that the samples came from, not about the sample means.
    """
    rng = np.random.default_rng(seed)
    centres = 4 * np.eye(8)
    after = centres.copy()
    after[A] += share * (centres[B] - centres[A])
    concepts = np.repeat(np.arange(8), n_per_concept)
    own = rng.normal(size=(len(concepts), 8))
    reference = (centres[concepts] + own).astype(np.float32)
    noisy = own + rng.normal(scale=0.5, size=own.shape)
    world = World(vectors=reference, concepts=concepts, names=tuple("abcdefgh"))
    return world, (after[concepts] + noisy).astype(np.float32), share


def test_the_bootstrap_interval_covers_the_planted_closure() -> None:
    covered = 0
    for seed in range(60):
        world, current, truth = planted(seed, share=0.25)
        low, high = bootstrap(world, current, seed=seed)
        covered += low <= truth <= high

    # a 95 % interval misses more than 9 of 60 with a chance of P[B(60, .05) > 9] = 0.0007
    assert binom.sf(9, 60, 0.05) < 0.001
    assert covered >= 51


def test_the_bootstrap_copies_centre_on_the_estimate_and_not_beside_it() -> None:
    # few samples in many dimensions, where the bias of resampling is larger than the gap's own change
    rng = np.random.default_rng(0)
    concepts = np.repeat([0, 1, 2], 12)
    reference = 3 * np.eye(40)[concepts] + rng.normal(scale=0.4, size=(36, 40))
    current = reference + rng.normal(scale=0.4, size=(36, 40))
    before, after = (stats.concept_centroids(each, concepts, 3) for each in (reference, current))
    scale = stats.relative_scale(before, after)

    copies = [
        stats.resample_concept(reference[concepts == k], current[concepts == k], n_resamples=2000, rng=rng)
        for k in (0, 1)
    ]
    closures = stats.resampled_gap_closures(copies[0], copies[1], scale)

    # the mean of 2,000 copies is right to their spread over √2000, and the ratio is not quite linear
    estimate = stats.gap_closures(before, after)[0, 1]
    assert abs(np.nanmean(closures) - estimate) < 0.3 * np.nanstd(closures)


def test_the_bootstrap_draws_the_same_samples_on_both_sides() -> None:
    cloud = np.random.default_rng(0).normal(size=(30, 4))

    copies = stats.resample_concept(cloud, cloud + 5, n_resamples=50, rng=np.random.default_rng(0))

    np.testing.assert_allclose(copies.current - copies.reference, 5)


def test_bootstrap_centroids_have_the_standard_error_of_the_mean() -> None:
    cloud = np.random.default_rng(0).normal(size=(200, 3))

    copies = stats.resample_concept(cloud, cloud, n_resamples=4000, rng=np.random.default_rng(0))

    # the bootstrap's own formula: σ̂/√n with σ̂² over n; 4,000 draws give it to 1.1 %
    np.testing.assert_allclose(copies.reference.std(axis=0), cloud.std(axis=0) / np.sqrt(200), rtol=0.05)


def test_a_large_concept_in_batches_has_the_same_standard_error() -> None:
    cloud = np.random.default_rng(0).normal(size=(20_000, 2))

    copies = stats.resample_concept(cloud, cloud, n_resamples=2000, rng=np.random.default_rng(0), n_batches=500)

    # the variance over 500 batch means is itself right to √(2/500) = 6 %, its root to 3 %
    np.testing.assert_allclose(copies.reference.std(axis=0), 1 / np.sqrt(20_000), rtol=0.12)


def test_the_percentile_interval_is_the_quantiles_of_what_is_there() -> None:
    copies = np.append(np.arange(1001.0), [np.nan] * 50)

    assert stats.percentile_interval(copies, level=0.9) == pytest.approx((50, 950))


def test_separation_is_the_gap_in_widths() -> None:
    # 5 apart; tr S = 4 · 1 in each: a width of 2. Sampling adds 1 + 1 to the squared gap
    centroids = stats.Centroids(
        means=np.array([[0.0, 0], [3, 4]]), sizes=np.array([4, 4]), sampling_variance=np.array([1.0, 1.0])
    )

    assert stats.separation(centroids) == pytest.approx(np.sqrt(25 - 2) / 2)


def test_points_have_no_width_to_measure_a_separation_by() -> None:
    centroids = stats.Centroids(means=np.eye(2), sizes=np.array([1, 1]), sampling_variance=np.zeros(2))

    assert stats.separation(centroids) is None

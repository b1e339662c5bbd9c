"""Which concepts moved: the test keeps its promise without drift, and finds a small movement with it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from driftcore import stats
from driftcore.stats.localization import MIN_SAMPLES
from driftcore.testing import World, jittered, make_world, moved, rotated, rotation

N_SEEDS, N_CONCEPTS = 20, 8

# p-values of one world are weakly dependent (they share most of a fit), so the bound is taken wider than the
# binomial's: P[B(160, .05) > 19] < 0.0005, and 19/160 = .119
MOST_FALSE_ALARMS = 19


def pvalues(world: World, current: NDArray[np.float32], *, excluded: tuple[int, ...] = ()) -> NDArray[np.float64]:
    n_concepts = len(world.names)
    mask = np.isin(np.arange(n_concepts), excluded)
    return stats.leave_one_concept_out(world.vectors, current, world.concepts, n_concepts, excluded=mask)


def null_pvalues(*, n_per_concept: int, n_dims: int, noise: float, both_sides: bool = False) -> NDArray[np.float64]:
    """P-values of worlds that were turned and whose samples moved on their own, shape (N_SEEDS, N_CONCEPTS)."""
    found = []
    for seed in range(N_SEEDS):
        world = make_world(n_concepts=N_CONCEPTS, n_per_concept=n_per_concept, n_dims=n_dims, seed=seed)
        reference = jittered(world.vectors, scale=noise, seed=2000 + seed) if both_sides else world.vectors
        current = jittered(rotated(world.vectors, seed=seed), scale=noise, seed=1000 + seed)
        found.append(stats.leave_one_concept_out(reference, current, world.concepts, N_CONCEPTS))
    return np.array(found)


def test_the_bound_on_false_alarms_is_what_chance_allows() -> None:
    assert binom.sf(MOST_FALSE_ALARMS, N_SEEDS * N_CONCEPTS, 0.05) < 0.0005


# a concept's own spread is 0.3/√32 = 0.053 in each direction: noise from a tenth of it to all of it
@pytest.mark.parametrize("noise", [0.005, 0.02, 0.05])
@pytest.mark.parametrize(("n_per_concept", "n_dims"), [(100, 32), (30, 32), (12, 8)])
def test_a_rotation_with_noise_is_not_drift(n_per_concept: int, n_dims: int, noise: float) -> None:
    found = null_pvalues(n_per_concept=n_per_concept, n_dims=n_dims, noise=noise)

    assert (found < 0.05).sum() <= MOST_FALSE_ALARMS


@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_noise_on_both_sides_is_not_drift_either(noise: float) -> None:
    found = null_pvalues(n_per_concept=100, n_dims=32, noise=noise, both_sides=True)

    assert (found < 0.05).sum() <= MOST_FALSE_ALARMS


def test_with_enough_samples_the_pvalues_are_uniform_and_not_merely_large() -> None:
    found = null_pvalues(n_per_concept=100, n_dims=32, noise=0.02)

    # the mean of 160 uniform values has a standard deviation of 1/√(12·160) = 0.023
    assert found.mean() == pytest.approx(0.5, abs=4 * 0.023)


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.02])
@pytest.mark.parametrize("seed", range(3))
def test_a_concept_that_went_a_twentieth_of_a_gap_is_found(seed: int, noise: float) -> None:
    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=100, n_dims=32, seed=seed)
    current = rotated(jittered(moved(world, 2, toward=5, share=0.05), scale=noise, seed=seed), seed=seed)

    assert pvalues(world, current)[2] < 1e-20


@pytest.mark.parametrize("seed", range(5))
def test_a_moved_concept_that_is_kept_out_of_the_fits_drags_nobody_along(seed: int) -> None:
    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=100, n_dims=32, seed=seed)
    current = rotated(jittered(moved(world, 2, toward=5, share=0.05), scale=0.005, seed=seed), seed=seed)

    # q and not p: seven tests are made
    q_values = stats.benjamini_hochberg(pvalues(world, current, excluded=(2,)))
    assert np.flatnonzero(q_values < 0.05).tolist() == [2]


def test_a_moved_concept_that_takes_part_in_the_fits_drags_others_along() -> None:
    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=100, n_dims=32)

    # why `excluded` exists: without noise the rotation's bend is all there is, and it is everybody's
    assert (pvalues(world, moved(world, 2, toward=5, share=0.05)) < 0.05).all()


def test_identical_clouds_have_a_pvalue_of_one() -> None:
    world = make_world()

    np.testing.assert_allclose(pvalues(world, world.vectors.copy()), 1)


def test_no_movement_is_so_large_that_it_is_impossible() -> None:
    world = make_world(n_per_concept=200)

    assert (pvalues(world, moved(world, 2, toward=5, share=5.0)) > 0).all()


def test_a_concept_with_too_few_samples_is_not_tested() -> None:
    world = make_world(n_concepts=4, n_per_concept=20, n_dims=4)
    kept = np.flatnonzero((world.concepts != 1) | (np.cumsum(world.concepts == 1) < MIN_SAMPLES))

    found = stats.leave_one_concept_out(world.vectors[kept], world.vectors[kept], world.concepts[kept], 4)

    assert np.isnan(found).tolist() == [False, True, False, False]


def test_a_concept_without_others_to_fit_on_is_not_tested() -> None:
    world = make_world(n_concepts=3, n_per_concept=20, n_dims=4)

    found = pvalues(world, world.vectors, excluded=(1, 2))

    # concept 0 has no other; 1 and 2 have concept 0
    assert np.isnan(found).tolist() == [True, False, False]


def test_a_space_that_is_too_wide_for_its_samples_is_not_tested() -> None:
    # 2 × 10 others fix no rotation of 32 dimensions
    world = make_world(n_concepts=3, n_per_concept=10, n_dims=32)

    assert np.isnan(pvalues(world, world.vectors)).all()


def test_two_concepts_can_be_tested_against_each_other() -> None:
    world = make_world(n_concepts=2, n_per_concept=100, n_dims=8)
    current = rotated(jittered(world.vectors, scale=0.005))

    # one other concept has no gap to take a scale from
    assert (pvalues(world, current) > 0.001).all()


def test_samples_of_no_concept_take_no_part() -> None:
    world = make_world(n_per_concept=100)
    current = jittered(rotated(world.vectors), scale=0.01)
    outside = np.arange(len(world.concepts)) % 10 == 0
    concepts = np.where(outside, -1, world.concepts)
    thrown = current.copy()
    thrown[outside] += 100

    found = stats.leave_one_concept_out(world.vectors, thrown, concepts, N_CONCEPTS)

    np.testing.assert_allclose(
        found, stats.leave_one_concept_out(world.vectors, current, concepts, N_CONCEPTS), atol=1e-3
    )


def test_the_answer_does_not_depend_on_how_far_out_the_cloud_lies() -> None:
    world = make_world(n_per_concept=100)
    reference, current = world.vectors.astype(float), jittered(rotated(world.vectors), scale=0.01).astype(float)

    found = stats.leave_one_concept_out(reference + 1e6, current - 1e6, world.concepts, N_CONCEPTS)

    expected = stats.leave_one_concept_out(reference, current, world.concepts, N_CONCEPTS)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_leading_directions_are_orthonormal_and_at_most_a_fifth_of_the_samples() -> None:
    world = make_world(n_concepts=4, n_per_concept=10, n_dims=32)

    axes = stats.leading_directions(world.vectors, world.vectors)

    assert axes.shape == (32, 8)  # 40 samples
    np.testing.assert_allclose(axes.T @ axes, np.eye(8), atol=1e-12)


def test_leading_directions_span_the_principal_components() -> None:
    from sklearn.decomposition import PCA

    world = make_world(n_concepts=4, n_per_concept=50, n_dims=16)

    axes = stats.leading_directions(world.vectors, world.vectors, max_dims=3)

    components = PCA(3).fit(world.vectors.astype(np.float64)).components_.T
    np.testing.assert_allclose(axes @ axes.T, components @ components.T, atol=1e-6)


def test_a_movement_out_of_the_reference_has_a_leading_direction() -> None:
    # the reference lies in a plane; every sample then leaves it by 10 along the third axis
    flat = np.zeros((40, 6))
    flat[:, :2] = np.random.default_rng(0).normal(size=(40, 2))
    out = flat + 10 * np.eye(6)[2]

    axes = stats.leading_directions(flat, out, max_dims=3)

    np.testing.assert_allclose(np.linalg.norm(axes[2]), 1, atol=1e-12)


def standout(values: list[float], *, floor: float, errors: float | list[float] = 0.0) -> NDArray[np.float64]:
    each, spread = np.array(values, dtype=float), np.broadcast_to(np.array(errors, dtype=float), len(values))
    return stats.Population.of(each, spread, floor=floor).standout(each, spread)


def test_a_normal_population_stands_out_by_an_ordinary_z() -> None:
    values = np.random.default_rng(0).normal(loc=3, scale=2, size=100_001)

    # median and MAD of n normal values are right to about 1.25/√n and 1.67/√n of σ: 0.005
    np.testing.assert_allclose(standout(values.tolist(), floor=1e-9), (values - 3) / 2, atol=0.05)


def test_a_population_is_not_drawn_along_by_what_stands_out() -> None:
    # of 0 1 2 3 4: median 2, MAD 1, so 4 is at 2/1.4826; far-out values in place of 4 leave both as they are
    calm, wild = standout([0, 1, 2, 3, 4], floor=0.01), standout([0, 1, 2, 3, 4000], floor=0.01)

    assert calm[4] == pytest.approx(2 / 1.4826)
    np.testing.assert_allclose(wild[:4], calm[:4])


def test_no_spread_below_the_floor_is_believed() -> None:
    # all but one equal: the MAD is 0
    assert standout([0, 0, 0, 0, 1], floor=0.5).tolist() == [0, 0, 0, 0, 2]


def test_a_missing_value_stays_missing_and_changes_nothing() -> None:
    # of 0 and 2: median 1, MAD 1
    np.testing.assert_allclose(standout([0, np.nan, 2], floor=0.1), [-1 / 1.4826, np.nan, 1 / 1.4826])


def test_what_is_known_badly_stands_out_less() -> None:
    # spread 3, typical error 0: with an error of 4 the deviation is √(3² + 4²) = 5
    assert standout([0, 0, 0, 0, 10], floor=3, errors=[0, 0, 0, 0, 4])[4] == pytest.approx(2)


def test_the_error_that_all_have_is_in_the_spread_already() -> None:
    assert standout([0, 0, 0, 0, 9], floor=3, errors=4.0)[4] == pytest.approx(3)


def test_a_value_of_the_population_stands_out_as_far_as_was_asked() -> None:
    population = stats.Population(centre=0.1, spread=0.02, error=0.01)
    errors = np.array([0.0, 0.01, 0.05])

    np.testing.assert_allclose(population.standout(population.value_at(6.5, errors), errors), 6.5)


def test_a_rotation_of_the_test_worlds_is_orthogonal() -> None:
    turn = rotation(7, seed=3)

    np.testing.assert_allclose(turn @ turn.T, np.eye(7), atol=1e-12)

"""Worlds are what they say: sizes, spread, axes, tails and neighbourhoods, and the same again from the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from driftcore.testing import World, make_world, resampled, unequal_sizes

RICH = {"anisotropy": 1.0, "tails": 5.0, "neighborhoods": (2, 5)}


def within(world: World, concept: int) -> np.ndarray:
    return (world.vectors[world.concepts == concept] - world.law.centres[concept] - 0.2).astype(np.float64)


def test_a_world_without_settings_is_the_one_it_always_was():
    rng = np.random.default_rng(4)
    centres = rng.normal(size=(3, 5))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    noise = rng.normal(scale=0.3 / np.sqrt(5), size=(6, 5))
    world = make_world(n_concepts=3, n_per_concept=2, n_dims=5, seed=4)
    assert np.array_equal(world.vectors, (centres[[0, 0, 1, 1, 2, 2]] + noise + 0.2).astype(np.float32))


def test_the_same_seed_makes_the_same_rich_world_and_another_seed_another():
    first, again, other = (make_world(seed=seed, **RICH) for seed in (1, 1, 2))
    assert np.array_equal(first.vectors, again.vectors)
    assert not np.array_equal(first.vectors, other.vectors)


def test_sizes_are_as_asked_for():
    world = make_world(n_concepts=3, sizes=(2, 30, 5), n_dims=4, **RICH)
    assert np.bincount(world.concepts).tolist() == [2, 30, 5]


def test_a_size_too_few_is_refused():
    with pytest.raises(ValueError, match="2 sizes for 3 concepts"):
        make_world(n_concepts=3, sizes=(2, 3))


def test_unequal_sizes_are_log_uniform():
    sizes = np.array(unequal_sizes(2000, low=10, high=1000, seed=3))
    assert sizes.min() >= 10
    assert sizes.max() <= 1000
    # the median of a log-uniform law is the geometric mean of its ends: 100; a binomial share strays by 3/sqrt(4n)
    assert np.mean(sizes <= 100) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("settings", [{}, {"anisotropy": 1.0}, {"tails": 6.0}, RICH])
def test_the_spread_is_the_mean_square_distance_to_the_centre_whatever_the_shape(settings):
    world = make_world(n_concepts=20, n_per_concept=400, n_dims=48, spread=0.5, seed=1, **settings)
    squares = np.mean([np.square(within(world, k)).sum(axis=1).mean() for k in range(20)])
    # chance: few neighbourhoods stand far out in few directions, and they carry half of it
    assert squares == pytest.approx(0.25, rel=0.25 if "neighborhoods" in settings else 0.05)


def test_variances_follow_the_power_law():
    world = make_world(n_concepts=2, n_per_concept=20_000, n_dims=16, anisotropy=1.0, seed=2)
    spread = world.law.scale**2
    nuisances = world.law.nuisances
    own = np.cov(within(world, 0).T) - spread * nuisances.T @ nuisances
    # a quarter of the variance is nuisance; the rest is j^-1 along own axes
    expected = 0.75 * spread * world.law.spectrum
    assert np.linalg.eigvalsh(own)[::-1] == pytest.approx(expected, rel=0.1, abs=0.02 * expected[0])


def test_each_concept_is_elongated_in_directions_of_its_own_and_along_shared_nuisances():
    world = make_world(n_concepts=2, n_per_concept=20_000, n_dims=64, anisotropy=1.0, seed=2)
    covariances = [np.cov(within(world, k).T) / world.law.scale**2 for k in range(2)]
    nuisance = world.law.nuisances[0] / np.linalg.norm(world.law.nuisances[0])
    shared = np.square(np.linalg.norm(world.law.nuisances[0]))
    for covariance in covariances:
        assert nuisance @ covariance @ nuisance >= 0.95 * shared
    mine = np.linalg.eigh(covariances[0])[1][:, -1]
    assert mine @ covariances[0] @ mine > 2 * (mine @ covariances[1] @ mine)


def test_heavy_tails_put_whole_samples_far_out():
    def kurtosis(tails):
        world = make_world(n_concepts=1, n_per_concept=50_000, n_dims=64, tails=tails, seed=5)
        squares = np.square(within(world, 0)).sum(axis=1)
        return np.mean(squares**2) / np.mean(squares) ** 2

    # E‖x‖⁴/(E‖x‖²)²: 1 + 2/d for a Gaussian, times (ν − 2)/(ν − 4) for Student's t; ν = 10 has a finite variance of it
    assert kurtosis(None) == pytest.approx(1 + 2 / 64, rel=0.01)
    assert kurtosis(10.0) == pytest.approx((1 + 2 / 64) * 8 / 6, rel=0.06)


def test_every_concept_has_as_many_neighborhoods_as_asked_for():
    world = make_world(n_concepts=12, n_per_concept=60, neighborhoods=(2, 5), seed=3)
    counts = [len(np.unique(world.neighborhoods[world.concepts == k])) for k in range(12)]
    assert set(counts) <= {2, 3, 4, 5}
    assert len(set(counts)) > 1
    assert len(np.unique(world.neighborhoods)) == sum(counts)


def test_samples_of_a_neighborhood_stand_closer_together_than_those_of_their_concept():
    world = make_world(n_concepts=6, n_per_concept=100, n_dims=48, neighborhoods=(3, 3), seed=3)
    for k in range(6):
        members = world.vectors[world.concepts == k].astype(np.float64)
        parts = world.neighborhoods[world.concepts == k]
        apart = np.square(members[:, None] - members[None]).sum(axis=2)
        together = parts[:, None] == parts[None]
        assert apart[together].mean() < 0.8 * apart[~together].mean()


def test_fresh_samples_share_the_law_and_no_row():
    world = make_world(n_concepts=5, n_per_concept=2000, n_dims=16, seed=1, **RICH)
    fresh = resampled(world, seed=1)
    assert np.array_equal(fresh.concepts, world.concepts)
    assert not np.isclose(fresh.vectors, world.vectors).all(axis=1).any()
    # two means of 2000 samples of spread .3: expected distance .3·sqrt(2/2000) ≈ .01
    assert np.linalg.norm(fresh.centroids - world.centroids, axis=1).max() < 0.03


def test_a_prior_shift_changes_only_the_counts():
    world = make_world(n_concepts=3, n_per_concept=20, seed=1)
    fresh = resampled(world, sizes=(5, 50, 20))
    assert np.bincount(fresh.concepts).tolist() == [5, 50, 20]
    assert fresh.law is world.law


def test_a_world_to_which_something_happened_cannot_be_resampled():
    world = make_world()
    with pytest.raises(ValueError, match="resample first"):
        resampled(world.after(world.vectors))


def test_centroids_and_mean_gap_are_what_they_say():
    world = make_world(n_concepts=4, n_per_concept=9, seed=1)
    means = np.stack([world.vectors[world.concepts == k].mean(axis=0, dtype=np.float64) for k in range(4)])
    gaps = [np.linalg.norm(means[a] - means[b]) for a in range(4) for b in range(a)]
    assert world.centroids == pytest.approx(means)
    assert world.mean_gap == pytest.approx(np.mean(gaps))

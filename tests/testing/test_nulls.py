"""What happens to a whole world: how far it carries, whom it carries together, and that no concept stands out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from driftcore.testing import (
    World,
    int8_rounded,
    jittered,
    make_world,
    moved,
    retrained,
    rotated,
    rotation,
    scaled,
    sharpened,
)

WORLD = make_world(n_concepts=30, n_per_concept=60, n_dims=64, spread=0.5, anisotropy=0.7, neighborhoods=(2, 5), seed=3)


def laid_back(world: World, current: np.ndarray) -> np.ndarray:
    """How far every sample moved, once the centred space is turned back."""
    before = world.vectors - world.vectors.mean(axis=0, dtype=np.float64)
    after = current - current.mean(axis=0, dtype=np.float64)
    return after @ orthogonal_procrustes(after, before)[0] - before


def displacement(world: World, current: np.ndarray) -> np.ndarray:
    left = world.after(laid_back(world, current).astype(np.float32))
    return np.linalg.norm(left.centroids, axis=1) / world.mean_gap


def test_jitter_leaves_the_displacement_that_its_scale_says():
    noise = jittered(WORLD.vectors, scale=0.1, seed=1) - WORLD.vectors
    carried = np.square(WORLD.after(noise).centroids).sum(axis=1).mean()
    # a mean of 60 samples: d·σ²/60; 30 concepts × 64 dims leave it within sqrt(2/1920) ≈ 3 % (three of them: 10 %)
    assert carried == pytest.approx(64 * 0.1**2 / 60, rel=0.1)


def test_a_rotation_keeps_all_distances():
    assert np.linalg.norm(rotated(WORLD.vectors, seed=2), axis=1) == pytest.approx(
        np.linalg.norm(WORLD.vectors, axis=1), rel=1e-5
    )


def test_scaling_is_exact():
    assert np.array_equal(scaled(WORLD.vectors, factor=2.0), 2 * WORLD.vectors)


@pytest.mark.parametrize("lattice", ["tensor", "dim"])
def test_eight_bits_leave_at_most_255_levels_and_half_a_step_of_error(lattice):
    rounded = int8_rounded(WORLD.vectors, lattice=lattice)
    step = np.abs(WORLD.vectors).max(axis=0 if lattice == "dim" else None) / 127
    assert np.all(np.abs(rounded - WORLD.vectors) <= step / 2 + 1e-6)
    assert max(len(np.unique(column)) for column in rounded.T) <= 255
    assert len(np.unique(rounded)) <= (255 if lattice == "tensor" else 255 * 64)


def test_a_dimension_of_zeros_survives_its_own_lattice():
    vectors = WORLD.vectors.copy()
    vectors[:, 0] = 0
    assert np.all(int8_rounded(vectors, lattice="dim")[:, 0] == 0)


def test_sharpening_pulls_all_concepts_apart_and_tightens_them():
    sharp = WORLD.after(sharpened(WORLD, share=0.1))

    def radius(world):
        middle = world.centroids.mean(axis=0)
        return np.linalg.norm(world.centroids - middle, axis=1)

    def spread(world):
        return np.linalg.norm(world.vectors - world.centroids[world.concepts], axis=1)

    assert np.all(radius(sharp) > radius(WORLD))
    assert np.median(radius(sharp) / radius(WORLD)) == pytest.approx(1.1, abs=0.02)
    assert np.median(spread(sharp) / spread(WORLD)) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("strength", [0.02, 0.05, 0.13])
def test_retraining_displaces_the_centroids_as_far_as_its_strength(strength):
    rms = np.sqrt(np.mean(np.square(displacement(WORLD, retrained(WORLD, strength=strength, seed=1)))))
    assert rms == pytest.approx(strength, rel=0.1)


def test_after_retraining_every_concept_moved_and_none_stands_out():
    each = displacement(WORLD, retrained(WORLD, strength=0.05, seed=1))
    # between clean checkpoints of Banking77 the farthest concept goes 1.4 to 2.2 times as far as the median one
    assert each.min() > 0.01
    assert each.max() < 3 * np.median(each)


def test_retraining_carries_neighbours_along_together():
    left = laid_back(WORLD, retrained(WORLD, strength=0.05, seed=1))
    left -= WORLD.after(left.astype(np.float32)).centroids[WORLD.concepts]
    parts = WORLD.neighborhoods
    means = np.stack([left[parts == part].mean(axis=0) for part in range(parts.max() + 1)])
    explained = np.square(means[parts]).sum() / np.square(left).sum()
    # about 105 neighbourhoods of 17 samples: independent steps would leave 1/17 ≈ 6 % in their means
    assert explained > 2 / 17


def test_retraining_prefers_some_directions():
    left = WORLD.after(laid_back(WORLD, retrained(WORLD, seed=1)).astype(np.float32)).centroids
    powers = np.linalg.svd(left, compute_uv=False) ** 2
    # Banking77: .19 to .43; 30 Gaussian displacements in 64 dimensions would have about .2 by chance
    assert powers[:3].sum() / powers.sum() > 0.3


def test_steps_of_samples_have_heavy_tails():
    lengths = np.linalg.norm(laid_back(WORLD, retrained(WORLD, seed=1)), axis=1)
    assert lengths.max() > 2 * np.median(lengths)


def test_retraining_is_repeatable_and_seeds_differ():
    first, again, other = (retrained(WORLD, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_drift_survives_a_retraining_on_top():
    after = retrained(WORLD.after(moved(WORLD, 4, toward=9, share=0.5)), strength=0.02, seed=1)
    assert displacement(WORLD, after).argmax() == 4


def test_retraining_turns_the_space():
    before = retrained(WORLD, strength=0.01, seed=6) @ rotation(64, seed=6).T
    assert np.abs(before - WORLD.vectors).max() < 0.2 < np.abs(rotated(before) - before).max()

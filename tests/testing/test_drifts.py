"""Drifts do what they say to the concepts they name, and nothing to the others."""

from __future__ import annotations

import numpy as np
import pytest

from driftcore.testing import collapsed, make_world, merged, moved, part_moved, part_of, scattered, split

WORLD = make_world(n_concepts=6, n_per_concept=45, n_dims=32, neighborhoods=(2, 5), seed=8)
BEFORE = WORLD.centroids

DRIFTS = {
    "moved": moved(WORLD, 1, toward=4, share=0.15),
    "part_moved": part_moved(WORLD, 1, toward=4, share=0.3, n=15),
    "split": split(WORLD, 1, share=0.4),
    "scattered": scattered(WORLD, 1, n=6, share=0.5),
}


@pytest.mark.parametrize("vectors", DRIFTS.values(), ids=DRIFTS)
def test_the_others_stay_where_they_were(vectors):
    others = WORLD.concepts != 1
    assert np.array_equal(vectors[others], WORLD.vectors[others])
    assert vectors.dtype == np.float32


@pytest.mark.parametrize("vectors", DRIFTS.values(), ids=DRIFTS)
def test_the_world_itself_is_untouched(vectors):
    assert np.array_equal(WORLD.centroids, BEFORE)
    assert not np.array_equal(vectors, WORLD.vectors)


def test_a_moved_concept_stands_exactly_there():
    there = WORLD.after(DRIFTS["moved"]).centroids[1]
    assert there == pytest.approx(0.85 * BEFORE[1] + 0.15 * BEFORE[4], abs=1e-6)


def test_a_part_takes_its_centroid_only_its_share_of_the_way():
    # 15 of 45 samples go .3 of the way
    there = WORLD.after(DRIFTS["part_moved"]).centroids[1]
    assert there == pytest.approx(BEFORE[1] + 0.1 * (BEFORE[4] - BEFORE[1]), abs=1e-6)


def test_exactly_the_named_part_moves():
    changed = np.flatnonzero((DRIFTS["part_moved"] != WORLD.vectors).any(axis=1))
    assert np.array_equal(changed, part_of(WORLD, 1, n=15))


def test_a_part_belongs_together():
    part, members = part_of(WORLD, 1, n=10), np.flatnonzero(WORLD.concepts == 1)

    def spread(rows):
        return np.square(WORLD.vectors[rows] - WORLD.vectors[rows].mean(axis=0)).sum(axis=1).mean()

    assert spread(part) < 0.8 * spread(members)


@pytest.mark.parametrize("n_per_concept", [44, 45])
def test_a_split_leaves_the_centroid_and_parts_the_halves(n_per_concept):
    world = make_world(n_concepts=6, n_per_concept=n_per_concept, seed=8)
    steps = (split(world, 1, share=0.4) - world.vectors)[world.concepts == 1].astype(np.float64)
    assert steps.mean(axis=0) == pytest.approx(np.zeros(32), abs=1e-6)
    upper = steps @ steps[0] > 0
    apart = np.linalg.norm(steps[upper].mean(axis=0) - steps[~upper].mean(axis=0))
    assert apart == pytest.approx(0.4 * world.mean_gap, rel=1e-5)
    assert abs(upper.sum() - (~upper).sum()) <= 1


def test_a_few_members_leave_each_toward_another_concept():
    steps = DRIFTS["scattered"] - WORLD.vectors
    gone = np.flatnonzero(np.abs(steps).max(axis=1) > 0)
    ways = 0.5 * (BEFORE - BEFORE[1])
    assert len(gone) == 6
    for row in gone:
        assert np.abs(ways - steps[row]).max(axis=1).min() < 1e-6


def test_merged_concepts_meet_in_the_middle():
    after = WORLD.after(merged(WORLD, 1, 4)).centroids
    assert after[1] == pytest.approx((BEFORE[1] + BEFORE[4]) / 2, abs=1e-6)
    assert after[4] == pytest.approx(after[1], abs=1e-6)
    assert np.delete(after, (1, 4), axis=0) == pytest.approx(np.delete(BEFORE, (1, 4), axis=0))


def test_a_collapse_shortens_every_gap_alike_and_keeps_the_clouds():
    vectors = collapsed(WORLD, share=0.3)
    after = WORLD.after(vectors)
    assert after.mean_gap == pytest.approx(0.7 * WORLD.mean_gap, rel=1e-5)
    within = vectors - after.centroids[WORLD.concepts]
    assert within == pytest.approx(WORLD.vectors - BEFORE[WORLD.concepts], abs=1e-5)


def test_one_drift_after_another_adds_up():
    first = WORLD.after(moved(WORLD, 1, toward=4, share=0.1))
    both = first.after(moved(first, 2, toward=5, share=0.2)).centroids
    assert both[1] == pytest.approx(0.9 * BEFORE[1] + 0.1 * BEFORE[4], abs=1e-6)
    assert both[2] == pytest.approx(0.8 * BEFORE[2] + 0.2 * BEFORE[5], abs=1e-6)


@pytest.mark.parametrize("drift", [split, scattered, part_of])
def test_chance_is_a_seed(drift):
    settings = {split: {"share": 0.4}, scattered: {"n": 6, "share": 0.5}, part_of: {"n": 15}}[drift]
    first, again, other = (drift(WORLD, 1, seed=seed, **settings) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)

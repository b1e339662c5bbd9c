"""Laying one space over another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes
from scipy.spatial.distance import cosine

from driftcore import stats
from driftcore.testing import jittered, make_world, moved, rotated, rotation
from tests.stats.clouds import Floats, Pair, factors, law, pairs, rotations


@given(pair=pairs(), turn=rotations, factor=factors)
@law
def test_a_turned_scaled_and_shifted_copy_lands_on_its_original(
    pair: Pair, turn: Callable[[int], Floats], factor: float
) -> None:
    copy = factor * pair.reference @ turn(pair.reference.shape[1]) + 3

    fitted = stats.fit_alignment(pair.reference, copy)

    np.testing.assert_allclose(fitted.apply_exactly(copy), pair.reference, atol=1e-9)
    # what was done is undone
    assert fitted.scale == pytest.approx(1 / factor)


@given(pair=pairs())
@law
def test_the_rotation_is_the_one_that_scipy_finds(pair: Pair) -> None:
    x, y = pair.reference - pair.reference.mean(axis=0), pair.current - pair.current.mean(axis=0)
    rotation, size = orthogonal_procrustes(y, x)

    fitted = stats.fit_alignment(pair.reference, pair.current)

    np.testing.assert_allclose(fitted.rotation, rotation, atol=1e-9)
    # scipy's second value is the nuclear norm, which is the scale once it is divided by ‖y‖²
    assert fitted.scale == pytest.approx(size / (y**2).sum())


@given(pair=pairs())
@law
def test_what_is_left_is_scipys_disparity(pair: Pair) -> None:
    _, _, disparity = procrustes(pair.reference, pair.current)

    left = stats.fit_alignment(pair.reference, pair.current).apply_exactly(pair.current) - pair.reference

    # scipy measures on clouds of norm 1
    assert (left**2).sum() / ((pair.reference - pair.reference.mean(axis=0)) ** 2).sum() == pytest.approx(disparity)


@given(pair=pairs())
@law
def test_the_alignment_of_identical_clouds_is_exactly_the_identity(pair: Pair) -> None:
    for fit in (stats.fit_alignment, stats.fit_trimmed_alignment):
        fitted = fit(pair.reference, pair.reference.copy())

        assert fitted.scale == 1
        assert np.array_equal(fitted.rotation, np.eye(pair.reference.shape[1]))
        assert np.array_equal(fitted.apply_exactly(pair.reference), pair.reference)


def test_the_identity_gives_back_every_bit() -> None:
    world = make_world()

    aligned = stats.fit_trimmed_alignment(world.vectors, world.vectors).apply(world.vectors)

    assert np.array_equal(aligned, world.vectors)


def test_applying_in_float32_keeps_its_digits() -> None:
    world = make_world()
    far = rotated(world.vectors) + np.float32(1000)
    fitted = stats.fit_alignment(world.vectors, far)

    # float32 at 1,000 has steps of 6e-5; sums of 32 of them
    np.testing.assert_allclose(fitted.apply(far), fitted.apply_exactly(far), atol=5e-3)


def test_rows_without_weight_do_not_decide() -> None:
    world = make_world()
    current = moved(world, 2, toward=5, share=3.0)
    kept = world.concepts != 2

    fitted = stats.fit_alignment(world.vectors, rotated(current), weights=kept.astype(float))

    aligned = fitted.apply(rotated(current))
    np.testing.assert_allclose(aligned[kept], world.vectors[kept], atol=1e-5)


def test_a_row_that_counts_twice_counts_like_two_rows() -> None:
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=(40, 5)), rng.normal(size=(40, 5))
    twice = rng.integers(1, 3, size=40)

    weighted = stats.fit_alignment(reference, current, weights=twice.astype(float))
    repeated = stats.fit_alignment(reference.repeat(twice, axis=0), current.repeat(twice, axis=0))

    np.testing.assert_allclose(weighted.rotation, repeated.rotation, atol=1e-10)
    assert weighted.scale == pytest.approx(repeated.scale)


def test_what_only_the_played_down_rows_have_is_not_turned_at_random() -> None:
    # concept 3 alone has anything in the last dimension, and moves far out along the first
    world = make_world(n_concepts=12, n_dims=16)
    reference = np.hstack([world.vectors, (world.concepts == 3)[:, None] * 5]).astype(np.float32)
    current = reference.copy()
    current[world.concepts == 3, 0] += 4

    aligned = stats.fit_trimmed_alignment(reference, current).apply(current)

    # a fit without those rows turns a dimension that nobody has to anywhere; the step of 4 costs it some length
    np.testing.assert_allclose(aligned[world.concepts == 3, -1], 5, atol=0.2)


def test_coordinates_in_all_directions_keep_every_distance() -> None:
    cloud = make_world(n_dims=8).vectors

    found = stats.principal_coordinates(cloud, 8)

    np.testing.assert_allclose(found @ found.T, cloud @ cloud.T, atol=1e-4)


def test_a_flat_cloud_keeps_its_distances_in_as_many_directions_as_it_has() -> None:
    flat = make_world(n_dims=3).vectors @ rotation(9)[:3].astype(np.float32)

    found = stats.principal_coordinates(flat, 3)

    np.testing.assert_allclose(found @ found.T, flat @ flat.T, atol=1e-4)


def test_a_trimmed_fit_is_not_dragged_by_what_moved() -> None:
    # a twelfth of the samples leaves, which is within the tenth that is trimmed
    world = make_world(n_concepts=12)
    current = rotated(moved(world, 2, toward=5, share=1.0))
    stayed = world.concepts != 2

    plain = stats.fit_alignment(world.vectors, current).apply(current)
    trimmed = stats.fit_trimmed_alignment(world.vectors, current).apply(current)

    # those that moved by 1 still count by 1e-4
    np.testing.assert_allclose(trimmed[stayed], world.vectors[stayed], atol=1e-4)
    assert stats.residual_norms(world.vectors, plain)[stayed].mean() > 0.01


def test_a_cloud_without_spread_is_aligned_by_shifting_it() -> None:
    point = np.zeros((5, 3))

    np.testing.assert_allclose(stats.fit_alignment(point + 1, point).apply_exactly(point), point + 1)


def test_residual_norms_are_euclidean_lengths() -> None:
    assert stats.residual_norms(np.zeros((2, 2)), np.array([[3.0, 4], [0, 0]])).tolist() == [5, 0]


@given(pair=pairs())
@law
def test_the_cosine_shift_is_scipys_cosine_distance(pair: Pair) -> None:
    expected = [cosine(x, y) for x, y in zip(pair.reference, pair.current, strict=True)]

    np.testing.assert_allclose(stats.cosine_shift(pair.reference, pair.current), expected, atol=1e-6)


@given(angle=st.floats(0, np.pi), length=factors)
@law
def test_the_cosine_shift_is_one_minus_the_cosine_of_the_angle(angle: float, length: float) -> None:
    before, after = np.array([[1.0, 0]]), length * np.array([[np.cos(angle), np.sin(angle)]])

    assert stats.cosine_shift(before, after)[0] == pytest.approx(1 - np.cos(angle), abs=1e-6)


@pytest.mark.parametrize("width", [1, 3, 384, 768])
def test_the_cosine_shift_of_what_did_not_move_is_exactly_zero(width: int) -> None:
    # 1 − cos would leave the rounding of a product: 6e-8 in float32
    vectors = jittered(np.zeros((200, width), dtype=np.float32), scale=1)

    assert not stats.cosine_shift(vectors, vectors.copy()).any()


def test_a_zero_vector_has_a_shift_all_the_same() -> None:
    assert np.isfinite(stats.cosine_shift(np.zeros((1, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32))).all()

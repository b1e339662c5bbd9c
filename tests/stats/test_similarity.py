"""How alike two whole spaces are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from scipy.spatial import procrustes

from driftcore import stats
from driftcore.testing import make_world, moved, rotated
from tests.stats.clouds import Floats, Pair, law, pairs, rotations


def cka(reference: Floats, current: Floats) -> float:
    found = stats.debiased_cka(reference, current, stats.paired_moments(reference, current))
    assert found is not None
    return found


def distance(reference: Floats, current: Floats) -> float:
    found = stats.procrustes_distance(stats.paired_moments(reference, current))
    assert found is not None
    return found


def plain_cka(reference: Floats, current: Floats) -> float:
    """Kornblith et al. 2019, equation 3 with linear kernels, without any correction."""
    x, y = reference - reference.mean(axis=0), current - current.mean(axis=0)
    return float(np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y))


def unbiased_hsic(left: Floats, right: Floats) -> float:
    """Song et al., JMLR 13, 2012, equation 5, on kernel matrices whose diagonals are set to 0."""
    n = len(left)
    k, l = left @ left.T, right @ right.T  # noqa: E741
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    sums = k.sum() * l.sum() / (n - 1) / (n - 2) - 2 * k.sum(axis=0) @ l.sum(axis=0) / (n - 2)
    return float((np.trace(k @ l) + sums) / (n * (n - 3)))


@given(pair=pairs(), turn=rotations)
@law
def test_a_rotated_space_is_wholly_similar(pair: Pair, turn: Callable[[int], Floats]) -> None:
    turned = pair.reference @ turn(pair.reference.shape[1])

    assert cka(pair.reference, turned) == pytest.approx(1)
    assert distance(pair.reference, turned) == pytest.approx(0, abs=1e-9)


@given(pair=pairs())
@law
def test_debiased_cka_is_the_unbiased_hsic_normalised(pair: Pair) -> None:
    x, y = pair.reference, pair.current
    expected = unbiased_hsic(x, y) / np.sqrt(unbiased_hsic(x, x) * unbiased_hsic(y, y))

    assert cka(x, y) == pytest.approx(expected, rel=1e-9)


def test_independent_noise_is_not_similar_however_wide_it_is() -> None:
    # 200 samples in 100 dimensions. Plain CKA: E‖YᵀX‖² = nd², ‖XᵀX‖² ≈ nd(n + d), so d/(n + d) = 1/3
    rng = np.random.default_rng(0)
    found, plain = [], []
    for _ in range(20):
        x, y = rng.normal(size=(200, 100)), rng.normal(size=(200, 100))
        found.append(cka(x, y))
        plain.append(plain_cka(x, y))

    assert np.mean(plain) == pytest.approx(1 / 3, abs=0.02)
    assert np.mean(found) == pytest.approx(0, abs=0.01)


def test_one_moved_concept_of_twenty_hardly_lowers_cka() -> None:
    # why it is a gauge and not an alarm
    world = make_world(n_concepts=20)

    assert 0.99 < cka(world.vectors, moved(world, 2, toward=5, share=0.15)) < 1


def test_spaces_of_different_widths_can_be_compared() -> None:
    world = make_world()
    wider = rotated(np.pad(world.vectors, ((0, 0), (0, 7))))

    assert cka(world.vectors, wider) == pytest.approx(1, abs=1e-6)
    assert distance(world.vectors, wider) == pytest.approx(0, abs=1e-6)


@given(pair=pairs())
@law
def test_the_procrustes_distance_is_that_of_scipy(pair: Pair) -> None:
    # on clouds of norm 1 scipy also fits the scale: disparity = 1 − ‖XᵀY‖*², where ours is 2 − 2‖XᵀY‖*
    _, _, disparity = procrustes(pair.reference, pair.current)

    assert distance(pair.reference, pair.current) == pytest.approx(2 - 2 * np.sqrt(1 - disparity), abs=1e-9)


def test_orthogonal_subspaces_with_orthogonal_samples_have_nothing_in_common() -> None:
    # x lives on samples 1–2, y on samples 3–4: YᵀX = 0
    x = np.array([[1.0], [-1], [0], [0]])
    y = np.array([[0.0], [0], [1], [-1]])

    assert distance(x, y) == 2


def test_a_space_without_spread_has_no_similarity() -> None:
    flat, spread = np.ones((10, 2)), np.random.default_rng(0).normal(size=(10, 2))
    moments = stats.paired_moments(spread, flat)

    assert stats.debiased_cka(spread, flat, moments) is None
    assert stats.procrustes_distance(moments) is None


def test_three_samples_are_too_few_for_cka() -> None:
    cloud = np.eye(3)

    assert stats.debiased_cka(cloud, cloud, stats.paired_moments(cloud, cloud)) is None

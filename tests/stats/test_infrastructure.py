"""What storage and plumbing leave behind in vectors."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftcore import stats
from driftcore.testing import int8_rounded, make_world, rotated
from tests.stats.clouds import law, seeds

CLOUD = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)


def rounded_to(vectors: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    mantissa, exponent = np.frexp(vectors)
    return np.ldexp(np.rint(mantissa * 2**bits) / 2**bits, exponent).astype(np.float32)


# what the values were stored in


@law
@given(bits=st.integers(2, 24), seed=seeds)
def test_the_significant_bits_are_those_that_values_were_rounded_to(bits: int, seed: int) -> None:
    vectors = rounded_to(np.random.default_rng(seed).normal(size=(200, 8)).astype(np.float32), bits)

    # of 1,600 values one needs the last bit but for a chance of 2^-1600
    assert stats.significand_bits(vectors) == bits


def test_float16_is_recognised_in_a_float32_array() -> None:
    # IEEE 754 half precision: 10 stored bits and the leading one
    assert stats.significand_bits(CLOUD.astype(np.float16).astype(np.float32)) == 11


def test_powers_of_two_and_zeros_need_one_bit() -> None:
    assert stats.significand_bits(np.array([[0.0, 0.5, 4.0, -2.0]], dtype=np.float32)) == 1
    assert stats.significand_bits(np.zeros((2, 3), dtype=np.float32)) == 1


@law
@given(step=st.floats(1e-3, 10), offset=st.floats(-5, 5), seed=seeds)
def test_the_step_of_a_quantiser_is_found_wherever_its_levels_start(step: float, offset: float, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 200, size=(100, 6))

    # neighbouring levels are taken: 600 draws from 200
    found = stats.lattice_steps((offset + step * levels).astype(np.float32), per="tensor")

    np.testing.assert_allclose(found, step, rtol=1e-3)


@pytest.mark.parametrize("per", ["tensor", "dim"])
def test_the_steps_of_int8_are_the_largest_value_over_127(per: Literal["tensor", "dim"]) -> None:
    found = stats.lattice_steps(int8_rounded(CLOUD, lattice=per), per=per)

    largest = np.abs(CLOUD).max(axis=None if per == "tensor" else 0)
    np.testing.assert_allclose(found, np.atleast_1d(largest / 127), rtol=1e-4)


def test_a_step_a_sample_is_found_after_the_length_was_set_to_one() -> None:
    codes = np.random.default_rng(1).integers(-127, 128, size=(50, 300)).astype(np.float32)
    lengths = np.linalg.norm(codes, axis=1, keepdims=True)

    found = stats.lattice_steps(codes / lengths, per="row")

    # whole numbers have the step 1, divided by the length
    np.testing.assert_allclose(found, 1 / lengths[:, 0], rtol=1e-3)


def test_two_steps_apart_the_levels_still_have_their_own_step() -> None:
    # gaps of 2 and 3: no two neighbouring levels are taken
    assert stats.lattice_steps(np.array([[0.0, 2.0, 4.0, 7.0, 9.0, 12.0]]), per="tensor")[0] == pytest.approx(1)


@pytest.mark.parametrize("per", ["tensor", "dim", "row"])
def test_ordinary_values_stand_on_no_lattice(per: Literal["tensor", "dim", "row"]) -> None:
    assert np.isnan(stats.lattice_steps(CLOUD, per=per)).all()


def test_float16_storage_is_no_lattice_of_few_levels() -> None:
    assert np.isnan(stats.lattice_steps(CLOUD.astype(np.float16).astype(np.float32), per="tensor")).all()


def test_a_constant_dimension_and_a_handful_of_values_have_no_step() -> None:
    assert np.isnan(stats.lattice_steps(np.ones((10, 2)), per="dim")).all()
    assert np.isnan(stats.lattice_steps(np.arange(6.0).reshape(2, 3), per="row")).all()


def test_more_levels_than_asked_for_are_no_lattice() -> None:
    levels = np.arange(300.0).reshape(-1, 1)

    assert np.isnan(stats.lattice_steps(levels, per="tensor")).all()
    assert stats.lattice_steps(levels, per="tensor", max_levels=300)[0] == 1


@pytest.mark.parametrize("per", ["tensor", "dim"])
def test_the_error_of_rounding_is_a_twelfth_of_the_squared_step(per: Literal["tensor", "dim"]) -> None:
    vectors = np.random.default_rng(2).normal(size=(4000, 12)).astype(np.float32)
    stored = int8_rounded(vectors, lattice=per)

    # uniform between two levels; 48,000 squared uniform errors have a relative standard error of 0.4 %
    predicted = np.square(stats.lattice_steps(stored, per=per)).mean() / 12
    assert np.square(stored - vectors).mean() == pytest.approx(predicted, rel=0.02)


# how much moved


def test_the_largest_change_is_a_share_of_the_largest_value() -> None:
    reference = np.array([[1.0, -4.0], [2.0, 0.0], [0.0, 0.0]])
    current = np.array([[2.0, -4.0], [2.0, 0.0], [0.0, 0.0]])

    assert stats.largest_change(reference, current).tolist() == [0.25, 0.0, 0.0]


@pytest.mark.parametrize(("kind", "bits"), [(np.float16, 11), (np.float32, 24)])
def test_rounding_changes_a_row_by_at_most_half_a_unit_in_the_last_place(kind: type, bits: int) -> None:
    exact = np.random.default_rng(3).normal(size=(100, 8))

    assert stats.largest_change(exact, exact.astype(kind).astype(np.float64)).max() <= 2.0**-bits


def test_norm_ratios_are_the_lengths_that_normalising_took_away() -> None:
    lengths = np.linalg.norm(CLOUD, axis=1)

    np.testing.assert_allclose(stats.norm_ratios(CLOUD, CLOUD / lengths[:, None]), 1 / lengths, rtol=1e-5)


def test_a_vector_of_zeros_has_no_norm_ratio() -> None:
    assert np.isnan(stats.norm_ratios(np.zeros((1, 2)), np.ones((1, 2)))).all()


# columns


@law
@given(seed=seeds)
def test_a_signed_permutation_of_the_columns_is_recovered_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    order, signs = rng.permutation(16), rng.choice((-1.0, 1.0), size=16)
    current = np.empty_like(CLOUD)
    # reference column j came back as column order[j] with the sign signs[j]
    current[:, order] = CLOUD * signs

    found = stats.signed_permutation(CLOUD, current)

    assert found.order.tolist() == order.tolist()
    assert found.signs.tolist() == signs.tolist()
    assert found.explained == pytest.approx(1)
    np.testing.assert_allclose(found.apply(current), CLOUD, rtol=1e-6)


def test_columns_in_place_are_not_displaced() -> None:
    assert stats.signed_permutation(CLOUD, CLOUD + 0.01).n_displaced == 0


def test_a_swap_and_a_flip_displace_three_columns() -> None:
    current = CLOUD.copy()
    current[:, [2, 5]] = CLOUD[:, [5, 2]]
    current[:, 7] *= -1

    assert stats.signed_permutation(CLOUD, current).n_displaced == 3


def test_a_rotation_is_no_permutation() -> None:
    assert stats.signed_permutation(CLOUD, rotated(CLOUD)).explained < 0.5


def test_constant_columns_do_not_break_the_assignment() -> None:
    still = CLOUD.copy()
    still[:, 3] = 2.0

    assert stats.signed_permutation(still, still).explained == pytest.approx(1)


# what the error looks like


@law
@given(n_dims=st.integers(1, 8), seed=seeds)
def test_a_cloud_of_k_equal_directions_has_k_effective_dims(n_dims: int, seed: int) -> None:
    # ± each axis once: the covariance is a multiple of the identity, in whatever orientation
    axes = np.eye(n_dims)
    cloud = rotated(np.vstack([axes, -axes]).astype(np.float32), seed=seed)

    assert stats.effective_dims(cloud) == pytest.approx(n_dims, rel=1e-5)


def test_effective_dims_of_unequal_variances() -> None:
    # variances 4 and 1 (times 1/2): (4 + 1)² / (16 + 1)
    cloud = np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])

    assert stats.effective_dims(cloud) == pytest.approx(25 / 17)


def test_rows_that_are_all_the_same_have_no_effective_dims() -> None:
    assert stats.effective_dims(np.ones((5, 3))) is None


def test_independent_errors_have_nothing_in_common_however_small_the_concepts() -> None:
    world = make_world(n_concepts=200, n_per_concept=3, n_dims=16)
    errors = np.random.default_rng(4).normal(size=world.vectors.shape)

    # three samples a concept: without the correction a third of it would look common
    assert abs(stats.common_share(errors, world.concepts, 200)) < 0.03


def test_a_common_step_and_a_step_of_its_own_of_the_same_length_share_half() -> None:
    world = make_world(n_concepts=300, n_per_concept=40, n_dims=8)
    rng = np.random.default_rng(5)
    errors = rng.normal(size=(300, 8))[world.concepts] + rng.normal(size=world.vectors.shape)

    # 2,400 and 96,000 squares: the two variances are known within 3 %
    assert stats.common_share(errors, world.concepts, 300) == pytest.approx(0.5, abs=0.03)


def test_samples_of_no_concept_have_no_say_in_the_common_share() -> None:
    errors = np.array([[1.0, 0], [1, 0], [50, 70]])

    assert stats.common_share(errors, np.array([0, 0, -1]), 1) == pytest.approx(1)


# what flagged samples share


def test_spread_counts_concepts_of_equal_use() -> None:
    concepts = np.repeat(np.arange(4), 10)

    # exp of the entropy of two equal shares is 2, of four equal shares 4
    assert stats.spread_over_concepts(concepts < 2, concepts, 4) == pytest.approx(2 / 4)
    assert stats.spread_over_concepts(concepts < 4, concepts, 4) == pytest.approx(1)


def test_a_few_flagged_samples_are_not_blamed_for_reaching_few_concepts() -> None:
    concepts = np.repeat(np.arange(50), 4)
    flags = np.zeros(200, dtype=bool)
    flags[[0, 40, 80]] = True

    assert stats.spread_over_concepts(flags, concepts, 50) == pytest.approx(1)


def test_flags_outside_every_concept_have_no_spread() -> None:
    assert stats.spread_over_concepts(np.array([True, False]), np.array([-1, 0]), 1) is None


@law
@given(seed=seeds)
def test_auroc_within_one_concept_is_the_mann_whitney_statistic(seed: int) -> None:
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(seed)
    # whole numbers, so that there are ties
    values, flags = rng.integers(0, 9, size=40).astype(float), np.arange(40) < 15
    found = stats.auroc_within(values, flags, np.zeros(40, dtype=np.int64), 1)

    assert found is not None
    assert found.auroc == pytest.approx(mannwhitneyu(values[flags], values[~flags]).statistic / (15 * 25))


def test_auroc_within_adds_up_the_pairs_of_each_concept() -> None:
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(6)
    concepts, values, flags = rng.integers(-1, 4, size=200), rng.normal(size=200), rng.random(200) < 0.3
    wins = pairs = 0.0
    for k in range(4):
        mine, others = values[(concepts == k) & flags], values[(concepts == k) & ~flags]
        wins, pairs = wins + mannwhitneyu(mine, others).statistic, pairs + len(mine) * len(others)

    found = stats.auroc_within(values, flags, concepts, 4)

    assert found is not None
    assert found.auroc == pytest.approx(wins / pairs)


def test_a_concept_that_is_long_as_a_whole_and_flagged_as_a_whole_says_nothing() -> None:
    lengths = np.array([90.0, 95, 99, 1, 2, 3])
    flags = np.array([True, True, True, False, False, False])

    assert stats.auroc_within(lengths, flags, np.array([0, 0, 0, 1, 1, 1]), 2) is None


def test_the_standard_error_of_auroc_within_is_that_of_flags_dealt_by_chance() -> None:
    rng = np.random.default_rng(7)
    concepts, values = np.repeat(np.arange(5), 30), rng.normal(size=150)
    found = []
    for _ in range(2000):
        # a third of each concept
        flags = np.concatenate([rng.permutation(30) < 10 for _ in range(5)])
        each = stats.auroc_within(values, flags, concepts, 5)
        assert each is not None
        found.append((each.auroc, each.standard_error))

    # the standard error of a standard deviation of 2,000 draws is 1.6 %
    aurocs, errors = np.array(found).T
    assert aurocs.std() == pytest.approx(errors.mean(), rel=0.06)
    assert aurocs.mean() == pytest.approx(0.5, abs=0.01)


# harm


def test_recall_is_the_share_of_the_list_that_is_kept() -> None:
    # of 10 neighbours 7 are kept: 7 of the 13 that either list names
    assert stats.neighbor_recall(np.array([7 / 13])).tolist() == pytest.approx([0.7])

"""Evals beside drift, many tests at once, and many looks: each compared with another program or a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control

from driftcore import stats
from tests.stats.clouds import law

chances = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def answers(n_right_to_wrong: int, n_wrong_to_right: int, n_same: int = 3) -> tuple[np.ndarray, np.ndarray]:
    before = np.repeat([1.0, 0, 1, 0], [n_right_to_wrong, n_wrong_to_right, n_same, n_same])
    after = np.repeat([0.0, 1, 1, 0], [n_right_to_wrong, n_wrong_to_right, n_same, n_same])
    return before, after


@given(worse=st.integers(0, 30), better=st.integers(0, 30))
@law
def test_mcnemar_is_a_binomial_test_of_the_flips(worse: int, better: int) -> None:
    before, after = answers(worse, better)

    found = stats.mcnemar_pvalues(before, after, np.zeros(len(before), dtype=np.int64), 1)

    expected = binomtest(worse, worse + better).pvalue if worse + better else 1.0
    assert found[0] == pytest.approx(expected)


def test_each_concept_has_its_own_mcnemar_test() -> None:
    right, wrong = np.ones(12), np.zeros(12)
    concepts = np.repeat([0, 1, -1], [5, 3, 4])

    # 2 · 2⁻⁵ and 2 · 2⁻³; the last four belong to none, and nobody to the third concept
    assert stats.mcnemar_pvalues(right, wrong, concepts, 3).tolist() == [0.0625, 0.25, 1]


def test_unknown_answers_do_not_count_as_flips() -> None:
    before, after = np.array([1.0, 1, np.nan]), np.array([0.0, np.nan, 0])

    # one flip of one: 2 · 2⁻¹
    assert stats.mcnemar_pvalues(before, after, np.zeros(3, dtype=np.int64), 1).tolist() == [1]
    np.testing.assert_array_equal(stats.churned(before, after), [1, np.nan, np.nan])


def test_churn_counts_flips_both_ways() -> None:
    assert stats.churned(np.array([1.0, 1, 0, 0]), np.array([1.0, 0, 1, 0])).tolist() == [0, 1, 1, 0]


@given(worse=st.lists(st.integers(0, 20), min_size=1, max_size=5), better=st.integers(0, 20))
@law
def test_counted_flips_have_the_pvalue_of_the_answers(worse: list[int], better: int) -> None:
    sides = [answers(n, better) for n in worse]
    before, after = (np.concatenate([side[number] for side in sides]) for number in (0, 1))
    concepts = np.repeat(np.arange(len(worse)), [len(side[0]) for side in sides])

    counts = stats.flip_counts(before, after, concepts, len(worse))

    assert [each.tolist() for each in counts] == [worse, [better] * len(worse)]
    np.testing.assert_array_equal(
        stats.flip_pvalues(*counts), stats.mcnemar_pvalues(before, after, concepts, len(worse))
    )


@given(p_values=chances)
@law
def test_q_values_are_those_of_scipy(p_values: list[float]) -> None:
    np.testing.assert_allclose(stats.benjamini_hochberg(np.array(p_values)), false_discovery_control(p_values))


@given(p_values=chances)
@law
def test_tests_that_were_not_made_do_not_count(p_values: list[float]) -> None:
    made = np.array(p_values)
    with_gaps = np.full(2 * len(made), np.nan)
    with_gaps[::2] = made

    found = stats.benjamini_hochberg(with_gaps)

    np.testing.assert_array_equal(found[::2], stats.benjamini_hochberg(made))
    assert np.isnan(found[1::2]).all()


@given(p_values=chances)
@law
def test_a_q_value_is_never_below_its_p_value_nor_in_another_order(p_values: list[float]) -> None:
    p = np.array(p_values)

    q = stats.benjamini_hochberg(p)

    assert (q >= p - 1e-15).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()


def test_q_values_keep_the_shape_of_a_matrix() -> None:
    assert stats.benjamini_hochberg(np.array([[0.01, np.nan], [0.02, 0.5]])).shape == (2, 2)


def test_no_tests_have_no_q_values() -> None:
    assert stats.benjamini_hochberg(np.array([])).shape == (0,)


@given(alpha=st.floats(0.001, 0.5), n_looks=st.integers(1, 200))
@law
def test_the_levels_of_all_looks_together_stay_below_the_level_of_one(alpha: float, n_looks: int) -> None:
    levels = stats.look_alphas(alpha, n_looks)

    # a telescoping sum: 1/t − 1/(t + 1)
    assert levels.sum() == pytest.approx(alpha * n_looks / (n_looks + 1))
    assert (np.diff(levels) < 0).all()


def test_the_level_of_a_look_does_not_know_how_many_follow() -> None:
    np.testing.assert_array_equal(stats.look_alphas(0.05, 10)[:4], stats.look_alphas(0.05, 4))

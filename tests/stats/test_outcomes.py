"""Evals beside drift, and many tests at once: each compared with another program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control
from sklearn.metrics import roc_auc_score

from driftcore import stats
from tests.stats.clouds import law, seeds

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


@given(seed=seeds, n_levels=st.integers(1, 20))
@law
def test_auroc_is_sklearns_also_where_scores_are_tied(seed: int, n_levels: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, n_levels, size=40) / 7
    positive = rng.permutation(np.repeat([True, False], [15, 25]))

    assert stats.auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@pytest.mark.parametrize("kind", [True, False])
def test_one_kind_of_sample_ranks_nothing(kind: bool) -> None:
    assert stats.auroc(np.arange(3.0), np.full(3, kind)) is None


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

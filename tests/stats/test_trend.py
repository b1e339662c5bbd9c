"""Trends: compared with scipy, with every permutation, and with how often chance looks like one."""

from __future__ import annotations

import itertools
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from driftcore import stats
from tests.stats.clouds import law, seeds


@given(seed=seeds, n=st.integers(5, 30))
@law
def test_slope_and_interval_are_scipys(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    times, values = np.sort(rng.random(n)), rng.normal(size=n)

    found, expected = stats.theil_sen(times, values), theilslopes(values, times)

    assert found is not None
    assert (found.value, found.low, found.high) == (expected.slope, expected.low_slope, expected.high_slope)


@given(seed=seeds, slope=st.floats(-5, 5), n=st.integers(2, 9))
@law
def test_a_straight_line_has_its_slope_whatever_the_gaps_between_checkpoints(seed: int, slope: float, n: int) -> None:
    times = np.cumsum(0.1 + np.random.default_rng(seed).random(n))

    found = stats.theil_sen(times, slope * times + 3)

    assert found is not None
    assert found.value == pytest.approx(slope, abs=1e-9)


def test_one_wild_checkpoint_does_not_carry_the_slope_off() -> None:
    found = stats.theil_sen(np.arange(6.0), np.array([0.0, 1, 2, 3, 100, 5]))

    assert found is not None
    assert found.value == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("n", "sure"), [(2, False), (3, False), (4, False), (5, True), (9, True)])
def test_few_checkpoints_have_a_slope_and_no_interval(n: int, sure: bool) -> None:
    found = stats.theil_sen(np.arange(float(n)), np.arange(float(n)))

    # the widest interval has 1 − 2/n!: 92 % for four points
    assert found is not None
    assert (found.low is not None) == (found.high is not None) == sure == (1 - 2 / factorial(n) >= 0.95)


def test_checkpoints_that_were_not_measured_are_left_out() -> None:
    values = np.array([0.0, np.nan, 2, 3, 4, 5])

    known = np.flatnonzero(~np.isnan(values)).astype(float)
    assert stats.theil_sen(np.arange(6.0), values) == stats.theil_sen(known, values[~np.isnan(values)])


def test_one_time_has_no_slope() -> None:
    assert stats.theil_sen(np.zeros(3), np.arange(3.0)) is None
    assert stats.theil_sen(np.arange(3.0), np.array([1.0, np.nan, np.nan])) is None


@given(seed=seeds, n=st.integers(2, 50))
@law
def test_without_ties_the_test_is_kendalls_exact_one(seed: int, n: int) -> None:
    values = np.random.default_rng(seed).normal(size=n)

    expected = kendalltau(np.arange(n), values, method="exact").pvalue
    assert float(stats.mann_kendall(values)) == pytest.approx(expected, rel=1e-9)


@given(values=st.lists(st.integers(0, 3), min_size=2, max_size=6))
@law
def test_with_ties_the_test_counts_every_permutation(values: list[int]) -> None:
    def score(series: tuple[int, ...]) -> int:
        return abs(sum(int(np.sign(b - a)) for a, b in itertools.combinations(series, 2)))

    scores = [score(order) for order in itertools.permutations(values)]

    expected = np.mean([each >= score(tuple(values)) for each in scores])
    assert float(stats.mann_kendall(np.array(values, dtype=float))) == pytest.approx(expected)


@given(seed=seeds, digits=st.integers(0, 3))
@law
def test_long_series_are_scipys_normal_approximation_with_ties(seed: int, digits: int) -> None:
    values = np.round(np.random.default_rng(seed).normal(size=70), digits)

    expected = kendalltau(np.arange(70), values, method="asymptotic").pvalue
    assert float(stats.mann_kendall(values)) == pytest.approx(expected, rel=1e-9)


def test_a_long_series_of_one_value_has_no_trend() -> None:
    assert float(stats.mann_kendall(np.ones(70))) == 1


@given(seed=seeds)
@law
def test_only_the_order_of_the_values_counts(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=7)

    # a series read backwards falls where it rose, and the test is two-sided
    for same in (np.exp(values), 3 * values - 5, values[::-1]):
        assert float(stats.mann_kendall(same)) == float(stats.mann_kendall(values))


@given(seed=seeds)
@law
def test_many_series_are_tested_as_each_alone(seed: int) -> None:
    series = np.random.default_rng(seed).integers(0, 5, size=(6, 3, 4)).astype(float)
    series[0, 0, 0] = np.nan

    found = stats.mann_kendall(series)

    expected = [[float(stats.mann_kendall(series[:, i, j])) for j in range(4)] for i in range(3)]
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(found[0, 0])


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_no_trend_is_surer_than_one_that_only_rises(n: int) -> None:
    # two of the n! orders rise or fall throughout
    assert stats.smallest_trend_pvalue(n) == pytest.approx(2 / factorial(n))


def test_under_no_trend_the_test_keeps_its_level_and_a_wandering_series_breaks_it() -> None:
    steps = np.random.default_rng(0).normal(size=(8, 4000))

    shuffled = (stats.mann_kendall(steps) <= 0.05).mean()
    wandering = (stats.mann_kendall(np.cumsum(steps, axis=0)) <= 0.05).mean()

    # of 8 values the exact level below 0.05 is 0.0305; the docstring warns of the other
    assert shuffled <= 0.05
    assert wandering > 0.3

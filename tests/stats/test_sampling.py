"""Laws of a probability sample: its size, its probabilities, and estimates that are right on average."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftcore.stats import (
    blended_scores,
    hajek,
    horvitz_thompson,
    inclusion_probabilities,
    pivotal_sample,
    spread_order,
)

law = settings(deadline=None, derandomize=True, max_examples=100)
scores = arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1e6))
N_DRAWS = 4000


def a_population(n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, scores of very different size, and outcomes that have to do with both."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(n, 5)).astype(np.float32)
    risk = np.exp(1.5 * vectors[:, 0])
    return vectors, risk, (rng.random(n) < 0.15 + 0.5 * (risk > 2)).astype(np.float64)


@law
@given(scores=scores, uniform=st.floats(0.01, 1), share=st.floats(0, 1))
def test_probabilities_sum_to_n_and_are_above_0_and_at_most_1(scores, uniform, share) -> None:
    n = max(1, round(share * len(scores)))
    probabilities = inclusion_probabilities(scores, n, uniform=uniform)
    assert probabilities.sum() == pytest.approx(n, rel=1e-9)
    assert (probabilities > 0).all() and (probabilities <= 1).all()
    # each has at least its uniform part, and a larger score is never drawn less often
    assert (probabilities >= min(1, uniform * n / len(scores)) * (1 - 1e-9)).all()
    assert (np.diff(probabilities[np.argsort(scores, kind="stable")]) >= -1e-12).all()


def test_without_scores_the_sample_is_uniform_and_the_whole_population_is_certain() -> None:
    assert inclusion_probabilities(np.zeros(8), 2).tolist() == [0.25] * 8
    assert inclusion_probabilities(np.array([5.0, 0.0, 1.0]), 3).tolist() == [1.0] * 3


@pytest.mark.parametrize(
    ("scores", "n", "uniform"),
    [([1.0], 0, 0.2), ([1.0], 2, 0.2), ([1.0, 1.0], 1, 0.0), ([-1.0], 1, 0.2), ([np.nan], 1, 0.2), ([1.0], 1, 1.1)],
)
def test_what_cannot_be_drawn_is_refused(scores, n, uniform) -> None:
    with pytest.raises(ValueError, match=r"drawn|uniform|Scores"):
        inclusion_probabilities(np.array(scores), n, uniform=uniform)


@law
@given(scores=scores, share=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_every_draw_has_exactly_n_rows_each_once(scores, share, seed) -> None:
    n, rng = max(1, round(share * len(scores))), np.random.default_rng(seed)
    probabilities = inclusion_probabilities(scores, n)
    drawn = pivotal_sample(probabilities, rng.permutation(len(scores)), rng=rng)
    assert len(drawn) == len(set(drawn.tolist())) == n
    assert np.isin(np.flatnonzero(probabilities == 1), drawn).all()


def test_each_member_comes_in_as_often_as_its_probability_says() -> None:
    vectors, risk, _ = a_population()
    probabilities, rng = inclusion_probabilities(risk, 12), np.random.default_rng(1)
    counts = np.zeros(len(risk))
    for _ in range(N_DRAWS):
        counts[pivotal_sample(probabilities, spread_order(vectors, rng=rng), rng=rng)] += 1
    # binomial counts: of 60 standardised differences the largest stays below 4.5 but once in 2,000 seeds
    error = np.sqrt(probabilities * (1 - probabilities) / N_DRAWS)
    uncertain = error > 1e-6
    assert np.abs((counts / N_DRAWS - probabilities)[uncertain] / error[uncertain]).max() < 4.5


def test_horvitz_thompson_is_right_on_average_and_the_plain_mean_is_not() -> None:
    vectors, risk, outcomes = a_population()
    probabilities, rng = inclusion_probabilities(risk, 12), np.random.default_rng(2)
    order = spread_order(vectors, rng=rng)
    draws = [pivotal_sample(probabilities, order, rng=rng) for _ in range(N_DRAWS)]
    estimates = np.array([horvitz_thompson(outcomes[s], probabilities[s], 60).value for s in draws])
    naive = np.array([outcomes[s].mean() for s in draws])
    error = estimates.std(ddof=1) / np.sqrt(N_DRAWS)
    assert abs(estimates.mean() - outcomes.mean()) < 4 * error
    assert naive.mean() - outcomes.mean() > 20 * naive.std(ddof=1) / np.sqrt(N_DRAWS)


def test_a_spread_sample_of_a_smooth_outcome_varies_less_than_one_in_any_order() -> None:
    # one direction matters: systematic samples of a line are far less noisy than simple random ones
    rng = np.random.default_rng(3)
    line = rng.normal(size=(200, 1)).astype(np.float32)
    outcomes = (line[:, 0] > 0).astype(np.float64)
    probabilities = np.full(200, 0.1)

    def spread(order) -> float:
        return float(np.std([outcomes[pivotal_sample(probabilities, order(), rng=rng)].mean() for _ in range(300)]))

    assert spread(lambda: spread_order(line, rng=rng)) < 0.5 * spread(lambda: rng.permutation(200))


def test_neighbours_stand_together_on_the_path_and_every_row_once() -> None:
    groups = np.repeat(np.arange(8), 25)
    centres = 10 * np.random.default_rng(0).normal(size=(8, 6))
    vectors = (centres[groups] + np.random.default_rng(1).normal(size=(200, 6))).astype(np.float32)
    order = spread_order(vectors, rng=np.random.default_rng(2))
    assert sorted(order.tolist()) == list(range(200))
    # in any order 7 of 8 steps lead to another group
    assert (np.diff(groups[order]) != 0).sum() < 40


def test_with_equal_probabilities_all_estimates_are_the_plain_mean() -> None:
    outcomes = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    for estimate in (horvitz_thompson, hajek):
        found = estimate(outcomes, np.full(5, 0.05), 100)
        assert found.value == pytest.approx(0.4)
        assert 0 < found.low < 0.4 < found.high < 1


def test_the_variance_at_equal_probabilities_is_that_of_a_simple_random_sample() -> None:
    # s² (1 − n/N) / n with s² = 0.3: the interval is Wilson's at p (1 − p) / variance samples
    outcomes = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    n = 0.24 / (0.3 * (1 - 5 / 100) / 5)
    z2 = 1.959963984540054**2
    half = np.sqrt(z2) / (1 + z2 / n) * np.sqrt(0.24 / n + z2 / (4 * n**2))
    found = horvitz_thompson(outcomes, np.full(5, 0.05), 100)
    assert (found.high - found.low) / 2 == pytest.approx(half)


def test_no_error_found_is_not_certainty_and_the_whole_population_is() -> None:
    nothing = horvitz_thompson(np.zeros(50), np.full(50, 0.1), 500)
    # Wilson at 0 of 50: z² / (n + z²)
    assert (nothing.value, nothing.low, nothing.high) == (0.0, 0.0, pytest.approx(0.0714, abs=1e-4))
    whole = hajek(np.array([1.0, 0.0]), np.ones(2), 2)
    assert (whole.low, whole.high) == (0.5, 0.5)


def test_reasons_have_the_same_say_whatever_their_unit() -> None:
    drift, unsure = np.array([0.0, 0.1, 0.3]), np.array([500.0, 250.0, 0.0])
    # shares of each reason: 0, 1/4, 3/4 and 2/3, 1/3, 0; times three samples, halved
    assert blended_scores(drift, unsure) == pytest.approx([1.0, 0.875, 1.125])
    assert blended_scores(drift, np.zeros(3)) == pytest.approx([0, 0.75, 2.25])
    assert blended_scores(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("shape", [(1, 5), (37, 5), (9, 50), (3, 1)])
def test_a_path_runs_through_few_and_equal_rows_too(shape) -> None:
    order = spread_order(np.ones(shape, dtype=np.float32), rng=np.random.default_rng(0))
    assert sorted(order.tolist()) == list(range(shape[0]))

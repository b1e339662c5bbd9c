"""Rankings: compared with sklearn, with the equation the interval solves, and with how often it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from driftcore import stats
from tests.stats.clouds import law, seeds

sizes = st.integers(1, 2000)


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


@given(estimate=st.floats(0.001, 0.999), m=sizes, n=sizes, level=st.floats(0.5, 0.99))
@law
def test_at_both_ends_the_estimate_lies_z_standard_errors_away(estimate: float, m: int, n: int, level: float) -> None:
    z, half = norm.isf((1 - level) / 2), (m + n) / 2 - 1

    for theta in stats.auroc_interval(estimate, m, n, level=level):
        shape = 1 + half * (1 - theta) / (2 - theta) + half * theta / (1 + theta)
        variance = theta * (1 - theta) * shape / (m * n)
        assert (estimate - theta) ** 2 == pytest.approx(z**2 * variance, rel=1e-6, abs=1e-9)


@given(estimate=st.floats(0, 1), m=sizes, n=sizes)
@law
def test_an_interval_holds_its_estimate_and_turns_round_with_it(estimate: float, m: int, n: int) -> None:
    low, high = stats.auroc_interval(estimate, m, n)
    turned = stats.auroc_interval(1 - estimate, m, n)

    assert 0 <= low <= estimate + 1e-12
    assert estimate - 1e-12 <= high <= 1
    assert turned == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_a_perfect_ranking_of_one_positive_is_hardly_evidence() -> None:
    # with one of each: (1 − θ)² = z²θ(1 − θ), so θ = 1 / (1 + z²)
    low, high = stats.auroc_interval(1.0, 1, 1)

    assert (low, high) == (pytest.approx(1 / (1 + norm.isf(0.025) ** 2)), 1)


@pytest.mark.parametrize(("n_positive", "truth"), [(3, 0.95), (5, 0.8), (20, 0.9)])
def test_the_interval_covers_as_often_as_it_says(n_positive: int, truth: float) -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(n_positive + 300) < n_positive
    # two normals of equal width, this far apart, have that AUROC
    apart = norm.ppf(truth) * np.sqrt(2)

    covered = 0
    for _ in range(400):
        estimate = stats.auroc(rng.normal(size=len(positive)) + apart * positive, positive)
        assert estimate is not None
        low, high = stats.auroc_interval(estimate, n_positive, 300)
        covered += low <= truth <= high

    # 95 % of 400, less three standard errors of it
    assert covered >= 0.917 * 400


@given(seed=seeds)
@law
def test_combined_percentiles_ask_only_for_the_order_of_each_score(seed: int) -> None:
    one, other = np.random.default_rng(seed).normal(size=(2, 30))

    np.testing.assert_allclose(
        stats.mean_percentiles(np.exp(one), 3 * other - 1), stats.mean_percentiles(one, other), atol=1e-12
    )
    assert (np.argsort(stats.mean_percentiles(one)) == np.argsort(one)).all()

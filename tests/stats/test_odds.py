"""Odds within strata: compared with scipy on one table, and with R on the Berkeley admissions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats.contingency import odds_ratio

from driftcore import stats
from tests.stats.clouds import law, seeds

# admitted men, rejected men, admitted women, rejected women, for each department
BERKELEY = [
    (512, 313, 89, 19),
    (353, 207, 17, 8),
    (120, 205, 202, 391),
    (138, 279, 131, 244),
    (53, 138, 94, 299),
    (22, 351, 24, 317),
]
cells = st.integers(1, 20)


def samples(
    tables: list[tuple[int, int, int, int]],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64], int]:
    """Tables of (trait and outcome, trait alone, outcome alone, neither) as trait, outcome, stratum, n_strata."""
    counts = np.array(tables).ravel()
    trait, outcome = np.tile([True, True, False, False], len(tables)), np.tile([True, False, True, False], len(tables))
    strata = np.repeat(np.arange(len(tables)), 4)
    return np.repeat(trait, counts), np.repeat(outcome, counts), np.repeat(strata, counts), len(tables)


def test_the_berkeley_admissions_are_what_r_says() -> None:
    found = stats.mantel_haenszel(*samples(BERKELEY))

    # mantelhaen.test(UCBAdmissions): common odds ratio 0.9046968, 95 percent confidence interval 0.7719074 1.0603298
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.9046968, 0.7719074, 1.0603298), abs=1e-6)


@given(a=cells, b=cells, c=cells, d=cells)
@law
def test_one_stratum_has_the_sample_odds_ratio_of_scipy(a: int, b: int, c: int, d: int) -> None:
    found = stats.mantel_haenszel(*samples([(a, b, c, d)]))
    expected = odds_ratio([[a, b], [c, d]], kind="sample")

    assert found is not None
    assert found.value == pytest.approx(expected.statistic)
    # with one stratum the variance is Woolf's, which is scipy's
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_strata_that_differ_in_both_do_not_feign_a_relation() -> None:
    # inside each stratum trait and outcome are independent; put together they look related
    tables = [(81, 9, 9, 1), (1, 9, 9, 81)]
    pooled = stats.mantel_haenszel(*samples([(82, 18, 18, 82)]))
    found = stats.mantel_haenszel(*samples(tables))

    assert found is not None
    assert pooled is not None
    assert found.value == pytest.approx(1)
    assert pooled.value > 20


def test_a_stratum_where_all_have_the_trait_says_nothing() -> None:
    with_it = stats.mantel_haenszel(*samples([(6, 4, 10, 40), (5, 5, 0, 0)]))

    assert with_it == stats.mantel_haenszel(*samples([(6, 4, 10, 40)]))


def test_samples_of_no_stratum_are_left_out() -> None:
    trait, outcome, strata, n_strata = samples([(6, 4, 10, 40), (9, 1, 1, 9)])

    found = stats.mantel_haenszel(trait, outcome, np.where(strata == 1, -1, strata), n_strata)

    assert found == stats.mantel_haenszel(*samples([(6, 4, 10, 40)]))


def test_without_a_contrast_there_is_no_ratio_and_without_a_case_no_interval() -> None:
    assert stats.mantel_haenszel(*samples([(3, 0, 0, 5)])) is None
    never = stats.mantel_haenszel(*samples([(0, 4, 3, 5)]))
    assert never is not None
    assert (never.value, never.low, never.high) == (0, None, None)


@given(seed=seeds, share=st.floats(0.01, 0.9))
@law
def test_of_every_concept_the_same_share_is_highest(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    concepts, scores = rng.integers(-1, 4, size=60), rng.normal(size=60)

    found = stats.highest_within(scores, concepts, 4, share=share)

    assert not found[concepts < 0].any()
    for k in range(4):
        inside, chosen = scores[concepts == k], scores[(concepts == k) & found]
        assert sorted(chosen) == sorted(inside)[len(inside) - int(np.ceil(share * len(inside))) :]

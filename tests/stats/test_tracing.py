"""The pull of training rows: closed forms, and how many rows are traced where nothing was relabelled."""

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore.stats import Suspects, closeness, known_labels, noise_rates, pulls, suspects

LEVEL = 0.1


def test_a_row_whose_label_was_certain_does_not_pull() -> None:
    certain = np.eye(3)
    assert pulls(certain, np.arange(3), np.ones(3), source=0, target=1).tolist() == [0.0, 0.0, 0.0]


def test_a_row_of_the_source_labelled_as_the_target_pulls_with_all_its_closeness() -> None:
    # the residual of the target is 1 − 0, that of the source 0 − 1: their difference is 2, its most
    assert pulls(np.array([[1.0, 0.0]]), np.array([1]), np.array([0.25]), source=0, target=1).tolist() == [0.5]


def test_the_reverse_relabelling_pulls_back() -> None:
    assert pulls(np.array([[0.0, 1.0]]), np.array([0]), np.ones(1), source=0, target=1).tolist() == [-2.0]


def test_a_label_that_the_reference_never_knew_pulls_only_by_what_is_missing() -> None:
    # neither label is given: what is left is p(source) − p(target)
    assert np.isclose(pulls(np.array([[0.7, 0.1]]), np.array([-1]), np.ones(1), source=0, target=1)[0], 0.6)


def test_closeness_is_the_mean_cosine_and_never_negative() -> None:
    rows = np.array([[3.0, 0.0], [0.0, 5.0], [-1.0, 0.0], [0.0, 0.0]])
    span = np.array([[1.0, 0.0], [0.0, 2.0]])
    assert np.allclose(closeness(rows, span), [0.5, 0.5, 0.0, 0.0])


def test_no_row_is_traced_where_candidates_are_like_the_usual_ones() -> None:
    n_runs, n_traced = 200, 0
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        n_traced += int((noise_rates(rng.normal(size=2000), rng.normal(size=500)) <= LEVEL).any())
    # any row at all in at most a tenth of the runs, give or take three standard errors of 200 runs
    assert n_traced / n_runs <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / n_runs)


def test_planted_rows_are_traced_with_about_the_allowed_noise() -> None:
    shares, found = [], []
    for seed in range(100):
        rng = np.random.default_rng([1, seed])
        planted = np.arange(3000) < 300
        candidates = rng.normal(size=3000) + 5 * planted
        chosen = noise_rates(candidates, rng.normal(size=3000)) <= LEVEL
        shares.append(float((chosen & ~planted).sum() / max(chosen.sum(), 1)))
        found.append(float(chosen[planted].mean()))
    assert np.mean(shares) <= 0.1 + 3 * np.std(shares) / 10
    assert np.mean(found) > 0.95


def test_a_noise_rate_is_that_of_the_best_threshold_below() -> None:
    # of 4 candidates and 8 usual rows: at 3, 4/8 · (1 + 0)/1; at 2, 4/8 · (1 + 0)/3, for 3 as well; at 1, 4/8 · 8/4
    rates = noise_rates(np.array([3.0, 2.0, 2.0, 1.0]), np.array([1.0] * 7 + [-1.0]))
    assert np.allclose(rates, [1 / 6, 1 / 6, 1 / 6, 1.0])


def test_without_candidates_or_usual_rows_nothing_is_traced() -> None:
    assert noise_rates(np.empty(0), np.ones(5)).shape == (0,)
    assert noise_rates(np.ones(5), np.empty(0)).tolist() == [1.0] * 5


def test_each_reference_row_is_judged_by_a_head_that_did_not_see_it() -> None:
    # random labels: in sample the head would remember them, out of sample it knows no more than chance
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(200, 50)), rng.integers(0, 2, size=200)
    own, others = known_labels(features, labels, features, 2, rng=rng)
    right = [(each.argmax(axis=1) == labels).mean() for each in (own, others)]
    assert right[1] > 0.65
    assert abs(right[0] - 0.5) < 3 * 0.5 / np.sqrt(200)


# three concepts on the axes; the first two are those of the span
N_DIMS, SOURCE, TARGET, OTHER = 6, 0, 1, 2


def rows_of(concepts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    return (np.eye(N_DIMS)[concepts] + 0.15 * rng.normal(size=(len(concepts), N_DIMS))) / 1.06


def found_among(used: NDArray[np.int64], seed: int, *, noise: float = 0.0, source: int = SOURCE) -> Suspects:
    """Of 600 later rows, 200 a concept, labelled as `used`; the reference's labels are wrong as often as `noise`."""
    rng = np.random.default_rng(seed)
    before, later = np.repeat(np.arange(3), 200), np.repeat(np.arange(3), 200)
    known = with_noise(before, noise, rng)
    fresh = np.ones(600, dtype=bool)
    span = rows_of(np.full(30, source), rng)
    target = TARGET if source == SOURCE else SOURCE
    rows = rows_of(later, rng)
    own = rows_of(before, rng)
    heads = known_labels(own, known, rows, 3, rng=rng)
    return suspects(own, known, rows, used, fresh, span, heads, source=source, target=target)


def with_noise(labels: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.where(rng.random(len(labels)) < share, rng.integers(0, 3, size=len(labels)), labels)


def relabelled(n_rows: int, source: int = SOURCE, target: int = TARGET) -> NDArray[np.int64]:
    used = np.repeat(np.arange(3), 200)
    used[np.flatnonzero(used == source)[:n_rows]] = target
    return used


@pytest.mark.parametrize("source", [SOURCE, TARGET])
def test_either_concept_of_the_two_is_traced_to_the_same_rows(source: int) -> None:
    # rows of the source labelled as the target: the source is pulled to the target, and the target to the source
    found = found_among(relabelled(40), seed=1, source=source)
    assert (found.noise[:40] <= LEVEL).all()
    assert (found.noise <= LEVEL).sum() <= 44
    assert set(found.order[:40]) == set(range(40))


def test_rows_that_went_to_a_third_concept_are_another_spans() -> None:
    assert not found_among(relabelled(40, target=OTHER), seed=2).noise.min() <= LEVEL


def test_labels_as_wrong_as_they_always_were_are_the_usual_noise() -> None:
    shares = []
    for seed in range(40):
        used = with_noise(np.repeat(np.arange(3), 200), 0.2, np.random.default_rng([1, seed]))
        shares.append(found_among(used, seed, noise=0.2).noise.min() <= LEVEL)
    # any row at all in at most a tenth of the runs, give or take three standard errors of 40 runs
    assert np.mean(shares) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 40)


def test_rows_that_are_not_fresh_neither_pull_nor_are_traced() -> None:
    rng = np.random.default_rng(3)
    concepts = np.repeat(np.arange(3), 200)
    fresh = np.arange(600) >= 20
    used, rows = relabelled(40), rows_of(concepts, rng)
    span = rows_of(np.full(30, SOURCE), rng)
    own = rows_of(concepts, rng)
    heads = known_labels(own, concepts, rows, 3, rng=rng)
    found = suspects(own, concepts, rows, used, fresh, span, heads, source=SOURCE, target=TARGET)
    assert not found.pull[:20].any()
    assert (found.noise[:20] == 1).all()
    assert (found.noise[20:40] <= LEVEL).all()

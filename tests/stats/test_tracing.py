"""The pull of training rows: closed forms, and how many rows are traced where nothing was relabelled."""

import numpy as np

from driftcore.stats import closeness, known_labels, pulls, traced


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
        n_traced += int(traced(rng.normal(size=2000), rng.normal(size=500), level=0.1).sum() > 0)
    # any row at all in at most a tenth of the runs, give or take three standard errors of 200 runs
    assert n_traced / n_runs <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / n_runs)


def test_planted_rows_are_traced_with_about_the_allowed_noise() -> None:
    shares, found = [], []
    for seed in range(100):
        rng = np.random.default_rng([1, seed])
        planted = np.arange(3000) < 300
        candidates = rng.normal(size=3000) + 5 * planted
        chosen = traced(candidates, rng.normal(size=3000), level=0.1)
        shares.append(float((chosen & ~planted).sum() / max(chosen.sum(), 1)))
        found.append(float(chosen[planted].mean()))
    assert np.mean(shares) <= 0.1 + 3 * np.std(shares) / 10
    assert np.mean(found) > 0.95


def test_without_candidates_or_usual_rows_nothing_is_traced() -> None:
    assert traced(np.empty(0), np.ones(5), level=0.1).shape == (0,)
    assert not traced(np.ones(5), np.empty(0), level=0.1).any()


def test_each_reference_row_is_judged_by_a_head_that_did_not_see_it() -> None:
    # random labels: in sample the head would remember them, out of sample it knows no more than chance
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(200, 50)), rng.integers(0, 2, size=200)
    own, others = known_labels(features, labels, features, 2, rng=rng)
    right = [(each.argmax(axis=1) == labels).mean() for each in (own, others)]
    assert right[1] > 0.65
    assert abs(right[0] - 0.5) < 3 * 0.5 / np.sqrt(200)

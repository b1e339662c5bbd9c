"""The tracing benchmark itself: it counts right, and its peers know what it says they do. cleanlab takes no part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.bench.tracing.__main__ import mean, measured
from tests.bench.tracing.cases import Case
from tests.bench.tracing.rankings import Found, neighbors_disagree, ours, told_the_target

N_CONCEPTS, N_EACH, N_WRONG = 3, 150, 60


def planted() -> Case:
    """Three concepts on the axes; sixty later rows of the first are labelled as the second."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(N_CONCEPTS), N_EACH)
    used = truth.copy()
    used[:N_WRONG] = 1

    def rows() -> NDArray[np.float32]:
        return (np.eye(8)[truth] + 0.1 * rng.normal(size=(len(truth), 8))).astype(np.float32)

    return Case(
        name="planted",
        features="axes",
        known=rows(),
        known_labels=truth,
        rows=rows(),
        labels=used,
        spans={0: rows()[:N_EACH]},
        target=1,
        n_concepts=N_CONCEPTS,
        truth=used != truth,
    )


def test_what_is_counted_of_a_known_order() -> None:
    case = planted()
    # the right rows stand at 0, 2, 4, …: half of any first k is right, and 30 of the 60 are among the first 60
    right, wrong = np.flatnonzero(case.truth), np.flatnonzero(~case.truth)
    order = np.concatenate([np.stack([right, wrong[:N_WRONG]], axis=1).ravel(), wrong[N_WRONG:]])
    score = np.empty(len(order))
    score[order] = -np.arange(len(order))
    told = measured(case, {"known": lambda case, rng: Found(score=score, chosen=score >= -9)})["known"]
    assert told["first n"] == 0.5
    assert told["precision 50"] == 0.5
    # all 60 stand among the first 119
    assert told["precision 200"] == 60 / 200
    assert (told["size"], told["right"]) == (10, 5)


def test_planted_rows_are_found_by_what_is_measured_as_ours() -> None:
    told = measured(planted(), {"trace": ours})["trace"]
    assert told["first n"] == 1.0
    assert told["right"] == N_WRONG
    assert told["size"] <= 1.1 * N_WRONG


def test_a_peer_that_is_told_the_target_suspects_no_row_of_another_label() -> None:
    case = planted()
    found = told_the_target(neighbors_disagree)(case, np.random.default_rng(0))
    first = np.argsort(-found.score)[: (case.labels == case.target).sum()]
    assert (case.labels[first] == case.target).all()


def test_means_are_over_seeds() -> None:
    assert mean([{"a": {"x": 1.0}}, {"a": {"x": 3.0}}]) == {"a": {"x": 2.0}}

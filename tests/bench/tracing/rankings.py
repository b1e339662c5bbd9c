"""The ways to rank training rows by how much they are suspected, and the rows that each would hand to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats import suspects
from driftcore.workflows.trace import LEVEL
from tests.bench.tracing.cases import Case

_N_NEIGHBORS = 10
_STRENGTH = 3.0
_N_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """A score for each row, the highest the most suspected; and the rows that are found, where a way has such a set."""

    score: NDArray[np.float64]
    chosen: NDArray[np.bool_] | None = None


Way = Callable[[Case, np.random.Generator], Found]


def ours(case: Case, rng: np.random.Generator) -> Found:
    """What `driftloop trace` finds, of all spans together."""
    del rng
    fresh = np.ones(len(case.labels), dtype=bool)
    sides = case.known, case.known_labels, case.rows, case.labels, fresh
    every = [
        suspects(*sides, span, case.heads, source=source, target=case.target) for source, span in case.spans.items()
    ]
    noise = np.min([each.noise for each in every], axis=0)
    pull = np.max([each.pull for each in every], axis=0)
    score = np.empty(len(noise))
    score[np.lexsort((-pull, noise))] = -np.arange(len(noise))
    return Found(score=score, chosen=noise <= LEVEL)


def reference_disagrees(case: Case, rng: np.random.Generator) -> Found:
    """What the reference says against the label used, wherever the row lies: ours without the span."""
    del rng
    return Found(score=1 - case.heads[1][np.arange(len(case.labels)), case.labels])


def by_cleanlab(case: Case, rng: np.random.Generator) -> Found:
    """cleanlab on cross-validated probabilities of the training set itself: its label quality, and its label issues."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    del rng
    folds = StratifiedKFold(_N_FOLDS, shuffle=True, random_state=0)
    head = LogisticRegression(C=_STRENGTH, max_iter=300)
    classes, codes = np.unique(case.labels, return_inverse=True)
    probabilities = cross_val_predict(head, case.rows, codes, cv=folds, method="predict_proba")
    assert probabilities.shape[1] == len(classes)
    return Found(
        score=1 - get_label_quality_scores(codes, probabilities, method="normalized_margin"),
        chosen=np.asarray(find_label_issues(codes, probabilities, n_jobs=1), dtype=bool),
    )


def neighbors_disagree(case: Case, rng: np.random.Generator) -> Found:
    """Share of a row's nearest neighbours in the training set that carry another label."""
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=_N_NEIGHBORS + 1, metric="cosine").fit(case.rows)
    others = near.kneighbors(case.rows, return_distance=False)[:, 1:]
    share = (case.labels[others] != case.labels[:, None]).mean(axis=1)
    # shares of ten come in eleven values: ties are broken by chance and not by the order of the rows
    return Found(score=share + 1e-6 * rng.random(len(share)))


def at_random(case: Case, rng: np.random.Generator) -> Found:
    """Any order."""
    return Found(score=rng.random(len(case.labels)))


def told_the_target(way: Way) -> Way:
    """The same way with the one thing that a span says at once: only rows labelled as its destination are suspected."""

    def told(case: Case, rng: np.random.Generator) -> Found:
        found, there = way(case, rng), case.labels == case.target
        lowest = found.score.min() - 1
        return Found(
            score=np.where(there, found.score, lowest - rng.random(len(there))),
            chosen=None if found.chosen is None else found.chosen & there,
        )

    return told


WAYS: dict[str, Way] = {
    "trace": ours,
    "reference disagrees": reference_disagrees,
    "cleanlab": by_cleanlab,
    "cleanlab, told the target": told_the_target(by_cleanlab),
    "neighbours disagree": neighbors_disagree,
    "neighbours, told the target": told_the_target(neighbors_disagree),
    "random": at_random,
}

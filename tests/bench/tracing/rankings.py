"""The ways to rank training rows by how much they are suspected; the highest score first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats import known_labels, suspects
from driftcore.workflows.trace import LEVEL

_N_NEIGHBORS = 10
_MOST_STRENGTH = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One training set with a truth, in one space.

    `name` is that of the training set, `concept` that of the span. `known` are rows of the reference with their labels;
    `rows` are those of the later training set with the labels that it used, `fresh` those that are new or relabelled
    since; `span` are samples of the concept `source` that went toward `target`. All in the same features, dense or
    sparse; `truth` says which rows were relabelled.
    """

    name: str
    concept: str
    features: str
    known: NDArray[np.float32]
    known_labels: NDArray[np.int64]
    rows: NDArray[np.float32]
    labels: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    span: NDArray[np.float32]
    source: int
    target: int
    n_concepts: int
    truth: NDArray[np.bool_]


def ours(case: Case, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How suspected each row is, and the rows that are traced."""
    found = suspects(
        case.known,
        case.known_labels,
        case.rows,
        case.labels,
        case.fresh,
        case.span,
        n_concepts=case.n_concepts,
        source=case.source,
        target=case.target,
        rng=rng,
    )
    score = np.empty(len(case.labels))
    score[found.order] = -np.arange(len(score))
    return score, found.noise <= LEVEL


def reference_disagrees(case: Case, rng: np.random.Generator) -> NDArray[np.float64]:
    """What the reference says against the label used, wherever the row lies: our score without the span."""
    _, theirs = known_labels(case.known, case.known_labels, case.rows, case.n_concepts, rng=rng)
    return 1 - theirs[np.arange(len(case.labels)), case.labels]


def by_cleanlab(case: Case, rng: np.random.Generator) -> NDArray[np.float64]:
    """cleanlab's label quality (normalised margin) of cross-validated probabilities of the training set itself."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    del rng
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    head = LogisticRegression(C=_MOST_STRENGTH, max_iter=300)
    probabilities = cross_val_predict(head, case.rows, case.labels, cv=folds, method="predict_proba")
    classes, codes = np.unique(case.labels, return_inverse=True)
    assert len(classes) == probabilities.shape[1]
    return 1 - get_label_quality_scores(codes, probabilities, method="normalized_margin")


def neighbors_disagree(case: Case, rng: np.random.Generator) -> NDArray[np.float64]:
    """Share of a row's nearest neighbours in the training set that carry another label."""
    from sklearn.neighbors import NearestNeighbors

    del rng
    near = NearestNeighbors(n_neighbors=_N_NEIGHBORS + 1, metric="cosine").fit(case.rows)
    others = near.kneighbors(case.rows, return_distance=False)[:, 1:]
    return (case.labels[others] != case.labels[:, None]).mean(axis=1)


def at_random(case: Case, rng: np.random.Generator) -> NDArray[np.float64]:
    """Any order."""
    return rng.random(len(case.labels))


PEERS: dict[str, Callable[[Case, np.random.Generator], NDArray[np.float64]]] = {
    "the reference disagrees": reference_disagrees,
    "cleanlab": by_cleanlab,
    "neighbours disagree": neighbors_disagree,
    "random": at_random,
}

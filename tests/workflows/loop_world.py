"""A store in which one concept drifted because training rows were relabelled, small enough to retrain in a second."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import Span
from driftcore.store import Store
from driftcore.testing import make_world, moved, resampled

N_CONCEPTS, N_PER_CONCEPT = 8, 60
SOURCE, TARGET = "concept 1", "concept 4"
WORLD = make_world(n_concepts=N_CONCEPTS, n_per_concept=N_PER_CONCEPT, n_dims=24)
TRAIN = resampled(WORLD, seed=1)
LATER = resampled(WORLD, seed=2)
LIVE = resampled(WORLD, seed=3)
# of the later training rows of the source, so many are labelled as the target
N_RELABELLED = 45
RELABELLED = np.flatnonzero(LATER.labels == SOURCE)[:N_RELABELLED]
START = datetime(2026, 1, 5, tzinfo=UTC)
LATER_AT = datetime(2026, 1, 12, tzinfo=UTC)


def texts(labels: NDArray[np.object_], *, seed: int) -> NDArray[np.object_]:
    """A text a row, made of words of its concept and words that all concepts share."""
    rng = np.random.default_rng([7, seed])
    own = rng.integers(0, 12, size=(len(labels), 4))
    common = rng.integers(0, 30, size=(len(labels), 4))
    return np.array(
        [
            " ".join([*(f"{label.replace(' ', '')}w{word}" for word in words), *(f"so{word}" for word in others)])
            for label, words, others in zip(labels, own, common, strict=True)
        ],
        dtype=object,
    )


def make_store(path: Path, *, with_texts: bool = True, relabelled: bool = True, silent: bool = False) -> Store:
    """Two checkpoints with the splits validation, live and train; the second moved the source toward the target.

    Where the drift is `silent`, every answer is still right.
    """
    store = open_store(path)
    used = LATER.labels.copy()
    if relabelled:
        used[RELABELLED] = TARGET
    for name, at, share, train, labels in (
        ("week 1", START, 0.0, TRAIN, TRAIN.labels),
        ("week 2", LATER_AT, 0.45, LATER, used),
    ):
        parts = {
            "validation": (_moved(WORLD, share), WORLD.labels, "v"),
            "live": (_moved(LIVE, share), LIVE.labels, "l"),
            "train": (_moved(train, share), labels, f"{name}-t"),
        }
        for number, (split, (vectors, marked, stem)) in enumerate(parts.items()):
            truth = train.labels if split == "train" else marked
            ids = np.array([f"{stem}{row:04d}" for row in range(len(marked))], dtype=object)
            columns = {"id": ids, "label": marked, "embedding": vectors}
            if with_texts:
                columns["text"] = texts(truth, seed=number)
            ingest(store, columns, checkpoint=name, split=split, at=at)
            if split != "train":
                log_eval(
                    store,
                    {"id": ids, "prediction": _predicted(marked, 0.0 if silent else share)},
                    checkpoint=name,
                    split=split,
                )
    compare(store, "week 1", "week 2")
    return store


def drifted(store: Store) -> Span:
    """The span of the concept that drifted."""
    return next(span for span in store.spans.all() if span.concept == SOURCE)


def _moved(world: object, share: float) -> NDArray[np.float32]:
    return moved(world, 1, toward=4, share=share) if share else world.vectors


def _predicted(labels: NDArray[np.object_], share: float) -> NDArray[np.object_]:
    """At the second checkpoint two thirds of the source are taken for the target."""
    predictions = labels.copy()
    if share:
        rows = np.flatnonzero(labels == SOURCE)
        predictions[rows[: 2 * len(rows) // 3]] = TARGET
    return predictions

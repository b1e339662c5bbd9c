"""A scikit-learn classifier at one moment: its snapshot and its eval run in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, one_line
from driftcore.records import EvalRun
from driftcore.store import Store
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.ingest import Ingested, ingest
from driftcore.workflows.snapshot import as_array


def log_classifier(
    store: Store,
    model: Any,
    samples: Any,
    labels: Sequence[str] | NDArray[Any],
    *,
    checkpoint: str,
    ids: Sequence[str] | NDArray[Any] | None = None,
    split: str = "validation",
    embed: Callable[[Any], Any] | None = None,
    at: datetime | None = None,
) -> tuple[Ingested, EvalRun]:
    """Store what a fitted classifier makes of some samples: where it puts them, and what it says.

    Parameters
    ----------
    store : Store
    model : fitted scikit-learn classifier or pipeline
    samples : what the model's `predict` takes, n_samples of them
    labels : sequence of length n_samples
        What is right.
    checkpoint, split : str
    ids : sequence of str of length n_samples, optional
        Left out, the samples are numbered: keep them in the same order at every checkpoint then.
    embed : function of samples, optional
        Gives the vectors; left out, a pipeline without its last step does.

    Raises
    ------
    BadInputError
        If the model is no pipeline and `embed` is not given, or the lengths differ.
    """
    vectors = as_array(_embedding(model, embed)(samples))
    names = np.array([f"{row:07d}" for row in range(len(vectors))] if ids is None else [str(each) for each in ids])
    predicted = np.asarray(model.predict(samples)).astype(str).astype(object)
    if not len(vectors) == len(names) == len(predicted) == len(labels):
        raise BadInputError(
            f"{len(names)} ids, {len(vectors)} vectors, {len(predicted)} predictions and {len(labels)} labels do not "
            "belong together: one of each a sample is needed."
        )
    columns: dict[str, Any] = {
        "id": names.astype(object),
        "label": np.asarray(labels).astype(str).astype(object),
        "embedding": vectors,
    }
    first = samples[0] if len(samples) and not hasattr(samples, "iloc") else None
    if isinstance(first, str):
        columns["text"] = np.array(list(samples), dtype=object)
    stored = ingest(store, columns, checkpoint=checkpoint, split=split, at=at)
    said: dict[str, Any] = {"id": columns["id"], "prediction": predicted}
    if hasattr(model, "predict_proba"):
        said["confidence"] = np.asarray(model.predict_proba(samples)).max(axis=1)
    run, _ = log_eval(store, said, checkpoint=checkpoint, split=split, at=at)
    return stored, run


def _embedding(model: Any, embed: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    if embed is not None:
        return embed
    steps = getattr(model, "steps", None)
    if steps is None or len(steps) < 2:
        raise BadInputError(
            f"{one_line(type(model).__name__)} is no pipeline with a step before its last: say what embeds the samples "
            "with embed=…"
        )
    transform: Callable[[Any], Any] = model[:-1].transform
    return transform

"""A scikit-learn classifier at one moment: its snapshot and its eval run in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line
from driftcore.records import EvalRun
from driftcore.store import Store
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.ingest import Ingested, ingest
from driftcore.workflows.on_arrival import compare_on_arrival
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
    embed: str | Callable[[Any], Any] | None = None,
    at: datetime | None = None,
    compare: bool = True,
) -> tuple[Ingested, EvalRun]:
    """Store what a fitted classifier makes of some samples: where it puts them, and what it says.

    Parameters
    ----------
    store : Store
    model : fitted scikit-learn classifier or pipeline
    samples : what the model's `predict` takes, n_samples of them
        Texts are kept with the samples.
    labels : sequence of length n_samples
        What is right; None or NaN where nobody knows.
    checkpoint, split : str
    ids : sequence of str of length n_samples, optional
        Left out, the samples are numbered: keep them in the same order at every checkpoint then.
    embed : str or function of samples, optional
        Gives the vectors: a function, or the name of the pipeline's step after which they are taken. Left out, they
        are taken before its last step.
    compare : bool
        Compare the checkpoint with the store's reference at once.

    Raises
    ------
    BadInputError
        If the model is no pipeline and `embed` is no function, if there is no such step, if the lengths differ, or if
        the vectors are sparse and too wide to be written out.

    Examples
    --------
    >>> log_classifier(store, pipeline, texts, labels, ids=ids, checkpoint="v2", embed="svd")     # doctest: +SKIP
    """
    vectors = as_array(_embedding(model, embed)(samples))
    names = np.array([f"{row:07d}" for row in range(len(vectors))] if ids is None else [str(each) for each in ids])
    predicted = _words(model.predict(samples))
    if not len(vectors) == len(names) == len(predicted) == len(labels):
        raise BadInputError(
            f"{len(names)} ids, {len(vectors)} vectors, {len(predicted)} predictions and {len(labels)} labels do not "
            "belong together: one of each a sample is needed."
        )
    columns: dict[str, Any] = {
        "id": names.astype(object),
        "label": _words(labels),
        "embedding": vectors,
    }
    # a data frame has columns of anything, and goes through its names
    texts = [] if hasattr(samples, "columns") or hasattr(samples, "toarray") else list(samples)
    if texts and all(isinstance(each, str) for each in texts):
        columns["text"] = np.array(texts, dtype=object)
    stored = ingest(store, columns, checkpoint=checkpoint, split=split, at=at)
    said: dict[str, Any] = {"id": columns["id"], "prediction": predicted}
    if hasattr(model, "predict_proba"):
        said["confidence"] = np.asarray(model.predict_proba(samples)).max(axis=1)
    run, _ = log_eval(store, said, checkpoint=checkpoint, split=split, at=at)
    if compare:
        compare_on_arrival(store, checkpoint, split)
    return stored, run


def _embedding(model: Any, embed: str | Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    if callable(embed):
        return embed
    names = [name for name, _ in getattr(model, "steps", ())]
    if len(names) < 2:
        raise BadInputError(
            f"{one_line(type(model).__name__)} is no pipeline with a step before its last: say what embeds the samples "
            "with embed=…"
        )
    if embed is not None and embed not in names[:-1]:
        raise BadInputError(
            f"The pipeline has no step {one_line(embed)!r} before its last. There are: {listed(names[:-1])}."
        )
    transform: Callable[[Any], Any] = model[: names.index(embed) + 1 if embed is not None else -1].transform
    return transform


def _words(values: Any) -> NDArray[np.object_]:
    """Classes as text; None where there is none."""
    return np.array([None if each is None or each != each else str(each) for each in values], dtype=object)

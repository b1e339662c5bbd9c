"""Export spans as a whole retraining set: corrections, gold rows and replay, in the format that a trainer reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export
from driftcore.errors import BadInputError, one_line
from driftcore.judging import is_judge
from driftcore.records import Span
from driftcore.store import Store
from driftcore.workflows.export_span import Exported, origin, with_manifest
from driftcore.workflows.retraining_set import build_set, row_vectors
from driftcore.workflows.trace import kept_traces

_SHAPED = "sentence-transformers"


def export_set(
    store: Store,
    span_ids: Sequence[str],
    *,
    format: str = "csv",
    shape: str | None = None,
    traced: bool = True,
    replay: float = 1.0,
    holdout: float = 0.1,
    seed: int = 0,
) -> Exported:
    """A retraining set of some spans, ready for a trainer; see `build_set` for what is in it.

    Parameters
    ----------
    store : Store
    span_ids : sequence of str
    format : str
        One of `export.ALL_FORMATS`. Training files hold neither the holdout nor rows without text and label.
    shape : str, optional
        For ``sentence-transformers``, one of `export.SHAPES`; (sentence, label) by default.
    traced : bool
        Whether training rows that a kept trace names are corrected.
    replay, holdout, seed
        As in `build_set`.

    Raises
    ------
    NotFoundError
        If there is no such span.
    BadInputError
        If the format or the shape is unknown, a share is not one, or nothing is left to export.
    """
    export.require_format(format)
    if shape is not None and format != _SHAPED:
        raise BadInputError(f"Only {_SHAPED} has shapes: leave --shape out, or choose --format {_SHAPED}.")
    if shape is not None and shape not in export.SHAPES:
        raise BadInputError(f"Unknown shape '{one_line(shape)}'. Known: {', '.join(export.SHAPES)}.")
    spans = [store.spans.get(span_id) for span_id in dict.fromkeys(span_ids)]
    traces = kept_traces(store, [span.span_id for span in spans]) if traced else ()
    made = build_set(store, spans, traces=traces, replay=replay, holdout=holdout, seed=seed)
    options = _shaping(store, spans, shape or export.SHAPES[0], seed) if format == _SHAPED else {}
    untraced = {span.span_id for span in spans} - {found.span_id for found in traces}
    return with_manifest(
        export.encode(made.table, format, **options),
        format=format,
        **({"shape": options["shape"]} if options else {}),
        spans=[origin(store, span) for span in spans],
        checkpoints=_fingerprints(store, made.table),
        store_version=store.stamp(),
        seed=seed,
        replay=replay,
        holdout=holdout,
        traced={found.span_id: len(found.rows) for found in traces},
        notes=[*made.notes, *(_untraced(each) for each in sorted(untraced) if traced)],
    )


def _shaping(store: Store, spans: Sequence[Span], shape: str, seed: int) -> dict[str, Any]:
    """What the shapes need to know of the spans."""
    return {
        "shape": shape,
        "seed": seed,
        "toward": {span.concept: span.toward for span in spans if span.toward},
        "others": lambda: _destinations(store, spans),
        "vectors": lambda rows: reference_vectors(store, spans, rows),
    }


def reference_vectors(store: Store, spans: Sequence[Span], rows: pd.DataFrame) -> NDArray[np.float32]:
    """Where the reference has, or would have, the rows of a retraining set: what a model can be pulled back to.

    Rows that it embedded itself have its vector. Replay has its own, laid onto the reference by the samples that both
    embedded: its concepts did not drift. Corrections that the reference never saw have none: theirs are what drifted.

    Returns
    -------
    float32 array of shape (n_rows, n_dims), NaN where there is none

    Raises
    ------
    BadInputError
        If the spans have several references.
    """
    first, *others = dict.fromkeys((span.reference, span.reference_split or span.split) for span in spans)
    if others:
        raise BadInputError("The spans have several references: export those of one reference, or another shape.")
    reference, split = first
    ids, texts = (rows[name].to_numpy(dtype=object) for name in ("sample_id", "text"))
    known, _ = store.snapshots.labels(reference, split)
    seen = np.flatnonzero(pd.Index(ids).isin(known))
    # two texts under one id are two samples
    seen = seen[store.snapshots.texts(reference, split, ids[seen]) == texts[seen]]
    n_dims = store.snapshots.get(reference, split).n_dims
    found = np.full((len(rows), n_dims), np.nan, dtype=np.float32)
    found[seen] = store.snapshots.vectors(reference, split, ids[seen])
    replay = np.flatnonzero((rows["role"] == "replay").to_numpy() & np.isnan(found[:, 0]))
    checkpoints = set(rows["checkpoint"].iloc[replay])
    if len(replay) and all(split in _splits(store, each) for each in checkpoints):
        found[replay] = row_vectors(store, rows.iloc[replay], reference, split)
    return found


def _destinations(store: Store, spans: Sequence[Span]) -> pd.DataFrame:
    """Samples of the concepts that the spans went toward, which no retraining set holds; judges are not among them."""
    parts = [pd.DataFrame({"sample_id": [], "text": [], "label": []}, dtype=object)]
    for span in (each for each in spans if each.toward is not None):
        ids, labels = store.snapshots.labels(span.current, span.split)
        there = np.flatnonzero((labels == span.toward) & ~is_judge(ids))
        texts = store.snapshots.texts(span.current, span.split, ids[there])
        parts.append(pd.DataFrame({"sample_id": ids[there], "text": texts, "label": labels[there]}, dtype=object))
    return pd.concat(parts, ignore_index=True).drop_duplicates("sample_id", ignore_index=True)


def _splits(store: Store, checkpoint: str) -> set[str]:
    return {each.split for each in store.snapshots.all() if each.checkpoint == checkpoint}


def _fingerprints(store: Store, table: pd.DataFrame) -> dict[str, dict[str, str]]:
    """The snapshots of every checkpoint that rows are from, by split."""
    named = set(table["checkpoint"])
    found: dict[str, dict[str, str]] = {}
    for snapshot in store.snapshots.all():
        if snapshot.checkpoint in named:
            found.setdefault(snapshot.checkpoint, {})[snapshot.split] = snapshot.fingerprint
    return found


def _untraced(span_id: str) -> str:
    return f"Span {span_id} is not traced: driftloop trace {span_id} finds the training rows to correct."

"""Export a span: its samples with what was predicted, how far they moved, and why they are in it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export
from driftcore.errors import BadInputError, one_line
from driftcore.records import Span, to_json
from driftcore.store import Store
from driftcore.workflows._pairing import Outcome, outcome

# what the samples of a found span did to or with their concept; all others moved with it
_VERBS = {
    "content": "said differently about",
    "part": "moved with a part of",
    "split": "torn off from",
    "scattered": "left",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exported:
    """A retraining set: the table, the file's content, and its manifest."""

    table: pd.DataFrame
    content: bytes
    manifest: bytes


def export_span(store: Store, span_id: str, *, format: str = "csv") -> Exported:
    """The samples of a span, ready for a trainer.

    Parameters
    ----------
    store : Store
    span_id : str
    format : str
        ``csv``; cells that a spreadsheet would run are neutralised.

    Raises
    ------
    NotFoundError
        If there is no such span.
    BadInputError
        If the format is unknown.
    """
    if format != "csv":
        raise BadInputError(f"Unknown export format '{one_line(format)}'. Known: csv.")
    span = store.spans.get(span_id)
    table = span_table(store, span)
    content = export.as_csv(table)
    return Exported(
        table=table,
        content=content,
        manifest=export.manifest(
            table,
            content,
            span={name: value for name, value in to_json(span).items() if name != "sample_ids"},
            snapshot_reference=store.snapshots.get(span.reference, span.reference_split or span.split).fingerprint,
            snapshot_current=store.snapshots.get(span.current, span.split).fingerprint,
            policy=to_json(store.reports.policy(span.report_id)),
            driftloop=version("driftloop"),
        ),
    )


def write_export(exported: Exported, out: Path) -> tuple[Path, Path]:
    """Write the file and its manifest beside it; returns both paths.

    Raises
    ------
    BadInputError
        If the folder does not exist or cannot be written.
    """
    beside = out.with_name(out.name + ".manifest.json")
    try:
        out.write_bytes(exported.content)
        beside.write_bytes(exported.manifest)
    except OSError as error:
        raise BadInputError(
            f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place with --out."
        ) from error
    return out, beside


def span_table(store: Store, span: Span) -> pd.DataFrame:
    """The span's samples with the columns of a retraining set, the most shifted first."""
    ids = np.array(span.sample_ids, dtype=object)
    current = store.snapshots.get(span.current, span.split)
    told = outcome(store, current, ids)
    known, labels = store.snapshots.labels(span.current, span.split)
    label = _looked_up(known, labels, ids)
    drift = store.reports.samples(span.report_id)
    shift = _looked_up(drift.sample_ids, drift.shift.astype(object), ids).astype(np.float64)
    unknown = np.full(len(ids), np.nan, dtype=np.float32)
    table = export.retraining_table(
        {
            "sample_id": ids,
            "text": store.snapshots.texts(span.current, span.split, ids),
            "label": label,
            "prediction": np.full(len(ids), None) if told is None else told.predictions,
            "confidence": unknown if told is None else told.confidences.astype(np.float64).round(4),
            "checkpoint": np.full(len(ids), span.current, dtype=object),
            "span_id": np.full(len(ids), span.span_id, dtype=object),
            "concept": _looked_up(drift.sample_ids, drift.concepts, ids),
            "shift": shift.round(6),
            "weight": export.weights(unknown if told is None else told.correct),
            "reason": _reasons(span, told, len(ids)),
        }
    )
    return table.sort_values("shift", ascending=False, kind="stable", ignore_index=True)


def _reasons(span: Span, told: Outcome | None, n: int) -> NDArray[np.object_]:
    """Why each sample is in the span, in words."""
    why = np.full(n, _why_found(span) if span.origin == "found" else _why_selected(span))
    if told is None:
        return why.astype(object)
    wrong = told.correct == 0
    predicted = np.array([f"; predicted as {name}" for name in told.predictions], dtype=object)
    return np.where(wrong, why.astype(object) + predicted, why)


def _why_found(span: Span) -> str:
    if span.kind == "novel":
        return "unlike any known sample"
    verb = _VERBS.get(span.kind, "moved with")
    return f"{verb} {span.concept}" + (f" toward {span.toward}" if span.toward else "")


def _why_selected(span: Span) -> str:
    return f"selected on the map, {span.reference} to {span.current}"


def _looked_up(
    known: NDArray[np.object_], values: NDArray[np.object_], wanted: NDArray[np.object_]
) -> NDArray[np.object_]:
    """The value of each wanted id, None where it has none."""
    rows = pd.Index(known).get_indexer(pd.Index(wanted))
    found = values[rows].astype(object)
    found[rows < 0] = None
    return found

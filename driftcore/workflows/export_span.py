"""Export spans: their samples with what was predicted, how far they moved, and why they are in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export
from driftcore.errors import BadInputError
from driftcore.records import Span, to_json
from driftcore.store import Store
from driftcore.workflows._pairing import outcome
from driftcore.workflows.triage import triaged_span

# what the samples of a found span did to or with their concept; all others moved with it
_VERBS = {
    "content": "said differently about",
    "part": "moved with a part of",
    "split": "torn off from",
    "scattered": "left",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exported:
    """What is exported: the format's files and their manifest."""

    encoded: export.Encoded
    manifest: bytes

    @property
    def table(self) -> pd.DataFrame:
        """The rows that are in the files."""
        return self.encoded.rows

    @property
    def content(self) -> bytes:
        """As one file, as a browser takes it: a folder is a zip with its manifest in it."""
        files = self.encoded.files
        return export.zipped(files, self.manifest) if self.encoded.folder else self.encoded.file


def export_span(store: Store, span_id: str, *, format: str = "csv") -> Exported:
    """The samples of a span, ready for a trainer.

    Parameters
    ----------
    store : Store
    span_id : str
    format : str
        ``csv``, in which cells that a spreadsheet would run are neutralised, ``parquet``, ``jsonl``, or
        ``label-studio``. Those of trainers need a whole retraining set: see `export_set`.

    Raises
    ------
    NotFoundError
        If there is no such span.
    BadInputError
        If the format is unknown, or one of trainers.
    """
    span = store.spans.get(span_id)
    return _exported(span_table(store, span), format, **origin(store, span))


def export_spans(store: Store, span_ids: Sequence[str], *, format: str = "csv") -> Exported:
    """The samples of several spans, each once, with one manifest that names all of them; see `spans_table`.

    Raises
    ------
    NotFoundError
        If there is no such span.
    BadInputError
        If the format is unknown or one of trainers, or no span is named.
    """
    spans = [store.spans.get(span_id) for span_id in dict.fromkeys(span_ids)]
    return _exported(spans_table(store, spans), format, spans=[origin(store, span) for span in spans])


def _exported(table: pd.DataFrame, format: str, **origin: Any) -> Exported:
    if format in export.TRAINING_FORMATS:
        raise BadInputError(f"The format {format} is one of whole retraining sets: export it with --set (export_set).")
    return with_manifest(export.encode(table, format), format=format, **origin)


def with_manifest(encoded: export.Encoded, **origin: Any) -> Exported:
    """The files of a format with what is to be said of them."""
    content = encoded.files if encoded.folder else encoded.file
    left_out = {"left_out": encoded.left_out} if encoded.left_out else {}
    told = {**origin, "driftloop": version("driftloop"), **left_out, **encoded.facts}
    return Exported(encoded=encoded, manifest=export.manifest(encoded.rows, content, **told))


def origin(store: Store, span: Span) -> dict[str, Any]:
    """What a manifest says of a span: everything but its samples, which are the file's, and what was decided."""
    decided = triaged_span(store, span.span_id)
    return {
        "triage": {"status": decided.status, "name": decided.span.name, "note": decided.note, "who": decided.who},
        "span": {name: value for name, value in to_json(span).items() if name != "sample_ids"},
        "snapshot_reference": store.snapshots.get(span.reference, span.reference_split or span.split).fingerprint,
        "snapshot_current": store.snapshots.get(span.current, span.split).fingerprint,
        "policy": to_json(store.reports.policy(span.report_id)),
    }


def write_export(exported: Exported, out: Path) -> tuple[Path, Path]:
    """Write the file and its manifest beside it, or the folder with the manifest in it; returns both paths.

    Raises
    ------
    BadInputError
        If the place cannot be written, or a folder would replace something that is there.
    """
    if exported.encoded.folder:
        return export.write_folder(exported.encoded.files, exported.manifest, out)
    return export.write_file(exported.encoded.file, exported.manifest, out)


def span_table(store: Store, span: Span) -> pd.DataFrame:
    """The span's samples with the columns of a retraining set, the most shifted first."""
    table = _rows(store, span)
    table["reason"] += _predicted(table)
    return table.sort_values("shift", ascending=False, kind="stable", ignore_index=True)


def spans_table(store: Store, spans: Sequence[Span]) -> pd.DataFrame:
    """The samples of several spans with the columns of a retraining set, each sample once, the most shifted first.

    A sample in two spans has both ids and both reasons. What was predicted and how far it moved is told as of the
    latest checkpoint among them, and it weighs what it weighs most. Two texts under one id are two samples.

    Raises
    ------
    BadInputError
        If no span is named.
    """
    if not spans:
        raise BadInputError("No span to export: accept one on the Spans page, or name one.")
    order = {checkpoint.checkpoint: checkpoint.order for checkpoint in store.checkpoints()}
    latest_first = sorted(spans, key=lambda span: -order[span.current])
    rows = pd.concat([_rows(store, span) for span in latest_first], ignore_index=True)
    same = rows.groupby(["sample_id", "text"], sort=False, dropna=False)
    # groups come in the order of their first rows, and those are the rows that are kept
    table = rows.drop_duplicates(["sample_id", "text"], ignore_index=True)
    table["reason"] = same["reason"].agg(_joined).to_numpy() + _predicted(table)
    table["span_id"] = same["span_id"].agg(_joined).to_numpy()
    table["weight"] = same["weight"].max().to_numpy()
    return table.sort_values("shift", ascending=False, kind="stable", ignore_index=True)


def _rows(store: Store, span: Span) -> pd.DataFrame:
    """The span's samples in its own order, with why they are in it but not yet what they were taken for."""
    ids = np.array(span.sample_ids, dtype=object)
    current = store.snapshots.get(span.current, span.split)
    told = outcome(store, current, ids)
    known, labels = store.snapshots.labels(span.current, span.split)
    drift = store.reports.samples(span.report_id)
    shift = _looked_up(drift.sample_ids, drift.shift.astype(object), ids).astype(np.float64)
    unknown = np.full(len(ids), np.nan, dtype=np.float32)
    return export.retraining_table(
        {
            "sample_id": ids,
            "text": store.snapshots.texts(span.current, span.split, ids),
            "label": _looked_up(known, labels, ids),
            "prediction": np.full(len(ids), None) if told is None else told.predictions,
            "confidence": unknown if told is None else told.confidences.astype(np.float64).round(4),
            "checkpoint": np.full(len(ids), span.current, dtype=object),
            "span_id": np.full(len(ids), span.span_id, dtype=object),
            "concept": _looked_up(drift.sample_ids, drift.concepts, ids),
            "shift": shift.round(6),
            "weight": export.weights(unknown if told is None else told.correct),
            "reason": _reasons(store, span, ids),
        }
    )


def _predicted(table: pd.DataFrame) -> NDArray[np.object_]:
    """What each mispredicted sample was taken for, to stand behind its reason."""
    wrong = export.is_wrong(table["weight"].to_numpy())
    return np.where(wrong, "; predicted as " + table["prediction"].astype(str), "").astype(object)


def _reasons(store: Store, span: Span, ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Why each sample is in the span, in words; a merged span has the reasons of its parts."""
    if span.origin != "merged":
        return np.full(len(ids), _why_found(span) if span.origin == "found" else _why_selected(span), dtype=object)
    reasons: dict[str, list[str]] = {each: [] for each in ids}
    for part in map(store.spans.get, span.merged_from):
        members = np.array(part.sample_ids, dtype=object)
        for sample_id, reason in zip(members, _reasons(store, part, members), strict=True):
            reasons[sample_id].append(reason)
    return np.array([_joined(each) for each in reasons.values()], dtype=object)


def _joined(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def _why_found(span: Span) -> str:
    if span.kind == "novel":
        return "unlike any known sample"
    if span.kind == "boundary":
        return f"{span.concept}, whose accuracy fell" + (f", mostly answered as {span.toward}" if span.toward else "")
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

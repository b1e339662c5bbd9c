"""OpenInference spans: a row a span, its embeddings in nested or in numbered columns."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from driftcore.errors import BadInputError, listed
from driftcore.readers.sources._records import Columns, Record, columns_of_records

_SOURCE = "OpenInference"
_REDACTED = "__REDACTED__"
_IDS = ("context.span_id", "span_id", "attributes.span_id", "id")
_LISTS = ("attributes.embedding.embeddings", "embedding.embeddings")
_NUMBERED = re.compile(r"(?:attributes\.)?embedding\.embeddings\.(\d+)\.embedding\.(vector|text)")


def from_openinference(spans: pd.DataFrame, *, label: str | None = None) -> Columns:
    """The embeddings in a table of spans as columns for `ingest`.

    A span with several embeddings gives several samples, ``SPAN_ID`` and ``SPAN_ID/1`` …. A sample whose vector was
    redacted has none; how many there are is said in a warning. `ingest` refuses such rows by number, or leaves them out
    with ``skip_bad_rows``.

    Parameters
    ----------
    spans : pandas.DataFrame
        As exported, with ``attributes.embedding.embeddings`` or ``embedding.embeddings.0.embedding.vector`` columns.
    label : str, optional
        Column that holds the label.

    Raises
    ------
    BadInputError
        If no column holds embeddings or span ids, or all vectors were redacted.
    """
    ids = next((name for name in _IDS if name in spans.columns), None)
    if ids is None and spans.index.name in _IDS:
        spans, ids = spans.reset_index(), str(spans.index.name)
    if ids is None:
        raise BadInputError(f"OpenInference: no column is the span's id ({listed(_IDS)}): export it with the spans.")
    if label is not None and label not in spans.columns:
        raise BadInputError(f"OpenInference: no column {label!r}. There are: {listed(spans.columns)}.")
    found = list(_records(spans, ids, label))
    redacted = sum(vector is None for _, vector, _ in found)
    if found and redacted == len(found):
        raise BadInputError(
            f"OpenInference: all {redacted} vectors are redacted: trace again without "
            "OPENINFERENCE_HIDE_EMBEDDING_VECTORS."
        )
    if redacted:
        warnings.warn(
            f"OpenInference: {redacted} of {len(found)} vectors are redacted: leave them out with "
            "ingest(…, skip_bad_rows=True), or trace again without OPENINFERENCE_HIDE_EMBEDDING_VECTORS.",
            stacklevel=2,
        )
    return columns_of_records(found, source=_SOURCE, label=None if label is None else "label", text=None)


def _records(spans: pd.DataFrame, ids: str, label: str | None) -> Iterator[Record]:
    nested = next((name for name in _LISTS if name in spans.columns), None)
    numbered = {str(name): hit for name in spans.columns if (hit := _NUMBERED.fullmatch(str(name)))}
    if nested is None and not numbered:
        raise BadInputError(f"OpenInference: no column holds embeddings. There are: {listed(spans.columns)}.")
    for place, row in enumerate(spans.to_dict("records")):
        each = _nested(row[nested]) if nested is not None else _numbered(row, numbered)
        for number, (vector, text) in enumerate(each):
            span_id = str(row[ids]) if not number else f"{row[ids]}/{number}"
            told = {} if text is None else {"text": text}
            yield span_id, _usable(vector), {**told, **({} if label is None else {"label": spans[label].iloc[place]})}


def _nested(cell: Any) -> Iterator[tuple[Any, str | None]]:
    values: Iterable[Any] = cell if isinstance(cell, list | tuple | np.ndarray) else []
    for each in values:
        inner = each.get("embedding", each) if isinstance(each, Mapping) else {}
        vector = inner.get("vector", each.get("embedding.vector"))
        yield vector, inner.get("text", each.get("embedding.text"))


def _numbered(row: Mapping[Any, Any], numbered: Mapping[str, re.Match[str]]) -> Iterator[tuple[Any, str | None]]:
    parts: dict[int, dict[str, Any]] = {}
    for name, hit in numbered.items():
        parts.setdefault(int(hit[1]), {})[hit[2]] = row[name]
    for _, part in sorted(parts.items()):
        vector = part.get("vector")
        if vector is not None and not (isinstance(vector, float) and np.isnan(vector)):
            text = part.get("text")
            yield vector, text if isinstance(text, str) else None


def _usable(vector: Any) -> Any:
    return None if vector is None or (isinstance(vector, str) and vector == _REDACTED) else vector

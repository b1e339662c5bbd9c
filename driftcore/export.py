"""Spans as a table that a trainer, a labelling tool or a spreadsheet reads, with a manifest of where it came from."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line

COLUMNS = (
    "sample_id",
    "text",
    "label",
    "prediction",
    "confidence",
    "checkpoint",
    "span_id",
    "concept",
    "shift",
    "weight",
    "reason",
)

# what a row of a retraining set has beside them: why it is in it, how it was labelled before, train or holdout
SET_COLUMNS = ("role", "label_used", "part")

_WRONG = 2.0

FORMATS = ("csv", "parquet", "jsonl")

# what spreadsheets take for the beginning of a formula, also in full width, and after what they strip
_FORMULA = r"^[\s\x00-\x1f\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"


def retraining_table(columns: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """The columns of a retraining set, in their order, one row a sample.

    Raises
    ------
    KeyError
        If one is missing.
    """
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 CSV in which no text cell is a formula: such cells begin with an apostrophe, as spreadsheets write text.

    Examples
    --------
    >>> as_csv(pd.DataFrame({"text": ["=1+1", "plain"]})).decode().split()
    ['text', "'=1+1", 'plain']
    """
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = neutralized(safe[name])
    # line ends of RFC 4180: with "\n" a lone "\r" inside a text is not quoted, and what follows it begins a new row
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def as_parquet(table: pd.DataFrame) -> bytes:
    """Parquet with every cell as it is: nothing runs a cell of it."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, engine="pyarrow")
    return buffer.getvalue()


def as_jsonl(table: pd.DataFrame) -> bytes:
    r"""One JSON object a line, missing values as null.

    Examples
    --------
    >>> as_jsonl(pd.DataFrame({"text": ["é", None], "shift": [0.5, None]})).decode().splitlines()
    ['{"text": "é", "shift": 0.5}', '{"text": null, "shift": null}']
    """
    cells = table.astype(object).where(table.notna(), None)
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in cells.to_dict(orient="records"))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def encoded(table: pd.DataFrame, format: str) -> bytes:
    """The content of a file in one of `FORMATS`.

    Raises
    ------
    BadInputError
        If the format is unknown.
    """
    known = {"csv": as_csv, "parquet": as_parquet, "jsonl": as_jsonl}
    if format not in known:
        raise BadInputError(f"Unknown export format '{one_line(format)}'. Known: {listed(FORMATS)}.")
    return known[format](table)


def neutralized(column: pd.Series[Any]) -> pd.Series[Any]:
    """Text cells that a spreadsheet would run, made plain text; missing cells stay missing."""
    text = column.astype(object)
    dangerous = text.astype(str).str.contains(_FORMULA, regex=True) & text.notna()
    return text.where(~dangerous, "'" + text.astype(str))


def manifest(table: pd.DataFrame, content: bytes, **origin: Any) -> bytes:
    """JSON that says where every row came from: the span, its checkpoints, the policy, and a checksum of the file."""
    facts = {
        **origin,
        "n_rows": len(table),
        "columns": list(table.columns),
        "labels": {str(name): int(count) for name, count in table["label"].value_counts(dropna=True).items()},
        "sha256": hashlib.sha256(content).hexdigest(),
        "formula_cells": "in CSV, text cells beginning with = + - @, tab, line end or NUL carry a leading apostrophe",
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False, default=str) + "\n").encode("utf-8")


def weights(correct: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much a row should count in training: 2 where the current checkpoint is wrong, else 1."""
    return np.where(correct == 0, _WRONG, 1.0)


def is_wrong(weight: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows the current checkpoint is wrong about, read back from their weights."""
    return weight == _WRONG

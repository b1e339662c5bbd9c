"""A span as a table that a trainer, a labelling tool or a spreadsheet reads, with a manifest of where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
        "formula_cells": "text cells beginning with = + - @, tab, line end or NUL carry a leading apostrophe",
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False, default=str) + "\n").encode("utf-8")


def weights(correct: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much a row should count in training: 2 where the current checkpoint is wrong, else 1."""
    return np.where(correct == 0, 2.0, 1.0)

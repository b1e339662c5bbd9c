"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from driftcore.errors import BadInputError, listed, one_line
from driftcore.export._csv import as_csv
from driftcore.export._files import Encoded
from driftcore.export._huggingface import huggingface
from driftcore.export._jsonl import as_jsonl
from driftcore.export._label_studio import label_studio
from driftcore.export._openai import openai
from driftcore.export._parquet import as_parquet
from driftcore.export._sentence_transformers import sentence_transformers

_TABLES: dict[str, Callable[[pd.DataFrame], bytes]] = {"csv": as_csv, "parquet": as_parquet, "jsonl": as_jsonl}
_OTHERS: dict[str, Callable[..., Encoded]] = {
    "label-studio": label_studio,
    "sentence-transformers": sentence_transformers,
    "hf": huggingface,
    "openai": openai,
}

# any table as one file
FORMATS = tuple(_TABLES)
# what trainers read: only a whole retraining set makes sense in them
TRAINING_FORMATS = ("sentence-transformers", "hf", "openai")
ALL_FORMATS = (*FORMATS, *_OTHERS)
FOLDER_FORMATS = ("label-studio", "sentence-transformers", "hf")


def encoded(table: pd.DataFrame, format: str) -> bytes:
    """The content of a file in one of `FORMATS`.

    Raises
    ------
    BadInputError
        If the format is unknown.
    """
    if format not in _TABLES:
        raise BadInputError(f"Unknown export format '{one_line(format)}'. Known: {listed(FORMATS)}.")
    return _TABLES[format](table)


def encode(table: pd.DataFrame, format: str, **options: Any) -> Encoded:
    """A table in one of `ALL_FORMATS`; `options` are those of `sentence_transformers`.

    Raises
    ------
    BadInputError
        If the format is unknown, or nothing can be put into it.
    """
    if format in _TABLES:
        return Encoded(rows=table, files={f"table.{format}": encoded(table, format)}, folder=False)
    require_format(format)
    return _OTHERS[format](table, **options)


def require_format(format: str) -> None:
    """Refuse a format that is not there, before anything is computed for it.

    Raises
    ------
    BadInputError
        If it is none of `ALL_FORMATS`.
    """
    if format not in ALL_FORMATS:
        raise BadInputError(f"Unknown export format '{one_line(format)}'. Known: {listed(ALL_FORMATS)}.")

"""JSON lines: one object a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd


def as_jsonl(table: pd.DataFrame) -> bytes:
    r"""One JSON object a line, missing values as null.

    Examples
    --------
    >>> as_jsonl(pd.DataFrame({"text": ["é", None], "shift": [0.5, None]})).decode().splitlines()
    ['{"text": "é", "shift": 0.5}', '{"text": null, "shift": null}']
    """
    return json_lines(json_rows(table))


def json_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain JSON values, missing ones as None."""
    cells = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in cells.to_dict(orient="records")]


def json_lines(values: Iterable[Any]) -> bytes:
    """One JSON value a line, in UTF-8."""
    return "".join(f"{json.dumps(value, ensure_ascii=False, allow_nan=False)}\n" for value in values).encode("utf-8")

"""The columns that have no role, as one JSON object a sample."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcore.errors import UnreadableFileError, one_line
from driftcore.readers._values import JSON
from driftcore.readers._vectors import holds_vectors


def metadata_of(table: pa.Table, *, without: Collection[str], source: str) -> NDArray[np.object_] | None:
    """One JSON object per row, or None where no column is left; further vectors are left out."""
    names = [field.name for field in table.schema if field.name not in without and not holds_vectors(field.type)]
    if not names:
        return None
    columns = [_values(table.column(name), name=name, source=source) for name in names]
    rows = (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
    objects = np.empty(table.num_rows, dtype=object)
    objects[:] = [_json(row) for row in rows]
    return objects


def _values(column: pa.ChunkedArray, *, name: str, source: str) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except (UnicodeDecodeError, pa.ArrowException) as error:
        raise UnreadableFileError(
            f"{source}: the column {one_line(name)!r} cannot be read ({one_line(error)}): write it again."
        ) from error
    return [None if value is None else json.loads(value) for value in values] if column.type == JSON else values


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:  # NaN and infinity are not JSON
        return json.dumps(_finite(row), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value

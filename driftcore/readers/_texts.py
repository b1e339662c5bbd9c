"""A column as Python strings: ids and labels are names, even where a file holds them as numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcore.errors import UnreadableFileError, one_line
from driftcore.readers._values import JSON


def as_texts(column: pa.ChunkedArray, *, name: str, source: str) -> NDArray[np.object_]:
    """Each value as text, None where there is none: 7 → "7", 7.0 → "7", True → "true", a struct → its JSON.

    Raises
    ------
    UnreadableFileError
        If bytes in it are not UTF-8.
    """
    try:
        texts: NDArray[np.object_] = text_column(column).to_numpy()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            f"{source}: the column {one_line(name)!r} holds bytes that are not UTF-8 text ({one_line(error)}): "
            "write it again as text."
        ) from error
    return texts.astype(object, copy=False)


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without dictionary encoding."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def text_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as Arrow text, null where there is none."""
    column = decoded(column)
    kind = column.type
    if kind == JSON:
        return pa.chunked_array([pa.array([_unwrapped(value) for value in column.to_pylist()], pa.large_string())])
    if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
        return pa.chunked_array([pa.array([_written(value) for value in column.to_pylist()], pa.large_string())])
    if pa.types.is_floating(kind):
        # pandas writes a missing label among numbers as NaN
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    return column.cast(pa.large_string())


def _unwrapped(text: str | None) -> str | None:
    value = None if text is None else json.loads(text)
    return value if isinstance(value, str) else text


def _written(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)

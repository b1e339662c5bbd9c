"""A list of Python values as one Arrow column, without changing what they say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

JSON = pa.json_(pa.large_string())
_EXACT = 2**53  # beyond it a float skips integers


def as_column(values: Sequence[Any]) -> pa.Array:
    """Text, truth values, numbers and vectors as such; anything else, and any mixture, as JSON."""
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if kinds == {str}:
        return pa.array(values, pa.large_string())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {int, float} and all(abs(value) < _EXACT for value in values if type(value) is int):
        return pa.array(values, pa.float64() if float in kinds else pa.int64())
    if np.ndarray in kinds and kinds <= {np.ndarray, list} and _are_vectors(values):
        return _list_column(values)
    return pa.ExtensionArray.from_storage(JSON, pa.array([_json(value) for value in values], pa.large_string()))


def _are_vectors(values: Iterable[Any]) -> bool:
    return all(
        value.ndim == 1 and value.dtype.kind in "fiu"
        if isinstance(value, np.ndarray)
        else all(type(number) is int and abs(number) < _EXACT for number in value)
        for value in values
        if value is not None
    )


def _list_column(values: Sequence[Any]) -> pa.Array:
    present = np.array([value is not None for value in values])
    lengths = np.array([0 if value is None else len(value) for value in values], dtype=np.int64)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), mask=np.append(~present, False))
    flat = np.concatenate([np.asarray(value, dtype=np.float32) for value in values if value is not None])
    return pa.LargeListArray.from_arrays(offsets, pa.array(flat))


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)

"""What a frame in memory holds, as a table: pandas, Arrow, a dict of arrays, or anything that speaks Arrow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers._values import as_column


def table_of(frame: object, *, source: str) -> pa.Table:
    """The frame as an Arrow table; vectors and Arrow columns are not copied."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pd.DataFrame):
        return _table_of_pandas(frame, source=source)
    if is_dataset(frame):
        return _table_of_dataset(frame)
    if isinstance(frame, Mapping):
        return table_of_arrays(frame, source=source)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise BadInputError(
        f"{source} is a {type(frame).__name__}: a pandas DataFrame, an Arrow table or a dict of arrays is needed."
    )


def table_of_arrays(arrays: Mapping[Any, Any], *, source: str) -> pa.Table:
    """A dict of equally long arrays as a table; a two-dimensional one becomes a column of vectors."""
    columns = {
        str(name): _column(values, name=str(name), source=source)
        for name, values in arrays.items()
        if values is not None
    }
    if len({len(column) for column in columns.values()}) > 1:
        lengths = (f"{name} ({len(column)})" for name, column in columns.items())
        raise BadInputError(
            f"{source}: the arrays are not equally long: {listed(lengths)}. One entry a sample is needed."
        )
    return pa.table(columns)


def is_dataset(frame: object) -> bool:
    """Whether it is a dataset of Hugging Face's `datasets`, as far as can be told without importing it."""
    return hasattr(frame, "with_format") and hasattr(frame, "column_names")


def _table_of_dataset(dataset: Any) -> pa.Table:
    """The rows of a Hugging Face dataset, without a Python object a row; its classes are called by their names.

    Raises
    ------
    BadInputError
        If it is several splits, or rows that stream by.
    """
    if isinstance(dataset, Mapping):
        raise BadInputError(
            f"This is a dataset of several splits ({listed(dataset)}): choose one, as in dataset[SPLIT]."
        )
    if not hasattr(dataset, "__len__"):
        raise BadInputError("This dataset streams: keep rows of it first, as in Dataset.from_list(list(stream)).")
    # not the table behind it, which knows nothing of rows that were selected or shuffled
    table = pa.table(dataset.with_format("arrow")[:])
    for name, feature in (getattr(dataset, "features", None) or {}).items():
        if hasattr(feature, "int2str") and name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, _class_names(table.column(name), feature))
    return table


def _class_names(numbers: pa.ChunkedArray, feature: Any) -> pa.ChunkedArray:
    """Numbers of classes as their names; −1 stands for no class."""
    known = pc.if_else(pc.less(numbers, 0), pa.scalar(None, numbers.type), numbers)
    return pc.take(pa.array(feature.names, pa.string()), known)


def _table_of_pandas(frame: pd.DataFrame, *, source: str) -> pa.Table:
    # a named index is a column that somebody meant to keep, often the id
    if frame.index.names != [None] and not set(frame.index.names) & set(frame.columns):
        frame = frame.reset_index()
    columns = [_column(frame.iloc[:, place], name=str(name), source=source) for place, name in enumerate(frame.columns)]
    return pa.table(columns, names=[str(name) for name in frame.columns])


def _column(values: Any, *, name: str, source: str) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise BadInputError(
            f"{source}: {one_line(name)!r} is one value ({one_line(values)}): one entry a sample is needed."
        )
    try:
        if isinstance(values, np.ndarray) and values.ndim != 1:
            return _vectors(values, name=name, source=source)
        return _series(values)
    except UnicodeError as error:
        raise BadInputError(
            f"{source}: the column {one_line(name)!r} holds what is no text ({one_line(error)}): remove it."
        ) from error


def _series(values: Any) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return as_column([None if _is_missing(value) else value for value in values])


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _vectors(values: np.ndarray[Any, Any], *, name: str, source: str) -> pa.Array:
    if values.ndim != 2 or not values.shape[1] or values.dtype.kind not in "fiu":
        raise BadInputError(
            f"{source}: {one_line(name)!r} has shape {values.shape} and type {values.dtype}: "
            "numbers in two dimensions are needed, one row a sample."
        )
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    return pa.FixedSizeListArray.from_arrays(pa.array(native.reshape(-1)), values.shape[1])

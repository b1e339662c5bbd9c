"""A column of vectors as one float32 matrix, and the rows that hold none or one of another width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcore.arrays import Matrix, RowProblem
from driftcore.errors import BadInputError, one_line
from driftcore.readers._text_vectors import parsed_vectors, unreadable_numbers
from driftcore.readers._texts import decoded, text_column
from driftcore.readers._values import JSON

Vectors = tuple[Matrix, tuple[RowProblem, ...]]


def vectors_of(table: pa.Table, columns: Sequence[str], *, source: str, width: int | None = None) -> Vectors:
    """The matrix that one column of vectors, or several columns of numbers, make up.

    Rows that cannot be read hold NaN and are named in a problem, so that row numbers stay those of the file. The width
    is the one that most rows have, or that of the whole where the table is but a part.
    """
    if _are_numbered(table, columns):
        return _from_numbered(table, columns, source=source)
    return _from_column(table.column(columns[0]), name=columns[0], source=source, width=width)


def width_of(table: pa.Table, columns: Sequence[str], *, source: str) -> int:
    """The width of the vectors that most rows have; 0 where no row has any."""
    if _are_numbered(table, columns):
        return len(columns)
    return _width(_lengths(_as_lists(table.column(columns[0]), name=columns[0], source=source)[0]))


def _are_numbered(table: pa.Table, columns: Sequence[str]) -> bool:
    return len(columns) > 1 or _is_number(table.schema.field(columns[0]).type)


def holds_vectors(kind: pa.DataType) -> bool:
    """Whether a column of this type holds lists of floats, or tensors."""
    kind = _storage(kind)
    return _is_list(kind) and pa.types.is_floating(kind.value_type)


def holds_lists(kind: pa.DataType) -> bool:
    """Whether a column of this type holds lists of numbers of any kind."""
    kind = _storage(kind)
    return _is_list(kind) and _is_number(kind.value_type)


def _from_column(column: pa.ChunkedArray, *, name: str, source: str, width: int | None) -> Vectors:
    column, unreadable = _as_lists(column, name=name, source=source)
    lengths = _lengths(column)
    width = width or _width(lengths)
    if not width:
        shown = (
            f" (row {unreadable.positions[0] + 1} holds {unreadable.example!r})" if unreadable.positions.size else ""
        )
        raise BadInputError(
            f"{source}: no row of the column {one_line(name)!r} holds a vector{shown}. "
            "Lists of numbers such as [0.1, 0.2] are needed; another column is named with --map vector=COLUMN."
        )
    missing = np.setdiff1d(np.flatnonzero(lengths <= 0), unreadable.positions)
    ragged = np.flatnonzero((lengths > 0) & (lengths != width))
    example = f"{lengths[ragged[0]]} dims" if ragged.size else ""
    problems = (
        RowProblem(reason="no vector", positions=missing),
        RowProblem(reason=f"vector not {width} wide", positions=ragged, example=example),
        unreadable,
    )
    return _filled(column, lengths == width, width), tuple(problem for problem in problems if problem.positions.size)


def _as_lists(column: pa.ChunkedArray, *, name: str, source: str) -> tuple[pa.ChunkedArray, RowProblem]:
    column = decoded(column)
    if pa.types.is_null(column.type) or _is_text(column.type) or column.type == JSON:
        return parsed_vectors(text_column(column))
    column = column.cast(_storage(column.type))
    if not _is_list(column.type) or not _is_number(column.type.value_type):
        raise BadInputError(
            f"{source}: the column {one_line(name)!r} is of type {one_line(column.type)}: a list of numbers a row is "
            "needed. Another column is named with --map vector=COLUMN."
        )
    return column, RowProblem(reason="", positions=np.empty(0, dtype=np.int64))


def _filled(column: pa.ChunkedArray, usable: NDArray[np.bool_], width: int) -> Matrix:
    """The usable rows in their places, NaN elsewhere; chunk by chunk, never a Python object a row."""
    matrix = np.empty((len(column), width), dtype=np.float32)
    matrix[~usable] = np.nan
    start = 0
    with np.errstate(over="ignore"):  # float64 beyond float32 is infinity, which `arrays.row_problems` reports
        for chunk in column.chunks:
            here = usable[start : start + len(chunk)]
            rows = chunk if here.all() else chunk.filter(pa.array(here))
            # `flatten` and not `values`: it minds slices, and skips what lies under a null
            block = rows.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
            matrix[start : start + len(chunk)][here] = block
            start += len(chunk)
    return matrix


def _lengths(column: pa.ChunkedArray) -> NDArray[np.int64]:
    lengths = pc.fill_null(pc.list_value_length(column).cast(pa.int64()), -1)
    found: NDArray[np.int64] = lengths.to_numpy()
    return found


def _width(lengths: NDArray[np.int64]) -> int:
    """The width that most rows have; 0 where no row has any."""
    widths, counts = np.unique(lengths[lengths > 0], return_counts=True)
    return int(widths[counts.argmax()]) if widths.size else 0


def _from_numbered(table: pa.Table, columns: Sequence[str], *, source: str) -> Vectors:
    matrix = np.empty((table.num_rows, len(columns)), dtype=np.float32)
    problems: list[RowProblem] = []
    for place, name in enumerate(columns):
        column = decoded(table.column(name))
        if _is_text(column.type):
            column, positions, example = unreadable_numbers(column)
            if positions.size:
                problems.append(RowProblem(reason=f"no number in {name}", positions=positions, example=example))
        elif not _is_number(column.type) and not pa.types.is_null(column.type):
            raise BadInputError(
                f"{source}: the column {one_line(name)!r} is of type {one_line(column.type)}, not a number."
            )
        matrix[:, place] = column.cast(pa.float32(), safe=False).to_numpy()
    return matrix, tuple(problems)


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _is_list(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_list,
            pa.types.is_large_list,
            pa.types.is_fixed_size_list,
            pa.types.is_list_view,
            pa.types.is_large_list_view,
        )
    )

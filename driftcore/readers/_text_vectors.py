"""Vectors written as text, `[0.1, 0.2]`: parsed by the column, and by the row only to find the one to blame."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcore.arrays import RowProblem
from driftcore.errors import one_line

_LISTS = pa.large_list(pa.float32())
_ROWS = 4096  # rows of text split at a time: the pieces are three times as large as the text


def parsed_vectors(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, RowProblem]:
    """The column as lists of float32, null where a cell is not `[number, …]`, and a problem that names those rows.

    Numbers stand between commas, as JSON, pgvector and Python write them, or between spaces, as NumPy prints them.
    """
    parts: list[pa.Array] = []
    bad: list[int] = []
    start = 0
    for chunk in column.chunks:
        for offset in range(0, len(chunk), _ROWS):
            cells = chunk.slice(offset, _ROWS)
            lists, unreadable = _parsed(cells)
            parts.append(lists)
            bad.extend(start + offset + row for row in unreadable)
        start += len(chunk)
    example = one_line(column[bad[0]].as_py(), limit=40) if bad else ""
    problem = RowProblem(
        reason="vector is not a list of numbers", positions=np.array(bad, dtype=np.int64), example=example
    )
    return pa.chunked_array(parts, _LISTS), problem


def unreadable_numbers(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, NDArray[np.int64], str]:
    """A text column of numbers as float32, with the rows whose text is none (null there) and the first such text."""
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    try:
        return trimmed.cast(pa.float32()), np.empty(0, dtype=np.int64), ""
    except pa.ArrowInvalid:
        texts = trimmed.to_pylist()
    numbers = [_number(text) for text in texts]
    bad = np.array([row for row, text in enumerate(texts) if text is not None and numbers[row] is None], dtype=np.int64)
    example = one_line(texts[bad[0]], limit=40) if bad.size else ""
    return pa.chunked_array([pa.array(numbers, pa.float32())]), bad, example


def _parsed(cells: pa.Array) -> tuple[pa.Array, list[int]]:
    trimmed = pc.utf8_trim_whitespace(cells)
    bracketed = pc.and_(pc.starts_with(trimmed, "["), pc.ends_with(trimmed, "]"))
    if pc.all(bracketed, min_count=0).as_py():  # nulls are skipped
        try:
            return _lists(pc.utf8_slice_codeunits(trimmed, 1, -1)), []
        except pa.ArrowInvalid:
            pass
    rows = [None if text is None else _row(text) for text in trimmed.to_pylist()]
    return pa.array(rows, _LISTS), [place for place, row in enumerate(rows) if row is None and trimmed[place].is_valid]


def _lists(inner: pa.Array) -> pa.Array:
    """Cells without their brackets as lists: one split and one cast for all of them."""
    if pc.any(pc.match_substring(inner, ","), min_count=0).as_py():
        pieces = pc.split_pattern(inner, ",")
    else:
        pieces = pc.split_pattern_regex(pc.utf8_trim_whitespace(inner), r"\s+")
    numbers = pc.utf8_trim_whitespace(pieces.flatten()).cast(pa.float32())
    lengths = pc.fill_null(pc.list_value_length(pieces), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    missing = np.append(pieces.is_null().to_numpy(zero_copy_only=False), False)
    return pa.LargeListArray.from_arrays(pa.array(offsets, mask=missing), numbers)


def _row(text: str) -> NDArray[np.float32] | None:
    if not (text.startswith("[") and text.endswith("]")):
        return None
    inner = text[1:-1].strip()
    pieces = inner.split(",") if "," in inner else inner.split()
    numbers = [_number(piece) for piece in pieces]
    if any(number is None for number in numbers):
        return None
    with np.errstate(over="ignore"):
        return np.array(numbers, dtype=np.float32)


def _number(text: str | None) -> float | None:
    # float() also reads "1_0" and digits of other scripts, which no tool means
    if text is None or "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None

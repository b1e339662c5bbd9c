"""What a text table holds: cells exactly as written, and the line to blame where it is none."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from driftcore.errors import UnreadableFileError, listed, one_line
from driftcore.readers._columns import vector_columns

_DELIMITERS = ",\t;"
_BLOCK = 1 << 26  # a row must fit into a block, and a vector of 10,000 dims is 200 kB of text


def read_csv(path: Path) -> pa.Table:
    """Every cell as the text it is; only numbered vector columns (`dim_0` …) become numbers."""
    delimiter, names = _header(path)
    numbered = vector_columns(names)
    numbers = frozenset(numbered if len(numbered) > 1 else ())
    try:
        table = _parsed(path, delimiter, names, numbers)
    except pa.ArrowInvalid:
        # one cell of the vector is not a number: as text, it can be found and shown
        table = _parsed_or_blamed(path, delimiter, names)
    _refuse_open_quote(path, table)
    return table


def _parsed(path: Path, delimiter: str, names: list[str], numbers: frozenset[str]) -> pa.Table:
    return pyarrow.csv.read_csv(
        path,
        # names given, and the header skipped: nothing is inferred, so "001" stays "001" and dates stay as written
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows_after_names=1, block_size=_BLOCK),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pa.float32() if name in numbers else pa.large_string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _parsed_or_blamed(path: Path, delimiter: str, names: list[str]) -> pa.Table:
    try:
        return _parsed(path, delimiter, names, frozenset())
    except pa.ArrowInvalid as error:
        why = _bad_encoding(path) or _ragged_line(path, delimiter, len(names)) or one_line(error)
        raise UnreadableFileError(f"{path.name} is not a table that can be read: {why}.") from error


def _header(path: Path) -> tuple[str, list[str]]:
    """The delimiter that makes the most of the first line, and the names it holds."""
    found: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        names = next(_records(path, delimiter), (0, []))[1]
        if len(names) > len(found[1]):
            found = (delimiter, names)
    twice = sorted({name for name in found[1] if found[1].count(name) > 1})
    if twice or not found[1]:
        what = f"names {listed(twice)} twice" if twice else "is not there"
        raise UnreadableFileError(f"{path.name}: the first line {what}; it must name each column once.")
    return found


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line it begins on."""
    with _long_fields(), path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        line = 1
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1


@contextmanager
def _long_fields() -> Iterator[None]:
    # the csv module refuses cells over 128 kB, process-wide
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _bad_encoding(path: Path) -> str | None:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                bad = line[error.start : error.end].hex(" ")
                return f"line {number} is not UTF-8 (byte {bad} at column {error.start + 1}); save it as UTF-8"
    return None


def _ragged_line(path: Path, delimiter: str, n_columns: int) -> str | None:
    for line, record in _records(path, delimiter):
        if len(record) != n_columns:
            return (
                f"line {line} has {len(record)} cells, the header has {n_columns} "
                f"({one_line(delimiter.join(record), limit=40)!r}); "
                "quote cells that hold the delimiter or a line break"
            )
    return None


def _refuse_open_quote(path: Path, table: pa.Table) -> None:
    """A quote that is never closed swallows the rest of the file without an error; the last cell shows it."""
    last = table.column(table.num_columns - 1)[-1].as_py() if table.num_rows else None
    if not isinstance(last, str) or not last or last.endswith('"'):
        return
    unclosed = b'"' + last.replace('"', '""').encode()
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(unclosed)))
        if file.read() == unclosed:
            raise UnreadableFileError(
                f"{path.name} ends inside a quoted cell ({one_line(last, limit=40)!r}): it is cut off, or a quote is "
                "not closed. Write or copy it again."
            )

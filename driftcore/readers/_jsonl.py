"""What JSON lines, or one JSON list, hold: an object a row, numbers and dates exactly as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from driftcore.errors import UnreadableFileError, one_line
from driftcore.readers._values import as_column

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

# Python's parser, a line at a time: as fast as Arrow's on wide vectors, which it turns into float32 at once, and it
# neither takes "2024-01-01" for a time stamp, nor 2**64 for a float, nor stops where a column changes its type.


def read_json(path: Path) -> pa.Table:
    """One column per key; a key that a row lacks is null there."""
    columns: dict[str, list[Any]] = {}
    n_rows = 0
    for where, row in _rows(path):
        if not isinstance(row, dict):
            raise UnreadableFileError(
                f'{path.name}: {where} is {one_line(json.dumps(row), limit=40)}, not an object such as {{"id": …}}.'
            )
        _append(columns, row, n_rows)
        n_rows += 1
    return pa.table({name: as_column(_padded(values, n_rows)) for name, values in columns.items()})


def _append(columns: dict[str, list[Any]], row: dict[str, Any], n_rows: int) -> None:
    for name, value in row.items():
        values = columns.setdefault(name, [])
        _padded(values, n_rows).append(_compact(value))


def _padded(values: list[Any], length: int) -> list[Any]:
    values.extend([None] * (length - len(values)))
    return values


def _compact(value: Any) -> Any:
    """A list of numbers as float32, so that a file of vectors costs 4 bytes a number and not 32."""
    if not isinstance(value, list) or not any(type(number) is float for number in value):
        return value
    if not all(type(number) in (float, int) for number in value):
        return value
    with np.errstate(over="ignore"):  # infinity is reported by `arrays.row_problems`
        return np.array(value, dtype=np.float32)


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        if _begins_a_list(file.read(4096)):
            yield from _listed_rows(path)
            return
        file.seek(0)
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(_BOM) if number == 1 else line
            if text.strip():
                yield f"line {number}", json_value(text, name=path.name, where=f"line {number}")


def _listed_rows(path: Path) -> Iterator[tuple[str, Any]]:
    rows = json_value(path.read_bytes().removeprefix(_BOM), name=path.name, where="the list")
    yield from ((f"item {number}", row) for number, row in enumerate(rows, start=1))


def _begins_a_list(head: bytes) -> bool:
    return head.removeprefix(_BOM).lstrip().startswith(b"[")


def json_value(
    text: bytes, *, name: str, where: str, advice: str = "One object a line is needed.", shown: bool = True
) -> Any:
    """The value that some bytes of a file say, or `UnreadableFileError` with what is wrong and the advice."""
    try:
        value = json.loads(text.decode("utf-8"))
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{name}: {where} is not UTF-8 (byte {error.start + 1}): save it as UTF-8."
        ) from error
    except UnicodeEncodeError as error:
        raise UnreadableFileError(
            f"{name}: {where} holds half a character (a lone \\ud8…), which is no text: remove it."
        ) from error
    except (ValueError, RecursionError) as error:
        found = f": {one_line(text[:60].decode('utf-8', errors='replace'), limit=40)!r}" if shown else ""
        raise UnreadableFileError(f"{name}: {where} is not JSON ({one_line(error)}){found}. {advice}") from error
    return value

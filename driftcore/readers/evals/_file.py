"""An eval tool's file before it is known whose it is: a zip, a JSON document, JSON lines, or a table."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from driftcore.errors import UnreadableFileError
from driftcore.readers._jsonl import json_value
from driftcore.readers._sniff import format_of

Kind = Literal["zip", "document", "lines", "table"]

_BOM = b"\xef\xbb\xbf"
_AGAIN = "Is it cut off? Write or copy it again."
_TRACEBACK = b"Traceback (most recent call last)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalFile:
    """A file and what can be seen of it at a glance.

    `content` is the whole JSON document, the first of the JSON lines, or None; `names` what is in the zip, or the
    columns of a text table.
    """

    path: Path
    kind: Kind
    content: Any = None
    names: tuple[str, ...] = ()

    @property
    def first(self) -> Any:
        """The first record: of the lines, or of a document that is a list."""
        return next(iter(self.content), None) if isinstance(self.content, list) else self.content

    def records(self) -> Iterator[tuple[str, Any]]:
        """Each record with its place, one at a time where the file has one a line."""
        if self.kind == "lines":
            yield from _lines(self.path)
        else:
            records = self.content if isinstance(self.content, list) else [self.content]
            yield from ((f"item {number}", record) for number, record in enumerate(records, start=1))


def look_at(path: Path) -> EvalFile:
    """The file, opened as far as needed to tell tools apart.

    Raises
    ------
    UnreadableFileError
        If it is missing, empty, cut off, a web page, or the error message of a program.
    """
    path = Path(path)
    kind = format_of(path)
    if kind == "npz":
        return _look_into_zip(path)
    if kind == "json":
        return _look_at_json(path)
    if kind == "csv":
        return EvalFile(path=path, kind="table", names=_columns(path))
    return EvalFile(path=path, kind="table")


def _look_into_zip(path: Path) -> EvalFile:
    try:
        with zipfile.ZipFile(path) as archive:
            return EvalFile(path=path, kind="zip", names=tuple(archive.namelist()))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(f"{path.name} is a zip that cannot be opened ({error}). {_AGAIN}") from error


def _look_at_json(path: Path) -> EvalFile:
    with path.open("rb") as file:
        line = next((line for line in file if line.strip()), b"").removeprefix(_BOM)
        one_line = not any(rest.strip() for rest in file)
    record = None if one_line else _object_or_none(line)
    if record is not None:
        return EvalFile(path=path, kind="lines", content=record)
    content = path.read_bytes().removeprefix(_BOM)
    if content.lstrip().startswith(_TRACEBACK):
        raise _crashed(path)
    return EvalFile(
        path=path,
        kind="document",
        content=json_value(content, name=path.name, where="the file", advice=_AGAIN, shown=False),
    )


def _object_or_none(line: bytes) -> dict[str, Any] | None:
    """The first of several lines, if it is an object by itself: a document that is set out begins with a lone {."""
    try:
        value = json_value(line, name="", where="", advice="")
    except UnreadableFileError:
        return None
    return value if isinstance(value, dict) else None


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            found = line.removeprefix(_BOM) if number == 1 else line
            if found.strip():
                where = f"line {number}"
                yield where, json_value(found, name=path.name, where=where, advice=_AGAIN)


def _columns(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        head = file.read(1 << 16).removeprefix(_BOM)
    if head.lstrip().startswith(_TRACEBACK):
        raise _crashed(path)
    header = (head.splitlines() or [b""])[0].decode("utf-8", errors="replace")
    return tuple(name.strip().strip('"') for name in header.split(","))


def _crashed(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path.name} holds the error message of a program that crashed, and no results: run the eval again."
    )

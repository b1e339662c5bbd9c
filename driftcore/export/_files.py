"""What a format comes to: one file or a folder of files, written whole or not at all, or zipped for a browser."""

from __future__ import annotations

import io
import shutil
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from driftcore.errors import BadInputError, one_line

# the oldest time that a zip can tell: the same set makes the same bytes at any hour
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A table in one of the formats.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows that are in the files.
    files : mapping of str to bytes
        Contents by their place in the folder; a format of one file has one, whose name does not count.
    folder : bool
        Whether it is a folder, also where it holds one file.
    left_out : mapping of str to int
        How many rows are not in the files, by the reason.
    facts : mapping of str to JSON values
        What a reader of the files must know and the manifest says.
    """

    rows: pd.DataFrame
    files: Mapping[str, bytes]
    folder: bool = True
    left_out: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> bytes:
        """The content of a format of one file."""
        (content,) = self.files.values()
        return content


def zipped(files: Mapping[str, bytes], manifest: bytes) -> bytes:
    """A folder and its manifest as one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, _MANIFEST: manifest}.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_file(content: bytes, manifest: bytes, out: Path) -> tuple[Path, Path]:
    """Write a file and its manifest beside it; returns both paths.

    Raises
    ------
    BadInputError
        If the folder does not exist or cannot be written.
    """
    beside = out.with_name(out.name + ".manifest.json")
    try:
        out.write_bytes(content)
        beside.write_bytes(manifest)
    except OSError as error:
        raise _unwritable(out, error) from error
    return out, beside


def write_folder(files: Mapping[str, bytes], manifest: bytes, out: Path) -> tuple[Path, Path]:
    """Write a folder with its manifest in it, whole or not at all; returns the paths of both.

    Raises
    ------
    BadInputError
        If there is something at this place already, or it cannot be written.
    """
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise BadInputError(f"'{one_line(out)}' is there already: choose another place with --out.")
        # beside it, so that it is on the same disk and a rename is all that it takes to appear
        begun = out.with_name(f".{out.name}-{uuid.uuid4().hex[:8]}")
        begun.mkdir()
        try:
            for name, content in {**files, _MANIFEST: manifest}.items():
                (begun / name).parent.mkdir(exist_ok=True)
                (begun / name).write_bytes(content)
            if out.exists():
                out.rmdir()
            begun.rename(out)
        except BaseException:
            shutil.rmtree(begun, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(out, error) from error
    return out, out / _MANIFEST


def _unwritable(out: Path, error: OSError) -> BadInputError:
    return BadInputError(f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place with --out.")

"""The page onto the disk: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from driftcore.errors import BadInputError, one_line


def check_place(out: Path) -> None:
    """Refuse a place that nothing can be written to, before anything is computed for it.

    Raises
    ------
    BadInputError
        If it is a folder, its own folder does not exist, or no file can have this name.
    """
    try:
        if out.is_dir():
            raise BadInputError(f"Cannot write '{one_line(out)}': it is a folder. Name a file.")
        if not out.parent.is_dir():
            folder = one_line(out.parent)
            raise BadInputError(f"Cannot write '{one_line(out)}': there is no folder '{folder}'. Make it first.")
    except OSError as error:
        raise BadInputError(f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place.") from error


def write_handout(page: bytes, out: Path) -> None:
    """Write the page, over an older one of the same name; who reads at the same time sees the old or the new one.

    Raises
    ------
    BadInputError
        If the folder does not exist or cannot be written.
    """
    check_place(out)
    scratch: Path | None = None
    try:
        # in the same folder: a rename is only whole within one file system
        with NamedTemporaryFile(dir=out.parent, prefix=".driftloop-", suffix=".part", delete=False) as file:
            scratch = Path(file.name)
            file.write(page)
        # a temporary file is closed to everyone else; this one is as open as any other new file
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(out)
    except OSError as error:
        if scratch is not None:
            scratch.unlink(missing_ok=True)
        raise BadInputError(f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place.") from error


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current

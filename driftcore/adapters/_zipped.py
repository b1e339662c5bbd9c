"""A folder as bytes that the store keeps with a checkpoint, and back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from driftcore.errors import TrainingError, UnreadableFileError, one_line

# tells a folder from what other trainers keep, which are zip files, too (npz)
_MARK = b"driftloop folder/1"
_MOST_BYTES = 1 << 29
# the earliest that a zip file can say: the same files make the same bytes
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def zipped(folder: Path) -> bytes | None:
    """Every file below `folder`, in one zip file; None where there is none. Links are left out.

    Raises
    ------
    TrainingError
        If they are larger than a store should carry.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    if size > _MOST_BYTES:
        raise TrainingError(
            f"The model's files have {size / 1e6:,.0f} MB, and the store keeps up to {_MOST_BYTES / 1e6:,.0f} MB: "
            "keep them elsewhere and leave a file with their address."
        )
    if not files:
        return None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = _MARK
        for path in files:
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _NO_TIME)
            archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unzipped(data: bytes | None, folder: Path) -> bool:
    """Put the files back below `folder`; False where `data` are nothing, or another trainer's.

    Raises
    ------
    UnreadableFileError
        If they are cut off or damaged.
    """
    if data is None or not data.endswith(_MARK):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # drops drive letters, leading slashes and "..": nothing lands outside
            archive.extractall(folder)
    except (ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(
            f"The kept model cannot be read: {one_line(error)}. Train from a checkpoint without it."
        ) from error
    return True

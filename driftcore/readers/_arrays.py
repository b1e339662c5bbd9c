"""What an `.npz` file holds, as a table; never by unpickling."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcore.errors import UnreadableFileError, listed, one_line
from driftcore.readers._frames import table_of_arrays


def read_npz(path: Path) -> pa.Table:
    """One column per array; object arrays are refused, because they are pickles."""
    with zipfile.ZipFile(path) as archive:
        strangers = [name for name in archive.namelist() if not name.endswith(".npy")]
    if strangers:
        raise UnreadableFileError(f"{path.name} is a zip file of {listed(strangers, limit=3)}, not an .npz of arrays.")
    with np.load(path, allow_pickle=False) as arrays:
        return table_of_arrays({name: _array(arrays, name, path) for name in arrays.files}, source=path.name)


def _array(arrays: np.lib.npyio.NpzFile, name: str, path: Path) -> NDArray[np.generic]:
    try:
        array: NDArray[np.generic] = arrays[name]
    except (ValueError, RuntimeError, MemoryError) as error:
        if "allow_pickle" in str(error):
            raise UnreadableFileError(
                f"{path.name}: the array {one_line(name)!r} holds Python objects (a pickle), which can run any code: "
                f"save it as np.array({one_line(name)}, dtype=str)."
            ) from error
        raise UnreadableFileError(
            f"{path.name}: the array {one_line(name)!r} is damaged ({one_line(error)}): write it again."
        ) from error
    return array

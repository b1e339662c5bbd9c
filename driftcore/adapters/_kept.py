"""A trained model as bytes that may be kept: arrays under a header that says what they are, and never a pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import UnreadableFileError, one_line

_HEADER = "driftloop"


def packed(kind: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as the bytes of an npz file, the same for the same arrays.

    Parameters
    ----------
    kind : str
        What they are, with a version: ``"head/1"``.
    arrays : mapping of str to array
        Numbers, booleans and `numpy.str_`; an array of Python objects would have to be pickled and is refused.

    Raises
    ------
    ValueError
        If one is an array of Python objects.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{_HEADER: np.array(kind), **arrays})
    return buffer.getvalue()


def unpacked(data: bytes, kind: str) -> dict[str, NDArray[Any]]:
    """What `packed` was given.

    Raises
    ------
    UnreadableFileError
        If the bytes are cut off, of another kind or version, or hold a pickle.

    Examples
    --------
    >>> unpacked(packed("scale/1", {"factor": np.array(2.0)}), "scale/1")["factor"].item()
    2.0
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            members = {name.removesuffix(".npy"): whole.read(name) for name in whole.namelist()}
        arrays = {name: np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False) for name, raw in members.items()}
    except (ValueError, EOFError, OSError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(
            f"The kept model is not a '{kind}' that can be read: {one_line(error)}. Train from a checkpoint without it."
        ) from error
    found = one_line(arrays.pop(_HEADER, "nothing known"))
    if found != kind:
        raise UnreadableFileError(f"The kept model is '{found}', not '{kind}': load it with the trainer that made it.")
    return arrays

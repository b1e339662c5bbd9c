"""What UMAP compiles, compiled once an installation instead of once a process.

numba turns umap's and pynndescent's loops into machine code: 14 CPU-seconds at the first import on a machine, which is
kept on disk, and 5 more at the first layout of every process, which umap does not keep. Kept here as well, the first
layout of a process begins after 2 seconds.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np


@cache
def compiled_umap() -> ModuleType:
    """The module `umap`, imported late, with what it compiles kept on disk.

    numba keeps it beside umap's files, in ``NUMBA_CACHE_DIR`` where that is set, or in the user's cache folder where
    the installation cannot be written; where nothing can be written it is compiled again. What is kept is used as long
    as umap's files, numba and the processor are the same.
    """
    import umap
    from numba.core.dispatcher import Dispatcher
    from umap import layouts, umap_, utils

    for module in (layouts, umap_, utils):
        for kernel in vars(module).values():
            if isinstance(kernel, Dispatcher) and kernel.stats.cache_path is None:
                try:
                    kernel.enable_caching()
                except RuntimeError:
                    # no folder that can be written: numba's own word for it
                    return umap
    return umap


def warm_up() -> None:
    """Compile whatever a frame needs, and note that it was done; a second or two where it was."""
    from driftcore.projection._places import places

    cloud = np.random.default_rng(0).normal(size=(32, 8)).astype(np.float32)
    rows = np.arange(32)[:, None] + np.arange(1, 6)
    distances = np.tile(np.linspace(0.1, 0.5, 5, dtype=np.float32), (32, 1))
    places(cloud, neighbors=rows % 32, distances=distances)
    stamp = _stamp()
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    except OSError:
        # nowhere to note it: the next one finds out by looking at what is kept
        return


def is_warm() -> bool:
    """Whether `warm_up` has run for this installation, without importing anything."""
    return _stamp().is_file()


def _stamp() -> Path:
    """A file in the user's cache folder, named after everything that makes numba compile anew."""
    parts = [sys.prefix, sys.version, os.environ.get("NUMBA_CACHE_DIR", "")]
    parts += [version(name) for name in ("umap-learn", "pynndescent", "numba")]
    word = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "driftloop" / f"compiled-{word}"

"""The memory that vectors are read into: threads share it, so that what one gives back another takes."""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache
from typing import Final

# of malloc.h: how many heaps glibc may make. By default eight a core, each keeping what its threads gave back; with
# two, comparing a million pairs peaks at 1.1 GB instead of 1.5, in the same time
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2


@cache
def share_heaps() -> None:
    """Let all threads that come from now on share two heaps; whoever set ``MALLOC_ARENA_MAX`` knows better."""
    if platform.libc_ver()[0] == "glibc" and "MALLOC_ARENA_MAX" not in os.environ:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)

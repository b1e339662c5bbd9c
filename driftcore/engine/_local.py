"""The engine of one machine: parts are read and tallied side by side, one by each core while the next is read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from driftcore.engine._engine import Part, Read, Sums, Told, alone, tree_sum

# each holds a part; beyond that many, the disk is what is waited for
_MOST_THREADS = 8


def n_cores() -> int:
    """Cores this process may use, eight at most."""
    return min(len(os.sched_getaffinity(0)), _MOST_THREADS)


class LocalEngine:
    """Everything in this process.

    Parameters
    ----------
    n_threads : int, optional
        Parts that are in memory at a time. Default: one for each core this process may use, eight at most, and one
        that is read while the others are tallied.
    """

    name = "local"

    def __init__(self, n_threads: int | None = None) -> None:
        self.n_threads = n_threads or n_cores() + 1

    def total(
        self, read: Callable[[Part], Read], tally: Callable[[Read], Sums], parts: Sequence[Part], *, told: Told
    ) -> Sums:
        """See `Engine`."""

        def tallies() -> Iterator[Sums]:
            # numpy lets go of the interpreter while it works, so threads do; each multiplies on a core of its own
            with alone(), ThreadPoolExecutor(max_workers=self.n_threads) as pool:
                coming = (pool.submit(_read_and_tally, read, tally, part) for part in parts)
                # each thread has the next one waiting while sums are added up; no more of them are begun than threads
                ahead = deque(islice(coming, 2 * self.n_threads))
                for done in range(len(parts)):
                    here = ahead.popleft().result()
                    ahead.extend(islice(coming, 1))
                    yield here
                    told(done + 1, len(parts))

        total: Sums = tree_sum(tallies())
        return total


def _read_and_tally(read: Callable[[Part], Read], tally: Callable[[Read], Sums], part: Part) -> Sums:
    return tally(read(part))

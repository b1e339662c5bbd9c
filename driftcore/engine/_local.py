"""The engine of one machine: the next part is read while this one is tallied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from driftcore.engine._engine import Part, Read, Sums, Told, tree_sum


class LocalEngine:
    """Everything in this process; two parts are in memory at a time."""

    name = "local"

    def total(
        self, read: Callable[[Part], Read], tally: Callable[[Read], Sums], parts: Sequence[Part], *, told: Told
    ) -> Sums:
        """See `Engine`."""

        def tallies() -> Iterator[Sums]:
            with ThreadPoolExecutor(max_workers=1) as reader:
                ahead = reader.submit(read, parts[0])
                for done, following in enumerate([*parts[1:], None]):
                    here = ahead.result()
                    if following is not None:
                        ahead = reader.submit(read, following)
                    yield tally(here)
                    told(done + 1, len(parts))

        total: Sums = tree_sum(tallies())
        return total

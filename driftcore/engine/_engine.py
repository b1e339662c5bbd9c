"""What every engine does, and in which order it adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, Self, TypeVar

from threadpoolctl import threadpool_limits


class Addable(Protocol):
    """What adds up; the order of the terms is kept, their grouping is the engine's."""

    def __add__(self, other: Any, /) -> Self: ...


# branches of a node of the tree: with few, many sums are held; with many, a branch is too large for a task
BRANCHES: Final = 4

Part = TypeVar("Part")
Read = TypeVar("Read")
Sums = TypeVar("Sums", bound=Addable)
Told = Callable[[int, int], None]


class Engine(Protocol):
    """Reads parts, tallies each, and adds the tallies up; always in the same tree, so that no digit depends on it.

    `read` and `tally` may run in another process: they are picklable, and so are the parts and the sums.
    """

    @property
    def name(self) -> str:
        """As a report quotes it."""

    def total(
        self, read: Callable[[Part], Read], tally: Callable[[Read], Sums], parts: Sequence[Part], *, told: Told
    ) -> Sums:
        """The sum over all parts, of which there is one at least; `told` hears how many are done, of how many."""


@contextmanager
def alone() -> Iterator[None]:
    """Matrix products on one core, as every engine makes them: how many share one may show in its last digit.

    Around a block, or as a decorator of a function.
    """
    with threadpool_limits(1, user_api="blas"):
        yield


def tree_sum(terms: Iterable[Sums], add: Callable[[Any, Any], Any] = lambda left, right: left + right) -> Any:
    """Add up a stream four at a time, and fours of fours, holding one sum of each size at most.

    Floats depend on the order in which they are added: whoever adds by this gets the same digits, and loses fewer
    than by adding one after the other.

    Examples
    --------
    >>> tree_sum("abcdefg", add=lambda left, right: f"({left}{right})")
    '((((ab)c)d)((ef)g))'
    """
    # of each size, the sum so far and how many terms of that size are in it
    held: list[tuple[int, Any]] = []
    for term in terms:
        carried = term
        for level, (count, total) in enumerate(held):
            carried, count = (add(total, carried), count + 1) if count else (carried, 1)
            held[level] = (count, carried) if count < BRANCHES else (0, None)
            if count < BRANCHES:
                break
        else:
            held.append((1, carried))
    rest = [total for count, total in held if count]
    found = rest.pop(0)
    for total in rest:
        found = add(total, found)
    return found

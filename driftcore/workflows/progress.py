"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

# called with what is being done and the share that is done, in [0, 1]
Progress = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """The progress of work that nobody watches."""


def within(progress: Progress, what: str, low: float, high: float) -> Callable[[int, int], None]:
    """What counts its rows or parts, as a stretch of the whole work."""
    return lambda done, total: progress(what, low + (high - low) * done / total)

"""Rounds of the loop, kept in the order in which they ended."""

from __future__ import annotations

from driftcore.records import LoopRound, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Rounds:
    """The rounds of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "rounds")

    def all(self) -> tuple[LoopRound, ...]:
        """Every round, oldest first."""
        return tuple(from_json(LoopRound, entry.payload) for entry in self._shelf.entries())

    def write(self, done: LoopRound) -> None:
        """Keep what a round did; the same one again is a no-op."""
        self._shelf.put(done.round_id, done.round_id, to_json(done))

    def version(self) -> int:
        """A number that changes with every round."""
        return self._shelf.version()

"""Marks: what the loop says of the checkpoints that it made."""

from __future__ import annotations

from driftcore.records import Mark, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Marks:
    """The marks of a store: at most one for each checkpoint."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "marks")

    def all(self) -> dict[str, Mark]:
        """Every mark, by checkpoint."""
        return {entry.key: from_json(Mark, entry.payload) for entry in self._shelf.entries()}

    def write(self, checkpoint: str, mark: Mark) -> None:
        """Mark a checkpoint, in the place of the mark that it has."""
        self._shelf.replace(checkpoint, mark.status, to_json(mark))

    def discard(self, checkpoint: str) -> None:
        """Take the mark of a checkpoint away; none is fine."""
        self._shelf.remove(checkpoint)

    def version(self) -> int:
        """A number that changes with every mark."""
        return self._shelf.version()

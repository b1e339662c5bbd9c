"""What people decided about spans, one entry a decision: a shelf that is only added to, but for undo."""

from __future__ import annotations

from driftcore.errors import NotFoundError, one_line
from driftcore.records import Decision, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Decisions:
    """The decisions of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "decisions")

    def all(self) -> tuple[Decision, ...]:
        """Every decision, oldest first."""
        return tuple(from_json(Decision, entry.payload) for entry in self._shelf.entries())

    def write(self, decision: Decision) -> None:
        """Keep a decision; the same one again is a no-op."""
        self._shelf.put(decision.decision_id, decision.decision_id, to_json(decision))

    def remove(self, decision_id: str) -> None:
        """Take a decision away, as if it had never been made.

        Raises
        ------
        NotFoundError
            If it is not there any more.
        """
        if self._shelf.get(decision_id) is None:
            raise NotFoundError(f"No decision '{one_line(decision_id)}': it is undone already. Look at the list again.")
        self._shelf.remove(decision_id)

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

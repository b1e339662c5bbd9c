"""Traces, kept under what they were computed from."""

from __future__ import annotations

from driftcore.records import Trace, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Traces:
    """The kept traces of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "traces")

    def get(self, *basis: str) -> Trace | None:
        """The trace computed from exactly this, or None."""
        entry = self._shelf.get("/".join(basis))
        return None if entry is None else from_json(Trace, entry.payload)

    def write(self, trace: Trace, *basis: str) -> None:
        """Keep a trace; one that is kept already stays."""
        self._shelf.put("/".join(basis), trace.span_id, to_json(trace))

    def all(self) -> tuple[Trace, ...]:
        """Every kept trace, oldest first."""
        return tuple(from_json(Trace, entry.payload) for entry in self._shelf.entries())

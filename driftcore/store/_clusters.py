"""Cluster reports, kept under what they were computed from."""

from __future__ import annotations

from driftcore.records import ClusterReport, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class ClusterReports:
    """The kept cluster reports of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "clusters")

    def all(self) -> tuple[ClusterReport, ...]:
        """Every kept report, oldest first."""
        return tuple(from_json(ClusterReport, entry.payload) for entry in self._shelf.entries())

    def get(self, report_id: str) -> ClusterReport | None:
        """The report computed from exactly this, or None."""
        entry = self._shelf.get(report_id)
        return None if entry is None else from_json(ClusterReport, entry.payload)

    def write(self, report: ClusterReport) -> None:
        """Keep a report; one that is kept already stays."""
        self._shelf.put(report.report_id, report.report_id, to_json(report))

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

"""Drift reports, kept under what they were computed from, and the spans."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from driftcore.errors import NotFoundError, listed, one_line
from driftcore.records import DriftPolicy, DriftReport, GapClosures, SampleDrift, Span, from_json, to_json
from driftcore.store._columns import names, strings
from driftcore.store._database import Database
from driftcore.store._shelf import Entry, Shelf

_SAMPLES = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("concept", pa.string()),
        pa.field("shift", pa.float32(), nullable=False),
        pa.field("share", pa.float32(), nullable=False),
    ]
)


class Reports:
    """The kept drift reports of a store."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "reports")

    def all(self) -> tuple[DriftReport, ...]:
        """Every kept report, oldest first."""
        return tuple(_report(entry) for entry in self._shelf.entries())

    def get(self, report_id: str) -> DriftReport | None:
        """The report computed from exactly this, or None."""
        entry = self._shelf.get(report_id)
        return None if entry is None else _report(entry)

    def some(self, report_ids: Iterable[str]) -> dict[str, DriftReport]:
        """The kept ones of some reports by their ids, in one read."""
        return {key: _report(entry) for key, entry in self._shelf.some(report_ids).items()}

    def some_gap_closures(self, report_ids: Iterable[str]) -> dict[str, GapClosures]:
        """Gap closure of all pairs of some kept reports, in one read."""
        return {key: _gap_closures(entry) for key, entry in self._shelf.some(report_ids).items()}

    def policy(self, report_id: str) -> DriftPolicy:
        """The policy that a kept report judged by.

        Raises
        ------
        NotFoundError
            If no such report is kept.
        """
        return _report(self._entry(report_id)).policy

    def samples(self, report_id: str) -> SampleDrift:
        """The per-sample side of a kept report.

        Raises
        ------
        NotFoundError
            If no such report is kept.
        """
        arrow = self._shelf.data(self._entry(report_id)).read()
        return SampleDrift(
            sample_ids=strings(arrow["sample_id"]),
            concepts=names(arrow["concept"]),
            shift=arrow["shift"].to_numpy(),
            share=arrow["share"].to_numpy(),
        )

    def gap_closures(self, report_id: str) -> GapClosures:
        """Gap closure of all pairs of a kept report.

        Raises
        ------
        NotFoundError
            If no such report is kept.
        """
        return _gap_closures(self._entry(report_id))

    def write(self, report: DriftReport, samples: SampleDrift, gaps: GapClosures) -> None:
        """Keep a report with its per-sample and per-pair side; one that is kept already stays."""
        columns = [
            pa.array(samples.sample_ids, pa.string()),
            pa.array(samples.concepts, pa.string()),
            pa.array(samples.shift, pa.float32()),
            pa.array(samples.share, pa.float32()),
        ]
        table = pa.Table.from_arrays(columns, schema=_SAMPLES)
        payload = {
            "report": to_json(report),
            "concepts": list(gaps.concepts),
            "gap_closures": base64.b64encode(gaps.values.astype("<f4").tobytes()).decode("ascii"),
        }
        self._shelf.put(report.report_id, report.report_id, payload, table.to_batches(), _SAMPLES)

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def discard(self, checkpoint: str) -> None:
        """Take all reports of a checkpoint away; none is fine."""
        for entry in self._shelf.entries():
            if checkpoint in (entry.payload["report"]["reference"], entry.payload["report"]["current"]):
                self._shelf.remove(entry.key)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()

    def _entry(self, report_id: str) -> Entry:
        entry = self._shelf.get(report_id)
        if entry is None:
            raise NotFoundError(f"No drift report '{one_line(report_id)}' is kept: run driftloop compare first.")
        return entry


def _report(entry: Entry) -> DriftReport:
    return from_json(DriftReport, entry.payload["report"])


def _gap_closures(entry: Entry) -> GapClosures:
    values = np.frombuffer(base64.b64decode(entry.payload["gap_closures"]), dtype="<f4")
    n_concepts = len(entry.payload["concepts"])
    return GapClosures(concepts=tuple(entry.payload["concepts"]), values=values.reshape(n_concepts, n_concepts))


class Spans:
    """The spans of a store: found by `compare`, or saved from a lasso."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "spans")

    def all(self) -> tuple[Span, ...]:
        """Every span, oldest first."""
        return tuple(from_json(Span, entry.payload) for entry in self._shelf.entries())

    def get(self, span_id: str) -> Span:
        """One span.

        Raises
        ------
        NotFoundError
            If there is none of this id; the message lists those that exist.
        """
        entry = self._shelf.get(span_id)
        if entry is None:
            known = (span.span_id for span in self.all())
            raise NotFoundError(f"No span '{one_line(span_id)}'. Known: {listed(known)}.")
        return from_json(Span, entry.payload)

    def write(self, span: Span) -> None:
        """Keep a span; the same span again is a no-op."""
        self._shelf.put(span.span_id, span.span_id, to_json(span))

    def discard(self, checkpoint: str) -> None:
        """Take all spans between a checkpoint and another away; none is fine."""
        for entry in self._shelf.entries():
            if checkpoint in (entry.payload["reference"], entry.payload["current"]):
                self._shelf.remove(entry.key)

    def remove(self, span_id: str) -> None:
        """Take a span away: one that was merged, when the merge is undone."""
        self._shelf.remove(span_id)

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

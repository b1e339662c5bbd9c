"""The draws of a store: which samples, and how surely each was to be drawn."""

from __future__ import annotations

import pyarrow as pa

from driftcore.errors import NotFoundError, listed, one_line
from driftcore.records import SampledRows, Sampling, from_json, to_json
from driftcore.store._columns import names, strings
from driftcore.store._database import Database
from driftcore.store._shelf import Entry, Shelf

_SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("concept", pa.string()),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
    ]
)


class Samplings:
    """The kept draws."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "samplings")

    def all(self) -> tuple[Sampling, ...]:
        """Every draw, oldest first."""
        return tuple(from_json(Sampling, entry.payload) for entry in self._shelf.entries())

    def get(self, sampling_id: str) -> Sampling:
        """One draw.

        Raises
        ------
        NotFoundError
            If there is none of this id; the message lists those that exist.
        """
        return from_json(Sampling, self._entry(sampling_id).payload)

    def rows(self, sampling_id: str) -> SampledRows:
        """The drawn samples.

        Raises
        ------
        NotFoundError
            If there is no such draw.
        """
        arrow = self._shelf.data(self._entry(sampling_id)).read()
        return SampledRows(
            sample_ids=strings(arrow["sample_id"]),
            concepts=names(arrow["concept"]),
            scores=arrow["score"].to_numpy(),
            probabilities=arrow["probability"].to_numpy(),
        )

    def write(self, sampling: Sampling, rows: SampledRows) -> Sampling:
        """Keep a draw and return the one that is kept; the same draw again is a no-op."""
        columns = [
            pa.array(rows.sample_ids, pa.string()),
            pa.array(rows.concepts, pa.string()),
            pa.array(rows.scores, pa.float64()),
            pa.array(rows.probabilities, pa.float64()),
        ]
        table = pa.Table.from_arrays(columns, schema=_SCHEMA)
        key = sampling.sampling_id
        entry, _ = self._shelf.put(key, key, to_json(sampling), table.to_batches(), _SCHEMA)
        return from_json(Sampling, entry.payload)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def _entry(self, sampling_id: str) -> Entry:
        entry = self._shelf.get(sampling_id)
        if entry is None:
            known = (sampling.sampling_id for sampling in self.all())
            raise NotFoundError(f"No sampling '{one_line(sampling_id)}'. Known: {listed(known)}.")
        return entry

"""Corridors of pairs of concepts, and how one space was laid over another to find them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcore.records import CorridorStep, SpaceMap
from driftcore.store._columns import float_matrix, strings
from driftcore.store._database import Database
from driftcore.store._shelf import Entry, Shelf

_STEP = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("of_a", pa.bool_(), nullable=False),
        pa.field("position", pa.float32(), nullable=False),
        pa.field("own_position", pa.float32(), nullable=False),
    ]
)


class Corridors:
    """The kept corridor steps of a store, each under what it was computed from."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "corridors")

    def get(self, *basis: str) -> CorridorStep | None:
        """The step computed from exactly `basis` (method, fingerprints and concepts), or None."""
        entry = self._shelf.get(_key(basis))
        return None if entry is None else self._step(entry)

    def some(self, bases: Iterable[tuple[str, ...]]) -> tuple[CorridorStep | None, ...]:
        """The steps computed from some bases, in their order; None where one is not kept."""
        keys = [_key(basis) for basis in bases]
        kept = self._shelf.some(keys)
        return tuple(self._step(kept[key]) if key in kept else None for key in keys)

    def write(self, step: CorridorStep, *basis: str) -> None:
        """Keep a step under its basis; one that is kept already stays."""
        payload = {
            "checkpoint": step.checkpoint,
            "gap_closure": step.gap_closure,
            "low": step.low,
            "high": step.high,
        }
        columns = [
            pa.array(step.sample_ids, pa.string()),
            pa.array(step.of_a, pa.bool_()),
            pa.array(step.positions, pa.float32()),
            pa.array(step.own_positions, pa.float32()),
        ]
        table = pa.Table.from_arrays(columns, schema=_STEP)
        self._shelf.put(_key(basis), _key(basis), payload, table.to_batches(), _STEP)

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()

    def _step(self, entry: Entry) -> CorridorStep:
        arrow = self._shelf.data(entry).read()
        return CorridorStep(
            checkpoint=entry.payload["checkpoint"],
            sample_ids=strings(arrow["sample_id"]),
            of_a=arrow["of_a"].to_numpy(),
            positions=arrow["position"].to_numpy(),
            own_positions=arrow["own_position"].to_numpy(),
            gap_closure=entry.payload["gap_closure"],
            low=entry.payload["low"],
            high=entry.payload["high"],
        )


class SpaceMaps:
    """How the spaces of a store's checkpoints were laid over each other: what every corridor of two of them needs."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "spacemaps")

    def get(self, *basis: str) -> SpaceMap | None:
        """The map computed from exactly `basis` (method and fingerprints), or None."""
        entry = self._shelf.get(_key(basis))
        if entry is None:
            return None
        rows = float_matrix(self._shelf.data(entry).read()["vector"])
        n_reference = entry.payload["n_dims_reference"]
        return SpaceMap(reference_axes=rows[:n_reference], current_axes=rows[n_reference:-1], offset=rows[-1])

    def write(self, found: SpaceMap, *basis: str) -> None:
        """Keep a map under its basis; one that is kept already stays."""
        rows = np.vstack([found.reference_axes, found.current_axes, found.offset])
        table = pa.table({"vector": _vectors(rows)})
        payload = {"n_dims_reference": len(found.reference_axes)}
        self._shelf.put(_key(basis), _key(basis), payload, table.to_batches(), table.schema)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()


def _vectors(rows: NDArray[np.float32]) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1), pa.float32()), rows.shape[1])


def _key(basis: tuple[str, ...]) -> str:
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=16).hexdigest()

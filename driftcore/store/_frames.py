"""Frames: the places of a reference, and one movement step for each checkpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from driftcore.records import FrameStep
from driftcore.store._columns import strings
from driftcore.store._database import Database
from driftcore.store._shelf import Entry, Shelf

_SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("x", pa.float32(), nullable=False),
        pa.field("y", pa.float32(), nullable=False),
        pa.field("cluster", pa.int32(), nullable=False),
    ]
)


class FrameSteps:
    """The kept frame steps of a store, each under what it was computed from."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "frames")

    def get(self, *basis: str) -> FrameStep | None:
        """The step computed from exactly `basis` (fingerprints and method), or None."""
        entry = self._shelf.get(_key(basis))
        return None if entry is None else self._step(entry)

    def outlines(self, bases: Iterable[tuple[str, ...]]) -> tuple[FrameStep | None, ...]:
        """The steps computed from some bases without their samples, in one read; None where one is not kept."""
        keys = [_key(basis) for basis in bases]
        kept = self._shelf.some(keys)
        return tuple(_outline(kept[key]) if key in kept else None for key in keys)

    def kept(self, *basis: str) -> bool:
        """Whether the step is kept, without reading its points."""
        return self._shelf.get(_key(basis)) is not None

    def write(self, step: FrameStep, *basis: str) -> None:
        """Keep a step under its basis; one that is kept already stays."""
        payload = {
            "checkpoint": step.checkpoint,
            "concepts": list(step.concepts),
            "centroids": step.centroids.astype(float).tolist(),
            "explained": step.explained,
        }
        columns = [
            pa.array(step.sample_ids, pa.string()),
            pa.array(step.points[:, 0], pa.float32()),
            pa.array(step.points[:, 1], pa.float32()),
            pa.array(step.clusters, pa.int32()),
        ]
        table = pa.Table.from_arrays(columns, schema=_SCHEMA)
        self._shelf.put(_key(basis), _key(basis), payload, table.to_batches(), _SCHEMA)

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()

    def _step(self, entry: Entry) -> FrameStep:
        arrow = self._shelf.data(entry).read()
        return replace(
            _outline(entry),
            sample_ids=strings(arrow["sample_id"]),
            points=np.column_stack([arrow["x"].to_numpy(), arrow["y"].to_numpy()]).astype(np.float32),
            clusters=arrow["cluster"].to_numpy(),
        )


def _outline(entry: Entry) -> FrameStep:
    """What the register says of a step: all but its samples."""
    return FrameStep(
        checkpoint=entry.payload["checkpoint"],
        sample_ids=np.empty(0, dtype=object),
        points=np.empty((0, 2), dtype=np.float32),
        clusters=np.empty(0, dtype=np.int32),
        concepts=tuple(entry.payload["concepts"]),
        centroids=np.array(entry.payload["centroids"], dtype=np.float32).reshape(-1, 2),
        explained=entry.payload["explained"],
    )


def _key(basis: tuple[str, ...]) -> str:
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=16).hexdigest()

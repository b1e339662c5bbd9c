"""Frames: the places of a reference, and one movement step for each checkpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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
_CLUSTERS = pa.schema([pa.field("cluster", pa.int32(), nullable=False)])


class FrameSteps:
    """The kept frame steps of a store, each under what it was computed from."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "frames")

    def get(self, *basis: str) -> FrameStep | None:
        """The step computed from exactly `basis` (fingerprints and method), or None."""
        keys = _key(basis), _key((*basis, "clusters"))
        kept = self._shelf.some(keys)
        return self._step(kept[keys[0]], kept.get(keys[1])) if keys[0] in kept else None

    def outlines(self, bases: Iterable[tuple[str, ...]]) -> tuple[FrameStep | None, ...]:
        """The steps computed from some bases without their samples, in one read; None where one is not kept."""
        keys = [(_key(basis), _key((*basis, "clusters"))) for basis in bases]
        kept = self._shelf.some([key for both in keys for key in both])
        return tuple(_outline(kept[key], clustered=clusters in kept) if key in kept else None for key, clusters in keys)

    def kept(self, *basis: str) -> bool:
        """Whether the step is kept, without reading its points."""
        return self._shelf.get(_key(basis)) is not None

    def clustered(self, *basis: str) -> bool:
        """Whether the clusters of the step's own checkpoint are kept, without reading them."""
        entry = self._shelf.get(_key(basis))
        if entry is not None and entry.payload["clustered"]:
            return True
        return self._shelf.get(_key((*basis, "clusters"))) is not None

    def write_clusters(self, clusters: NDArray[np.int32], *basis: str) -> None:
        """Keep a checkpoint's own clusters, row by row of its step, in place of those that it was written with."""
        table = pa.Table.from_arrays([pa.array(clusters, pa.int32())], schema=_CLUSTERS)
        key = _key((*basis, "clusters"))
        self._shelf.put(key, key, {}, table.to_batches(), _CLUSTERS)

    def write(self, step: FrameStep, *basis: str) -> None:
        """Keep a step under its basis; one that is kept already stays."""
        payload = {
            "checkpoint": step.checkpoint,
            "concepts": list(step.concepts),
            "centroids": step.centroids.astype(float).tolist(),
            "explained": step.explained,
            "n_fitted": step.n_fitted,
            "n_reference": step.n_reference,
            "clustered": step.clustered,
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

    def _step(self, entry: Entry, clusters: Entry | None) -> FrameStep:
        arrow = self._shelf.data(entry).read()
        own = arrow if clusters is None else self._shelf.data(clusters).read()
        return replace(
            _outline(entry, clustered=clusters is not None),
            sample_ids=strings(arrow["sample_id"]),
            points=np.column_stack([arrow["x"].to_numpy(), arrow["y"].to_numpy()]).astype(np.float32),
            clusters=own["cluster"].to_numpy(),
        )


def _outline(entry: Entry, *, clustered: bool) -> FrameStep:
    """What the register says of a step: all but its samples."""
    return FrameStep(
        checkpoint=entry.payload["checkpoint"],
        sample_ids=np.empty(0, dtype=object),
        points=np.empty((0, 2), dtype=np.float32),
        clusters=np.empty(0, dtype=np.int32),
        concepts=tuple(entry.payload["concepts"]),
        centroids=np.array(entry.payload["centroids"], dtype=np.float32).reshape(-1, 2),
        explained=entry.payload["explained"],
        n_fitted=entry.payload["n_fitted"],
        n_reference=entry.payload["n_reference"],
        clustered=clustered or entry.payload["clustered"],
    )


def _key(basis: tuple[str, ...]) -> str:
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=16).hexdigest()

"""Models: what the trainer of a checkpoint wanted kept of it, as bytes that nothing here looks into."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from driftcore.errors import ConflictError, one_line
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf

_SCHEMA = pa.schema([pa.field("content", pa.large_binary(), nullable=False)])


class Models:
    """The models of a store: at most one for each checkpoint."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "models")

    def write(self, checkpoint: str, content: bytes, *, trainer: str) -> None:
        """Keep the model of a checkpoint, for the trainer that can go on from it; the same again is a no-op.

        Raises
        ------
        ConflictError
            If another model is kept for it.
        """
        fingerprint = hashlib.blake2b(content, digest_size=16).hexdigest()
        rows = pa.record_batch([pa.array([content], pa.large_binary())], schema=_SCHEMA)
        stored, _ = self._shelf.put(
            checkpoint, fingerprint, {"trainer": trainer, "n_bytes": len(content)}, [rows], _SCHEMA
        )
        if stored.fingerprint != fingerprint:
            raise ConflictError(f"Another model is kept for checkpoint '{one_line(checkpoint)}': models never change.")

    def get(self, checkpoint: str) -> bytes | None:
        """The model of a checkpoint, or None where none is kept."""
        entry = self._shelf.get(checkpoint)
        if entry is None:
            return None
        content: bytes = self._shelf.data(entry).read()["content"][0].as_py()
        return content

    def trainer(self, checkpoint: str) -> str | None:
        """Name of the trainer that can go on from the model of a checkpoint, or None where none is kept."""
        entry = self._shelf.get(checkpoint)
        return None if entry is None else str(entry.payload["trainer"])

    def discard(self, checkpoint: str) -> None:
        """Take the model of a checkpoint away; none is fine."""
        self._shelf.remove(checkpoint)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()

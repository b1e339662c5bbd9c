"""Snapshots: vectors and labels in a table of their own each, texts once for all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcore.errors import ConflictError, NotFoundError, listed, one_line
from driftcore.records import ModelFingerprint, Snapshot, SnapshotBatch, SnapshotRows, from_json, to_json
from driftcore.store._columns import (
    add_to_digest,
    float_matrix,
    names,
    optional_strings,
    row_order,
    rows_in_common,
    strings,
)
from driftcore.store._database import Database, Table
from driftcore.store._shelf import Entry, Shelf

_BATCH_ROWS, _FEW = 8192, 2000
# a row in so many is taken by its number; of more, the range is read as it lies
_SPARSE = 4
# the table of what samples say
TEXTS = "samples"

_SAMPLES = pa.schema(
    [
        pa.field("content_id", pa.string(), nullable=False, metadata={"lance-schema:unenforced-primary-key": "true"}),
        pa.field("text", pa.large_string()),
        pa.field("metadata", pa.large_string()),
    ]
)


class Snapshots:
    """The snapshots of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = Shelf(database, "snapshots")
        self._samples = Table(database, TEXTS, _SAMPLES)

    def all(self) -> tuple[Snapshot, ...]:
        """Every stored snapshot, in order of time."""
        snapshots = (_snapshot(entry) for entry in self._shelf.entries())
        return tuple(sorted(snapshots, key=lambda snapshot: (snapshot.at, snapshot.written_at)))

    def get(self, checkpoint: str, split: str) -> Snapshot:
        """The snapshot of one split under one checkpoint.

        Raises
        ------
        NotFoundError
            If the checkpoint, or this split of it, is not stored; the message lists what is.
        """
        return _snapshot(self._entry(checkpoint, split))

    def write(
        self,
        batch: SnapshotBatch,
        *,
        checkpoint: str,
        split: str,
        at: datetime,
        model: ModelFingerprint,
        source: str | None = None,
        told: Callable[[int, int], None] | None = None,
    ) -> tuple[Snapshot, bool]:
        """Store a checked batch; the same content again is a no-op. `told` hears how many rows went in, of how many.

        Returns
        -------
        tuple of (Snapshot, bool)
            What is stored now, and whether this call wrote it.

        Raises
        ------
        ConflictError
            If the name is taken by other content; the message shows both fingerprints.
        NotAllowedError
            If the store was opened for reading only.
        """
        self._database.require_writable()
        fingerprint = content_fingerprint(batch)
        key = _key(checkpoint, split)
        before = self._shelf.get(key)
        if before is None:
            contents = _content_ids(batch)
            self._write_contents(batch, contents)
            payload = {
                "checkpoint": checkpoint,
                "split": split,
                "at": at.isoformat(),
                "n_samples": len(batch.sample_ids),
                "n_dims": batch.vectors.shape[1],
                "model": to_json(model),
                "source": source,
            }
            schema = _snapshot_schema(batch.vectors.shape[1])
            stored, created = self._shelf.put(
                key, fingerprint, payload, _batches(batch, contents, schema, told), schema
            )
        else:
            self._shelf.sweep(key)
            stored, created = before, False
        if stored.fingerprint != fingerprint:
            raise ConflictError(
                f"Checkpoint '{one_line(checkpoint)}', split '{one_line(split)}' is stored with other content: stored "
                f"{stored.fingerprint[:12]}, given {fingerprint[:12]}. Snapshots never change: choose another name."
            )
        return _snapshot(stored), created

    def rows(self, checkpoint: str, split: str) -> SnapshotRows:
        """Ids, vectors and labels of a snapshot."""
        arrow = self._shelf.data(self._entry(checkpoint, split)).read(["sample_id", "label", "vector"])
        labels = names(arrow["label"])
        return SnapshotRows(
            sample_ids=strings(arrow["sample_id"]),
            vectors=float_matrix(arrow["vector"]),
            labels=None if arrow["label"].null_count == len(arrow) else labels,
        )

    def vectors(self, checkpoint: str, split: str, sample_ids: NDArray[np.object_]) -> NDArray[np.float32]:
        """Vectors of some samples of a snapshot, in the order asked for; the others are not read.

        Raises
        ------
        NotFoundError
            If the snapshot, or one of the samples, is not stored.
        """
        import pandas as pd

        entry = self._entry(checkpoint, split)
        table = self._shelf.data(entry)
        stored = strings(table.read(["sample_id"])["sample_id"])
        rows = pd.Index(stored).get_indexer(pd.Index(sample_ids))
        if (rows < 0).any():
            missing = listed(sample_ids[rows < 0], limit=3)
            raise NotFoundError(f"Checkpoint '{one_line(checkpoint)}', split '{one_line(split)}' lacks {missing}.")
        if not len(rows):
            return np.empty((0, entry.payload["n_dims"]), dtype=np.float32)
        return _taken(table, rows)

    def reader(self, checkpoint: str, split: str) -> VectorReader:
        """Reads vectors of a snapshot by row number, for whoever comes back for more.

        Raises
        ------
        NotFoundError
            If the snapshot is not stored.
        """
        return VectorReader(self._shelf.data(self._entry(checkpoint, split)))

    def labels(self, checkpoint: str, split: str) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Ids and labels of a snapshot without its vectors; a missing label is None."""
        arrow = self._shelf.data(self._entry(checkpoint, split)).read(["sample_id", "label"])
        return strings(arrow["sample_id"]), names(arrow["label"])

    def own_labels(self, checkpoint: str, split: str) -> NDArray[np.object_]:
        """The labels alone, of which few differ: next to nothing in memory."""
        return names(self._shelf.data(self._entry(checkpoint, split)).read(["label"])["label"])

    def n_shared(self, reference: Snapshot, current: Snapshot) -> int:
        """How many sample ids two snapshots have in common, without a Python object an id."""
        before, after = self._both_ids(reference, current)
        # as they are stored nearly always
        return len(before) if before.equals(after) else int(pc.sum(pc.is_in(before, value_set=after)).as_py() or 0)

    def shared_rows(self, reference: Snapshot, current: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row numbers of the ids that two snapshots have in common, in the reference's order."""
        return rows_in_common(*self._both_ids(reference, current))

    def _both_ids(self, reference: Snapshot, current: Snapshot) -> tuple[pa.Array, pa.Array]:
        def ids(side: Snapshot) -> pa.Array:
            table = self._shelf.data(self._entry(side.checkpoint, side.split))
            return table.read(["sample_id"])["sample_id"].combine_chunks()

        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(ids, current)
            return ids(reference), coming.result()

    def texts(self, checkpoint: str, split: str, sample_ids: NDArray[np.object_]) -> NDArray[np.object_]:
        """Texts of some samples of a snapshot, in the order asked for; None where a sample has none."""
        return self._contents(checkpoint, split, sample_ids, "text")

    def metadata(self, checkpoint: str, split: str, sample_ids: NDArray[np.object_]) -> NDArray[np.object_]:
        """What else is known of some samples, as one JSON object each; None where nothing is."""
        return self._contents(checkpoint, split, sample_ids, "metadata")

    def _contents(
        self, checkpoint: str, split: str, sample_ids: NDArray[np.object_], column: str
    ) -> NDArray[np.object_]:
        if not len(sample_ids):
            return np.empty(0, dtype=object)
        wanted = pa.array(sample_ids, pa.string())
        rows = _looked_up(self._shelf.data(self._entry(checkpoint, split)), "sample_id", wanted, "content_id")
        return strings(_looked_up(self._samples, "content_id", rows, column))

    def having_text(self, checkpoint: str, split: str, text: str) -> NDArray[np.object_]:
        """Ids of the samples of a snapshot that have `text` in their own, in any case; no other text is kept."""
        wanted = text.lower()
        hits = []
        for batch in self._samples.batches(["content_id", "text"]):
            has = pc.match_substring(pc.utf8_lower(batch["text"]), wanted)
            hits.append(batch["content_id"].filter(has))
        found = pa.chunked_array(hits, pa.string())
        rows = self._shelf.data(self._entry(checkpoint, split)).read(["sample_id", "content_id"])
        return strings(rows["sample_id"].filter(pc.is_in(rows["content_id"], value_set=found.combine_chunks())))

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def discard(self, checkpoint: str) -> None:
        """Take all snapshots of a checkpoint away; none is fine."""
        for entry in self._shelf.entries():
            if entry.payload["checkpoint"] == checkpoint:
                self._shelf.remove(entry.key)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()

    def _entry(self, checkpoint: str, split: str) -> Entry:
        entry = self._shelf.get(_key(checkpoint, split))
        if entry is not None:
            return entry
        snapshots = self.all()
        names = dict.fromkeys(snapshot.checkpoint for snapshot in snapshots)
        if checkpoint not in names:
            raise NotFoundError(f"No checkpoint named '{one_line(checkpoint)}'. Known: {listed(names)}.")
        splits = [snapshot.split for snapshot in snapshots if snapshot.checkpoint == checkpoint]
        raise NotFoundError(
            f"Checkpoint '{one_line(checkpoint)}' has no split '{one_line(split)}'. It has: {listed(splits)}."
        )

    def _write_contents(self, batch: SnapshotBatch, contents: NDArray[np.object_] | None) -> None:
        """Texts go in under the hash of what they say: a killed ingest leaves nothing that a later one trips over."""
        if contents is None:
            return
        unique = np.unique(contents, return_index=True)[1]
        rows = pa.table(
            {
                "content_id": pa.array(contents[unique], pa.string()),
                "text": optional_strings(batch.texts, unique),
                "metadata": optional_strings(batch.metadata, unique),
            },
            schema=_SAMPLES,
        )
        self._samples.merge(rows, "content_id")


def _looked_up(table: Table, key: str, wanted: pa.Array | pa.ChunkedArray, column: str) -> pa.ChunkedArray:
    """What `column` says of each of the wanted keys, null where one is not there; without a Python object a row."""
    from lancedb.expr import col

    few = pc.drop_null(pc.unique(wanted))
    # a filter of very many literals is slower than reading the column
    found = table.read([key, column], where=col(key).isin(few.to_pylist()) if len(few) <= _FEW else None)
    known = found[key].combine_chunks()
    return found[column].take(pc.index_in(wanted, value_set=known, skip_nulls=True))


class VectorReader:
    """Reads vectors of one snapshot by row number."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of some rows, in the order asked for; fastest for rows that lie close together."""
        if not len(rows) or np.ptp(rows) >= _SPARSE * len(rows):
            return _taken(self._table, rows)
        first, last = int(rows.min()), int(rows.max())
        # a range is read as it lies, in half the time that its row numbers take
        found = float_matrix(self._table.read(["vector"], rows=range(first, last + 1))["vector"])
        return found if np.array_equal(rows, np.arange(first, last + 1)) else found[rows - first]


def _taken(table: Table, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each row once, in the table's order, whatever order was asked for."""
    wanted, places = np.unique(rows, return_inverse=True)
    return float_matrix(table.take(wanted, ["vector"])["vector"])[places]


def content_fingerprint(batch: SnapshotBatch) -> str:
    """A hash of ids, labels, texts, metadata and vectors that does not depend on the order of the rows."""
    order = row_order(batch.sample_ids)
    digest = hashlib.blake2b(f"{batch.vectors.shape}".encode(), digest_size=16)
    for column in (batch.sample_ids, batch.labels, batch.texts, batch.metadata):
        add_to_digest(digest, optional_strings(column, order))
    for start in range(0, len(order), _BATCH_ROWS):
        digest.update(np.ascontiguousarray(batch.vectors[order[start : start + _BATCH_ROWS]]).data)
    return digest.hexdigest()


def _key(checkpoint: str, split: str) -> str:
    return json.dumps([checkpoint, split])


def _snapshot(entry: Entry) -> Snapshot:
    return from_json(
        Snapshot, {**entry.payload, "fingerprint": entry.fingerprint, "written_at": entry.written_at.isoformat()}
    )


def _snapshot_schema(n_dims: int) -> pa.Schema:
    return pa.schema(
        [
            pa.field("sample_id", pa.string(), nullable=False),
            pa.field("label", pa.string()),
            pa.field("content_id", pa.string()),
            pa.field("vector", pa.list_(pa.float32(), n_dims), nullable=False),
        ]
    )


def _batches(
    batch: SnapshotBatch,
    contents: NDArray[np.object_] | None,
    schema: pa.Schema,
    told: Callable[[int, int], None] | None,
) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(batch.sample_ids), _BATCH_ROWS):
        part = np.arange(start, min(start + _BATCH_ROWS, len(batch.sample_ids)))
        flat = pa.array(batch.vectors[part].reshape(-1), pa.float32())
        columns = [
            pa.array(batch.sample_ids[part], pa.string()),
            optional_strings(batch.labels, part).cast(pa.string()),
            optional_strings(contents, part).cast(pa.string()),
            pa.FixedSizeListArray.from_arrays(flat, batch.vectors.shape[1]),
        ]
        yield pa.record_batch(columns, schema=schema)
        if told is not None:
            told(start + len(part), len(batch.sample_ids))


def _content_ids(batch: SnapshotBatch) -> NDArray[np.object_] | None:
    """A hash of what each sample says; None where no sample says anything."""
    if batch.texts is None and batch.metadata is None:
        return None
    nothing = np.full(len(batch.sample_ids), None, dtype=object)
    texts = nothing if batch.texts is None else batch.texts
    metadata = nothing if batch.metadata is None else batch.metadata
    contents = [
        hashlib.blake2b(json.dumps([text, extra]).encode(), digest_size=16).hexdigest()
        for text, extra in zip(texts, metadata, strict=True)
    ]
    return np.array(contents, dtype=object)

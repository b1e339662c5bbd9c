"""Small snapshots with known content, and what other processes do with them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import DriftcoreError
from driftcore.records import ModelFingerprint, Predictions, Snapshot, SnapshotBatch
from driftcore.store import Store, open_store

AT = datetime(2026, 1, 5, tzinfo=UTC)


def objects(*values: str | None) -> NDArray[np.object_]:
    return np.array(values, dtype=object)


def make_batch(*, n_samples: int = 20, n_dims: int = 4, seed: int = 0) -> SnapshotBatch:
    """Samples `s0`, `s1`, … that say "text 0", "text 1", …; the seed decides the vectors only."""
    rows = range(n_samples)
    return SnapshotBatch(
        sample_ids=objects(*(f"s{row}" for row in rows)),
        vectors=np.random.default_rng(seed).normal(size=(n_samples, n_dims)).astype(np.float32),
        labels=objects(*(f"label {row % 3}" for row in rows)),
        texts=objects(*(f"text {row}" for row in rows)),
    )


def reordered(batch: SnapshotBatch, order: NDArray[np.int64]) -> SnapshotBatch:
    """The same samples as rows in another order."""
    assert batch.labels is not None and batch.texts is not None
    return SnapshotBatch(
        sample_ids=batch.sample_ids[order],
        vectors=batch.vectors[order],
        labels=batch.labels[order],
        texts=batch.texts[order],
    )


def write(
    store: Store, batch: SnapshotBatch, checkpoint: str = "wk0", split: str = "validation"
) -> tuple[Snapshot, bool]:
    return store.snapshots.write(batch, checkpoint=checkpoint, split=split, at=AT, model=ModelFingerprint())


def all_right(sample_ids: NDArray[np.object_]) -> Predictions:
    ones = np.ones(len(sample_ids), dtype=np.float32)
    return Predictions(
        sample_ids=sample_ids, predictions=objects(*("x" for _ in sample_ids)), confidences=ones, correct=ones
    )


def write_in_another_process(uri: str, checkpoint: str, seed: int, n_samples: int) -> tuple[str, bool] | str:
    """What `write` did there: fingerprint and whether it wrote; or the name of the error."""
    try:
        snapshot, created = write(open_store(uri), make_batch(n_samples=n_samples, seed=seed), checkpoint)
    except DriftcoreError as error:
        return type(error).__name__
    return snapshot.fingerprint, created


def die_before_the_register(uri: str, checkpoint: str) -> None:
    """Write the data table of a snapshot, and be gone before the row that would make it exist."""
    import json
    import os
    import signal

    import pyarrow as pa

    shelf = open_store(uri).snapshots._shelf
    table = pa.table({"sample_id": ["s0"]})
    shelf._write(shelf._table_name(json.dumps([checkpoint, "validation"])), table.to_batches(), table.schema)
    os.kill(os.getpid(), signal.SIGKILL)

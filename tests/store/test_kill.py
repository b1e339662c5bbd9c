"""`kill -9` during an ingest: the store opens, the snapshot is whole or absent, the same command completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from driftcore.errors import NotFoundError
from driftcore.readers import read_embeddings
from driftcore.store import open_store
from driftcore.store._snapshots import content_fingerprint

DRIFTLOOP = Path(sys.executable).parent / "driftloop"
N_SAMPLES, N_DIMS = 60_000, 256
N_KILLS = 20


def write_embeddings(path: Path) -> str:
    """A file whose write takes a second or so; returns the fingerprint that its snapshot must have."""
    vectors = np.random.default_rng(0).normal(size=(N_SAMPLES, N_DIMS)).astype(np.float32)
    columns = {
        "id": [f"s{row}" for row in range(N_SAMPLES)],
        "label": [f"label {row % 50}" for row in range(N_SAMPLES)],
        "text": [f"what sample {row} says" for row in range(N_SAMPLES)],
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), N_DIMS),
    }
    pq.write_table(pa.table(columns), path)
    return content_fingerprint(read_embeddings(path).batch)


def ingesting(file: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [str(DRIFTLOOP), "ingest", str(file), "--checkpoint", "wk0", "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def seconds_until(happened: object, process: subprocess.Popen[bytes], started: float) -> float:
    """When something was first seen to be so, or the process ended."""
    while process.poll() is None and not happened():  # type: ignore[operator]
        time.sleep(0.01)
    return time.monotonic() - started


def is_whole(store: Path, fingerprint: str) -> bool:
    """True for whole, False for absent; anything between fails."""
    opened = open_store(store)
    try:
        snapshot = opened.snapshots.get("wk0", "validation")
    except NotFoundError:
        assert opened.checkpoints() == ()
        return False
    rows = opened.snapshots.rows("wk0", "validation")
    assert snapshot.fingerprint == fingerprint
    assert len(set(rows.sample_ids)) == len(rows.sample_ids) == N_SAMPLES
    assert np.isfinite(rows.vectors).all()
    return True


def test_killed_twenty_times_the_snapshot_is_whole_or_absent_and_then_completed(tmp_path: Path) -> None:
    file, store = tmp_path / "samples.parquet", tmp_path / "store"
    fingerprint = write_embeddings(file)

    # one undisturbed run elsewhere: when does it begin to write, and when has it ended?
    undisturbed, started = tmp_path / "undisturbed", time.monotonic()
    process = ingesting(file, undisturbed)
    begins = seconds_until(undisturbed.exists, process, started)
    errors = process.communicate()[1]
    ends = time.monotonic() - started
    assert process.returncode == 0, errors.decode()
    assert is_whole(undisturbed, fingerprint)

    # most kills in the write, some before it
    moments = np.random.default_rng(0).uniform(0.9 * begins, ends, size=N_KILLS)
    n_killed_writing = 0
    for moment in moments:
        whole_before = store.exists() and is_whole(store, fingerprint)
        process = ingesting(file, store)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
        if not store.exists():
            continue
        opened = open_store(store)
        n_killed_writing += len(opened.snapshots.orphans()) > 0
        whole = is_whole(store, fingerprint)
        assert whole or not whole_before
        print(round(moment, 2), process.returncode, whole, len(opened.snapshots.orphans()))
        
    process = ingesting(file, store)
    errors = process.communicate()[1]
    assert process.returncode == 0, errors.decode()
    assert is_whole(store, fingerprint)
    assert open_store(store).snapshots.orphans() == ()
    print(begins, ends, n_killed_writing)

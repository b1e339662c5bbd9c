"""`kill -9` during an ingest: the store opens, the snapshot is whole or absent, the same command completes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from driftcore.errors import NotFoundError
from driftcore.readers import read_embeddings
from driftcore.records import SnapshotBatch
from driftcore.store import open_store
from driftcore.store._snapshots import content_fingerprint

DRIFTLOOP = Path(sys.executable).parent / "driftloop"
N_SAMPLES, N_DIMS = 10_000, 2048
N_KILLS = 20


def write_embeddings(path: Path) -> str:
    """80 MB of vectors, so that storing them takes a while; returns the fingerprint that their snapshot must have."""
    vectors = np.random.default_rng(0).normal(size=(N_SAMPLES, N_DIMS)).astype(np.float32)
    columns = {
        "id": [f"s{row}" for row in range(N_SAMPLES)],
        "label": [f"label {row % 50}" for row in range(N_SAMPLES)],
        "text": [f"what sample {row} says" for row in range(N_SAMPLES)],
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), N_DIMS),
    }
    pq.write_table(pa.table(columns), path)
    return content_fingerprint(read_embeddings(path).batch)


def ingesting(file: Path, store: Path, checkpoint: str) -> subprocess.Popen[bytes]:
    command = [str(DRIFTLOOP), "ingest", str(file), "--checkpoint", checkpoint, "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def files(store: Path) -> set[Path]:
    return {Path(folder, name) for folder, _, names in os.walk(store) for name in names}


def await_first_file(process: subprocess.Popen[bytes], store: Path, before: set[Path]) -> None:
    """Return when the process has written something into the store, or has ended."""
    while process.poll() is None and files(store) <= before:
        time.sleep(0.002)


def is_whole(store: Path, checkpoint: str, fingerprint: str) -> bool:
    """True for whole, False for absent; anything between fails."""
    opened = open_store(store)
    try:
        snapshot = opened.snapshots.get(checkpoint, "validation")
    except NotFoundError:
        assert checkpoint not in {each.checkpoint for each in opened.checkpoints()}
        return False
    rows = opened.snapshots.rows(checkpoint, "validation")
    read_back = SnapshotBatch(
        sample_ids=rows.sample_ids,
        vectors=rows.vectors,
        labels=rows.labels,
        texts=opened.snapshots.texts(checkpoint, "validation", rows.sample_ids),
    )
    assert snapshot.n_samples == len(set(rows.sample_ids)) == len(rows.sample_ids) == N_SAMPLES
    assert snapshot.fingerprint == content_fingerprint(read_back) == fingerprint
    return True


def test_killed_twenty_times_the_snapshot_is_whole_or_absent_and_then_completed(tmp_path: Path) -> None:
    file, store = tmp_path / "samples.parquet", tmp_path / "store"
    fingerprint = write_embeddings(file)
    open_store(store).checkpoints()  # the registers stand, so that the first file of a run is its data

    # how long is it from an undisturbed run's first file to the row that makes the snapshot visible?
    before = files(store)
    process = ingesting(file, store, "undisturbed")
    await_first_file(process, store, before)
    started = time.time()
    errors = process.communicate()[1]
    assert process.returncode == 0, errors.decode()
    assert is_whole(store, "undisturbed", fingerprint)
    write_s = open_store(store).snapshots.get("undisturbed", "validation").written_at.timestamp() - started

    n_in_the_write, names = 0, ["wk0"]
    for delay in np.random.default_rng(0).uniform(0, 1.2 * write_s, size=N_KILLS):
        before = files(store)
        process = ingesting(file, store, names[-1])
        await_first_file(process, store, before)
        time.sleep(delay)
        process.kill()
        process.communicate()

        whole = is_whole(store, names[-1], fingerprint)
        n_in_the_write += not whole and not files(store) <= before
        if whole:  # the kill came too late: go on with another one
            names.append(f"wk{len(names)}")

    process = ingesting(file, store, names[-1])
    errors = process.communicate()[1]
    assert process.returncode == 0, errors.decode()
    assert is_whole(store, names[-1], fingerprint)
    assert {each.checkpoint for each in open_store(store).checkpoints()} == {"undisturbed", *names}
    assert open_store(store).snapshots.orphans() == ()
    assert n_in_the_write >= 3, f"only {n_in_the_write} kills of {N_KILLS} came before the snapshot was whole"
    shutil.rmtree(store)  # pytest would keep it, and it is large


def test_killed_while_the_store_itself_is_made_it_opens_and_the_same_command_completes_it(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_text('{"id": "a", "embedding": [1.0, 2.0]}\n{"id": "b", "embedding": [3.0, 4.0]}\n')

    # opening, storing two rows and registering them takes about 50 ms
    for number, delay in enumerate(np.random.default_rng(0).uniform(0, 0.05, size=6)):
        store = tmp_path / f"store {number}"
        process = ingesting(file, store, "wk0")
        await_first_file(process, store, set())
        time.sleep(delay)
        process.kill()
        process.communicate()
        assert not open_store(store).checkpoints() or both_rows(store)

        process = ingesting(file, store, "wk0")
        errors = process.communicate()[1]
        assert process.returncode == 0, errors.decode()
        assert both_rows(store)
        assert open_store(store).snapshots.orphans() == ()


def both_rows(store: Path) -> bool:
    """Whether both rows are there and are found."""
    return open_store(store).snapshots.rows("wk0", "validation").sample_ids.tolist() == ["a", "b"]

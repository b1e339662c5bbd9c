"""Peak memory of `driftloop compare` on 100,000 × 384 pairs; run by `make bench-memory`, not by pytest.

Two checkpoints of 100 concepts, one of which moved, are ingested by child processes into a temporary store; then
the command runs in a child of its own, and its wall time and peak resident memory are printed. Exit 1 from 2 GB on.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

N_CONCEPTS, N_PER_CONCEPT, N_DIMS = 100, 1000, 384
LIMIT_GB = 2.0


def ingest_checkpoint(store: str, checkpoint: str, share: float) -> None:
    """One checkpoint, with concept 3 `share` of the way to concept 7, in a space of its own orientation."""
    from driftcore import ingest, open_store
    from driftcore.testing import jittered, make_world, moved, rotated

    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=N_PER_CONCEPT, n_dims=N_DIMS)
    vectors = world.vectors
    if share:
        vectors = rotated(jittered(moved(world, 3, toward=7, share=share), scale=0.005), seed=1)
    columns = {"id": world.sample_ids, "label": world.labels, "embedding": vectors}
    at = datetime(2026, 1, 2 if share else 1, tzinfo=UTC)
    ingest(open_store(store), columns, checkpoint=checkpoint, at=at)


def compared(store: str) -> dict[str, object]:
    """The report of the command, run as a user runs it."""
    command = [str(Path(sys.executable).parent / "driftloop"), "compare", "a", "b", "--json", "--store", store]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def measure(store: str, results: multiprocessing.SimpleQueue[tuple[float, float, str]]) -> None:
    """Wall time, peak memory in GB and summary of the command: the only child of the process this runs in."""
    started = time.monotonic()
    report = compared(store)
    wall = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # macOS counts bytes, Linux kilobytes
    results.put((wall, peak / (1e9 if sys.platform == "darwin" else 1e6 / 1.024), str(report["summary"])))


def main() -> int:
    spawn = multiprocessing.get_context("spawn")
    results = spawn.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as folder:
        store = str(Path(folder) / "store")
        for task in (
            spawn.Process(target=ingest_checkpoint, args=(store, "a", 0.0)),
            spawn.Process(target=ingest_checkpoint, args=(store, "b", 0.3)),
            spawn.Process(target=measure, args=(store, results)),
        ):
            task.start()
            task.join()
            if task.exitcode:
                return 1
    wall, peak, summary = results.get()
    print(summary)
    print(f"{N_CONCEPTS * N_PER_CONCEPT:,} × {N_DIMS} pairs: {wall:.1f} s, peak {peak:.2f} GB (limit {LIMIT_GB} GB)")
    return int(peak >= LIMIT_GB)


if __name__ == "__main__":
    sys.exit(main())

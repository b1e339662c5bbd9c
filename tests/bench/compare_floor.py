"""How many times its matrix products a comparison takes: python -m tests.bench.compare_floor.

Banking77 wk0 → wk5 where its folder is present, else a world of the same size. CPU seconds of one thread (the make
target sets it), all timed in turn in one run, so that a busy machine slows all alike; the median
of five.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from driftcore import compare, ingest, open_store
from driftcore.testing import make_world, retrained
from tests.bench.banking77 import FOLDER, add

N_QUERIES, N_LEADING, REPEATS = 2000, 128, 5


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        store = open_store(Path(place) / "store.lance")
        if FOLDER.is_dir():
            what = "Banking77 wk0 → wk5"
            for week in ("wk0", "wk5"):
                add(store, FOLDER / "shift.parquet", week, week)
        else:
            what = "a world of the same size"
            world = make_world(n_concepts=77, n_per_concept=40, n_dims=384)
            for name, vectors in (("wk0", world.vectors), ("wk5", retrained(world))):
                ingest(store, {"id": world.sample_ids, "label": world.labels, "embedding": vectors}, checkpoint=name)
        before, after = (store.snapshots.rows(name, "validation") for name in ("wk0", "wk5"))
        codes = np.unique(before.labels.astype(str), return_inverse=True)[1]
        compare(store, "wk0", "wk5")  # imports and the kept report of seed 0

        whole, products, decompositions = [], [], []
        for seed in range(1, REPEATS + 1):
            whole.append(cpu_seconds(lambda seed=seed: compare(store, "wk0", "wk5", seed=seed)))
            products.append(cpu_seconds(lambda: matrix_products(before.vectors, after.vectors, codes)))
            decompositions.append(cpu_seconds(lambda: needed_decompositions(before.vectors, after.vectors, codes)))
    took, floor, more = (float(np.median(each)) for each in (whole, products, decompositions))
    print(f"{what}: compare {took:.2f} CPU-s, its matrix products {floor:.2f}, its decompositions {more:.2f}")
    print(f"ratio to the products {took / floor:.1f}, to products and decompositions {took / (floor + more):.1f}")
    return 0


def matrix_products(x: np.ndarray, y: np.ndarray, codes: np.ndarray) -> None:
    """What no way of computing the report can do without, once each, in float32: Grams, a rotation, distances."""
    for left, right in ((x, x), (y, y), (y, x)):
        np.matmul(left.T, right)
    np.matmul(y, y.T @ x)
    axes = np.ascontiguousarray(x[:N_LEADING].T)
    near, far = x @ axes, y @ axes
    for k in range(codes.max() + 1):
        a, b = near[codes == k], far[codes == k]
        np.matmul(a.T, a)
        np.matmul(b.T, a)
    for side in (x, y):
        np.matmul(side[:N_QUERIES], side.T)


def needed_decompositions(x: np.ndarray, y: np.ndarray, codes: np.ndarray) -> None:
    """One alignment of everything, the leading directions, and for each concept an alignment by the others."""
    gram = (x.T @ x).astype(np.float64)
    np.linalg.svd((y.T @ x).astype(np.float64))
    np.linalg.eigh(gram)
    small = gram[:N_LEADING, :N_LEADING]
    for _ in range(codes.max() + 1):
        np.linalg.svd(small)
        np.linalg.eigh(small)


def cpu_seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())

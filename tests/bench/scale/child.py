"""One measurement in a process of its own: ``python -m tests.bench.scale.child WHAT FOLDER``; prints JSON.

What is imported late is imported before the clock starts. Peers read plain arrays that lie ready on the disk, Driftloop
and the floor read the store.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench.memory import peak_gb

# what the test against the others measures in, and how many rows pass by at a time
N_AXES, ROWS = 128, 16_384


def driftloop(folder: Path) -> Callable[[], object]:
    from driftcore import compare, open_store

    store = open_store(folder / "store")
    return lambda: compare(store, "a", "b")


def floor(folder: Path) -> Callable[[], object]:
    """Both snapshots read once, and in float32 the products that the report is made of: three Grams, a rotation, the
    leading directions of both sides, and the Grams of each concept in them."""
    from driftcore import open_store

    snapshots = open_store(folder / "store").snapshots
    codes = np.load(folder / "codes.npy")
    n, width, n_concepts = len(codes), snapshots.get("a", "validation").n_dims, int(codes.max()) + 1
    # the concepts lie one after the other: nothing has to be sorted
    edges = np.searchsorted(codes, np.arange(n_concepts + 1))

    def run() -> None:
        a, b = (snapshots.reader(name, "validation") for name in ("a", "b"))
        turn = np.eye(width, dtype=np.float32)
        axes = np.ascontiguousarray(turn[:, :N_AXES])
        grams = np.zeros((3, width, width), dtype=np.float32)
        for start in range(0, n, ROWS):
            rows = np.arange(start, min(start + ROWS, n))
            x, y = a.at(rows), b.at(rows)
            grams[0] += x.T @ x
            grams[1] += y.T @ y
            grams[2] += y.T @ x
            turned = y @ turn
            near = np.hstack([x @ axes, turned @ axes])
            for k in range(int(codes[rows[0]]), int(codes[rows[-1]]) + 1):
                own = near[max(edges[k] - start, 0) : edges[k + 1] - start]
                own.T @ own

    return run


def procrustes(folder: Path) -> Callable[[], object]:
    """scipy's rotation, the shift of each sample and of each centroid: what a notebook does."""
    from scipy.linalg import orthogonal_procrustes

    def run() -> None:
        x, y = np.load(folder / "a.npy"), np.load(folder / "b.npy")
        codes = np.load(folder / "codes.npy")
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
        rotation, _ = orthogonal_procrustes(y, x)
        y = y @ rotation
        shift = 1 - (x * y).sum(axis=1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        moved = [np.linalg.norm((y - x)[codes == k].mean(axis=0)) for k in range(int(codes.max()) + 1)]
        print(shift.mean(), max(moved), file=sys.stderr)

    return run


def pandas(folder: Path) -> Callable[[], object]:
    """Joined on the id, grouped by the label, a cosine a row: no rotation, no test, no interval."""
    import pandas as pd

    def frame(name: str) -> pd.DataFrame:
        vectors = np.load(folder / f"{name}.npy")
        columns = {"id": [f"s{row}" for row in range(len(vectors))], "label": np.load(folder / "codes.npy")}
        return pd.concat([pd.DataFrame(columns), pd.DataFrame(vectors).add_prefix("v")], axis=1)

    def run() -> None:
        joined = frame("a").merge(frame("b").drop(columns="label"), on="id", suffixes=("_a", "_b"))
        before, after = (joined.filter(regex=f"^v.*_{side}$") for side in "ab")
        after.columns = before.columns
        products = (before * after).sum(axis=1)
        shift = 1 - products / np.sqrt((before**2).sum(axis=1) * (after**2).sum(axis=1))
        moved = (after.groupby(joined["label"]).mean() - before.groupby(joined["label"]).mean()) ** 2
        print(shift.mean(), moved.sum(axis=1).max(), file=sys.stderr)

    return run


def evidently_model(folder: Path) -> Callable[[], object]:
    return _evidently(folder, "model", bootstrap=False)


def evidently_ratio(folder: Path) -> Callable[[], object]:
    return _evidently(folder, "ratio")


def _evidently(folder: Path, name: str, **settings: object) -> Callable[[], object]:
    import pandas as pd
    from evidently.legacy.metrics.data_drift import embedding_drift_methods as methods

    def run() -> None:
        before, after = (pd.DataFrame(np.load(folder / f"{side}.npy")) for side in "ab")
        print(getattr(methods, name)(**settings)(after, before), file=sys.stderr)

    return run


def alibi_mmd(folder: Path) -> Callable[[], object]:
    import torch
    from alibi_detect.cd import MMDDrift

    def run() -> None:
        torch.manual_seed(0)
        found = MMDDrift(np.load(folder / "a.npy"), backend="pytorch").predict(np.load(folder / "b.npy"))
        print(found["data"]["is_drift"], file=sys.stderr)

    return run


WHATS = {
    each.__name__: each for each in (driftloop, floor, procrustes, pandas, evidently_model, evidently_ratio, alibi_mmd)
}


def main(what: str, folder: str) -> None:
    # a library that prints must not print into the answer
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    run = WHATS[what](Path(folder))
    before = peak_gb()
    started, cpu = time.perf_counter(), time.process_time()
    run()
    took = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps({**took, "peak_gb": peak_gb(), "idle_gb": before}), file=answer, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""One measurement in a process of its own: ``python -m tests.bench.frames.child WHAT FOLDER``; prints JSON.

A measurement that ends in ``_fresh`` counts from the start of the process, with its imports; the others come after a
first small one, which compiles and imports.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench.memory import peak_gb

STARTED = time.perf_counter()


def driftloop(folder: Path) -> Callable[[], dict[str, float]]:
    """The first frame, a later checkpoint's movement, and its clusters; each from the store into the store."""
    from driftcore import open_store
    from driftcore.workflows._moved_step import moved_step, own_clusters
    from driftcore.workflows._reference_step import reference_step

    store = open_store(folder / "store")
    before, after = (store.snapshots.get(name, "validation") for name in "ab")

    def run() -> dict[str, float]:
        # kept under a name of this run: what an earlier one kept is not read
        name = f"{os.getpid()} {time.perf_counter()}"
        took, started = {}, time.perf_counter()
        base = reference_step(store, before, seed=0)
        store.frames.write(base, name)
        took["seconds"] = time.perf_counter() - started
        if store.snapshots.get("a", "validation").n_samples <= 1000:
            return took
        # twice: the first movement of a process imports what it needs
        for again in ("x", "y"):
            started = time.perf_counter()
            store.frames.write(moved_step(store, before, after, base, seed=0), name, again)
            took["movement"] = time.perf_counter() - started
        started = time.perf_counter()
        store.frames.write_clusters(own_clusters(store, before, after, base, seed=0), name, "x")
        took["clusters"] = time.perf_counter() - started
        return took

    return run


def layer(folder: Path) -> Callable[[], dict[str, float]]:
    """The movement layer alone: measured displacements of the concepts into shifts, and shifts into drawn samples."""
    from driftcore import projection

    codes = np.load(folder / "codes.npy")
    rng = np.random.default_rng(0)
    means = rng.normal(size=(int(codes.max()) + 1, 128))
    went, places = 0.1 * rng.normal(size=means.shape), rng.normal(size=(len(means), 2))
    points, share = rng.normal(size=(len(codes), 2)).astype(np.float32), np.ones(len(codes))
    heads = np.roll(np.arange(len(means)), 1)

    def run() -> dict[str, float]:
        started = time.perf_counter()
        drawn = projection.movement_layer(means, went, np.zeros(len(means)), places, heads)
        projection.moved_points(points, codes, drawn, share)
        return {"seconds": time.perf_counter() - started}

    return run


def umap_default(folder: Path) -> Callable[[], dict[str, float]]:
    return _umap(folder)


def umap_seeded(folder: Path) -> Callable[[], dict[str, float]]:
    return _umap(folder, metric="cosine", random_state=0, n_jobs=1)


def _umap(folder: Path, **settings: object) -> Callable[[], dict[str, float]]:
    vectors = np.load(folder / "a.npy")

    def run() -> dict[str, float]:
        import umap

        started = time.perf_counter()
        umap.UMAP(**settings).fit(vectors)
        return {"seconds": time.perf_counter() - started}

    return run


WHATS = {each.__name__: each for each in (driftloop, layer, umap_default, umap_seeded)}


def main(what: str, folder: Path, small: Path) -> None:
    # a library that prints must not print into the answer
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    name, fresh = what.removesuffix("_fresh"), what.endswith("_fresh")
    if not fresh:
        WHATS[name](small)()
    cpu = time.process_time()
    took = WHATS[name](folder)()
    took["cpu_seconds"] = time.process_time() - cpu
    if fresh:
        took["seconds"] = time.perf_counter() - STARTED
    print(json.dumps({**took, "peak_gb": peak_gb()}), file=answer, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

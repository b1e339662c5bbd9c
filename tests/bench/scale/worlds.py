"""Two checkpoints of many samples, made in a process that ends with them: in a store, and as plain arrays for peers."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from driftcore import ingest, open_store
from driftcore.testing import jittered, make_world, moved, rotated

N_CONCEPTS = 100


def make(folder: Path, n: int, n_dims: int, *, arrays: bool, n_checkpoints: int = 2) -> None:
    """Concept 3 goes 30 % of the way to concept 7, in a space of its own orientation."""
    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=n // N_CONCEPTS, n_dims=n_dims)
    store = open_store(folder / "store")
    np.save(folder / "codes.npy", world.concepts)
    for number, name in enumerate(names(n_checkpoints)):
        vectors = world.vectors
        if name != "a":
            vectors = rotated(jittered(moved(world, 3, toward=7, share=0.3), scale=0.02, seed=number), seed=number)
        columns = {"id": world.sample_ids, "label": world.labels, "embedding": vectors}
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
        ingest(store, columns, checkpoint=name, at=at)
        if arrays:
            np.save(folder / f"{name}.npy", vectors)


def names(n_checkpoints: int) -> list[str]:
    """The reference, those in between, and the current one."""
    return ["a", *(f"between {number}" for number in range(n_checkpoints - 2)), "b"]


if __name__ == "__main__":
    make(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        arrays=sys.argv[4] == "arrays",
        n_checkpoints=int(sys.argv[5]),
    )

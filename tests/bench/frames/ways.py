"""Ways to draw several checkpoints of the same samples on one map, each with the time that it takes."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcore import Store, ingest, make_frame, open_store
from driftcore.records import FrameStep
from driftcore.workflows._reference_step import reference_step
from tests.bench.frames.truth import Truth

Vectors = NDArray[np.float32]
Layouts = Sequence[NDArray[np.float32]]
OURS = "**Driftloop**"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """The samples of each checkpoint on the map, shape (n_samples, 2) each, and what drawing them took."""

    layouts: Layouts
    seconds: float
    cpu_seconds: float


def driftloop(truth: Truth, seed: int) -> Layouts:
    """A layout of the first checkpoint, and the movement of the others in terms of landmarks."""
    with stored(truth) as store:
        return [step.points for step in make_frame(store, "wk0", seed=seed).steps]


def of_a_part(truth: Truth, at_most: int) -> FrameStep:
    """The layout of the first checkpoint in which at most so many samples are fitted."""
    with stored(truth) as store:
        return reference_step(store, store.snapshots.get("wk0", "validation"), seed=0, at_most=at_most)


@contextmanager
def stored(truth: Truth) -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as place:
        store = open_store(Path(place) / "store")
        ids = np.array([f"s{row}" for row in range(len(truth.concepts))], dtype=object)
        for number, vectors in enumerate(truth.checkpoints):
            columns = {"id": ids, "label": np.array(truth.names, dtype=object)[truth.concepts], "embedding": vectors}
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
            ingest(store, columns, checkpoint=f"wk{number}", at=at)
        yield store


def joint(truth: Truth, seed: int) -> Layouts:
    """One UMAP of the samples of all checkpoints."""
    laid = _umap(seed).fit_transform(np.vstack(truth.checkpoints))
    return np.split(laid, len(truth.checkpoints))


def transformed(truth: Truth, seed: int) -> Layouts:
    """UMAP of the first checkpoint; the others by `transform`."""
    umap = _umap(seed)
    first = umap.fit_transform(truth.checkpoints[0])
    return [first, *(umap.transform(vectors) for vectors in truth.checkpoints[1:])]


def warm_started(truth: Truth, seed: int) -> Layouts:
    """UMAP of each checkpoint, started where the last one ended, 50 epochs."""
    layouts = [_umap(seed).fit_transform(truth.checkpoints[0])]
    for vectors in truth.checkpoints[1:]:
        layouts.append(_umap(seed, init=layouts[-1].copy(), n_epochs=50).fit_transform(vectors))
    return layouts


def aligned_umap(truth: Truth, seed: int) -> Layouts:
    """AlignedUMAP, in which a sample is told to be itself at every checkpoint."""
    import umap

    same = {row: row for row in range(len(truth.concepts))}
    aligned = umap.AlignedUMAP(metric="cosine", random_state=seed)
    return list(aligned.fit(list(truth.checkpoints), relations=[same] * (len(truth.checkpoints) - 1)).embeddings_)


WAYS: dict[str, Callable[[Truth, int], Layouts]] = {
    OURS: driftloop,
    "joint UMAP of all checkpoints": joint,
    "UMAP, then `transform`": transformed,
    "UMAP, warm start from the last layout": warm_started,
    "AlignedUMAP": aligned_umap,
}


def drawn(way: Callable[[Truth, int], Layouts], truth: Truth, seed: int) -> Drawn:
    started, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layouts = way(truth, seed)
    return Drawn(layouts=layouts, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - cpu)


def warm_up() -> None:
    """Compile what the ways compile, so that only their work is measured."""
    rng = np.random.default_rng(0)
    clouds = tuple(rng.normal(size=(60, 8)).astype(np.float32) for _ in range(2))
    small = Truth(checkpoints=clouds, concepts=np.arange(60) % 3, names=("a", "b", "c"), shares={}, toward={})
    for way in WAYS.values():
        drawn(way, small, 0)


def _umap(seed: int, **settings: object):
    import umap

    return umap.UMAP(metric="cosine", random_state=seed, n_jobs=1, **settings)

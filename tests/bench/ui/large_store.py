"""A store as a team has it after two years: a hundred checkpoints, and a split of very many samples; made in a minute.

Vectors, texts, evals and the first report of a split are real; the other reports are that one under other names, and
the maps are drawn by hand: what is measured is how they are looked at, and making them all would take an hour.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import DriftPolicy, FrameStep, Snapshot
from driftcore.store import Store
from driftcore.testing import World, jittered, make_world, moved
from driftcore.workflows.compare import CLOSELY, _report_id
from driftcore.workflows.make_frame import _basis

N_CONCEPTS, FIRST = 50, datetime(2024, 1, 1, tzinfo=UTC)
MANY, LARGE = "validation", "tickets"


def make(
    path: Path, *, n_checkpoints: int, n_samples: int, n_dims: int, n_large: int, n_large_checkpoints: int
) -> None:
    """A hundred weeks of `MANY`, and of `LARGE`, which has very many samples, the last few."""
    store = open_store(path)
    names = [f"week {number:03d}" for number in range(n_checkpoints)]
    fill(store, MANY, names, n_samples=n_samples, n_dims=n_dims)
    fill(store, LARGE, [names[0], *names[1 - n_large_checkpoints :]], n_samples=n_large, n_dims=n_dims // 4)


def fill(store: Store, split: str, names: list[str], *, n_samples: int, n_dims: int) -> None:
    """One split: concept 3 goes half the way to concept 7, week by week."""
    world = make_world(n_concepts=N_CONCEPTS, n_per_concept=n_samples // N_CONCEPTS, n_dims=n_dims, seed=len(split))
    texts = [f"a customer asks, number {row}, what became of {label}" for row, label in enumerate(world.labels)]
    rng = np.random.default_rng(0)
    for number, name in enumerate(names):
        gone = moved(world, 3, toward=7, share=0.5 * number / len(names))
        columns = {
            "id": world.sample_ids,
            "label": world.labels,
            "text": np.array(texts, dtype=object),
            "embedding": jittered(gone, scale=0.02, seed=number),
        }
        at = FIRST + timedelta(days=7 * int(name.split()[-1]))
        ingest(store, columns, checkpoint=name, split=split, at=at)
        answers = np.where(rng.random(len(texts)) < 0.06, rng.permutation(world.labels), world.labels)
        log_eval(store, {"id": world.sample_ids, "prediction": answers}, checkpoint=name, split=split)
        say(f"{split}: {name} of {len(names)} checkpoints × {n_samples:,} samples", number)
    keep_reports(store, split, names)
    keep_frame(store, split, names, world)


def keep_reports(store: Store, split: str, names: list[str]) -> None:
    """The report of the last checkpoint, and the same under the name of every other."""
    report = compare(store, names[0], names[-1], split=split)
    samples, gaps = store.reports.samples(report.report_id), store.reports.gap_closures(report.report_id)
    first = store.snapshots.get(names[0], split)
    for name in names[:-1]:
        sides = first, store.snapshots.get(name, split)
        report_id = _report_id(store, *sides, DriftPolicy(), 0, CLOSELY)
        store.reports.write(replace(report, report_id=report_id, current=name), samples, gaps)
    say(f"{split}: {len(names)} reports")


def keep_frame(store: Store, split: str, names: list[str], world: World) -> None:
    """Concepts stand on a ring; each sample takes a small step a week."""
    rng = np.random.default_rng(1)
    angles = 2 * np.pi * np.arange(N_CONCEPTS) / N_CONCEPTS
    middles = 0.7 * np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    points = middles[world.concepts] + 0.04 * rng.standard_normal((len(world.labels), 2)).astype(np.float32)
    first = store.snapshots.get(names[0], split)
    for name in names:
        side = store.snapshots.get(name, split)
        store.frames.write(_step(side, world, points, middles), *_basis(first, side, 0))
        points = points + 0.002 * rng.standard_normal(points.shape).astype(np.float32)
    say(f"{split}: the map of {len(names)} checkpoints")


def _step(side: Snapshot, world: World, points: NDArray[np.float32], middles: NDArray[np.float32]) -> FrameStep:
    return FrameStep(
        checkpoint=side.checkpoint,
        sample_ids=np.array(world.sample_ids, dtype=object),
        points=points,
        clusters=world.concepts.astype(np.int32),
        concepts=tuple(f"concept {number}" for number in range(N_CONCEPTS)),
        centroids=middles,
        explained=0.9,
    )


def say(what: str, number: int = 0) -> None:
    """Print what is done, of very many like it only some."""
    if number % 20 == 0:
        print(what, flush=True)


if __name__ == "__main__":
    make(
        Path(sys.argv[1]),
        n_checkpoints=int(sys.argv[2]),
        n_samples=int(sys.argv[3]),
        n_dims=64,
        n_large=int(sys.argv[4]),
        n_large_checkpoints=3,
    )

"""Two windows of different samples: the mix, what is said, something new, or nothing, through `compare_windows`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from driftcore import ingest, open_store, testing
from driftcore.records import Cause, CauseKind
from driftcore.testing import World
from driftcore.workflows.compare_windows import compare_windows
from tests.bench.causes.cases import Case

N_CONCEPTS, N_PER_CONCEPT, N_DIMS = 8, 60, 32


def window_cases(seeds: range) -> Iterator[Case]:
    """Every source in every world."""
    for name, truth, later in SOURCES:
        for seed in seeds:
            yield Case(world="windows", source=name, truth=truth, named=_named(_world(seed), later(_world(seed), seed)))


def _world(seed: int) -> World:
    return testing.make_world(n_concepts=N_CONCEPTS, n_per_concept=N_PER_CONCEPT, n_dims=N_DIMS, seed=seed)


def _named(before: World, after: World) -> Cause:
    with tempfile.TemporaryDirectory() as place:
        store = open_store(Path(place) / "store")
        for split, world in (("early", before), ("late", after)):
            ids = np.array([f"{split}-{row}" for row in range(len(world.vectors))], dtype=object)
            columns = {"id": ids, "label": world.labels, "embedding": world.vectors}
            ingest(store, columns, checkpoint="wk0", split=split)
        return compare_windows(store, "wk0", "wk0", reference_split="early", split="late").cause


def _again(world: World, seed: int) -> World:
    return testing.resampled(world, seed=seed + 1)


def _other_mix(world: World, seed: int) -> World:
    sizes = np.full(N_CONCEPTS, N_PER_CONCEPT)
    favoured, left = np.random.default_rng([seed, 8]).permutation(N_CONCEPTS)[:2]
    sizes[favoured], sizes[left] = 2 * N_PER_CONCEPT, N_PER_CONCEPT // 2
    return testing.resampled(world, sizes=sizes.tolist(), seed=seed + 1)


def _other_content(world: World, seed: int) -> World:
    a, b = (int(k) for k in np.random.default_rng([seed, 8]).permutation(N_CONCEPTS)[:2])
    later = _again(world, seed)
    return later.after(testing.moved(later, a, toward=b, share=0.3))


SOURCES: tuple[tuple[str, tuple[CauseKind, ...], Callable[[World, int], World]], ...] = (
    ("a fresh window, nothing changed", ("none",), _again),
    ("a fresh window, another mix", ("data",), _other_mix),
    ("a fresh window, other things said in a concept", ("data",), _other_content),
)

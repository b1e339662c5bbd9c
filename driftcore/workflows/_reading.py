"""Reading the vectors of snapshots part by part, wherever an engine has them read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Snapshot
from driftcore.store import Place, VectorReader, open_place
from driftcore.workflows._pairing import Vectors, widened

# of more samples than that, some are looked at closely: of a few hundred dims half a second for each ten thousand
CLOSELY = 20_000
# rows of a part: enough that every concept has some hundreds, few enough that two parts are nothing
PART_ROWS = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Where the vectors of two snapshots are; small, so that it goes to whoever reads them."""

    store: Place
    reference: Snapshot
    current: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Some paired rows: their row numbers on both sides, and their concepts (−1 for none)."""

    reference: NDArray[np.int64]
    current: NDArray[np.int64]
    concepts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The vectors of some paired rows, at equal width, and their concepts."""

    reference: Vectors
    current: Vectors
    concepts: NDArray[np.int64]


def read_pairs(sides: Sides, part: Places) -> Pairs:
    """Both sides of some paired rows."""
    width = max(sides.reference.n_dims, sides.current.n_dims)
    before, after = (
        widened(reader(sides.store, side).at(rows), width)
        for side, rows in ((sides.reference, part.reference), (sides.current, part.current))
    )
    return Pairs(reference=before, current=after, concepts=part.concepts)


def parts_of(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows in parts, in their order."""
    return [rows[start : start + PART_ROWS] for start in range(0, len(rows), PART_ROWS)]


@lru_cache(maxsize=8)
def reader(place: Place, snapshot: Snapshot) -> VectorReader:
    """Opened once in each process that reads; snapshots never change."""
    return open_place(place).snapshots.reader(snapshot.checkpoint, snapshot.split)

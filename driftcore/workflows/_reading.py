"""Reading the vectors of snapshots part by part, wherever an engine has them read."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Snapshot
from driftcore.store import Place, VectorReader, open_place

# of more samples than that, some are looked at closely: of a few hundred dims half a second for each ten thousand
CLOSELY = 20_000
# rows of a part: enough that every concept has some hundreds, few enough that two parts are nothing
PART_ROWS = 16_384


def parts_of(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows in parts, in their order."""
    return [rows[start : start + PART_ROWS] for start in range(0, len(rows), PART_ROWS)]


@lru_cache(maxsize=8)
def reader(place: Place, snapshot: Snapshot) -> VectorReader:
    """Opened once in each process that reads; snapshots never change."""
    return open_place(place).snapshots.reader(snapshot.checkpoint, snapshot.split)

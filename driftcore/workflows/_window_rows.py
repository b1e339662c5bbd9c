"""Two windows of different samples, and the anchors that say whether their vectors may be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import NotComparableError, one_line
from driftcore.records import Snapshot, Spaces
from driftcore.store import Store
from driftcore.workflows._clouds import Cloud, Clouds
from driftcore.workflows._pairing import Outcome, Vectors, drawn_by_label, outcome, shared_rows

# a fifth of the anchors is the number of directions that can be aligned; below ten directions little is left to see
MIN_ANCHORS = 50
# the same weights on another machine or in another batch differ by about 1e-6 of the largest value
_SAME = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """The rows of one snapshot with what its eval said: `outcome` is None where there is no eval, a label may be."""

    snapshot: Snapshot
    sample_ids: NDArray[np.object_]
    cloud: Cloud
    labels: NDArray[np.object_]
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anchors:
    """Samples of one split that both checkpoints embedded, row by row; labels are the reference's, None for none.

    Of very many, which are `n`, those that were drawn from every label.
    """

    split: str
    n: int
    reference: Vectors
    current: Vectors
    labels: NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Why two windows may be compared: one encoder made both, or anchors tell what the model did."""

    spaces: Spaces
    anchors: Anchors | None


def read_window(clouds: Clouds, snapshot: Snapshot) -> Window:
    """The rows of a snapshot."""
    sample_ids, labels = clouds.store.snapshots.labels(snapshot.checkpoint, snapshot.split)
    return Window(
        snapshot=snapshot,
        sample_ids=sample_ids,
        cloud=clouds.of(snapshot),
        labels=labels,
        outcome=outcome(clouds.store, snapshot, sample_ids),
    )


def common_splits(store: Store, reference: str, current: str) -> tuple[tuple[Snapshot, Snapshot], ...]:
    """The snapshots of every split that both checkpoints have, in order of their names."""
    sides = [
        {snapshot.split: snapshot for snapshot in store.snapshots.all() if snapshot.checkpoint == checkpoint}
        for checkpoint in (reference, current)
    ]
    return tuple((sides[0][split], sides[1][split]) for split in sorted(sides[0].keys() & sides[1].keys()))


def ground(store: Store, reference: Snapshot, current: Snapshot, *, closely: int, seed: int) -> Ground:
    """What lets the vectors of the two checkpoints meet; of more than `closely` anchors, some are drawn by `seed`.

    Raises
    ------
    NotComparableError
        If the checkpoints have different encoders, or may have, and too few samples tell what differs.
    """
    if reference.checkpoint == current.checkpoint:
        return Ground(spaces="same encoder", anchors=None)
    anchors = _anchors(store, reference.checkpoint, current.checkpoint, closely, seed)
    n_anchors = 0 if anchors is None else anchors.n
    if anchors is not None and n_anchors >= 3 and _same_vectors(anchors):
        return Ground(spaces="same encoder", anchors=anchors)
    if n_anchors < MIN_ANCHORS:
        _refuse(reference, current, n_anchors)
    return Ground(spaces="anchors", anchors=anchors)


def _anchors(store: Store, reference: str, current: str, closely: int, seed: int) -> Anchors | None:
    """The shared samples of the split in which the checkpoints share most."""
    best: tuple[int, Snapshot, Snapshot] | None = None
    for before, after in common_splits(store, reference, current):
        n = store.snapshots.n_shared(before, after)
        best = (n, before, after) if n and (best is None or n > best[0]) else best
    if best is None:
        return None
    _, *sides = best
    told = [store.snapshots.labels(side.checkpoint, side.split) for side in sides]
    places = shared_rows(told[0][0], told[1][0])
    labels = told[0][1][places[0]]
    # a fifth of them is the number of directions: a draw leaves none out
    close = drawn_by_label(labels, max(closely, 5 * max(side.n_dims for side in sides)), seed=seed)
    vectors = [
        store.snapshots.reader(side.checkpoint, side.split).at(rows[close])
        for side, rows in zip(sides, places, strict=True)
    ]
    return Anchors(split=sides[0].split, n=len(labels), reference=vectors[0], current=vectors[1], labels=labels[close])


def _same_vectors(anchors: Anchors) -> bool:
    if anchors.reference.shape != anchors.current.shape:
        return False
    largest = float(np.abs(anchors.reference).max())
    return bool(np.abs(anchors.current - anchors.reference).max() <= _SAME * largest)


def _refuse(reference: Snapshot, current: Snapshot, n_anchors: int) -> NoReturn:
    sides = [f"'{one_line(side.checkpoint)}' / '{one_line(side.split)}'" for side in (reference, current)]
    raise NotComparableError(
        f"{sides[0]} and {sides[1]} are windows under two checkpoints, which share {n_anchors} sample ids in any "
        f"split: whether the data changed or the model did cannot be told apart. Embed the same {MIN_ANCHORS} or more "
        "samples under both checkpoints as one split (driftloop ingest), or both windows under one checkpoint."
    )

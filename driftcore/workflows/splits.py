"""Which splits there are to look at: those whose samples stay the same through time, and those of live traffic."""

from __future__ import annotations

from driftcore.errors import NotFoundError, listed, one_line
from driftcore.records import Snapshot
from driftcore.store import Store
from driftcore.workflows._pairing import MIN_PAIRS

_TRAIN = "train"


def followed_splits(store: Store) -> tuple[str, ...]:
    """The splits whose samples stay the same from checkpoint to checkpoint, `validation` first; never none.

    Where there is none yet, because there is one checkpoint, the one that is looked at then.

    Raises
    ------
    NotFoundError
        If the store is empty.
    """
    snapshots = _by_split(store)
    if not snapshots:
        raise NotFoundError("The store is empty: add a snapshot with driftloop ingest, or try driftloop demo.")
    ordered = sorted(snapshots, key=lambda split: (split != "validation", split == _TRAIN, split))
    followed = [split for split in ordered if _stays_the_same(store, snapshots[split])]
    return tuple(followed or ordered[:1])


def window_splits(
    store: Store, reference: str, current: str, *, followed: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """The splits of two checkpoints that have other samples each time, as live traffic has; without `train`.

    Whoever knows the `followed_splits` already hands them over.
    """
    followed = followed_splits(store) if followed is None else followed
    return tuple(
        split
        for split, snapshots in sorted(_by_split(store).items())
        if split not in (*followed, _TRAIN) and {reference, current} <= {each.checkpoint for each in snapshots}
    )


def last_with(store: Store, split: str) -> str:
    """The last checkpoint that has a split.

    Raises
    ------
    NotFoundError
        If none has; the message lists the splits there are.
    """
    # an empty store says so
    store.reference()
    names = [checkpoint.checkpoint for checkpoint in store.checkpoints() if split in checkpoint.splits]
    if not names:
        splits = dict.fromkeys(split for checkpoint in store.checkpoints() for split in checkpoint.splits)
        raise NotFoundError(f"No checkpoint has the split '{one_line(split)}'. Known: {listed(splits)}.")
    return names[-1]


def _by_split(store: Store) -> dict[str, list[Snapshot]]:
    """The snapshots of each split, in order of time."""
    found: dict[str, list[Snapshot]] = {}
    for snapshot in store.snapshots.all():
        found.setdefault(snapshot.split, []).append(snapshot)
    return found


def _stays_the_same(store: Store, snapshots: list[Snapshot]) -> bool:
    # the two ends tell: reading the ids of every checkpoint would take longer with each one
    return len(snapshots) > 1 and store.snapshots.n_shared(snapshots[0], snapshots[-1]) >= MIN_PAIRS

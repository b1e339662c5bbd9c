"""The doctor: is the store there, is it whole, and what would make it smaller and quicker?"""

from __future__ import annotations

from datetime import timedelta

from driftcore.records import Optimized, StoreHealth
from driftcore.store import Store, is_abandoned
from driftcore.workflows.progress import Progress, silent


def examine(store: Store, *, progress: Progress = silent) -> StoreHealth:
    """Look at every table of a store, and write and drop a small one.

    Raises
    ------
    UnreachableError
        If the storage is away.
    """
    # 1. what is there, and what should be: named first, since a writer lists its table after it has written it
    listed = store.upkeep.named(store.upkeep.names())
    names = store.upkeep.names()
    known = store.upkeep.named(names)

    # 2. table by table
    tables = []
    for number, name in enumerate(names):
        progress("looking at the tables", number / len(names))
        tables.append(store.upkeep.look(name, known))

    # 3. can it be written?
    why_not = store.upkeep.why_not_writable()
    orphans = [table.name for table in tables if table.kind == "orphan"]
    return StoreHealth(
        uri=store.uri,
        writable=why_not is None,
        why_not=why_not,
        tables=tuple(sorted(tables, key=lambda table: (table.kind != "register", table.name))),
        abandoned=tuple(name for name in orphans if is_abandoned(name)),
        at_work=tuple(name for name in orphans if not is_abandoned(name)),
        lost=tuple(sorted((listed & known) - set(names))),
        n_bytes_on_disk=store.upkeep.n_bytes_on_disk(),
    )


def optimize(
    store: Store, *, older_than: timedelta = timedelta(days=7), progress: Progress = silent
) -> tuple[StoreHealth, Optimized]:
    """Sweep what killed writers left, melt small pieces together, drop versions replaced longer ago than `older_than`.

    A version with a tag stays, and so does everything from the oldest tag on. What a live writer is at work on is left
    alone; readers keep what they have open.

    Returns
    -------
    tuple of (StoreHealth, Optimized)
        The store as it is now, and what was done.

    Raises
    ------
    NotAllowedError
        If the store was opened for reading only.
    UnreachableError
        If the storage is away.
    """
    before = examine(store, progress=lambda what, share: progress(what, 0.2 * share))

    # 1. what killed writers left
    names = tuple(table.name for table in before.tables)
    store.upkeep.sweep(names)

    # 2. table by table; what belongs to no entry is swept or somebody's work
    tables = [table for table in before.tables if table.kind != "orphan"]
    for number, table in enumerate(tables):
        progress("melting and cleaning the tables", 0.2 + 0.6 * number / len(tables))
        if table.n_pieces > 1 or table.n_versions > 1:
            store.upkeep.tidy(table.name, older_than)

    # 3. what it is like now
    after = examine(store, progress=lambda what, share: progress(what, 0.8 + 0.2 * share))
    kept = [table for table in after.tables if table.kind != "orphan"]
    on_disk = (before.n_bytes_on_disk, after.n_bytes_on_disk)
    return after, Optimized(
        n_tables=len(tables),
        n_pieces_before=sum(table.n_pieces for table in tables),
        n_pieces_after=sum(table.n_pieces for table in kept),
        n_versions_before=sum(table.n_versions for table in tables),
        n_versions_after=sum(table.n_versions for table in kept),
        swept=tuple(name for name in before.abandoned if name not in after.abandoned),
        n_bytes_freed=None if on_disk[0] is None or on_disk[1] is None else on_disk[0] - on_disk[1],
    )

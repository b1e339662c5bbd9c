"""Upkeep: what lies in a store, table by table, and keeping it small."""

from __future__ import annotations

import os
from datetime import timedelta

import pyarrow as pa

from driftcore.errors import StoreError
from driftcore.records import TableHealth, TableKind
from driftcore.store._database import Database, Table
from driftcore.store._shelf import Shelf, abandoned, data_table_name
from driftcore.store._snapshots import TEXTS

_PROBE = "probe"


class Upkeep:
    """The tables of a store, whatever they are for.

    The name of a register is a word; that of a data table begins with its register's, and a dash.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> tuple[str, ...]:
        """The names of all tables."""
        return tuple(name for name in self._database.names() if not name.startswith(f"{_PROBE}-"))

    def named(self, names: tuple[str, ...]) -> frozenset[str]:
        """The data tables that the registers among `names` list."""
        registers = [name for name in names if "-" not in name and name != TEXTS]
        return frozenset(
            entry.table for name in registers for entry in Shelf(self._database, name).entries() if entry.table
        )

    def look(self, name: str, listed: frozenset[str]) -> TableHealth:
        """One table; `listed` are those that belong to an entry."""
        table = Table(self._database, name)
        n_rows, n_pieces, n_bytes = table.size()
        return TableHealth(
            name=name,
            kind="texts"
            if name == TEXTS
            else "register"
            if "-" not in name
            else "data"
            if name in listed
            else "orphan",
            n_rows=n_rows,
            n_pieces=n_pieces,
            n_versions=len(table.versions()),
            n_bytes=n_bytes,
            tags=tuple(sorted(table.tags())),
        )

    def n_bytes_on_disk(self) -> int | None:
        """Everything under the store, in bytes; None where it is not a folder."""
        if self._database.place.remote:
            return None
        found = 0
        for folder, _, files in os.walk(self._database.place.uri):
            for file in files:
                try:
                    found += os.stat(os.path.join(folder, file)).st_size
                except FileNotFoundError:
                    # others write and sweep meanwhile
                    continue
        return found

    def why_not_writable(self) -> str | None:
        """What the storage says to a small table that is written and dropped again; None where it is taken."""
        name = data_table_name(_PROBE, "")
        rows = pa.table({"written": [True]})
        try:
            self._database.create(name, rows.to_batches(), rows.schema)
            self._database.drop(name)
        except StoreError as error:
            return str(error)
        return None

    def sweep(self, names: tuple[str, ...]) -> None:
        """Drop what killed writers left; what a live writer is at work on stays.

        Raises
        ------
        NotAllowedError
            If the store was opened for reading only.
        """
        for kind in sorted({_PROBE, *(name.split("-")[0] for name in names if "-" in name)}):
            Shelf(self._database, kind).sweep()

    def tidy(self, name: str, older_than: timedelta) -> None:
        """Melt the pieces of a table together and drop versions that were replaced so long ago; tagged ones stay.

        Raises
        ------
        NotAllowedError
            If the store was opened for reading only.
        """
        self._database.require_writable()
        table = Table(self._database, name)
        # a table of one piece stays as it is
        if table.size()[1] > 1:
            table.melt()
        Table(self._database, name).clean(older_than)


def _kind(name: str, listed: frozenset[str]) -> TableKind:
    if "-" not in name:
        return "texts" if name == TEXTS else "register"
    return "data" if name in listed else "orphan"


def is_abandoned(name: str) -> bool:
    """Whether a table that belongs to no entry was left by a writer that is gone."""
    try:
        return abandoned(name)
    except (ValueError, IndexError):
        # not a name of ours: whoever made it may want it
        return False

"""A shelf: entries under unique keys, each with a data table of its own, visible whole or not at all.

An entry is one row of the shelf's register. Its data table is written first, under a name that no other writer
uses; the register row comes last and is the only thing that makes the entry exist. Killed before it, a writer
leaves an orphan table that the next writer of the same key removes.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from driftcore.errors import StoreError, one_line
from driftcore.store._database import Database, Table

# merge_insert doubles rows in a race unless the key is declared; with it, the loser inserts nothing
_REGISTER = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False, metadata={"lance-schema:unenforced-primary-key": "true"}),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("table", pa.string()),
        pa.field("payload", pa.large_string(), nullable=False),
        pa.field("written_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)

_ABANDONED_AFTER = timedelta(days=1)
# a read opens every piece, at about 0.3 ms each; nobody reads one version of a register for ten minutes
_MANY_PIECES, _OLD_VERSIONS = 64, timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a register; `payload` is plain JSON."""

    key: str
    fingerprint: str
    table: str | None
    payload: dict[str, Any]
    written_at: datetime


class Shelf:
    """All entries of one kind."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self._require_writable = database.require_writable
        self._kind = kind
        self._register = Table(database, kind, _REGISTER)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, oldest first."""
        rows = self._register.read().sort_by("written_at").to_pylist()
        return tuple(_entry(row) for row in rows)

    def version(self) -> int:
        """A number that changes with every entry; 0 before the first."""
        return self._register.version()

    def get(self, key: str) -> Entry | None:
        """The entry under `key`, or None."""
        from lancedb.expr import col, lit

        rows = self._register.read(where=col("key") == lit(key)).to_pylist()
        return _entry(rows[0]) if rows else None

    def some(self, keys: Iterable[str]) -> dict[str, Entry]:
        """The entries under some keys, in one read; those that are not there are left out."""
        from lancedb.expr import col

        wanted = sorted(set(keys))
        if not wanted:
            return {}
        rows = self._register.read(where=col("key").isin(wanted)).to_pylist()
        return {row["key"]: _entry(row) for row in rows}

    def put(
        self,
        key: str,
        fingerprint: str,
        payload: dict[str, Any],
        data: Iterable[pa.RecordBatch] | None = None,
        schema: pa.Schema | None = None,
    ) -> tuple[Entry, bool]:
        """Write an entry unless there is one; returns the one that is stored now, and whether it is ours.

        The caller compares fingerprints: another one than its own means that someone else was first.
        """
        self._require_writable()
        if data is not None:
            self.sweep(key)
        before = self.get(key)
        if before is not None:
            return before, False
        table = None if data is None else self._write(self._table_name(key), data, schema)
        row = {
            "key": key,
            "fingerprint": fingerprint,
            "table": table,
            "payload": json.dumps(payload, allow_nan=False),
            "written_at": datetime.now(UTC),
        }
        stored = self._insert(row)
        ours = (stored.table, stored.written_at) == (table, row["written_at"])
        if table is not None and not ours:
            self._database.drop(table)
        return stored, ours

    def replace(self, key: str, fingerprint: str, payload: dict[str, Any]) -> None:
        """Write an entry without data, over the one that may be there."""
        self._require_writable()
        row = {"key": key, "fingerprint": fingerprint, "table": None, "payload": json.dumps(payload, allow_nan=False)}
        rows = pa.Table.from_pylist([{**row, "written_at": datetime.now(UTC)}], schema=_REGISTER)
        self._register.merge(rows, "key", update=True)

    def remove(self, key: str) -> None:
        """Take the entry out of the register, then drop its data."""
        self._require_writable()
        from lancedb.expr import col, lit

        entry = self.get(key)
        if entry is None:
            return
        self._register.delete(col("key") == lit(key))
        if entry.table is not None:
            self._database.drop(entry.table)

    def data(self, entry: Entry) -> Table:
        """The data table of an entry."""
        if entry.table is None:
            raise StoreError(f"{self._kind} '{one_line(entry.key)}' has no data table; the register is damaged.")
        return Table(self._database, entry.table)

    def sweep(self, key: str | None = None) -> None:
        """Drop what killed writers of this key, or of any, left behind; what a live writer is at work on stays."""
        self._require_writable()
        prefix = f"{self._kind}-" if key is None else f"{self._kind}-{_short(key)}-"
        left = [name for name in self._database.names(prefix) if abandoned(name)]
        if not left:
            return
        # read afterwards: a writer that finished and left in between would lose what it had just registered
        stored = self.entries() if key is None else (self.get(key),)
        known = {entry.table for entry in stored if entry is not None}
        for name in left:
            if name not in known:
                self._database.drop(name)

    def compact(self) -> None:
        """Melt the register into one piece, where so many small writes lie side by side that reading them is slow."""
        self._require_writable()
        if self._register.size()[1] > _MANY_PIECES:
            self._register.melt()
            self._register.clean(_OLD_VERSIONS)

    def orphans(self) -> tuple[str, ...]:
        """Data tables that belong to no entry: writers at work, or killed."""
        known = {entry.table for entry in self.entries()}
        return tuple(name for name in self._database.names(f"{self._kind}-") if name not in known)

    def _write(self, table: str, data: Iterable[pa.RecordBatch], schema: pa.Schema | None) -> str:
        self._database.create(table, data, schema)
        return table

    def _insert(self, row: dict[str, Any]) -> Entry:
        rows = pa.Table.from_pylist([row], schema=_REGISTER)
        self._register.merge(rows, "key")
        stored = self.get(row["key"])
        if stored is None:
            raise StoreError(f"{self._kind} '{one_line(row['key'])}' was removed while it was written; run it again.")
        return stored

    def _table_name(self, key: str) -> str:
        return data_table_name(self._kind, key)


def data_table_name(kind: str, key: str) -> str:
    """A name that no other writer uses, and that tells whose it is: see `abandoned`."""
    now = int(datetime.now(UTC).timestamp())
    return f"{kind}-{_short(key)}-{now:x}-{_host()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        key=row["key"],
        fingerprint=row["fingerprint"],
        table=row["table"],
        payload=json.loads(row["payload"]),
        written_at=row["written_at"],
    )


def _short(key: str) -> str:
    """A key as part of a table's name: keys carry labels and names of people's own making."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def _host() -> str:
    return _short(socket.gethostname())[:8]


def abandoned(table: str) -> bool:
    """Whether the writer that a table is named after is gone: dead on this machine, or begun a day ago."""
    started, host, pid = table.split("-")[2:5]
    if host == _host() and not _alive(int(pid)):
        return True
    # another machine, or a process number that was given out again: no write takes a day
    return datetime.now(UTC) - datetime.fromtimestamp(int(started, 16), UTC) > _ABANDONED_AFTER


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

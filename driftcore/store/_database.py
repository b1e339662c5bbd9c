"""The database under a store, and its tables: the one place from which the storage is asked for anything.

Every call goes through `Database.ask`: it tries again where another writer was faster, waits for an object storage
only so long, and says in one line what went wrong. Nothing above it sees an error of LanceDB.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from driftcore.errors import DriftcoreError, NotAllowedError, StoreError, UnreachableError, one_line
from driftcore.store._heap import share_heaps
from driftcore.store._place import Place

if TYPE_CHECKING:
    from lancedb.db import LanceDBConnection
    from lancedb.expr import Expr
    from lancedb.table import LanceTable

Result = TypeVar("Result")

_ATTEMPTS = 5
# rows of a piece that is read: with the thousand that LanceDB would take, narrow columns take three times as long
_BATCH_ROWS: Final = 4096
# how long an object storage may be silent, in seconds: when it is asked for a name, and while rows come or go.
# its client would ask a server that hangs again and again, for minutes
_LOOK_S: Final = 20.0
_ROWS_S: Final = 60.0
_MELT_S: Final = 3600.0
# between looking at the clock and LanceDB's doing so
_FOREVER, _MARGIN = timedelta(days=36500), timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The connection of a store, and what may be done with it."""

    place: Place
    connection: LanceDBConnection
    read_only: bool

    def require_writable(self) -> None:
        """Refuse whoever opened the store for reading only.

        Raises
        ------
        NotAllowedError
        """
        if self.read_only:
            raise NotAllowedError("The store is open for reading only: ask an editor to do this.")

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names of all tables that begin so."""
        token: str | None = None
        while True:
            page = self.ask(partial(self.connection.list_tables, page_token=token, limit=1000), doing="read")
            yield from (name for name in page.tables if name.startswith(prefix))
            token = page.page_token
            if not token:
                return

    def create(self, name: str, data: Iterable[pa.RecordBatch], schema: pa.Schema | None) -> None:
        """Write a table under a name that nobody else uses: whole, or nothing of it stays.

        Raises
        ------
        UnreachableError
            If the storage went away; what it has by then is swept by the next writer.
        StoreError
            If it cannot be written.
        """
        wait = _Wait(_ROWS_S)
        batches = wait.heard(iter(data))
        try:
            self.ask(lambda: self.connection.create_table(name, data=batches, schema=schema), attempts=1, wait=wait)
        except UnreachableError:
            raise
        except BaseException:
            self.drop(name)
            raise

    def drop(self, name: str) -> None:
        """Drop a table; none is fine."""
        self.ask(lambda: self.connection.drop_table(name, ignore_missing=True))

    def ask(
        self,
        action: Callable[[], Result],
        *,
        attempts: int = _ATTEMPTS,
        doing: str = "written",
        wait: _Wait | None = None,
    ) -> Result:
        """Do something with the storage; again where another writer was faster.

        Raises
        ------
        UnreachableError
            If the storage cannot be reached, or says nothing for too long.
        StoreError
            If it keeps losing against other writers, or fails otherwise.
        """
        patient = Retrying(
            retry=retry_if_exception(_lost_race),
            stop=stop_after_attempt(attempts),
            wait=wait_random_exponential(multiplier=0.1, max=3),
            reraise=True,
        )
        try:
            return patient(lambda: (wait or _Wait(_LOOK_S)).of(action) if self.place.remote else action())
        except DriftcoreError:
            raise
        except (OSError, RuntimeError, ValueError) as error:
            raise _told(self.place, error, f"The store could not be {doing}") from error


class Table:
    """A table of the store.

    Parameters
    ----------
    database : Database
    name : str
    schema : pa.Schema, optional
        Of a table that grows: it is made by the first write, empty until then, and every read looks for the newest
        version, since other processes write at the same time. Without one, the table was written once, and is
        looked up once.
    """

    def __init__(self, database: Database, name: str, schema: pa.Schema | None = None) -> None:
        self._database = database
        self.name = name
        self._schema = schema
        self._handle: LanceTable | None = None

    def schema(self) -> pa.Schema:
        """Its columns."""
        return self._schema or self._there().schema

    def read(self, columns: list[str] | None = None, where: Expr | None = None, rows: range | None = None) -> pa.Table:
        """Some columns of some rows: those that fulfil a condition, or that lie in a range of row numbers."""
        batches = list(self.batches(columns, where, rows))
        if batches:
            return pa.Table.from_batches(batches)
        schema = self.schema()
        return pa.schema([schema.field(name) for name in columns or schema.names]).empty_table()

    def batches(
        self, columns: list[str] | None = None, where: Expr | None = None, rows: range | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The same, a piece at a time."""
        table = self._newest()
        if table is None:
            return
        query = table.search()
        query = query if columns is None else query.select(columns)
        query = query if where is None else query.where(where)
        query = query if rows is None else query.offset(rows.start).limit(len(rows))
        wait = _Wait(_ROWS_S)
        batches = self._ask(lambda: query.to_batches(_BATCH_ROWS), wait)
        while (batch := self._ask(lambda: next(batches, None), wait)) is not None:
            yield batch

    def take(self, rows: NDArray[np.int64], columns: list[str]) -> pa.Table:
        """Some rows by their numbers, in the table's order."""
        query = self._there().take_offsets(rows.tolist()).select(columns)
        return self._ask(query.to_arrow, _Wait(_ROWS_S))

    def version(self) -> int:
        """A number that changes with everything that is written; 0 before the first."""
        table = self._newest()
        return 0 if table is None else int(table.version)

    def merge(self, rows: pa.Table, key: str, *, update: bool = False) -> None:
        """Insert the rows whose key is not there; put the others in the place of those that are, if asked to."""

        def merged() -> None:
            table = self._refreshed(make=True)
            assert table is not None
            merge = table.merge_insert(key)
            (merge.when_matched_update_all() if update else merge).when_not_matched_insert_all().execute(rows)

        self._database.ask(merged, wait=_Wait(_ROWS_S))

    def delete(self, where: Expr) -> None:
        """Take rows out; none is fine."""

        def deleted() -> None:
            table = self._refreshed()
            if table is not None:
                table.delete(where.to_sql())

        self._database.ask(deleted, wait=_Wait(_ROWS_S))

    def size(self) -> tuple[int, int, int]:
        """Rows, pieces that a read has to open, and bytes of the newest version."""
        table = self._newest()
        if table is None:
            return 0, 0, 0
        # a dict, whatever its annotation says
        statistics: Any = self._ask(table.stats)
        return statistics["num_rows"], statistics["fragment_stats"]["num_fragments"], statistics["total_bytes"]

    def versions(self) -> dict[int, datetime]:
        """Every version that is kept, and when it was written."""
        table = self._newest()
        kept = [] if table is None else self._ask(table.list_versions, _Wait(_ROWS_S))
        return {int(each["version"]): each["timestamp"].astimezone(UTC) for each in kept}

    def tags(self) -> dict[str, int]:
        """The versions that carry a name."""
        table = self._newest()
        tags: dict[str, Any] = {} if table is None else self._ask(lambda: table.tags.list())
        return {name: int(tag["version"]) for name, tag in tags.items()}

    def melt(self) -> None:
        """Lay its small pieces together; every version stays."""
        self._optimize(_FOREVER)

    def clean(self, older_than: timedelta) -> None:
        """Drop the versions that were replaced so long ago, but none with a tag, and none from the oldest tag on.

        LanceDB counts from when a version was written: one of last month that was replaced a second ago would be taken
        from under its readers. And where it meets a tag it refuses to drop anything.
        """
        now = datetime.now(UTC)
        versions, tags = self.versions(), self.tags()
        old = [at for at in versions.values() if at < now - older_than]
        if not old:
            return
        # the newest of them was what everyone read until then
        keep_from = min([max(old), *(versions[version] for version in tags.values() if version in versions)])
        if any(at < keep_from - _MARGIN for at in old):
            self._optimize(now - keep_from + _MARGIN)

    def _optimize(self, older_than: timedelta) -> None:
        table = self._newest()
        if table is None:
            return
        try:
            self._database.ask(lambda: table.optimize(cleanup_older_than=older_than), attempts=1, wait=_Wait(_MELT_S))
        except StoreError as error:
            # someone else did it in the same moment
            if error.__cause__ is None or not _lost_race(error.__cause__):
                raise

    def _there(self) -> LanceTable:
        table = self._newest()
        if table is None:
            raise StoreError(f"The store at {self._database.place.name} has lost its table '{one_line(self.name)}'.")
        return table

    def _newest(self) -> LanceTable | None:
        return self._ask(self._refreshed)

    def _refreshed(self, *, make: bool = False) -> LanceTable | None:
        """The newest version, or None where nothing was written yet."""
        connection = self._database.connection
        if self._handle is not None and self._schema is not None:
            try:
                # LanceDB annotates all but this one
                self._handle.checkout_latest()  # type: ignore[no-untyped-call]
            except (OSError, RuntimeError, ValueError) as error:
                # the whole store was taken away, and perhaps laid anew
                if not _missing(error) or self._database.place.away(error):
                    raise
                self._handle = None
        if self._handle is None:
            try:
                self._handle = connection.open_table(self.name)
            except (OSError, RuntimeError, ValueError) as error:
                if not _missing(error) or self._database.place.away(error):
                    raise
        if self._handle is None and make:
            self._handle = connection.create_table(self.name, schema=self._schema, exist_ok=True)
        return self._handle

    def _ask(self, action: Callable[[], Result], wait: _Wait | None = None) -> Result:
        return self._database.ask(action, doing="read", wait=wait)


class _Wait:
    """How long an answer is waited for: so many seconds after the last sign of life."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def heard(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Batches of a write: that the next one is asked for is a sign of life."""
        for batch in batches:
            self._last = time.monotonic()
            yield batch
            self._last = time.monotonic()

    def of(self, action: Callable[[], Result]) -> Result:
        """What an action answers; a `TimeoutError` where nothing is heard, and nobody waits for it any longer."""
        answer: Future[Result] = Future()

        def answering() -> None:
            try:
                answer.set_result(action())
            except BaseException as error:
                answer.set_exception(error)

        self._last = time.monotonic()
        # a daemon: the process may end although the storage never answers
        threading.Thread(target=answering, name="storage", daemon=True).start()
        while True:
            left = self._last + self._seconds - time.monotonic()
            if left <= 0:
                raise TimeoutError("the storage says nothing")
            try:
                return answer.result(left)
            except NotYet:
                if answer.done():
                    raise


def connected(place: Place, *, read_only: bool = False) -> Database:
    """The database at a place; where there is none it is made by the first write.

    Raises
    ------
    UnreachableError
        If its storage cannot be reached.
    StoreError
        If it cannot be opened.
    """
    import os

    # LanceDB's own lines would stand beside the one that tells what went wrong
    os.environ.setdefault("LANCEDB_LOG", "error")
    share_heaps()  # before LanceDB's threads come
    import lancedb

    def connect() -> LanceDBConnection:
        return cast("LanceDBConnection", lancedb.connect(place.uri, storage_options=place.storage_options()))

    try:
        connection = _Wait(_LOOK_S).of(connect) if place.remote else connect()
    except (OSError, RuntimeError, ValueError) as error:
        raise _told(place, error, f"The store '{place.name}' cannot be opened") from error
    return Database(place=place, connection=connection, read_only=read_only)


def _told(place: Place, error: BaseException, otherwise: str) -> StoreError:
    cause = place.away(error)
    if cause is None:
        return StoreError(f"{otherwise}: {one_line(error, 300)}")
    return UnreachableError(
        f"The store at {place.name} cannot be reached: {cause}. "
        "Check the address, the network and the credentials (docs/storage.md)."
    )


def _lost_race(error: BaseException) -> bool:
    """LanceDB tells a lost race from other failures in words only."""
    words = str(error).lower()
    return isinstance(error, OSError | RuntimeError) and ("conflict" in words or "concurrent" in words)


def _missing(error: BaseException) -> bool:
    words = str(error).lower()
    return "not found" in words or "does not exist" in words or "no such file" in words

"""A worker's hold on a job: heartbeats while an attempt runs, its progress and its log."""

from __future__ import annotations

import threading
import time
from collections import deque
from datetime import UTC, datetime
from types import TracebackType

from driftcore.errors import ConflictError, DriftcoreError, one_line
from driftcore.records import Heartbeat, JobEvent
from driftcore.store import Store

_MAX_LINES, _MAX_LINE, _MAX_LOG = 200, 2000, 65_536
_BEATS_PER_LEASE = 4
# what a trainer says is on the page this soon
_NEWS_S = 2.0


class Lease:
    """The hold on one claim: `with` it, heartbeats come from a thread of their own.

    A trainer that never calls `beat` so keeps its lease for as long as its process lives.
    """

    def __init__(self, store: Store, claim: JobEvent) -> None:
        self._store = store
        self._claim = claim
        self._what, self._share = "", 0.0
        self._lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._news = self._lost = False
        self._speaking = threading.Lock()
        self._ended = threading.Event()
        # daemon: a store that hangs must not keep the process from ending
        self._thread = threading.Thread(target=self._live, daemon=True, name=f"lease of {claim.job_id}")

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._write()

    def beat(self, what: str, share: float) -> None:
        """Say what is being done, and the share of it that is done.

        Raises
        ------
        ConflictError
            If another worker has taken the job over: what this attempt makes would be thrown away.
        """
        if self._lost:
            raise ConflictError(f"Job '{self._claim.job_id}' was taken over by another worker: this attempt ends.")
        self._what, self._share, self._news = one_line(what, 200), min(max(float(share), 0.0), 1.0), True

    def log(self, text: str) -> None:
        """Add lines to the log, of which the end is kept."""
        lines = [one_line(line, _MAX_LINE) for line in text.splitlines()]
        with self._speaking:
            self._lines.extend(lines)
            self._news = True

    def _live(self) -> None:
        lease_s = self._claim.lease_s or 0.0
        every = lease_s / _BEATS_PER_LEASE
        written = time.monotonic()
        while not self._ended.wait(min(every, _NEWS_S)):
            if self._news or time.monotonic() - written >= every:
                self._write()
                written = time.monotonic()

    def _write(self) -> None:
        with self._speaking:
            log, self._news = "\n".join(self._lines), False
        heartbeat = Heartbeat(
            job_id=self._claim.job_id,
            n=self._claim.n,
            at=datetime.now(UTC),
            what=self._what,
            share=self._share,
            log=log[-_MAX_LOG:],
        )
        try:
            self._store.jobs.beat(heartbeat)
            self._lost = self._store.jobs.happened(self._claim.job_id, self._claim.n + 1)
        except (DriftcoreError, OSError, RuntimeError):
            # a store that cannot be reached for a moment costs a heartbeat, not the attempt: the lease has three more
            self._news = True

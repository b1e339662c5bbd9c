"""Jobs: what is to be done, the log of what happened to it, and the heartbeats of who is at work on it.

The truth of a job is its log, which is only added to. The n-th event of a job lies under the key ``[job_id, n]``, and
the shelf keeps the first one that is written there. Whoever has read n events and finds that something may follow
writes the n-th: one of those who do so at once wins, and the others know that they must read again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from driftcore.errors import NotFoundError, listed, one_line
from driftcore.records import Heartbeat, Job, JobEvent, from_json, to_json
from driftcore.store._database import Database
from driftcore.store._shelf import Shelf


class Jobs:
    """The jobs of a store."""

    def __init__(self, database: Database) -> None:
        self._jobs = Shelf(database, "jobs")
        self._events = Shelf(database, "job_events")
        self._beats = Shelf(database, "job_beats")

    def all(self) -> tuple[Job, ...]:
        """Every job, oldest first."""
        return tuple(from_json(Job, entry.payload) for entry in self._jobs.entries())

    def get(self, job_id: str) -> Job:
        """One job.

        Raises
        ------
        NotFoundError
            If there is none of this id; the message lists the newest.
        """
        entry = self._jobs.get(job_id)
        if entry is None:
            known = [job.job_id for job in reversed(self.all())]
            raise NotFoundError(f"No job '{one_line(job_id)}'. Known: {listed(known)}.")
        return from_json(Job, entry.payload)

    def add(self, job: Job) -> bool:
        """Queue a job; False where another one has its id already."""
        return _put(self._jobs, job.job_id, job)

    def append(self, event: JobEvent) -> bool:
        """Add the n-th event of a job; False where someone else wrote the n-th, and this one did not happen."""
        return _put(self._events, _key(event.job_id, event.n), event)

    def events(self) -> Mapping[str, tuple[JobEvent, ...]]:
        """The events of every job that has some, by job id, from the 0-th on."""
        by_job: dict[str, list[JobEvent]] = {}
        for entry in self._events.entries():
            by_job.setdefault(entry.payload["job_id"], []).append(from_json(JobEvent, entry.payload))
        return {job_id: tuple(sorted(events, key=lambda event: event.n)) for job_id, events in by_job.items()}

    def happened(self, job_id: str, n: int) -> bool:
        """Whether the n-th event of a job is written."""
        return self._events.get(_key(job_id, n)) is not None

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep the last sign of life of a claim, in the place of the one before; only who won the claim may."""
        self._beats.replace(_key(heartbeat.job_id, heartbeat.n), "", to_json(heartbeat))
        self._beats.compact()

    def heartbeat(self, job_id: str, n: int) -> Heartbeat | None:
        """The last sign of life of the claim `n` of a job, and its log; None where it gave none."""
        entry = self._beats.get(_key(job_id, n))
        return None if entry is None else from_json(Heartbeat, entry.payload)

    def made(self) -> frozenset[str]:
        """The checkpoints that finished jobs made."""
        events = (event for log in self.events().values() for event in log)
        return frozenset(event.checkpoint for event in events if event.checkpoint is not None)

    def version(self) -> str:
        """Changes with every job, event and heartbeat."""
        return "-".join(str(shelf.version()) for shelf in (self._jobs, self._events, self._beats))


def _put(shelf: Shelf, key: str, record: Job | JobEvent) -> bool:
    # two writers may want the same words in the same microsecond: the token says whose they are
    token = uuid.uuid4().hex
    stored, _ = shelf.put(key, token, to_json(record))
    shelf.compact()
    return stored.fingerprint == token


def _key(job_id: str, n: int) -> str:
    return json.dumps([job_id, n])

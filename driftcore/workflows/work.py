"""A worker: claim the oldest job, run it, write how it ended; any number of them share a store."""

from __future__ import annotations

import os
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from driftcore.errors import BadInputError, ConflictError, DriftcoreError, one_line
from driftcore.records import Beat, Job, JobEvent, JobResult, JobStatus, Log
from driftcore.store import Store
from driftcore.workflows._lease import Lease
from driftcore.workflows.queue import job_checkpoint, statuses, stored_checkpoints

_MAX_ERROR = 500


class Run(Protocol):
    """Runs a claimed job to its end; `attempt` counts the job's claims from 1, over its whole life."""

    def __call__(self, store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        """Make the checkpoint `job_checkpoint(job, attempt)`, and say what it came to."""
        ...


def work(
    store: Store,
    run: Run,
    *,
    worker: str | None = None,
    once: bool = False,
    drain: bool = False,
    poll_s: float = 5.0,
    lease_s: float = 60.0,
    on_event: Callable[[JobEvent], None] = lambda event: None,
) -> int:
    """Run queued jobs, the oldest first.

    Parameters
    ----------
    store : Store
    run : callable
        What a job comes down to. An error that it raises fails the attempt, and never the worker.
    worker : str, optional
        Its name; by default that of the machine and the number of the process.
    once : bool
        End after one attempt, or at once where nothing is queued.
    drain : bool
        End when every job is done or failed, also those of other workers: one that is killed leaves its job to others.
    poll_s : float
        Seconds between two looks at a queue that has nothing to do.
    lease_s : float
        Seconds without a sign of life after which other workers take a job over. Leases compare the clocks of the
        machines: keep it well above what those differ by.
    on_event : callable
        Called with every event that this worker wrote.

    Returns
    -------
    int
        How many jobs this worker brought to "done".

    Raises
    ------
    KeyboardInterrupt
        Passed on when the worker is stopped; the job that it was at is given back.
    BadInputError
        If a duration cannot be used.
    """
    if not (0 < lease_s < float("inf") and 0 <= poll_s < float("inf")):
        raise BadInputError(f"poll {poll_s} s, lease {lease_s} s: a lease lasts, and a poll does not go back in time.")
    name = one_line(worker or f"{socket.gethostname()}-{os.getpid()}", 100)
    n_done = 0
    tidy(store)
    while True:
        claimed = claim(store, worker=name, lease_s=lease_s, on_event=on_event)
        if claimed is not None:
            ended = _attempt(store, run, *claimed, on_event=on_event)
            n_done += ended is not None and ended.kind == "done"
        if once or (drain and claimed is None and not _unfinished(store)):
            return n_done
        if claimed is None:
            time.sleep(poll_s)


def claim(
    store: Store,
    *,
    worker: str,
    lease_s: float,
    on_event: Callable[[JobEvent], None] = lambda event: None,
    now: datetime | None = None,
) -> tuple[JobStatus, JobEvent] | None:
    """Claim the job that waits longest: queued, or left by a worker that was not heard of for longer than its lease.

    A job whose attempts are used up is failed in passing.

    Returns
    -------
    tuple of (JobStatus, JobEvent), or None
        The job as it was before, and the event that claims it; None where nothing is to be had.
    """
    now = now or datetime.now(UTC)
    waiting = [each for each in statuses(store, now=now) if each.state == "queued" or each.expired]
    for each in sorted(waiting, key=lambda status: (status.queued_at, status.job.job_id)):
        event = JobEvent(job_id=each.job.job_id, n=each.n_events, kind="claimed", at=now, worker=worker)
        used_up = each.attempt >= each.job.policy.max_attempts
        event = replace(event, kind="failed", error=_gone(each)) if used_up else replace(event, lease_s=lease_s)
        if not store.jobs.append(event):
            continue  # another worker was faster
        on_event(event)
        if used_up:
            continue
        if each.claims:
            tidy(store)
        return each, event
    return None


def tidy(store: Store) -> None:
    """Discard what attempts that are over left behind: checkpoints of theirs that no finished job made, and tables."""
    jobs = statuses(store)
    # read afterwards: a job that another worker finishes in between was still running above
    stored, kept = stored_checkpoints(store), store.jobs.made()
    for each in jobs:
        # the last claim of a running job may still win, also where its lease is over
        n_over = each.claims - (each.state == "running")
        over = {job_checkpoint(each.job, attempt) for attempt in range(1, n_over + 1)}
        for name in sorted((over & stored) - kept):
            _discard(store, name)
    store.sweep()


def _attempt(
    store: Store, run: Run, before: JobStatus, claimed: JobEvent, *, on_event: Callable[[JobEvent], None]
) -> JobEvent | None:
    """Run a claimed job and write how that ended; None where another worker has taken the job over meanwhile."""
    attempt = before.claims + 1
    end = JobEvent(job_id=claimed.job_id, n=claimed.n + 1, kind="done", at=claimed.at, worker=claimed.worker)
    last = before.attempt + 1 >= before.job.policy.max_attempts
    interrupted: KeyboardInterrupt | None = None
    with Lease(store, claimed) as lease:
        try:
            result = run(store, before.job, attempt=attempt, beat=lease.beat, log=lease.log)
            end = replace(end, checkpoint=result.checkpoint, judgement=result.judgement, facts=result.facts)
        except KeyboardInterrupt as error:
            interrupted, end = error, replace(end, kind="given_back")
        except DriftcoreError as error:
            end = _failed(end, str(error), last=last)
        # the one place where everything is caught: a team's own trainer may raise anything, and one that calls
        # sys.exit too, and would otherwise end every worker, one after the other
        except (Exception, SystemExit) as error:
            lease.log(traceback.format_exc())
            end = _failed(end, f"{type(error).__name__}: {error}", last=last)
    end = replace(end, at=datetime.now(UTC))
    won = store.jobs.append(end)
    if won:
        on_event(end)
    if not won or end.kind != "done":
        _discard(store, job_checkpoint(before.job, attempt))
    if interrupted is not None:
        raise interrupted
    return end if won else None


def _failed(end: JobEvent, error: str, *, last: bool) -> JobEvent:
    return replace(end, kind="failed" if last else "attempt_failed", error=one_line(error, _MAX_ERROR))


def _gone(status: JobStatus) -> str:
    tried = f"attempt {status.attempt} of {status.job.policy.max_attempts}"
    if status.expired:
        return f"Worker '{status.worker}' was not heard of after {status.changed_at:%Y-%m-%d %H:%M:%S} UTC, in {tried}."
    return f"{status.error or 'It did not end'} ({tried})"


def _discard(store: Store, checkpoint: str) -> None:
    # one that a person pinned stays
    with suppress(ConflictError):
        store.discard(checkpoint)


def _unfinished(store: Store) -> bool:
    return any(each.state in ("queued", "running") for each in statuses(store))

"""The queue: spans become jobs, and what happened to a job says how far it is."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, get_args

from driftcore.errors import BadInputError, ConflictError, listed, one_line
from driftcore.records import Heartbeat, Job, JobEvent, JobState, JobStatus, RetrainingPolicy, Span
from driftcore.store import Store
from driftcore.workflows.triage import standing_spans


def add(
    store: Store,
    span_ids: Sequence[str],
    *,
    policy: RetrainingPolicy | None = None,
    who: str | None = None,
    seed: int = 0,
) -> Job:
    """Queue a job that retrains the current checkpoint of some spans on them.

    Parameters
    ----------
    store : Store
    span_ids : sequence of str
        Spans between the same two checkpoints, on the same split.
    policy : RetrainingPolicy, optional
        Which trainer, with what, and what the new checkpoint may cost.
    who : str, optional
        The person who asks; None: a policy did.
    seed : int
        Of all chance in the job.

    Returns
    -------
    Job
        Queued.

    Raises
    ------
    NotFoundError
        If a span, or the snapshot that it is of, is not stored.
    BadInputError
        If there is no span, or they are of different checkpoints.
    ConflictError
        If a job for the same spans and the same checkpoint is queued or running.
    """
    policy = policy or RetrainingPolicy()
    if policy.max_attempts < 1:
        raise BadInputError(f"max_attempts is {policy.max_attempts}: a job is tried at least once.")
    spans = [each.span for each in standing_spans(store, span_ids)]
    reference, current, split = _between(spans)
    store.snapshots.get(current, split)
    wanted = tuple(sorted(span.span_id for span in spans))
    # the id first: whoever queues the same later takes the same id, whoever did before is seen then
    job_id = _free_id(store, wanted, current)
    _refuse_twice(store, wanted, current)
    job = Job(
        job_id=job_id,
        span_ids=wanted,
        reference=reference,
        current=current,
        split=split,
        policy=policy,
        created_at=datetime.now(UTC),
        seed=seed,
        who=who,
    )
    if not store.jobs.add(job):
        raise _queued_already(job.job_id, current, "queued")
    return job


def retry(store: Store, job_id: str, *, who: str | None = None) -> None:
    """Queue a failed job again, with all its attempts.

    Raises
    ------
    NotFoundError
        If there is no such job.
    ConflictError
        If it has not failed, or another job for the same spans is queued or running.
    """
    now = status(store, job_id)
    if now.state != "failed":
        raise ConflictError(f"Job '{one_line(job_id)}' is {now.state}: only a failed job is tried again.")
    _refuse_twice(store, now.job.span_ids, now.job.current)
    again = JobEvent(job_id=now.job.job_id, n=now.n_events, kind="queued", at=datetime.now(UTC), worker=who)
    if not store.jobs.append(again):
        raise ConflictError(f"Job '{now.job.job_id}' was queued again in the same moment: look at the list.")


def counts(store: Store) -> dict[str, int]:
    """How many jobs are in each state, none as 0, for who watches the queue."""
    found = Counter(each.state for each in statuses(store))
    return {state: found[state] for state in get_args(JobState)}


def statuses(store: Store, *, now: datetime | None = None) -> tuple[JobStatus, ...]:
    """Every job and how far it is, oldest first; logs are left out: `status` reads that of one job."""
    now = now or datetime.now(UTC)
    # jobs first: one that is queued in between is not seen, instead of seen without what happened to it
    jobs, events = store.jobs.all(), store.jobs.events()
    found = []
    for job in jobs:
        log = events.get(job.job_id, ())
        running = bool(log) and log[-1].kind == "claimed"
        beat = store.jobs.heartbeat(job.job_id, log[-1].n) if running else None
        found.append(replace(fold(job, log, beat, now=now), log=""))
    return tuple(found)


def status(store: Store, job_id: str, *, now: datetime | None = None) -> JobStatus:
    """One job, how far it is, and the log of its last attempt.

    Raises
    ------
    NotFoundError
        If there is no such job.
    """
    job = store.jobs.get(job_id)
    log = store.jobs.events().get(job_id, ())
    claims = [event.n for event in log if event.kind == "claimed"]
    beat = store.jobs.heartbeat(job_id, claims[-1]) if claims else None
    return fold(job, log, beat, now=now or datetime.now(UTC))


def fold(job: Job, events: Sequence[JobEvent], beat: Heartbeat | None = None, *, now: datetime) -> JobStatus:
    """How far a job is, from what happened to it.

    Parameters
    ----------
    job : Job
    events : sequence of JobEvent
        All of the job, from the 0-th on.
    beat : Heartbeat, optional
        The last one of the last claim.
    now : datetime
        A running job is `expired` when its last sign of life is older than its lease.

    Returns
    -------
    JobStatus
        Without events the job is queued since it was created.
    """
    start = JobStatus(
        job=job, state="queued", n_events=0, attempt=0, claims=0, queued_at=job.created_at, changed_at=job.created_at
    )
    found = reduce(
        lambda before, event: replace(before, n_events=event.n + 1, changed_at=event.at, **_change(before, event)),
        events,
        start,
    )
    if beat is not None:
        found = replace(found, log=beat.log)
    if found.state != "running":
        return found
    if beat is not None:
        found = replace(found, what=beat.what, share=beat.share, changed_at=max(found.changed_at, beat.at))
    lease = timedelta(seconds=events[-1].lease_s or 0.0)
    return replace(found, expired=now - found.changed_at > lease)


def job_checkpoint(job: Job, attempt: int) -> str:
    """Name of the checkpoint that the `attempt`-th claim of a job makes, counted from 1 over the job's whole life.

    No two attempts share a name: what a killed one left is never mixed with what the next one makes.
    """
    name = f"{job.current}-{job.job_id[:4]}"
    return name if attempt == 1 else f"{name}.{attempt}"


def _change(before: JobStatus, event: JobEvent) -> dict[str, Any]:
    match event.kind:
        case "queued":
            return {"state": "queued", "attempt": 0, "queued_at": event.at, "worker": None, "error": None}
        case "claimed":
            counts = {"attempt": before.attempt + 1, "claims": before.claims + 1}
            return {"state": "running", "worker": event.worker, "error": None, **counts}
        case "attempt_failed":
            return {"state": "queued", "worker": None, "error": event.error}
        case "given_back":
            return {"state": "queued", "worker": None, "attempt": before.attempt - 1}
        case "failed":
            return {"state": "failed", "error": event.error}
        case "done":
            made = {"checkpoint": event.checkpoint, "judgement": event.judgement, "facts": event.facts}
            return {"state": "done", "share": 1.0, **made}


def _between(spans: Sequence[Span]) -> tuple[str, str, str]:
    """The two checkpoints and the split that all spans are of."""
    pairs = {(span.reference, span.current, span.split) for span in spans}
    if not pairs:
        raise BadInputError("No span was named: driftloop spans list says which there are.")
    if len(pairs) > 1:
        named = listed(f"{reference} → {current} ({split})" for reference, current, split in sorted(pairs))
        raise BadInputError(f"One job takes spans between the same two checkpoints: these are of {named}.")
    return pairs.pop()


def _refuse_twice(store: Store, span_ids: tuple[str, ...], current: str) -> None:
    for each in statuses(store):
        same = (each.job.span_ids, each.job.current) == (span_ids, current)
        if same and each.state in ("queued", "running"):
            raise _queued_already(each.job.job_id, current, each.state)


def _queued_already(job_id: str, current: str, state: str) -> ConflictError:
    return ConflictError(
        f"Job '{job_id}' for the same spans and checkpoint '{one_line(current)}' is {state} already: wait for its end."
    )


def _free_id(store: Store, span_ids: tuple[str, ...], current: str) -> str:
    """The id that the next job for these spans has, whoever queues it: of two who do so at once, one is first.

    Its first four letters are in the names of the checkpoints that it makes, so no other job of this checkpoint has
    the same.
    """
    taken = {job.job_id[:4] for job in store.jobs.all() if job.current == current}
    number = 0
    while True:
        basis = json.dumps([span_ids, current, number])
        job_id = hashlib.blake2b(basis.encode(), digest_size=6).hexdigest()
        if job_id[:4] not in taken:
            return job_id
        number += 1


def stored_checkpoints(store: Store) -> frozenset[str]:
    """Names under which a snapshot or an eval run is stored."""
    names = [snapshot.checkpoint for snapshot in store.snapshots.all()]
    return frozenset(names + [run.checkpoint for run in store.evals.all()])

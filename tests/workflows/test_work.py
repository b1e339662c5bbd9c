"""A worker: what it does with jobs that end well, fail, crash, or are taken from it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftcore.errors import BadInputError, ConflictError, TrainingError
from driftcore.records import Beat, Job, JobEvent, JobResult, Log, RetrainingPolicy
from driftcore.store import Store
from driftcore.workflows.queue import add, job_checkpoint, retry, status, statuses
from driftcore.workflows.work import claim, work
from tests.workflows.jobs import (
    CURRENT,
    REFERENCE,
    queued,
    refused,
    result,
    store_with_spans,
    trained,
    write_checkpoint,
)


def kinds(store: Store, job: Job) -> list[str]:
    return [event.kind for event in store.jobs.events().get(job.job_id, ())]


def made_checkpoints(store: Store) -> list[str]:
    """What is stored beside the checkpoints of before, as snapshots and as eval runs alike."""
    snapshots = {each.checkpoint for each in store.snapshots.all()} - {REFERENCE, CURRENT}
    assert snapshots == {run.checkpoint for run in store.evals.all()} - {REFERENCE, CURRENT}
    assert store.snapshots.orphans() == store.evals.orphans() == ()
    return sorted(snapshots)


def taken_over(store: Store, job: Job) -> None:
    """Another worker claims the job that this one is at."""
    n = len(store.jobs.events()[job.job_id])
    claimed = JobEvent(job_id=job.job_id, n=n, kind="claimed", at=datetime.now(UTC), worker="another", lease_s=60.0)
    assert store.jobs.append(claimed)


def test_jobs_run_in_the_order_in_which_they_were_queued(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 3)
    jobs = queued(store, 3)
    events: list[JobEvent] = []

    assert work(store, trained, worker="w", drain=True, on_event=events.append) == 3

    assert [(event.job_id, event.kind) for event in events] == [
        (job.job_id, kind) for job in jobs for kind in ("claimed", "done")
    ]
    assert made_checkpoints(store) == sorted(job_checkpoint(job, 1) for job in jobs)
    for job, now in zip(jobs, statuses(store), strict=True):
        assert (now.state, now.checkpoint, now.worker) == ("done", job_checkpoint(job, 1), "w")
        assert (now.judgement, now.facts) == (result(job, 1).judgement, {"rank": "4"})


def test_once_is_one_attempt_and_none_where_nothing_waits(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 2)
    queued(store, 2)
    assert work(store, trained, once=True) == 1
    assert [each.state for each in statuses(store)] == ["done", "queued"]
    assert work(store, trained, once=True) == 1
    assert work(store, trained, once=True) == 0


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TrainingError("no GPU\nis there"), "no GPU is there"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
        # a trainer that ends its process must not end the worker
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_what_goes_wrong_is_tried_again_and_then_said(tmp_path: Path, error: BaseException, says: str) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1, max_attempts=2)

    assert work(store, refused(error), drain=True) == 0

    now = status(store, job.job_id)
    assert kinds(store, job) == ["claimed", "attempt_failed", "claimed", "failed"]
    assert (now.state, now.error, now.attempt) == ("failed", says, 2)
    assert now.log.startswith("attempt 2 wrote its checkpoint")
    assert ("Traceback" in now.log) == (not isinstance(error, TrainingError))
    assert made_checkpoints(store) == []


def test_a_failed_job_can_be_tried_again_and_then_succeed(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1, max_attempts=1)
    work(store, refused(TrainingError("no")), drain=True)
    retry(store, job.job_id)

    assert work(store, trained, drain=True) == 1
    assert kinds(store, job) == ["claimed", "failed", "queued", "claimed", "done"]
    assert made_checkpoints(store) == [job_checkpoint(job, 2)]


def test_a_worker_that_is_stopped_gives_its_job_back_and_the_attempt_does_not_count(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1, max_attempts=1)

    with pytest.raises(KeyboardInterrupt):
        work(store, refused(KeyboardInterrupt()), drain=True)

    assert kinds(store, job) == ["claimed", "given_back"]
    assert made_checkpoints(store) == []
    assert work(store, trained, drain=True) == 1


def test_the_end_of_a_long_log_is_kept(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1)

    def talkative(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        log("\n".join(f"line {number}\x1b[31m" for number in range(1000)))
        log("x" * 100_000)
        return trained(store, job, attempt=attempt, beat=beat, log=log)

    work(store, talkative, once=True)

    lines = status(store, job.job_id).log.splitlines()
    assert len(lines) == 200
    assert lines[0] == "line 801 [31m"
    assert lines[-1] == "x" * 1999 + "…"


def test_progress_is_seen_while_the_job_runs(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1)
    seen = []

    def told(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        beat("training, epoch 2", 0.25)
        log("loss 0.1")
        for _ in range(100):
            seen.append(status(store, job.job_id))
            if seen[-1].share:
                break
            time.sleep(0.05)
        return trained(store, job, attempt=attempt, beat=beat, log=log)

    work(store, told, once=True, lease_s=0.4, worker="w")

    last = seen[-1]
    assert (last.state, last.worker, last.what, last.share) == ("running", "w", "training, epoch 2", 0.25)
    assert last.log == status(store, job.job_id).log == "loss 0.1"


def test_a_trainer_that_never_says_anything_keeps_its_lease(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1)
    others = []

    def silent(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        time.sleep(2.5)
        others.append(claim(store, worker="another", lease_s=60.0))
        return trained(store, job, attempt=attempt, beat=beat, log=log)

    assert work(store, silent, once=True, lease_s=2.0) == 1
    assert others == [None]
    assert kinds(store, job) == ["claimed", "done"]


def test_a_worker_whose_job_was_taken_over_is_told_and_throws_away_what_it_made(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1)
    told = []

    def overtaken(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        write_checkpoint(store, job_checkpoint(job, attempt))
        taken_over(store, job)
        try:
            for step in range(200):
                beat("training", step / 200)
                time.sleep(0.02)
        except ConflictError as error:
            told.append(str(error))
            raise
        return result(job, attempt)

    assert work(store, overtaken, once=True, lease_s=0.4) == 0
    assert told == [f"Job '{job.job_id}' was taken over by another worker: this attempt ends."]
    assert kinds(store, job) == ["claimed", "claimed"]
    assert made_checkpoints(store) == []


def test_of_two_workers_that_finish_the_same_job_only_the_last_claim_counts(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1)

    def deaf(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        taken_over(store, job)
        return trained(store, job, attempt=attempt, beat=beat, log=log)

    assert work(store, deaf, once=True) == 0
    assert kinds(store, job) == ["claimed", "claimed"]
    assert made_checkpoints(store) == []


def test_a_job_whose_worker_is_gone_is_claimed_by_the_next_which_discards_what_was_left(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    job = add(store, ["span 0"], policy=RetrainingPolicy(max_attempts=2))
    start = datetime.now(UTC)
    assert claim(store, worker="a", lease_s=10.0, now=start) is not None
    write_checkpoint(store, job_checkpoint(job, 1))

    assert claim(store, worker="b", lease_s=10.0, now=start + timedelta(seconds=10)) is None
    assert made_checkpoints(store) == [job_checkpoint(job, 1)]
    claimed = claim(store, worker="b", lease_s=10.0, now=start + timedelta(seconds=11))
    assert claimed is not None
    assert (claimed[0].claims, claimed[1].n, claimed[1].worker) == (1, 1, "b")
    assert made_checkpoints(store) == []

    # that was the last of its attempts
    assert claim(store, worker="c", lease_s=10.0, now=start + timedelta(seconds=22)) is None
    now = status(store, job.job_id)
    assert now.state == "failed"
    assert now.error is not None
    assert now.error.startswith("Worker 'b' was not heard of after") and now.error.endswith("in attempt 2 of 2.")


def test_what_a_person_pinned_stays_whoever_made_it(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    (job,) = queued(store, 1, max_attempts=1)

    def pinned(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        write_checkpoint(store, job_checkpoint(job, attempt))
        store.pin(job_checkpoint(job, attempt))
        raise TrainingError("too late")

    work(store, pinned, drain=True)

    assert status(store, job.job_id).state == "failed"
    assert store.reference().checkpoint == job_checkpoint(job, 1)


@pytest.mark.parametrize(("poll_s", "lease_s"), [(5.0, 0.0), (5.0, float("nan")), (-1.0, 60.0), (float("inf"), 60.0)])
def test_durations_that_cannot_be_are_refused(tmp_path: Path, poll_s: float, lease_s: float) -> None:
    store = store_with_spans(tmp_path / "store", 0)
    with pytest.raises(BadInputError, match="a lease lasts"):
        work(store, trained, once=True, poll_s=poll_s, lease_s=lease_s)

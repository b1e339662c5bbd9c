"""Queues for the tests: spans to queue, small runners that really write to the store, and workers in processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from driftcore.records import (
    Beat,
    Change,
    Job,
    JobResult,
    Judgement,
    Log,
    ModelFingerprint,
    Predictions,
    RetrainingPolicy,
    SnapshotBatch,
    Span,
)
from driftcore.store import Store, open_store
from driftcore.workflows.queue import add, job_checkpoint
from driftcore.workflows.work import work

AT = datetime(2026, 1, 5, tzinfo=UTC)
IDS = np.array(["s0", "s1", "s2"], dtype=object)
REFERENCE, CURRENT = "week 1", "week 2"


def store_with_spans(path: Path, n_spans: int) -> Store:
    """Two checkpoints, and spans `span 0`, `span 1`, … that a person drew between them."""
    store = open_store(path)
    for checkpoint in (REFERENCE, CURRENT):
        write_checkpoint(store, checkpoint)
    for number in range(n_spans):
        store.spans.write(span(f"span {number}"))
    return store


def span(span_id: str, *, reference: str = REFERENCE, current: str = CURRENT) -> Span:
    return Span(
        span_id=span_id,
        report_id="r",
        name=span_id,
        origin="lasso",
        reference=reference,
        current=current,
        split="validation",
        concept="refund",
        kind="moved",
        toward="cancel",
        n_samples=1,
        n_mispredicted=1,
        mean_shift=0.1,
        sample_ids=("s0",),
        created_at=AT,
    )


def queued(store: Store, n_jobs: int, *, max_attempts: int = 3) -> list[Job]:
    """Jobs for `span 0`, `span 1`, …"""
    return [
        add(store, [f"span {number}"], policy=RetrainingPolicy(max_attempts=max_attempts)) for number in range(n_jobs)
    ]


def write_checkpoint(store: Store, checkpoint: str) -> None:
    """A snapshot and its eval run."""
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    batch = SnapshotBatch(sample_ids=IDS, vectors=vectors, labels=IDS, texts=IDS)
    store.snapshots.write(batch, checkpoint=checkpoint, split="validation", at=AT, model=ModelFingerprint())
    ones = np.ones(3, dtype=np.float32)
    predictions = Predictions(sample_ids=IDS, predictions=IDS, confidences=ones, correct=ones)
    store.evals.write(predictions, checkpoint=checkpoint, split="validation", at=AT)


def result(job: Job, attempt: int) -> JobResult:
    change = Change(
        group="span", against=job.current, n_samples=1, before=0.0, after=1.0, worse=0, better=1, p_value=1.0
    )
    judgement = Judgement(
        before=job.current,
        after=job_checkpoint(job, attempt),
        accepted=True,
        reason="the span gained",
        span=change,
        concept=change,
        rest=change,
        live=None,
    )
    return JobResult(checkpoint=job_checkpoint(job, attempt), judgement=judgement, facts={"rank": "4"})


def trained(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
    """A runner that makes a checkpoint at once."""
    write_checkpoint(store, job_checkpoint(job, attempt))
    return result(job, attempt)


def trained_slowly(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
    """A runner that takes some random few 10 ms before, between and after what it writes."""
    steps = np.random.default_rng().uniform(0.005, 0.04, size=6)
    for number, step in enumerate(steps):
        beat("training", number / len(steps))
        time.sleep(step)
        if number == 2:
            write_checkpoint(store, job_checkpoint(job, attempt))
    return result(job, attempt)


def refused(error: BaseException) -> Callable[..., JobResult]:
    """A runner that writes its checkpoint, says so in the log, and raises."""

    def run(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        write_checkpoint(store, job_checkpoint(job, attempt))
        log(f"attempt {attempt} wrote its checkpoint")
        raise error

    return run


def worker_process(store: Store, name: str, *, lease_s: float = 60.0) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, until every job is done or failed."""
    command = [sys.executable, "-m", "tests.workflows.jobs", store.uri, name, str(lease_s)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    work(
        open_store(sys.argv[1]), trained_slowly, worker=sys.argv[2], drain=True, poll_s=0.05, lease_s=float(sys.argv[3])
    )

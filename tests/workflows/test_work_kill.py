"""Workers killed with -9, and workers side by side: no job is lost, none is done twice, the store stays whole."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from pathlib import Path

import numpy as np

from driftcore.store import Store
from driftcore.workflows.queue import add, statuses
from driftcore.workflows.work import tidy
from tests.workflows.jobs import CURRENT, REFERENCE, RetrainingPolicy, span, store_with_spans, worker_process

N_KILLS = 20
LEASE_S = 1.0


def work_out(*workers: subprocess.Popen[bytes]) -> None:
    """Wait for workers that end when every job has."""
    for worker in workers:
        errors = worker.communicate(timeout=120)[1]
        assert worker.returncode == 0, errors.decode()


def keep_busy(store: Store, n_waiting: int) -> None:
    """Queue jobs until so many are neither done nor failed."""
    jobs = statuses(store)
    missing = n_waiting - sum(each.state in ("queued", "running") for each in jobs)
    for number in range(len(jobs), len(jobs) + missing):
        store.spans.write(span(f"span {number}"))
        # each kill may hit the same job
        add(store, [f"span {number}"], policy=RetrainingPolicy(max_attempts=N_KILLS + 1))


def await_claim(store: Store, worker: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        if any(event.worker == worker for events in store.jobs.events().values() for event in events):
            return
        time.sleep(0.05)


def assert_each_done_once_and_the_store_whole(store: Store) -> None:
    for each in statuses(store):
        ends = Counter(event.kind for event in store.jobs.events()[each.job.job_id])
        assert (each.state, ends["done"], ends["failed"]) == ("done", 1, 0)
    made = {str(each.checkpoint) for each in statuses(store)}
    assert len(made) == len(statuses(store))
    # every checkpoint whole, and nothing of the attempts that did not end
    assert {snapshot.checkpoint for snapshot in store.snapshots.all()} == {REFERENCE, CURRENT} | made
    assert {run.checkpoint for run in store.evals.all()} == {REFERENCE, CURRENT} | made
    for checkpoint in made:
        predictions = store.evals.rows(checkpoint, "validation")
        assert predictions is not None
        assert len(store.snapshots.rows(checkpoint, "validation").sample_ids) == len(predictions.sample_ids) == 3
    assert store.snapshots.orphans() == store.evals.orphans() == ()


def test_killed_twenty_times_no_job_is_lost_and_none_is_done_twice(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 0)

    for number, delay in enumerate(np.random.default_rng(0).uniform(0, 0.6, size=N_KILLS)):
        keep_busy(store, 4)
        worker = worker_process(store, f"worker {number}", lease_s=LEASE_S)
        await_claim(store, f"worker {number}", worker)
        time.sleep(delay)
        worker.kill()
        worker.communicate()
        assert worker.returncode == -9

    n_jobs = len(store.jobs.all())
    work_out(*(worker_process(store, f"last {number}", lease_s=LEASE_S) for number in range(2)))

    assert len(statuses(store)) == n_jobs
    assert_each_done_once_and_the_store_whole(store)
    n_hit = sum(each.claims - 1 for each in statuses(store))
    assert n_hit >= 5, f"only {n_hit} kills of {N_KILLS} hit a job at work"


def test_tidying_up_beside_a_worker_takes_nothing_that_it_finishes_in_that_moment(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 0)
    keep_busy(store, 10)

    worker = worker_process(store, "worker")
    while worker.poll() is None:
        tidy(store)

    work_out(worker)
    assert_each_done_once_and_the_store_whole(store)


def test_two_workers_do_fifty_jobs_once_each(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 0)
    keep_busy(store, 50)

    work_out(*(worker_process(store, f"worker {number}") for number in range(2)))

    assert_each_done_once_and_the_store_whole(store)
    done = Counter(each.worker for each in statuses(store))
    assert sum(done.values()) == 50
    assert all(each.claims == 1 for each in statuses(store))
    assert set(done) == {"worker 0", "worker 1"}

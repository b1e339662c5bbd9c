"""Run a job: build its retraining set, train, store the new checkpoint, evaluate and judge it."""

from __future__ import annotations

from driftcore.errors import TrainingError
from driftcore.records import Beat, Job, JobResult, Log
from driftcore.store import Store


def run_job(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
    """Run a claimed job to its end, and say what it came to.

    The checkpoint that it makes carries the attempt in its name, so that what a killed attempt left behind is never
    mixed with what the next one makes.

    Raises
    ------
    TrainingError
        If the trainer could not do its job; the attempt has failed then.
    """
    raise TrainingError(f"Trainer '{job.policy.trainer}' is not there yet.")

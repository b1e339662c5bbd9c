"""The loop: compare, choose spans, trace, retrain, evaluate, judge; once, or again and again."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from driftcore.records import Beat, Job, JobResult, JobStatus, Log, LoopRound, RetrainingPolicy, Trace
from driftcore.store import Store
from driftcore.workflows.choose_spans import choose_spans
from driftcore.workflows.compare import compare
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.queue import add, status, statuses
from driftcore.workflows.retrain import run_job, settle_all
from driftcore.workflows.trace import kept_traces
from driftcore.workflows.work import Run, work

_GROUPS = ("span", "concept", "rest", "live", "live_concept")
# under which the demo keeps what a customer meant, beside the label that the team gave
_TRUTH = "intended_label"


def loop_once(
    store: Store,
    *,
    reference: str | None = None,
    current: str | None = None,
    split: str = "validation",
    policy: RetrainingPolicy | None = None,
    dry_run: bool = False,
    lease_s: float = 60.0,
    poll_s: float = 1.0,
    progress: Progress = silent,
) -> LoopRound:
    """One round: from the drift of the newest checkpoint to a retrained one that is judged.

    Killed at any moment, the next round goes on: reports and traces are kept, and a job that was left is finished
    before anything new is begun. What a round did is kept in the store.

    Parameters
    ----------
    store : Store
    reference, current : str, optional
        By default the store's reference, and the newest checkpoint that is neither on trial nor rejected.
    split : str
    policy : RetrainingPolicy, optional
        Which spans are retrained on, by whom, and what that may cost.
    dry_run : bool
        Say what would be done, and do nothing.
    lease_s, poll_s : float
        Of the worker that runs the job; see `work`.

    Raises
    ------
    NotFoundError
        If the store is empty, or a checkpoint or the split is not stored.
    NotComparableError
        If nothing can be measured between the two.
    """
    policy, now = policy or RetrainingPolicy(), datetime.now(UTC)
    settle_all(store)

    # 1. a job that was left in the middle comes first
    waiting = [] if dry_run else [each for each in statuses(store) if each.state in ("queued", "running")]
    if waiting:
        return _finished(store, waiting[0], lease_s, poll_s, progress)

    # 2. what drifted?
    reference = reference or store.reference().checkpoint
    current = current or store.current(split).checkpoint
    done = LoopRound(
        round_id=uuid.uuid4().hex[:12],
        at=now,
        reference=reference,
        current=current,
        split=split,
        verdict=None,
        summary="",
        reason=f"'{current}' is the reference itself: nothing new to look at",
    )
    if reference == current:
        return _kept(store, done, dry_run=dry_run)
    progress(f"comparing {reference} with {current}", 0.05)
    report = compare(store, reference, current, split=split)
    done = replace(done, verdict=report.verdict, summary=report.summary)

    # 3. what is worth retraining on?
    chosen, skipped = choose_spans(store, report, policy, now=now)
    ids = tuple(each.span.span_id for each in chosen)
    done = replace(done, spans=ids, skipped=skipped, reason="no span calls for retraining")
    if not chosen:
        return _kept(store, done, dry_run=dry_run)
    if dry_run:
        return replace(done, reason=f"would retrain on {len(ids)} spans (dry run)")

    # 4. retrain, judge, keep
    job = add(store, ids, policy=policy)
    return _finished(store, status(store, job.job_id), lease_s, poll_s, progress, done)


def _finished(
    store: Store,
    queued: JobStatus,
    lease_s: float,
    poll_s: float,
    progress: Progress,
    begun: LoopRound | None = None,
) -> LoopRound:
    """Work until the job has ended, here or at another worker, and say what it came to."""
    job_id, ended = queued.job.job_id, queued
    while ended.state in ("queued", "running"):
        work(store, _watched(progress), once=True, lease_s=lease_s)
        settle_all(store)
        ended = status(store, job_id)
        if ended.state == "running":
            # another worker has it
            progress(ended.what or "running at another worker", 0.1 + 0.9 * ended.share)
            time.sleep(poll_s)
    return _kept(store, _told(store, ended, begun), dry_run=False)


def _watched(progress: Progress) -> Run:
    """`run_job`, whose heartbeats are also told to whoever watches the loop."""

    def run(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
        def both(what: str, share: float) -> None:
            beat(what, share)
            progress(what, 0.1 + 0.9 * share)

        return run_job(store, job, attempt=attempt, beat=both, log=log)

    return run


def _told(store: Store, ended: JobStatus, begun: LoopRound | None) -> LoopRound:
    """The round as the end of its job has it; one that began before a kill is told anew, under the job's name."""
    job, judgement = ended.job, ended.judgement
    report = compare(store, job.reference, job.current, split=job.split)
    traces = kept_traces(store, job.span_ids)
    told = LoopRound(
        round_id=job.job_id,
        at=ended.changed_at,
        reference=job.reference,
        current=job.current,
        split=job.split,
        verdict=report.verdict,
        summary=report.summary,
        reason=ended.error or "the job did not end",
        spans=job.span_ids,
        skipped={} if begun is None else begun.skipped,
        traced=len({row.sample_id for found in traces for row in found.rows}) if traces else None,
        truly_relabelled=_truly_relabelled(store, traces),
        job=job.job_id,
        checkpoint=ended.checkpoint,
    )
    if judgement is None:
        return told
    groups = {name: getattr(judgement, name) for name in _GROUPS}
    groups |= {f"live {change.group}": change for change in judgement.live_concepts}
    return replace(
        told,
        accepted=judgement.accepted,
        reason=judgement.reason,
        before={name: None if change is None else change.before for name, change in groups.items()},
        after={name: None if change is None else change.after for name, change in groups.items()},
    )


def _truly_relabelled(store: Store, traces: Sequence[Trace]) -> int | None:
    """How many traced rows are known to be labelled wrongly; None where nobody knows, as everywhere but in the demo."""
    wrong, known = set(), False
    for found in traces:
        for checkpoint in {row.checkpoint for row in found.rows}:
            rows = [row for row in found.rows if row.checkpoint == checkpoint]
            ids = np.array([row.sample_id for row in rows], dtype=object)
            for row, text in zip(rows, store.snapshots.metadata(checkpoint, found.split, ids), strict=True):
                intended = json.loads(text).get(_TRUTH) if text else None
                known |= intended is not None
                if intended is not None and intended != row.label_used:
                    wrong.add((checkpoint, row.sample_id))
    return len(wrong) if known else None


def _kept(store: Store, done: LoopRound, *, dry_run: bool) -> LoopRound:
    if not dry_run:
        store.rounds.write(done)
    return done

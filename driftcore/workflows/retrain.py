"""Run a job: build its retraining set, train, store the new checkpoint, evaluate and judge it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcore.arrays import refuse_bad_rows, row_problems
from driftcore.errors import NotComparableError, NotFoundError, TrainingError, listed
from driftcore.records import (
    Beat,
    Encoder,
    Job,
    JobResult,
    KnowsEncoder,
    Log,
    Mark,
    MarkStatus,
    ModelFingerprint,
    Predictions,
    RetrainingSet,
    Snapshot,
    SnapshotBatch,
    Span,
    SplitData,
    Trace,
    Trained,
    TrainedSplit,
    TrainingTask,
)
from driftcore.store import Store
from driftcore.workflows.judge import judge
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.queue import job_checkpoint, statuses
from driftcore.workflows.retraining_set import build_set, row_vectors
from driftcore.workflows.trace import trace
from driftcore.workflows.trainers import find_trainer

_DEFAULT_TRAINER = "head"


def run_job(store: Store, job: Job, *, attempt: int, beat: Beat, log: Log) -> JobResult:
    """Run a claimed job to its end, and say what it came to.

    The checkpoint that it makes carries the attempt in its name, so that what a killed attempt left behind is never
    mixed with what the next one makes. Until it is judged it is on trial, and no page takes it for the newest.

    Raises
    ------
    TrainingError
        If the trainer could not do its job, or gave back what cannot be stored; the attempt has failed then.
    """
    name = job_checkpoint(job, attempt)
    spans = [store.spans.get(span_id) for span_id in job.span_ids]

    # 1. what to train on
    beat("tracing the span to training rows", 0.0)
    traces = [found for span in spans if (found := _traced(store, span, log)) is not None]
    retraining = build_set(
        store, spans, traces=traces, replay=job.policy.replay, holdout=job.policy.holdout, seed=job.seed
    )
    for note in (*(note for found in traces for note in found.notes), *retraining.notes):
        log(note)
    counts = retraining.table["role"].value_counts()
    log("retraining set: " + ", ".join(f"{count:,} {role}" for role, count in counts.items()))

    # 2. train
    trainer = trainer_of(store, job)
    log(f"trainer: {trainer}")
    with tempfile.TemporaryDirectory(prefix="driftloop-") as folder:
        task = _task(store, job, retraining, name, Path(folder))
        trained = find_trainer(trainer).train(task, beat=lambda what, share: beat(what, 0.2 + 0.5 * share), log=log)
    _refuse_misfits(task, trained)

    # 3. store and evaluate: the trial is marked first, so that nobody ever sees it unmarked
    beat("storing the new checkpoint", 0.7)
    store.marks.write(name, Mark(status="trial", job_id=job.job_id))
    _store(store, job, name, trainer, task, trained)

    # 4. judge
    beat("comparing and judging", 0.85)
    judgement = judge(store, spans, before=job.current, after=name, policy=job.policy)
    log(f"{'accepted' if judgement.accepted else 'rejected'}: {judgement.reason}")
    facts = {f"rows, {role}": f"{count:,}" for role, count in counts.items()}
    return JobResult(checkpoint=name, judgement=judgement, facts={"trainer": trainer, **facts, **trained.facts})


def settle(store: Store, job: Job, result: JobResult) -> None:
    """Mark what a finished job made; an accepted checkpoint becomes the reference. The same again is a no-op.

    The reference's embeddings are those of the accepted checkpoint from then on; those before stay readable.
    """
    settled: MarkStatus = "accepted" if result.judgement.accepted else "rejected"
    known = store.marks.all().get(result.checkpoint)
    if known is not None and known.status != "trial":
        return
    if settled == "accepted":
        # pinned before it is marked: killed in between, settling again finds it on trial and does both
        store.pin(result.checkpoint)
    store.marks.write(result.checkpoint, Mark(status=settled, job_id=job.job_id, reason=result.judgement.reason))


def settle_all(store: Store) -> None:
    """Settle every finished job whose worker was killed before it could."""
    on_trial = {name for name, mark in store.marks.all().items() if mark.status == "trial"}
    for each in statuses(store) if on_trial else ():
        if each.state == "done" and each.checkpoint in on_trial and each.judgement is not None:
            settle(store, each.job, JobResult(checkpoint=each.checkpoint, judgement=each.judgement))


def trainer_of(store: Store, job: Job) -> str:
    """Name of the trainer that a job will use."""
    if job.policy.trainer != "auto":
        return job.policy.trainer
    return store.models.trainer(job.current) or _DEFAULT_TRAINER


def traced_span(store: Store, span_id: str, *, split: str = "train", progress: Progress = silent) -> Trace:
    """`trace`, with the reference's own encoder where its model is kept and its trainer knows how it embeds."""
    span = store.spans.get(span_id)
    return trace(store, span_id, split=split, encode=_encoder(store, span.reference), progress=progress)


def _traced(store: Store, span: Span, log: Log) -> Trace | None:
    try:
        return traced_span(store, span.span_id)
    except (NotComparableError, NotFoundError) as error:
        # a span without training rows is still retrained on its own samples
        log(f"not traced: {error}")
        return None


def _encoder(store: Store, checkpoint: str) -> Encoder | None:
    name, model = store.models.trainer(checkpoint), store.models.get(checkpoint)
    trainer = None if name is None else find_trainer(name)
    return trainer.encoder(model) if model is not None and isinstance(trainer, KnowsEncoder) else None


def _task(store: Store, job: Job, retraining: RetrainingSet, name: str, folder: Path) -> TrainingTask:
    rows = retraining.table
    rows = rows[rows["part"] == "train"].reset_index(drop=True)
    if rows.empty:
        raise TrainingError("There is nothing to train on: no correction, no gold row, no replay.")
    current = _splits(store, job.current)
    return TrainingTask(
        job_id=job.job_id,
        reference=job.reference,
        current=job.current,
        checkpoint=name,
        rows=rows,
        row_vectors=row_vectors(store, rows, job.current, job.split),
        splits=current,
        reference_splits=_splits(store, job.reference),
        options=job.policy.options,
        folder=folder,
        seed=job.seed,
        store=store.uri,
        model=store.models.get(job.current),
    )


def _splits(store: Store, checkpoint: str) -> tuple[SplitData, ...]:
    return tuple(_split(store, each) for each in store.snapshots.all() if each.checkpoint == checkpoint)


def _split(store: Store, snapshot: Snapshot) -> SplitData:
    rows = store.snapshots.rows(snapshot.checkpoint, snapshot.split)
    nothing = np.full(len(rows.sample_ids), None, dtype=object)
    return SplitData(
        split=snapshot.split,
        sample_ids=rows.sample_ids,
        vectors=rows.vectors,
        labels=nothing if rows.labels is None else rows.labels,
        texts=store.snapshots.texts(snapshot.checkpoint, snapshot.split, rows.sample_ids),
    )


def _refuse_misfits(task: TrainingTask, trained: Trained) -> None:
    """Refuse what a trainer gave back for other splits or samples than it was asked for, or that is no number."""
    given = {each.split: each for each in trained.splits}
    if set(given) != {each.split for each in task.splits}:
        raise TrainingError(
            f"The trainer gave back the splits {listed(sorted(given))}, and was asked for "
            f"{listed(each.split for each in task.splits)}."
        )
    for asked in task.splits:
        back = given[asked.split]
        lengths = {len(asked.sample_ids), len(back.vectors)}
        lengths |= {len(column) for column in (back.predictions, back.confidences) if column is not None}
        if len(lengths) > 1:
            raise TrainingError(
                f"The trainer gave back other numbers of rows than the {len(asked.sample_ids):,} of '{asked.split}'."
            )
        refuse_bad_rows(row_problems(asked.sample_ids, back.vectors), name=f"what the trainer made of '{asked.split}'")


def _store(store: Store, job: Job, name: str, trainer: str, task: TrainingTask, trained: Trained) -> None:
    given = {each.split: each for each in trained.splits}
    at = datetime.now(UTC)
    for asked in task.splits:
        back = given[asked.split]
        labels = _labels(asked, task) if asked.split == "train" else asked.labels
        model = store.snapshots.get(job.current, asked.split).model
        store.snapshots.write(
            SnapshotBatch(sample_ids=asked.sample_ids, vectors=back.vectors, labels=labels, texts=asked.texts),
            checkpoint=name,
            split=asked.split,
            at=at,
            model=_fingerprint(model, trained, back.vectors),
            source=f"job {job.job_id} ({trainer})",
        )
        if back.predictions is not None:
            store.evals.write(
                _predictions(asked, back, labels), checkpoint=name, split=asked.split, at=at, source=f"job {job.job_id}"
            )
    if trained.model is not None:
        store.models.write(name, trained.model, trainer=trainer)


def _labels(asked: SplitData, task: TrainingTask) -> NDArray[np.object_]:
    """The labels that the new checkpoint was trained with: the current one's, corrected."""
    here = task.rows[(task.rows["role"] == "correction") & (task.rows["checkpoint"] == task.current)]
    corrected = dict(zip(here["sample_id"], here["label"], strict=True))
    return np.array([corrected.get(*each) for each in zip(asked.sample_ids, asked.labels, strict=True)], dtype=object)


def _fingerprint(before: ModelFingerprint, trained: Trained, vectors: NDArray[np.float32]) -> ModelFingerprint:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return replace(
        before,
        model_id=trained.model_id or before.model_id,
        normalized=bool(np.abs(norms - 1).max() < 1e-2),
    )


def _predictions(asked: SplitData, back: TrainedSplit, labels: NDArray[np.object_]) -> Predictions:
    predictions = back.predictions
    assert predictions is not None
    unknown = np.array([label is None or said is None for label, said in zip(labels, predictions, strict=True)])
    correct = (predictions == labels).astype(np.float32)
    correct[unknown] = np.nan
    nothing = np.full(len(labels), np.nan, dtype=np.float32)
    return Predictions(
        sample_ids=asked.sample_ids,
        predictions=predictions,
        confidences=nothing if back.confidences is None else back.confidences,
        correct=correct,
    )

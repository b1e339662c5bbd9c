"""The demo: twelve weekly trainings of a small intent classifier, really run, stored, compared and drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from driftcore.demo import Week, WeekSplit, weeks
from driftcore.errors import ConflictError, listed, one_line
from driftcore.records import ModelFingerprint, Predictions, SnapshotBatch
from driftcore.store import Store
from driftcore.workflows.make_frame import make_frame
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.timeline import fill_timeline

N_WEEKS = 12
_MODEL = ModelFingerprint(model_id="driftloop-demo/hashed-ngrams-mlp", revision="1", pooling="hidden layer")


def make_demo(store: Store, phrases: Path, *, seed: int = 0, progress: Progress = silent) -> bool:
    """Build the demo in `store`; returns False, and does nothing, where it stands already.

    Killed half-way, it goes on from the last whole snapshot the next time.

    Parameters
    ----------
    store : Store
        Empty, or one that holds only the demo.
    phrases : Path
        The phrase file.

    Raises
    ------
    ConflictError
        If the store holds checkpoints that are not the demo's.
    """
    # 1. is there anything to do?
    names = [f"2026-W{week:02d}" for week in range(1, N_WEEKS + 1)]
    stored = [checkpoint.checkpoint for checkpoint in store.checkpoints()]
    foreign = sorted(set(stored) - set(names))
    if foreign:
        raise ConflictError(
            f"The store '{one_line(store.uri)}' holds other checkpoints ({listed(foreign, 3)}): "
            "build the demo in another one with --store."
        )
    if not _complete(store, names):
        # 2. train, store and evaluate week by week
        progress("training on last year's messages", 0.0)
        for number, week in enumerate(weeks(phrases, seed=seed, n_weeks=N_WEEKS)):
            progress(f"{week.checkpoint}: trained, storing", 0.6 * number / N_WEEKS)
            _store_week(store, week)
    elif _compared(store, names):
        return False

    # 3. compare and draw
    fill_timeline(store, names[0], progress=lambda what, share: progress(what, 0.6 + 0.15 * share))
    make_frame(store, names[0], progress=lambda what, share: progress(what, 0.75 + 0.25 * share))
    progress("done", 1.0)
    return True


def _complete(store: Store, names: list[str]) -> bool:
    evaluated = {(run.checkpoint, run.split) for run in store.evals.all()}
    return all((name, split) in evaluated for name in names for split in ("validation", "live", "train"))


def _compared(store: Store, names: list[str]) -> bool:
    from driftcore.workflows.compare import kept_report
    from driftcore.workflows.make_frame import kept_frame

    frame = kept_frame(store, names[0])
    drawn = frame is not None and len(frame.steps) == len(names)
    return drawn and all(kept_report(store, names[0], name) is not None for name in names)


def _store_week(store: Store, week: Week) -> None:
    # what retraining goes on from
    store.models.write(week.checkpoint, week.model, trainer="demo")
    for part in week.splits:
        store.snapshots.write(
            _batch(part), checkpoint=week.checkpoint, split=part.split, at=week.at, model=_MODEL, source="demo"
        )
        store.evals.write(_predictions(part), checkpoint=week.checkpoint, split=part.split, at=week.at, source="demo")


def _batch(part: WeekSplit) -> SnapshotBatch:
    intended = [json.dumps({"intended_label": label}) for label in part.intended_labels]
    return SnapshotBatch(
        sample_ids=np.array(part.sample_ids, dtype=object),
        vectors=part.vectors,
        labels=np.array(part.labels, dtype=object),
        texts=np.array(part.texts, dtype=object),
        # the demo knows the truth, and says it where the tracing of causes can be checked against it
        metadata=np.array(intended, dtype=object) if part.split == "train" else None,
    )


def _predictions(part: WeekSplit) -> Predictions:
    predictions, labels = np.array(part.predictions, dtype=object), np.array(part.labels, dtype=object)
    return Predictions(
        sample_ids=np.array(part.sample_ids, dtype=object),
        predictions=predictions,
        confidences=np.asarray(part.confidences, dtype=np.float32),
        correct=(predictions == labels).astype(np.float32),
    )

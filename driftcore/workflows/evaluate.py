"""Log an eval: the predictions of one checkpoint on one split, tied to the samples that it embedded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.arrays import refuse_bad_rows, row_problems
from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers import PredictionReading, predictions_from_frame, read_predictions
from driftcore.readers.evals import (
    EQUALITY,
    Chosen,
    EvalReading,
    Score,
    choose,
    read_eval,
    settle_epochs,
    with_mapping,
)
from driftcore.records import EvalOrigin, EvalRun, PredictionBatch, Predictions
from driftcore.store import Store
from driftcore.workflows._eval_samples import tie_samples


def log_eval(
    store: Store,
    data: str | Path | Any,
    *,
    checkpoint: str,
    split: str = "validation",
    mapping: Mapping[str, str] | None = None,
    format: str = "auto",
    variant: str | None = None,
    metric: str | None = None,
    threshold: float | None = None,
    at: datetime | None = None,
) -> tuple[EvalRun, bool]:
    """Store what a checkpoint predicted on a split.

    A prediction is right when it equals its target; where the data carry no target, the label of the stored
    sample. Where the tool failed (no prediction), correctness is unknown and never wrong. In an eval tool's output
    the tool's own verdict counts, and the samples are found by the field that fits the snapshot: docs/evals.md.

    Parameters
    ----------
    store : Store
    data : path, pandas DataFrame, pyarrow Table, or dict of arrays
        A path may be a table of predictions or an eval tool's output; the rest are tables. A table needs an id and a
        prediction, and where there are any a target, a confidence, a correctness.
    checkpoint, split : str
        The snapshot must be stored.
    mapping : mapping of str to str, optional
        Which column or field plays which role: ``{"prediction": "y_hat"}``, ``{"id": "vars.ticket"}``.
    format : str
        One of `readers.evals.FORMATS`; ``auto`` looks into the file.
    variant, metric : str, optional
        Which of several answers a sample, and which of several metrics, where a tool's output holds more than one.
    threshold : float, optional
        From which score on an answer is right, where a tool only grades.
    at : datetime, optional
        When the eval was made; now, if it is left out.

    Returns
    -------
    tuple of (EvalRun, bool)
        What is stored now, and whether this call wrote it.

    Raises
    ------
    NotFoundError
        If the snapshot is not stored.
    BadInputError
        If the file is not what it should be, if its samples are not those of the snapshot, if it is not clear which
        variant or metric counts, or if nothing says what would have been right. Nothing is stored then.
    ConflictError
        If another eval run is stored for this checkpoint and split.
    """
    from_tool = read_eval(Path(data), format=format) if isinstance(data, str | Path) else None
    if from_tool is not None:
        store.snapshots.get(checkpoint, split)
        chosen = choose(with_mapping(from_tool, mapping or {}), variant=variant, metric=metric, threshold=threshold)
        rows, origin = _rows_of_tool(
            store, from_tool, chosen, checkpoint=checkpoint, split=split, mapping=mapping or {}
        )
        source = from_tool.source
    else:
        _refuse_choices(variant=variant, metric=metric, threshold=threshold)
        reading = (
            read_predictions(Path(data), mapping=mapping)
            if isinstance(data, str | Path)
            else predictions_from_frame(data, mapping=mapping)
        )
        rows, origin = _rows_of_table(store, reading, checkpoint=checkpoint, split=split), None
        source = reading.source
    return store.evals.write(
        rows, checkpoint=checkpoint, split=split, at=at or datetime.now(UTC), source=source, origin=origin
    )


def _refuse_choices(**choices: object) -> None:
    """A table has one answer a sample; a choice that would be ignored in silence is a mistake."""
    given = [name for name, value in choices.items() if value is not None]
    if given:
        raise BadInputError(
            f"--{given[0]} chooses in an eval tool's output, and this is a table of predictions: leave it out, or say "
            "which column plays which role with --map."
        )


def _rows_of_table(store: Store, reading: PredictionReading, *, checkpoint: str, split: str) -> Predictions:
    batch = reading.batch
    refuse_bad_rows((*reading.problems, *row_problems(batch.sample_ids, None)), name=reading.source)
    store.snapshots.get(checkpoint, split)
    known_ids, labels = store.snapshots.labels(checkpoint, split)
    rows = _rows_of(known_ids, batch.sample_ids, reading.source, _named(checkpoint, split))
    nothing = np.full(len(batch.sample_ids), np.nan, dtype=np.float32)
    return Predictions(
        sample_ids=batch.sample_ids,
        predictions=batch.predictions,
        confidences=nothing if batch.confidences is None else batch.confidences,
        correct=_correct(batch, labels[rows], reading.source),
    )


def _rows_of_tool(
    store: Store, reading: EvalReading, chosen: Chosen, *, checkpoint: str, split: str, mapping: Mapping[str, str]
) -> tuple[Predictions, EvalOrigin]:
    _refuse_if_all_failed(chosen, reading.source)
    known_ids, labels = store.snapshots.labels(checkpoint, split)
    tied = tie_samples(
        chosen.rows,
        own_ids=reading.own_ids,
        known_ids=known_ids,
        texts=lambda: store.snapshots.texts(checkpoint, split, known_ids),
        mapping=mapping,
        source=reading.source,
        snapshot=_named(checkpoint, split),
    )
    scores = chosen.scores
    if chosen.metric == EQUALITY:
        label_of = dict(zip(known_ids.tolist(), labels.tolist(), strict=True))
        scores = _compared(chosen, [label_of[name] for name in tied.sample_ids], reading.source)
    settled = settle_epochs(tied.sample_ids, chosen.rows, scores, source=reading.source)
    rows = Predictions(
        sample_ids=settled.sample_ids,
        predictions=settled.predictions,
        confidences=settled.confidences,
        correct=settled.correct,
        scores=settled.scores,
    )
    epochs = (f"{settled.n_epochs} epochs a sample: what most of them said",) if settled.n_epochs > 1 else ()
    origin = EvalOrigin(
        tool=reading.tool,
        metric=chosen.metric,
        variant=chosen.variant,
        matched_by=tied.by,
        notes=(*reading.notes, *epochs),
    )
    return rows, origin


def _refuse_if_all_failed(chosen: Chosen, source: str) -> None:
    errors = [row.error for row in chosen.rows if row.error is not None]
    if len(errors) == len(chosen.rows):
        raise BadInputError(
            f"{source}: all {len(errors)} samples failed, the first with {one_line(errors[0], 120)!r}: "
            "there is nothing to store. Run the eval again."
        )
    if chosen.metric != EQUALITY and all(score.correct is None for score in chosen.scores):
        raise BadInputError(
            f"{source}: '{one_line(chosen.metric)}' scored none of {len(chosen.rows)} samples: choose another "
            f"--metric, or compare with the targets by --metric {EQUALITY}."
        )


def _compared(chosen: Chosen, labels: Sequence[str | None], source: str) -> tuple[Score, ...]:
    """Right is an answer that is one of its targets, or the stored label where the tool has none."""
    pairs = [(row, row.targets or (label,)) for row, label in zip(chosen.rows, labels, strict=True)]
    if all(answers == (None,) for _, answers in pairs):
        raise _nothing_to_compare_with(source)
    unknown = [row.error is not None or row.prediction is None or answers == (None,) for row, answers in pairs]
    return tuple(
        Score(correct=None if known_not else row.prediction in answers)
        for known_not, (row, answers) in zip(unknown, pairs, strict=True)
    )


def _named(checkpoint: str, split: str) -> str:
    return f"'{one_line(checkpoint)}' / '{one_line(split)}'"


def _nothing_to_compare_with(source: str) -> BadInputError:
    return BadInputError(
        f"{source}: nothing says what would have been right: add a target or a correct column "
        "(--map target=COLUMN), or ingest the samples with labels."
    )


def _rows_of(known: NDArray[np.object_], wanted: NDArray[np.object_], source: str, snapshot: str) -> NDArray[np.int64]:
    import pandas as pd

    rows = pd.Index(known).get_indexer(pd.Index(wanted))
    missing = wanted[rows < 0]
    if len(missing):
        raise BadInputError(
            f"{source}: {len(missing)} of {len(wanted)} ids are not in the snapshot {snapshot} "
            f"({listed(missing, 3)}). Choose the checkpoint and the split that the eval ran on, or map the id column."
        )
    return rows


def _correct(batch: PredictionBatch, labels: NDArray[np.object_], source: str) -> NDArray[np.float32]:
    if batch.correct is not None:
        return batch.correct
    targets = labels if batch.targets is None else batch.targets
    no_target = _is_none(targets)
    if no_target.all():
        raise _nothing_to_compare_with(source)
    correct = (batch.predictions == targets).astype(np.float32)
    correct[no_target | _is_none(batch.predictions)] = np.nan
    return correct


def _is_none(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    import pandas as pd

    return np.asarray(pd.isna(values), dtype=bool)

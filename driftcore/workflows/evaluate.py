"""Log an eval: the predictions of one checkpoint on one split, tied to the samples that it embedded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.arrays import refuse_bad_rows, row_problems
from driftcore.errors import BadInputError, listed
from driftcore.readers import predictions_from_frame, read_predictions
from driftcore.records import EvalRun, PredictionBatch, Predictions
from driftcore.store import Store


def log_eval(
    store: Store,
    data: str | Path | Any,
    *,
    checkpoint: str,
    split: str = "validation",
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> tuple[EvalRun, bool]:
    """Store what a checkpoint predicted on a split.

    A prediction is right when it equals its target; where the data carry no target, the label of the stored
    sample. Where the tool failed (no prediction), correctness is unknown and never wrong.

    Parameters
    ----------
    store : Store
    data : path, pandas DataFrame, pyarrow Table, or dict of arrays
        With an id and a prediction, and where there are any a target, a confidence, a correctness.
    checkpoint, split : str
        The snapshot must be stored.
    mapping : mapping of str to str, optional
        Which column plays which role: ``{"prediction": "y_hat"}``.

    Returns
    -------
    tuple of (EvalRun, bool)
        What is stored now, and whether this call wrote it.

    Raises
    ------
    NotFoundError
        If the snapshot is not stored.
    BadInputError
        If ids are not those of the snapshot, or nothing says what would have been right. Nothing is stored then.
    ConflictError
        If another eval run is stored for this checkpoint and split.
    """
    reading = (
        read_predictions(Path(data), mapping=mapping)
        if isinstance(data, str | Path)
        else (predictions_from_frame(data, mapping=mapping))
    )
    batch = reading.batch
    refuse_bad_rows((*reading.problems, *row_problems(batch.sample_ids, None)), name=reading.source)
    store.snapshots.get(checkpoint, split)
    known_ids, labels = store.snapshots.labels(checkpoint, split)
    rows = _rows_of(known_ids, batch.sample_ids, f"{reading.source}", f"'{checkpoint}' / '{split}'")
    nothing = np.full(len(batch.sample_ids), np.nan, dtype=np.float32)
    return store.evals.write(
        Predictions(
            sample_ids=batch.sample_ids,
            predictions=batch.predictions,
            confidences=nothing if batch.confidences is None else batch.confidences,
            correct=_correct(batch, labels[rows], reading.source),
        ),
        checkpoint=checkpoint,
        split=split,
        at=at or datetime.now(UTC),
        source=reading.source,
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
        raise BadInputError(
            f"{source}: nothing says what would have been right: add a target or a correct column "
            "(--map target=COLUMN), or ingest the samples with labels."
        )
    correct = (batch.predictions == targets).astype(np.float32)
    correct[no_target | _is_none(batch.predictions)] = np.nan
    return correct


def _is_none(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    import pandas as pd

    return np.asarray(pd.isna(values), dtype=bool)

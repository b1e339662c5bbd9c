"""Two snapshots and their eval runs as one set of paired rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import NotComparableError, WidthMismatchError, one_line
from driftcore.records import Snapshot
from driftcore.store import Store

Vectors = NDArray[np.float32]

# samples that two snapshots must share to be compared sample by sample
MIN_PAIRS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What one checkpoint's eval said of the paired samples; `correct` is NaN where it said nothing."""

    predictions: NDArray[np.object_]
    confidences: NDArray[np.float32]
    correct: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedRows:
    """The samples that both snapshots have, row by row in the reference's order."""

    sample_ids: NDArray[np.object_]
    reference: Vectors
    current: Vectors
    labels: NDArray[np.object_] | None
    n_relabeled: int
    n_only_reference: int
    n_only_current: int
    outcome_reference: Outcome | None
    outcome_current: Outcome | None


def pair(store: Store, reference: Snapshot, current: Snapshot, *, align: bool) -> PairedRows:
    """Read both snapshots and put the shared samples side by side.

    Raises
    ------
    WidthMismatchError
        If the widths differ and `align` was not asked for.
    NotComparableError
        If they share too few samples.
    """
    if reference.n_dims != current.n_dims and not align:
        raise WidthMismatchError(
            f"'{one_line(reference.checkpoint)}' has {reference.n_dims} dims, '{one_line(current.checkpoint)}' has "
            f"{current.n_dims}: pass --align (align=True) to compare different encoders."
        )
    before = store.snapshots.rows(reference.checkpoint, reference.split)
    after = store.snapshots.rows(current.checkpoint, current.split)
    rows_before, rows_after = shared_rows(before.sample_ids, after.sample_ids)
    if len(rows_before) < MIN_PAIRS:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' and '{one_line(current.checkpoint)}' share {len(rows_before)} sample "
            f"ids in split '{one_line(reference.split)}'. Compare a split that stays the same, with --split."
        )
    sample_ids = before.sample_ids[rows_before]
    vectors = _taken(before.vectors, rows_before), _taken(after.vectors, rows_after)
    labels = None if before.labels is None else before.labels[rows_before]
    width = max(reference.n_dims, current.n_dims)
    return PairedRows(
        sample_ids=sample_ids,
        reference=_widened(vectors[0], width),
        current=_widened(vectors[1], width),
        labels=labels,
        n_relabeled=_n_different(labels, None if after.labels is None else after.labels[rows_after]),
        n_only_reference=len(before.sample_ids) - len(rows_before),
        n_only_current=len(after.sample_ids) - len(rows_after),
        outcome_reference=outcome(store, reference, sample_ids),
        outcome_current=outcome(store, current, sample_ids),
    )


def narrowed(rows: PairedRows) -> PairedRows:
    """The rows in their leading directions where there are fewer than five samples a dimension, else as they are."""
    n_samples, n_dims = rows.reference.shape
    if n_samples >= 5 * n_dims:
        return rows
    kept = max(2, n_samples // 5)
    return replace(
        rows,
        reference=stats.principal_coordinates(rows.reference, kept),
        current=stats.principal_coordinates(rows.current, kept),
    )


def outcome(store: Store, snapshot: Snapshot, sample_ids: NDArray[np.object_]) -> Outcome | None:
    """What the eval run of a snapshot said of these samples, or None where there is none."""
    rows = store.evals.rows(snapshot.checkpoint, snapshot.split)
    if rows is None:
        return None
    wanted, given = shared_rows(sample_ids, rows.sample_ids)
    n = len(sample_ids)
    predictions = np.full(n, None, dtype=object)
    confidences, correct = np.full(n, np.nan, dtype=np.float32), np.full(n, np.nan, dtype=np.float32)
    predictions[wanted] = rows.predictions[given]
    confidences[wanted] = rows.confidences[given]
    correct[wanted] = rows.correct[given]
    return Outcome(predictions=predictions, confidences=confidences, correct=correct)


def shared_rows(left: NDArray[np.object_], right: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers of the ids that both have, in the order of `left`."""
    import pandas as pd

    found = pd.Index(right).get_indexer(pd.Index(left))
    rows = np.flatnonzero(found >= 0)
    return rows, found[rows]


def _taken(vectors: Vectors, rows: NDArray[np.int64]) -> Vectors:
    """The rows, without a copy where they are all rows in order."""
    return vectors if len(rows) == len(vectors) and np.array_equal(rows, np.arange(len(rows))) else vectors[rows]


def _widened(vectors: Vectors, width: int) -> Vectors:
    """Zeros to the right: a rotation of the wider space can then meet the narrower one."""
    missing = width - vectors.shape[1]
    return vectors if not missing else np.pad(vectors, ((0, 0), (0, missing)))


def _n_different(left: NDArray[np.object_] | None, right: NDArray[np.object_] | None) -> int:
    return 0 if left is None or right is None else int((left != right).sum())

"""Two snapshots and their eval runs as one set of paired rows.

Of very many rows only some are looked at closely: their vectors are in memory, those of the others pass by in parts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import NotComparableError, WidthMismatchError, one_line
from driftcore.records import Snapshot
from driftcore.store import Store, rows_in_common

Vectors = NDArray[np.float32]
# row numbers of the shared samples in both snapshots
RowPairs = tuple[NDArray[np.int64], NDArray[np.int64]]
Value = TypeVar("Value", bound=np.generic)

# samples that two snapshots must share to be compared sample by sample
MIN_PAIRS = 3
# of every label that has them: so many tell a part of a concept, and so many are the least worth drawing
_ENOUGH, _FEW = 200, 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What one checkpoint's eval said of the paired samples; `correct` is NaN where it said nothing."""

    predictions: NDArray[np.object_]
    confidences: NDArray[np.float32]
    correct: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedRows:
    """The samples that both snapshots have, row by row in the reference's order.

    `reference` and `current` are the vectors of all rows, or of those that were `drawn` to be looked at closely;
    `places` are the rows of both snapshots then, for whoever reads the others.
    """

    sample_ids: NDArray[np.object_]
    reference: Vectors
    current: Vectors
    labels: NDArray[np.object_] | None
    n_relabeled: int
    n_only_reference: int
    n_only_current: int
    outcome_reference: Outcome | None
    outcome_current: Outcome | None
    drawn: NDArray[np.int64] | None = None
    places: RowPairs | None = None

    def close(self, values: NDArray[Value]) -> NDArray[Value]:
        """Of one value a row, those of the rows whose vectors are here."""
        return values if self.drawn is None else values[self.drawn]

    def closely(self) -> PairedRows:
        """The rows whose vectors are here, as if there were no others."""
        if self.drawn is None:
            return self
        return replace(
            self,
            sample_ids=self.close(self.sample_ids),
            labels=None if self.labels is None else self.close(self.labels),
            outcome_reference=_some(self.outcome_reference, self.drawn),
            outcome_current=_some(self.outcome_current, self.drawn),
            drawn=None,
            places=None,
        )


def pair(
    store: Store,
    reference: Snapshot,
    current: Snapshot,
    *,
    align: bool,
    places: RowPairs | None = None,
    closely: int | None = None,
    seed: int = 0,
) -> PairedRows:
    """Read both snapshots and put the shared samples side by side.

    Parameters
    ----------
    align : bool
        Allow other widths.
    places : two int64 arrays of shape (n_samples,), optional
        The rows of both snapshots that have the shared samples, where they are known: see `Snapshots.shared_rows`.
    closely : int, optional
        How many rows are looked at closely where there are more and labels say what they are about: drawn from every
        label, by `seed`. Default: all.

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
    if closely is not None and min(reference.n_samples, current.n_samples) > closely:
        found = _drawn(store, reference, current, places, closely, seed)
        if found is not None:
            return found
    before = store.snapshots.rows(reference.checkpoint, reference.split)
    after = store.snapshots.rows(current.checkpoint, current.split)
    rows_before, rows_after = places or shared_rows(before.sample_ids, after.sample_ids)
    if len(rows_before) < MIN_PAIRS:
        raise NotComparableError(
            f"'{one_line(reference.checkpoint)}' and '{one_line(current.checkpoint)}' share {len(rows_before)} sample "
            f"ids in split '{one_line(reference.split)}'. Compare a split that stays the same, with --split."
        )
    sample_ids = before.sample_ids[rows_before]
    vectors = taken(before.vectors, rows_before), taken(after.vectors, rows_after)
    labels = None if before.labels is None else before.labels[rows_before]
    width = max(reference.n_dims, current.n_dims)
    return PairedRows(
        sample_ids=sample_ids,
        reference=widened(vectors[0], width),
        current=widened(vectors[1], width),
        labels=labels,
        n_relabeled=_n_different(labels, None if after.labels is None else after.labels[rows_after]),
        n_only_reference=len(before.sample_ids) - len(rows_before),
        n_only_current=len(after.sample_ids) - len(rows_after),
        outcome_reference=outcome(store, reference, sample_ids),
        outcome_current=outcome(store, current, sample_ids),
    )


def _drawn(
    store: Store, reference: Snapshot, current: Snapshot, places: RowPairs | None, closely: int, seed: int
) -> PairedRows | None:
    """The shared rows with the vectors of some; None where they are few, or nobody says what they are about."""
    places = places or store.snapshots.shared_rows(reference, current)
    width = max(reference.n_dims, current.n_dims)
    closely = max(closely, 5 * width)  # see `narrowed`
    if len(places[0]) <= closely:
        return None
    with ThreadPoolExecutor(1) as beside:
        others = beside.submit(store.snapshots.own_labels, current.checkpoint, current.split)
        ids, labels = store.snapshots.labels(reference.checkpoint, reference.split)
    sample_ids, labels = ids[places[0]], labels[places[0]]
    if pd.isna(labels).all():
        return None
    drawn = drawn_by_label(labels, closely, seed=seed)
    vectors = (
        widened(store.snapshots.reader(side.checkpoint, side.split).at(rows[drawn]), width)
        for side, rows in zip((reference, current), places, strict=True)
    )
    return PairedRows(
        sample_ids=sample_ids,
        reference=next(vectors),
        current=next(vectors),
        labels=labels,
        n_relabeled=_n_different(labels, others.result()[places[1]]),
        n_only_reference=reference.n_samples - len(sample_ids),
        n_only_current=current.n_samples - len(sample_ids),
        outcome_reference=outcome(store, reference, sample_ids),
        outcome_current=outcome(store, current, sample_ids),
        drawn=drawn,
        places=places,
    )


def drawn_by_label(labels: NDArray[np.object_], closely: int, *, seed: int) -> NDArray[np.int64]:
    """Row numbers of about so many samples from every label, and from those without one; all if they are few."""
    codes = pd.factorize(labels)[0]
    n_labels = codes.max() + 1
    return stats.stratified_queries(
        np.where(codes < 0, n_labels, codes),
        n_queries=closely,
        rng=np.random.default_rng(seed),
        at_least=max(_FEW, min(_ENOUGH, closely // (n_labels + 1))),
    )


def narrowed(rows: PairedRows) -> PairedRows:
    """The rows in their leading directions where there are fewer than five samples a dimension, else as they are."""
    if rows.drawn is not None:
        return rows
    reference, current = narrowed_vectors(rows.reference, rows.current)
    return replace(rows, reference=reference, current=current)


def narrowed_vectors(reference: Vectors, current: Vectors) -> tuple[Vectors, Vectors]:
    """Both clouds in their leading directions where there are fewer than five samples a dimension, else as they are."""
    n_samples, n_dims = reference.shape
    if n_samples >= 5 * n_dims:
        return reference, current
    kept = max(2, n_samples // 5)
    return stats.principal_coordinates(reference, kept), stats.principal_coordinates(current, kept)


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


def shared_rows(left: NDArray[np.object_], right: NDArray[np.object_]) -> RowPairs:
    """Row numbers of the ids that both have, in the order of `left`."""
    # half the time that an index of Python objects takes
    return rows_in_common(pa.array(left, pa.string()), pa.array(right, pa.string()))


def _some(told: Outcome | None, rows: NDArray[np.int64]) -> Outcome | None:
    if told is None:
        return None
    return Outcome(predictions=told.predictions[rows], confidences=told.confidences[rows], correct=told.correct[rows])


def taken(vectors: Vectors, rows: NDArray[np.int64]) -> Vectors:
    """The rows, without a copy where they are all rows in order."""
    return vectors if len(rows) == len(vectors) and np.array_equal(rows, np.arange(len(rows))) else vectors[rows]


def widened(vectors: Vectors, width: int) -> Vectors:
    """Zeros to the right: a rotation of the wider space can then meet the narrower one."""
    missing = width - vectors.shape[1]
    return vectors if not missing else np.pad(vectors, ((0, 0), (0, missing)))


def _n_different(left: NDArray[np.object_] | None, right: NDArray[np.object_] | None) -> int:
    return 0 if left is None or right is None else int((left != right).sum())

"""What waits for retraining, and what became of a span: its accuracy and shift before, then and since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export
from driftcore.records import Predictions, SampleDrift, Snapshot, Span, SpanMoment, TriagedSpan, WaitingSet
from driftcore.store import Store
from driftcore.workflows.compare import kept_report
from driftcore.workflows.export_span import spans_table
from driftcore.workflows.triage import triaged


def accepted_spans(store: Store) -> tuple[TriagedSpan, ...]:
    """The spans that wait for retraining, oldest first."""
    return tuple(each for each in triaged(store) if each.status == "accepted")


def waiting_set(store: Store) -> WaitingSet | None:
    """The samples of all accepted spans together, each once; None where no span is accepted."""
    spans = [each.span for each in accepted_spans(store)]
    if not spans:
        return None
    table = spans_table(store, spans)
    return WaitingSet(
        span_ids=tuple(span.span_id for span in spans),
        n_samples=len(table),
        n_listed=sum(span.n_samples for span in spans),
        n_mispredicted=int(export.is_wrong(table["weight"].to_numpy()).sum()),
        concepts=_counts(table["concept"]),
        labels=_counts(table["label"]),
    )


def aftermath(store: Store, spans: Sequence[Span]) -> dict[str, tuple[SpanMoment, ...]]:
    """Each span's samples at its reference and at every checkpoint since, by span id; only what is kept is read."""
    # many spans share their checkpoints: each eval run and each comparison is read once
    rows, drifts = cache(store.evals.rows), cache(partial(_kept_drift, store))
    snapshots = store.snapshots.all()

    def moment(span: Span, snapshot: Snapshot, *, paired: bool) -> SpanMoment:
        correct, inside = _correct(rows(snapshot.checkpoint, span.split), span)
        shift = _shift(drifts(span.reference, snapshot.checkpoint, span.split), span) if paired else None
        return SpanMoment(
            checkpoint=snapshot.checkpoint,
            at=snapshot.at,
            accuracy=_mean(correct[inside]),
            accuracy_rest=_mean(correct[~inside]),
            n_evaluated=int(inside.sum()),
            mean_shift=0.0 if paired and snapshot.checkpoint == span.reference else shift,
        )

    def moments(span: Span) -> tuple[SpanMoment, ...]:
        # two windows of different samples have no common split: such a span begins with its current checkpoint
        paired = span.reference_split in (None, span.split)
        own = [snapshot for snapshot in snapshots if snapshot.split == span.split]
        names = [snapshot.checkpoint for snapshot in own]
        first = names.index(span.reference if paired else span.current)
        return tuple(moment(span, snapshot, paired=paired) for snapshot in own[first:])

    return {span.span_id: moments(span) for span in spans}


def _kept_drift(store: Store, reference: str, checkpoint: str, split: str) -> SampleDrift | None:
    report = None if checkpoint == reference else kept_report(store, reference, checkpoint, split=split)
    return None if report is None else store.reports.samples(report.report_id)


def _correct(rows: Predictions | None, span: Span) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Correctness as far as it is known, and which of it is the span's."""
    if rows is None:
        return np.empty(0, dtype=np.float32), np.empty(0, dtype=bool)
    known = ~np.isnan(rows.correct)
    return rows.correct[known], pd.Index(rows.sample_ids[known]).isin(span.sample_ids)


def _shift(drift: SampleDrift | None, span: Span) -> float | None:
    return None if drift is None else _mean(drift.shift[pd.Index(drift.sample_ids).isin(span.sample_ids)])


def _mean(values: NDArray[np.float32]) -> float | None:
    return float(values.mean(dtype=np.float64)) if len(values) else None


def _counts(column: pd.Series[str]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(count)) for name, count in column.value_counts(dropna=True).items())

"""Everything that the page says, gathered from the store; what is not kept yet is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from driftcore.errors import NotComparableError
from driftcore.records import DriftReport, EvalRun, Frame, MapRows, Moment, PairPoint, Snapshot, Span
from driftcore.store import Store
from driftcore.workflows.compare import compare
from driftcore.workflows.export_span import span_table
from driftcore.workflows.look import map_rows
from driftcore.workflows.make_frame import fitted_part, make_frame
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.timeline import pair_history, pairs_to_watch, timeline
from driftcore.workflows.trend import onsets
from driftcore.workflows.without_texts import without_texts

_SPANS, _EXAMPLES = 12, 6
_EXAMPLE_COLUMNS = ["text", "label", "prediction", "shift", "weight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One sample of a span; `wrong` where the current checkpoint mispredicts it."""

    text: str | None
    label: str | None
    prediction: str | None
    shift: float | None
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStory:
    """A span with some of its samples, the most shifted first; no samples where texts are left out."""

    span: Span
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What the page is made from.

    Parameters
    ----------
    report : DriftReport
        Without words and sample ids where `texts` is False.
    sides : pair of Snapshot
        The reference's and the current one's.
    evals : pair of EvalRun or None
    moments : sequence of Moment
        From the reference to the current checkpoint, in order of time.
    frame, rows : Frame and MapRows, or None
        None where there is nothing to draw; then `remarks` says why.
    remarks : tuple of str
        What the page lacks, one sentence each.
    stamp : str
        The version of the store that was read.
    """

    report: DriftReport
    sides: tuple[Snapshot, Snapshot]
    evals: tuple[EvalRun | None, EvalRun | None]
    moments: tuple[Moment, ...]
    histories: Mapping[tuple[str, str], tuple[PairPoint, ...]]
    onsets: tuple[tuple[str, str], ...]
    frame: Frame | None
    rows: MapRows | None
    spans: tuple[SpanStory, ...]
    n_spans: int
    remarks: tuple[str, ...]
    texts: bool
    stamp: str


def find(
    store: Store,
    reference: str,
    current: str,
    *,
    split: str = "validation",
    texts: bool = True,
    progress: Progress = silent,
) -> Findings:
    """Gather what the page says; the comparison, the timeline and the map are computed where they are not kept.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If nothing can be measured between the two.
    """
    # 1. the comparison
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    report = compare(store, reference, current, split=split, align=True, progress=_part(progress, 0.0, 0.3))

    # 2. the way from the one to the other
    remarks: list[str] = []
    if report.pairing == "paired":
        remarks += _fill_between(store, report, sides, _part(progress, 0.3, 0.6))
    moments = _between(timeline(store, reference, split=split), sides)
    pairs = pairs_to_watch(moments)
    histories = {pair: _from_zero(pair_history(store, moments, pair), reference) for pair in pairs}

    # 3. the map
    frame, rows, missing = _map(store, report, _part(progress, 0.6, 0.95))
    remarks += missing

    # 4. the spans
    progress("reading the spans", 0.95)
    spans = _spans_of(store, report)
    stories = tuple(_story(store, span, texts=texts) for span in spans[:_SPANS])
    if not texts:
        remarks.append("Sample texts were left out on request; with them words, sample ids and answers in free text.")
    progress("done", 1.0)
    return Findings(
        report=report if texts else without_texts(report),
        sides=sides,
        evals=(store.evals.get(reference, split), store.evals.get(current, split)),
        moments=moments,
        histories=histories,
        onsets=onsets(reference, moments),
        frame=frame,
        rows=rows if texts or rows is None else _labels_only(rows, report),
        spans=stories,
        n_spans=len(spans),
        remarks=tuple(remarks),
        texts=texts,
        stamp=store.stamp(),
    )


def _fill_between(store: Store, report: DriftReport, sides: tuple[Snapshot, Snapshot], progress: Progress) -> list[str]:
    """Compare the checkpoints in between with the reference; what cannot be compared is said."""
    moments = _between(timeline(store, report.reference, split=report.split), sides)
    missing = [each.checkpoint for each in moments if each.report is None and each.checkpoint != report.reference]
    remarks = []
    for number, checkpoint in enumerate(missing):
        progress(f"comparing {checkpoint} with {report.reference}", number / len(missing))
        try:
            compare(store, report.reference, checkpoint, split=report.split, align=True)
        except NotComparableError as error:
            remarks.append(f"'{checkpoint}' has no drift on the timeline: {error}")
    return remarks


def _between(moments: Sequence[Moment], sides: tuple[Snapshot, Snapshot]) -> tuple[Moment, ...]:
    first, last = sorted(side.at for side in sides)
    names = {side.checkpoint for side in sides}
    return tuple(each for each in moments if first <= each.at <= last or each.checkpoint in names)


def _from_zero(history: Sequence[PairPoint], reference: str) -> tuple[PairPoint, ...]:
    """At the reference nothing has closed, whether or not it was compared with itself."""
    return tuple(replace(each, gap_closure=0.0) if each.checkpoint == reference else each for each in history)


def _map(store: Store, report: DriftReport, progress: Progress) -> tuple[Frame | None, MapRows | None, list[str]]:
    if report.pairing == "unpaired":
        return (
            None,
            None,
            ["No map and no drift through time: the two sides hold different samples, so none can be followed."],
        )
    try:
        frame = make_frame(store, report.reference, report.current, split=report.split, progress=progress)
    except NotComparableError as error:
        return None, None, [f"No map: {error}"]
    drawn = fitted_part(frame)
    remarks = [] if drawn is None else [f"The map: {drawn}."]
    return frame, map_rows(store, frame, report), remarks


def _spans_of(store: Store, report: DriftReport) -> list[Span]:
    """The report's spans in its order, then those that people drew."""
    order = {brief.span_id: place for place, brief in enumerate(report.spans)}
    kept = [span for span in store.spans.all() if span.report_id == report.report_id]
    return sorted(kept, key=lambda span: order.get(span.span_id, len(order)))


def _story(store: Store, span: Span, *, texts: bool) -> SpanStory:
    if texts:
        return SpanStory(span=span, examples=_examples(store, span))
    # a span is named by its words, or by a person who had the texts before them
    return SpanStory(span=replace(span, name=span.concept, words=(), sample_ids=()), examples=())


def _labels_only(rows: MapRows, report: DriftReport) -> MapRows:
    """The samples without texts; answers stay where they are labels, for a model may also answer in free text."""
    names = [concept.concept for concept in report.concepts]
    nothing = np.full(len(rows), None, dtype=object)
    answers = np.where(np.isin(rows.predictions.astype(str), names), rows.predictions, nothing)
    return replace(rows, sample_ids=nothing, texts=nothing, predictions=answers)


def _examples(store: Store, span: Span) -> tuple[Example, ...]:
    table = span_table(store, span).head(_EXAMPLES)[_EXAMPLE_COLUMNS]
    # the weight of a retraining set is 2 exactly where the prediction is wrong
    return tuple(
        Example(
            text=_known(text),
            label=_known(label),
            prediction=_known(prediction),
            shift=None if pd.isna(shift) else float(shift),
            wrong=weight > 1,
        )
        for text, label, prediction, shift, weight in table.itertuples(index=False)
    )


def _known(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a part of the work."""
    return lambda what, share: progress(what, start + (end - start) * share)

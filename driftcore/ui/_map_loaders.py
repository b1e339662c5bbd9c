"""What the map reads, held once for all sessions: outlines and samples of steps, never more steps than are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore.errors import NotFoundError, one_line
from driftcore.records import DriftReport, Frame, FrameStep, MapFilter, MapRows, SelectionStep
from driftcore.store import Store
from driftcore.ui._guest import check_shared
from driftcore.ui._held import held
from driftcore.ui._loaders import load_report, load_spans
from driftcore.ui._reading import current_store, opened, stamp_now
from driftcore.workflows.changed import SuggestedSelection, changed_most
from driftcore.workflows.find_samples import with_text
from driftcore.workflows.look import map_rows
from driftcore.workflows.make_frame import kept_outline, kept_step
from driftcore.workflows.selecting import passing, selected


def load_frame(reference: str, split: str) -> Frame | None:
    """The kept frame of a reference without its samples, or None: `load_rows` and `load_first` read those."""
    check_shared(reference)
    return _frame(current_store().uri, reference, split, stamp_now())


def load_first(frame: Frame) -> Frame:
    """A frame with the samples of its reference only: where all of them were."""
    return replace(frame, steps=(_step(current_store(), frame, frame.reference),))


def load_rows(frame: Frame, report: DriftReport) -> MapRows:
    """The samples of a report's current checkpoint on the frame; their texts stay in the store."""
    store = current_store()

    def make() -> MapRows:
        return map_rows(store, replace(frame, steps=(_step(store, frame, report.current),)), report)

    return held().get(("rows", store.uri, frame.method, report.report_id), make)


def load_found(rows: MapRows, report: DriftReport, text: str) -> NDArray[np.bool_]:
    """Which samples have a text in theirs."""
    key = ("found", current_store().uri, report.report_id, text.strip())
    return held().get(key, lambda: with_text(rows, text))


def load_passing(rows: MapRows, report: DriftReport, wanted: MapFilter) -> NDArray[np.bool_]:
    """Which samples pass a filter."""
    return held().get(("passing", current_store().uri, report.report_id, wanted), lambda: passing(rows, wanted))


def load_suggested(rows: MapRows, report: DriftReport) -> tuple[SuggestedSelection, ...]:
    """What changed most, as selections to take."""
    store = current_store()
    return _suggested(store.uri, report.report_id, store.spans.version(), rows, report)


def load_selected(
    rows: MapRows, steps: tuple[SelectionStep, ...], frame: Frame, report: DriftReport
) -> NDArray[np.bool_]:
    """Which of `rows` the steps of the selection leave selected."""
    return _selected(report.report_id, steps, rows, frame, report)


def _step(store: Store, frame: Frame, checkpoint: str) -> FrameStep:
    """One step with its samples; ids that are the reference's are the same objects, and stand once in memory."""
    outline = frame.step(checkpoint)

    def make() -> FrameStep:
        step = kept_step(store, frame.reference, checkpoint, split=frame.split)
        if outline is None or step is None:
            raise NotFoundError(f"The map of '{one_line(frame.reference)}' does not show '{one_line(checkpoint)}' yet.")
        if checkpoint == frame.reference:
            return step
        first = _step(store, frame, frame.reference).sample_ids
        return replace(step, sample_ids=first) if np.array_equal(first, step.sample_ids) else step

    known = _fingerprints(store.uri, stamp_now())
    sides = [(name, known.get((name, frame.split))) for name in (frame.reference, checkpoint)]
    # the clusters of a step may come later than its places
    clustered = outline is not None and outline.clustered
    return held().get(("step", store.uri, frame.method, frame.split, clustered, *sides), make)


@st.cache_resource(max_entries=4, show_spinner=False)
def _fingerprints(uri: str, stamp: str) -> dict[tuple[str, str], str]:
    return {(each.checkpoint, each.split): each.fingerprint for each in opened(uri).snapshots.all()}


@st.cache_resource(max_entries=8, show_spinner=False)
def _suggested(
    uri: str, report_id: str, version: int, _rows: MapRows, _report: DriftReport
) -> tuple[SuggestedSelection, ...]:
    spans = [each.span for each in load_spans() if each.span.report_id == report_id]
    return changed_most(_rows, _report, spans)


@st.cache_resource(max_entries=16, show_spinner=False)
def _frame(uri: str, reference: str, split: str, stamp: str) -> Frame | None:
    return kept_outline(opened(uri), reference, split=split)


@st.cache_resource(max_entries=16, show_spinner=False)
def _selected(
    report_id: str, steps: tuple[SelectionStep, ...], _rows: MapRows, _frame: Frame, _report: DriftReport
) -> NDArray[np.bool_]:
    def rows_at(checkpoint: str) -> MapRows:
        if checkpoint == _report.current:
            return _rows
        there = load_report(_report.reference, checkpoint, _report.split)
        if there is None:
            raise NotFoundError(f"The selection was drawn at '{one_line(checkpoint)}', which has no report any more.")
        return load_rows(_frame, there)

    return selected(_rows, steps, rows_at)

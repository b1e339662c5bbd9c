"""What pages read, cached: bounded, and keyed by what it was made from."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore.errors import NotFoundError, one_line
from driftcore.records import (
    Between,
    ClusterReport,
    Corridor,
    DriftReport,
    Frame,
    GapClosures,
    MapRows,
    Moment,
    PairPoint,
    SelectionStep,
    Span,
    SpanMoment,
    TriagedSpan,
    WaitingSet,
)
from driftcore.settings import read_settings
from driftcore.store import Store, open_store
from driftcore.ui._access import may_edit
from driftcore.ui._guest import check_shared, locked_values
from driftcore.workflows.cluster_events import kept_clusters
from driftcore.workflows.compare import kept_report
from driftcore.workflows.compare_windows import kept_windows
from driftcore.workflows.corridor import between, kept_corridor, missing_steps
from driftcore.workflows.creep import pair_name, ranked_pairs, seriated, strongest
from driftcore.workflows.describe_span import SpanDetail, describe_span
from driftcore.workflows.look import map_rows
from driftcore.workflows.make_frame import kept_frame
from driftcore.workflows.retraining import aftermath, waiting_set
from driftcore.workflows.selecting import selected
from driftcore.workflows.splits import followed_splits, window_splits
from driftcore.workflows.timeline import pair_history, timeline
from driftcore.workflows.triage import triaged


def current_store() -> Store:
    """The store that the settings name, for reading only where the person may not edit; it must exist."""
    return _store(read_settings().store, read_only=not may_edit())


def shared_store() -> Store:
    """The store for reading what a share link opens: before it is read, nobody is known."""
    return _store(read_settings().store)


def load_moments(reference: str, split: str) -> tuple[Moment, ...]:
    """The timeline as it is kept now."""
    check_shared(reference)
    store = current_store()
    return _moments(store.uri, reference, split, store.stamp())


def load_histories(
    reference: str, split: str, pairs: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], tuple[PairPoint, ...]]:
    """Gap closure through time of some pairs."""
    store = current_store()
    return _histories(store.uri, reference, split, pairs, store.stamp())


def load_splits() -> tuple[str, ...]:
    """The splits that can be followed through time, the default first."""
    store = current_store()
    return _splits(store.uri, store.snapshots.version())


def load_windows(reference: str, current: str) -> dict[str, DriftReport | None]:
    """The kept report of each split that has other samples at every checkpoint, None where it is not computed."""
    check_shared(reference, current)
    store = current_store()
    return _windows(store.uri, reference, current, store.stamp())


def load_report(reference: str, current: str, split: str) -> DriftReport | None:
    """The kept report of two checkpoints, or None."""
    check_shared(reference, current)
    return kept_report(current_store(), reference, current, split=split)


def load_frame(reference: str, split: str) -> Frame | None:
    """The kept frame of a reference, or None."""
    check_shared(reference)
    store = current_store()
    return _frame(store.uri, reference, split, store.stamp())


def load_rows(frame: Frame, report: DriftReport) -> MapRows:
    """The samples of a report's current checkpoint on the frame."""
    return _rows(current_store().uri, report.report_id, _frame=frame, _report=report)


def load_selected(
    rows: MapRows, steps: tuple[SelectionStep, ...], frame: Frame, report: DriftReport
) -> NDArray[np.bool_]:
    """Which of `rows` the steps of the selection leave selected."""
    return _selected(report.report_id, steps, rows, frame, report)


def load_gaps(report: DriftReport) -> tuple[GapClosures, GapClosures]:
    """The gap closure of every pair, and of those to show in the order to show them; empty where no pair has a gap."""
    return _gaps(current_store().uri, report.report_id)


def load_corridor(reference: str, split: str, pair: tuple[str, str]) -> tuple[Corridor, int]:
    """What is kept of the corridor of a pair, and how many checkpoints it lacks."""
    check_shared(reference, pair_name(*pair))
    store = current_store()
    return _corridor(store.uri, reference, split, pair, store.stamp())


def load_between(corridor: Corridor, current: str) -> Between:
    """The samples in between two concepts at one checkpoint."""
    check_shared(corridor.reference, current, pair_name(corridor.a, corridor.b))
    store = current_store()
    key = (corridor.reference, corridor.split, corridor.a, corridor.b, current)
    return _between(store.uri, key, store.stamp(), corridor)


def load_clusters(reference: str, current: str, split: str) -> ClusterReport | None:
    """The kept cluster report of two checkpoints, or None."""
    check_shared(reference, current)
    return kept_clusters(current_store(), reference, current, split=split)


def load_spans() -> tuple[TriagedSpan, ...]:
    """Every span with what was decided about it; a guest of a share link gets the one that the view shows."""
    store = current_store()
    spans = _spans(store.uri, _span_stamp(store))
    shared = locked_values("span")
    return spans if shared is None else tuple(each for each in spans if each.span.span_id in shared)


def load_detail(span: Span) -> SpanDetail:
    """One span as a person reads it."""
    store = current_store()
    return _detail(store.uri, span.span_id, store.stamp(), _span=span)


def load_waiting() -> WaitingSet | None:
    """The samples of all accepted spans, or None where no span is accepted."""
    store = current_store()
    return _waiting(store.uri, _span_stamp(store), store.stamp())


def load_aftermath(spans: tuple[Span, ...]) -> dict[str, tuple[SpanMoment, ...]]:
    """What became of spans, by span id."""
    store = current_store()
    return _aftermath(store.uri, tuple(span.span_id for span in spans), store.stamp(), _spans=spans)


def _span_stamp(store: Store) -> str:
    """Changes with every span, comparison and decision."""
    return f"{store.spans.version()}-{store.decisions.version()}-{store.reports.version()}"


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(uri: str, *, read_only: bool = True) -> Store:
    return open_store(uri, create=False, read_only=read_only, storage_options=read_settings().plain_storage())


@st.cache_resource(max_entries=4, show_spinner=False)
def _splits(uri: str, version: int) -> tuple[str, ...]:
    return followed_splits(_store(uri))


@st.cache_resource(max_entries=16, show_spinner=False)
def _windows(uri: str, reference: str, current: str, stamp: str) -> dict[str, DriftReport | None]:
    store = _store(uri)
    return {
        split: kept_windows(store, reference, current, reference_split=split, split=split)
        for split in window_splits(store, reference, current)
    }


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _moments(uri: str, reference: str, split: str, stamp: str) -> tuple[Moment, ...]:
    return timeline(_store(uri), reference, split=split)


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _histories(
    uri: str, reference: str, split: str, pairs: tuple[tuple[str, str], ...], stamp: str
) -> dict[tuple[str, str], tuple[PairPoint, ...]]:
    moments = _moments(uri, reference, split, stamp)
    return {pair: pair_history(_store(uri), moments, pair) for pair in pairs}


@st.cache_resource(max_entries=16, show_spinner="Reading the gaps")
def _gaps(uri: str, report_id: str) -> tuple[GapClosures, GapClosures]:
    gaps = _store(uri).reports.gap_closures(report_id)
    shown = seriated(strongest(gaps))
    return gaps, shown if ranked_pairs(shown) else GapClosures(concepts=(), values=np.empty((0, 0), dtype=np.float32))


@st.cache_resource(max_entries=16, show_spinner="Reading the corridor")
def _corridor(uri: str, reference: str, split: str, pair: tuple[str, str], stamp: str) -> tuple[Corridor, int]:
    corridor = kept_corridor(_store(uri), reference, pair, split=split)
    return corridor, len(missing_steps(_store(uri), corridor))


@st.cache_resource(max_entries=16, show_spinner="Reading the samples")
def _between(uri: str, key: tuple[str, ...], stamp: str, _corridor: Corridor) -> Between:
    return between(_store(uri), _corridor, key[-1])


@st.cache_resource(max_entries=4, show_spinner="Reading the map")
def _frame(uri: str, reference: str, split: str, stamp: str) -> Frame | None:
    return kept_frame(_store(uri), reference, split=split)


@st.cache_resource(max_entries=16, show_spinner="Reading the samples")
def _rows(uri: str, report_id: str, _frame: Frame, _report: DriftReport) -> MapRows:
    return map_rows(_store(uri), _frame, _report)


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


@st.cache_resource(max_entries=4, show_spinner="Reading the spans")
def _spans(uri: str, stamp: str) -> tuple[TriagedSpan, ...]:
    return triaged(_store(uri))


@st.cache_resource(max_entries=32, show_spinner="Reading the samples")
def _detail(uri: str, span_id: str, stamp: str, _span: Span) -> SpanDetail:
    return describe_span(_store(uri), _span)


@st.cache_resource(max_entries=4, show_spinner="Reading the accepted spans")
def _waiting(uri: str, span_stamp: str, stamp: str) -> WaitingSet | None:
    return waiting_set(_store(uri))


@st.cache_resource(max_entries=8, show_spinner="Reading what became of the spans")
def _aftermath(
    uri: str, span_ids: tuple[str, ...], stamp: str, _spans: tuple[Span, ...]
) -> dict[str, tuple[SpanMoment, ...]]:
    return aftermath(_store(uri), _spans)

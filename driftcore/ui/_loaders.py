"""What pages read, cached: bounded, and keyed by what it was made from."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore.errors import NotFoundError, one_line
from driftcore.records import DriftReport, Frame, MapRows, Moment, PairPoint, SelectionStep
from driftcore.settings import read_settings
from driftcore.store import Store, open_store
from driftcore.ui._access import may_edit
from driftcore.ui._guest import check_shared
from driftcore.workflows.compare import kept_report
from driftcore.workflows.look import map_rows
from driftcore.workflows.make_frame import kept_frame
from driftcore.workflows.selecting import selected
from driftcore.workflows.timeline import pair_history, timeline


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


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(uri: str, *, read_only: bool = True) -> Store:
    return open_store(uri, create=False, read_only=read_only)


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _moments(uri: str, reference: str, split: str, stamp: str) -> tuple[Moment, ...]:
    return timeline(_store(uri), reference, split=split)


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _histories(
    uri: str, reference: str, split: str, pairs: tuple[tuple[str, str], ...], stamp: str
) -> dict[tuple[str, str], tuple[PairPoint, ...]]:
    moments = _moments(uri, reference, split, stamp)
    return {pair: pair_history(_store(uri), moments, pair) for pair in pairs}


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

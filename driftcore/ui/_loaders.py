"""What pages read, cached: bounded, and keyed by what it was made from."""

from __future__ import annotations

import streamlit as st

from driftcore.records import DriftReport, Frame, MapRows, Moment, PairPoint
from driftcore.settings import read_settings
from driftcore.store import Store, open_store
from driftcore.workflows.compare import kept_report
from driftcore.workflows.look import map_rows
from driftcore.workflows.make_frame import kept_frame
from driftcore.workflows.timeline import pair_history, timeline


def current_store() -> Store:
    """The store that the settings name; it must exist."""
    return _store(read_settings().store)


def load_moments(reference: str, split: str) -> tuple[Moment, ...]:
    """The timeline as it is kept now."""
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
    return kept_report(current_store(), reference, current, split=split)


def load_frame(reference: str, split: str) -> Frame | None:
    """The kept frame of a reference, or None."""
    store = current_store()
    return _frame(store.uri, reference, split, store.stamp())


def load_rows(frame: Frame, report: DriftReport) -> MapRows:
    """The samples of a report's current checkpoint on the frame."""
    return _rows(current_store().uri, report.report_id, _frame=frame, _report=report)


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(uri: str) -> Store:
    return open_store(uri, create=False)


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

"""What pages read, cached: bounded, and keyed by what it was made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore.records import (
    Between,
    Checkpoint,
    ClusterReport,
    Corridor,
    DriftReport,
    EvalRun,
    GapClosures,
    Moment,
    PairPoint,
    Snapshot,
    Span,
    SpanMoment,
    Texts,
    TriagedSpan,
    WaitingSet,
)
from driftcore.store import Store
from driftcore.ui._guest import check_shared, locked_values
from driftcore.ui._held import held
from driftcore.ui._reading import current_store, opened, stamp_now
from driftcore.workflows.cluster_events import kept_clusters
from driftcore.workflows.compare import kept_report
from driftcore.workflows.compare_windows import kept_windows
from driftcore.workflows.corridor import between, kept_corridor, missing_steps
from driftcore.workflows.creep import pair_name, ranked_pairs, seriated, strongest
from driftcore.workflows.describe_span import SpanDetail, describe_span
from driftcore.workflows.retraining import aftermath, waiting_set
from driftcore.workflows.splits import followed_splits, window_splits
from driftcore.workflows.stored_texts import StoredTexts
from driftcore.workflows.timeline import gap_closures_of, history_of, timeline
from driftcore.workflows.trend import onsets
from driftcore.workflows.triage import triaged


def load_checkpoints() -> tuple[Checkpoint, ...]:
    """Every checkpoint in order of time."""
    return _checkpoints(current_store().uri, stamp_now())


def load_moments(reference: str, split: str) -> tuple[Moment, ...]:
    """The timeline as it is kept now."""
    check_shared(reference)
    return _moments(current_store().uri, reference, split, stamp_now())


def load_onsets(reference: str, split: str) -> tuple[tuple[str, str], ...]:
    """Since when concepts move: each with the checkpoint where it first stood out, the most urgent first."""
    check_shared(reference)
    return _onsets(current_store().uri, reference, split, stamp_now())


def load_histories(
    reference: str, split: str, pairs: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], tuple[PairPoint, ...]]:
    """Gap closure through time of some pairs."""
    moments = load_moments(reference, split)
    gaps = load_closures(moments)
    return {pair: history_of(moments, gaps, pair) for pair in pairs}


def load_closures(moments: Sequence[Moment]) -> dict[str, GapClosures]:
    """Gap closure of all pairs at every moment, by the id of its report."""
    store, ids = current_store(), tuple(each.report.report_id for each in moments if each.report is not None)
    return held().get(("closures", store.uri, ids), lambda: gap_closures_of(store, moments))


def load_splits() -> tuple[str, ...]:
    """The splits that can be followed through time, the default first."""
    return _splits(current_store().uri, stamp_now())


def load_windows(reference: str, current: str) -> dict[str, DriftReport | None]:
    """The kept report of each split that has other samples at every checkpoint, None where it is not computed."""
    check_shared(reference, current)
    return _windows(current_store().uri, reference, current, stamp_now())


def load_report(reference: str, current: str, split: str) -> DriftReport | None:
    """The kept report of two checkpoints, or None."""
    check_shared(reference, current)
    return _report(current_store().uri, reference, current, split, stamp_now())


def load_gaps(report: DriftReport) -> tuple[GapClosures, GapClosures]:
    """The gap closure of every pair, and of those to show in the order to show them; empty where no pair has a gap."""
    return _gaps(current_store().uri, report.report_id)


def load_corridor(reference: str, split: str, pair: tuple[str, str]) -> tuple[Corridor, int]:
    """What is kept of the corridor of a pair, and how many checkpoints it lacks."""
    check_shared(reference, pair_name(*pair))
    return _corridor(current_store().uri, reference, split, pair, stamp_now())


def load_between(corridor: Corridor, current: str) -> Between:
    """The samples in between two concepts at one checkpoint."""
    check_shared(corridor.reference, current, pair_name(corridor.a, corridor.b))
    key = (corridor.reference, corridor.split, corridor.a, corridor.b, current)
    return _between(current_store().uri, key, stamp_now(), corridor)


def load_clusters(reference: str, current: str, split: str) -> ClusterReport | None:
    """The kept cluster report of two checkpoints, or None."""
    check_shared(reference, current)
    return _clusters(current_store().uri, reference, current, split, stamp_now())


def load_spans() -> tuple[TriagedSpan, ...]:
    """Every span with what was decided about it; a guest of a share link gets the one that the view shows."""
    store = current_store()
    spans = _spans(store.uri, _span_stamp(store))
    shared = locked_values("span")
    return spans if shared is None else tuple(each for each in spans if each.span.span_id in shared)


def load_detail(span: Span) -> SpanDetail:
    """One span as a person reads it."""
    return _detail(current_store().uri, span.span_id, stamp_now(), _span=span)


def load_span_texts(span: Span, detail: SpanDetail, text: str) -> NDArray[np.bool_]:
    """Which samples of a span have a text in theirs; all of them where it is empty."""
    wanted = text.strip()
    if not wanted:
        return np.ones(len(detail.samples), dtype=bool)
    return held().get(("span-text", current_store().uri, span.span_id, wanted), lambda: detail.texts.having(wanted))


def load_texts(texts: NDArray[np.object_] | Texts, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """The texts of a few samples, those that a page shows."""
    if not isinstance(texts, StoredTexts):
        return texts[rows]
    key = ("texts", current_store().uri, stamp_now(), texts.checkpoint, texts.split, tuple(texts.sample_ids[rows]))

    def weigh(read: NDArray[np.object_]) -> int:
        return sum(100 + 4 * len(text or "") for text in read)

    return held().get(key, lambda: texts[rows], weigh=weigh)


def load_snapshots() -> tuple[Snapshot, ...]:
    """Every snapshot in order of time."""
    return _snapshots(current_store().uri, stamp_now())


def load_evals() -> tuple[EvalRun, ...]:
    """Every eval run, oldest first."""
    return _evals(current_store().uri, stamp_now())


def load_waiting() -> WaitingSet | None:
    """The samples of all accepted spans, or None where no span is accepted."""
    store = current_store()
    return _waiting(store.uri, _span_stamp(store), stamp_now())


def load_aftermath(spans: tuple[Span, ...]) -> dict[str, tuple[SpanMoment, ...]]:
    """What became of spans, by span id."""
    return _aftermath(current_store().uri, tuple(span.span_id for span in spans), stamp_now(), _spans=spans)


def _span_stamp(store: Store) -> str:
    """Changes with every span, comparison and decision."""
    return f"{store.spans.version()}-{store.decisions.version()}-{store.reports.version()}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _checkpoints(uri: str, stamp: str) -> tuple[Checkpoint, ...]:
    return opened(uri).checkpoints()


@st.cache_resource(max_entries=4, show_spinner=False)
def _snapshots(uri: str, stamp: str) -> tuple[Snapshot, ...]:
    return opened(uri).snapshots.all()


@st.cache_resource(max_entries=4, show_spinner=False)
def _evals(uri: str, stamp: str) -> tuple[EvalRun, ...]:
    return opened(uri).evals.all()


@st.cache_resource(max_entries=256, show_spinner=False)
def _report(uri: str, reference: str, current: str, split: str, stamp: str) -> DriftReport | None:
    return kept_report(opened(uri), reference, current, split=split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _clusters(uri: str, reference: str, current: str, split: str, stamp: str) -> ClusterReport | None:
    return kept_clusters(opened(uri), reference, current, split=split)


@st.cache_resource(max_entries=4, show_spinner=False)
def _splits(uri: str, stamp: str) -> tuple[str, ...]:
    return followed_splits(opened(uri))


@st.cache_resource(max_entries=16, show_spinner=False)
def _windows(uri: str, reference: str, current: str, stamp: str) -> dict[str, DriftReport | None]:
    store = opened(uri)
    return {
        split: kept_windows(store, reference, current, reference_split=split, split=split)
        for split in window_splits(store, reference, current, followed=_splits(uri, stamp))
    }


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _moments(uri: str, reference: str, split: str, stamp: str) -> tuple[Moment, ...]:
    return timeline(opened(uri), reference, split=split)


@st.cache_resource(max_entries=16, show_spinner="Reading the timeline")
def _onsets(uri: str, reference: str, split: str, stamp: str) -> tuple[tuple[str, str], ...]:
    return onsets(reference, _moments(uri, reference, split, stamp))


@st.cache_resource(max_entries=16, show_spinner="Reading the gaps")
def _gaps(uri: str, report_id: str) -> tuple[GapClosures, GapClosures]:
    gaps = opened(uri).reports.gap_closures(report_id)
    shown = seriated(strongest(gaps))
    return gaps, shown if ranked_pairs(shown) else GapClosures(concepts=(), values=np.empty((0, 0), dtype=np.float32))


@st.cache_resource(max_entries=16, show_spinner="Reading the corridor")
def _corridor(uri: str, reference: str, split: str, pair: tuple[str, str], stamp: str) -> tuple[Corridor, int]:
    corridor = kept_corridor(opened(uri), reference, pair, split=split)
    return corridor, len(missing_steps(opened(uri), corridor))


@st.cache_resource(max_entries=16, show_spinner="Reading the samples")
def _between(uri: str, key: tuple[str, ...], stamp: str, _corridor: Corridor) -> Between:
    return between(opened(uri), _corridor, key[-1])


@st.cache_resource(max_entries=4, show_spinner="Reading the spans")
def _spans(uri: str, stamp: str) -> tuple[TriagedSpan, ...]:
    return triaged(opened(uri))


@st.cache_resource(max_entries=32, show_spinner="Reading the samples")
def _detail(uri: str, span_id: str, stamp: str, _span: Span) -> SpanDetail:
    return describe_span(opened(uri), _span)


@st.cache_resource(max_entries=4, show_spinner="Reading the accepted spans")
def _waiting(uri: str, span_stamp: str, stamp: str) -> WaitingSet | None:
    return waiting_set(opened(uri))


@st.cache_resource(max_entries=8, show_spinner="Reading what became of the spans")
def _aftermath(
    uri: str, span_ids: tuple[str, ...], stamp: str, _spans: tuple[Span, ...]
) -> dict[str, tuple[SpanMoment, ...]]:
    return aftermath(opened(uri), _spans)

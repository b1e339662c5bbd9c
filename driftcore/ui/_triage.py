"""The list of spans to decide on: filters, the table, and undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from driftcore.records import SPAN_STATUSES, TriagedSpan
from driftcore.store import Store
from driftcore.ui._access import may_edit
from driftcore.ui._actions import act
from driftcore.ui._guest import guest
from driftcore.ui._pickers import pick
from driftcore.ui._text import plain
from driftcore.workflows.triage import in_words, last_decision, undo

ALL = "all"
_TABLE = "spans-table"
_KINDS = {
    "moved": "Whole concept moved",
    "part": "Part of a concept moved",
    "split": "Torn off",
    "scattered": "Scattered",
    "boundary": "Stayed, and answered wrongly",
    "content": "Said differently",
    "novel": "Unlike any known sample",
    "lasso": "Selected on the map",
    "merged": "Merged",
}


def triage_progress(store: Store, spans: Sequence[TriagedSpan]) -> None:
    """How much is decided, and the way back from the last decision."""
    if guest() is not None:
        return
    counts = Counter(each.status for each in spans)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        rest = ", ".join(f"{counts[status]:,} {status}" for status in SPAN_STATUSES[1:] if counts[status])
        st.markdown(f"**{counts['open']:,} of {len(spans):,} to decide**" + (f" · {rest}" if rest else ""))
        last = last_decision(store) if may_edit() else None
        if last is not None:
            said = in_words(last, spans)

            def take_back() -> None:
                act("undo decisions", lambda: f"Undone: {in_words(undo(store, last.decision_id), spans)}")

            st.button(
                "Undo",
                key="undo",
                icon=":material/undo:",
                on_click=take_back,
                shortcut="U",
                help=plain(f"Take back the last decision: {said}"),
            )


def pick_spans(spans: Sequence[TriagedSpan]) -> tuple[TriagedSpan, ...]:
    """The spans that pass the filters, what is open first, then the newest and the most shifted."""
    if guest() is not None:
        return tuple(spans)
    # keys of their own: what another page picks under the same name is not a filter of this one
    # a row that wraps: five columns would fill a telephone before the first span is seen
    with st.container(horizontal=True):
        status = _pick("Status", "span-status", SPAN_STATUSES)
        concept = _pick("Concept", "span-concept", sorted({each.span.concept for each in spans}))
        kind = _pick("Kind", "span-kind", sorted({each.span.kind for each in spans}), _KINDS)
        reference = _pick("Reference", "span-reference", dict.fromkeys(each.span.reference for each in spans))
        current = _pick("Current", "span-current", dict.fromkeys(each.span.current for each in spans))
    wanted = (status, concept, kind, reference, current)
    passing = [each for each in spans if all(map(_passes, wanted, _facts(each)))]
    return tuple(sorted(passing, key=_urgency))


def pick_triaged(spans: Sequence[TriagedSpan]) -> TriagedSpan:
    """The span that is read: by its name, or by a click on its row of the table."""
    by_id = {each.span.span_id: each for each in spans}
    chosen = pick("Span", list(by_id), key="span", default=next(iter(by_id)), shown=lambda each: _title(by_id[each]))
    _table(spans, list(by_id).index(chosen))
    return by_id[chosen]


def open_next(spans: Iterable[TriagedSpan], decided: str) -> None:
    """Go on to the next span that is to be decided, where there is one."""
    following = [each.span.span_id for each in spans]
    start = following.index(decided) + 1 if decided in following else 0
    by_id = {each.span.span_id: each for each in spans}
    left = (span_id for span_id in (*following[start:], *following[:start]) if span_id != decided)
    chosen = next((span_id for span_id in left if by_id[span_id].status == "open"), None)
    if chosen is not None:
        st.session_state["span"] = chosen


def _table(spans: Sequence[TriagedSpan], chosen: int) -> None:
    def open_row() -> None:
        rows = st.session_state[_TABLE].selection.rows
        if rows and rows[0] < len(spans):
            st.session_state["span"] = spans[rows[0]].span.span_id

    if guest() is None:
        # the row of the span that the picker or a link names
        st.session_state[_TABLE] = {"selection": {"rows": [chosen], "columns": [], "cells": []}}
    st.dataframe(
        triage_table(spans),
        hide_index=True,
        key=_TABLE,
        height=min(38 + 35 * len(spans), 318),
        on_select=open_row if guest() is None else "ignore",
        selection_mode="single-row-required",
        alt="Spans to decide on",
        placeholder="–",
        column_config={"mean shift (cosine)": st.column_config.NumberColumn(format="%.3f")},
    )


def triage_table(spans: Sequence[TriagedSpan]) -> pd.DataFrame:
    """Spans as rows with what was decided about them."""
    return pd.DataFrame(
        [
            {
                "status": status_text(each),
                "name": each.span.name,
                "concept → toward": _heading(each),
                "from → to": f"{each.span.reference} → {each.span.current}",
                "samples": each.span.n_samples,
                "mispredicted": each.span.n_mispredicted,
                "mean shift (cosine)": each.span.mean_shift,
                "note": each.note or None,
                "words": ", ".join(each.span.words) or None,
                "id": each.span.span_id,
            }
            for each in spans
        ]
    )


def status_text(each: TriagedSpan) -> str:
    """A span's status, and whether the newest comparison still finds it."""
    return each.status if each.found else f"{each.status}, no longer found"


def _pick(label: str, key: str, values: Iterable[str], names: dict[str, str] | None = None) -> str:
    known = {ALL: "All", **(names or {})}
    options = [ALL, *(value for value in values if value != ALL)]
    return pick(label, options, key=key, default=ALL, shown=lambda option: known.get(option, option))


def _facts(each: TriagedSpan) -> tuple[str, ...]:
    span = each.span
    return each.status, span.concept, span.kind, span.reference, span.current


def _passes(wanted: str, value: str) -> bool:
    return wanted in (ALL, value)


def _urgency(each: TriagedSpan) -> tuple[int, float, float]:
    newest = -each.span.created_at.timestamp()
    return SPAN_STATUSES.index(each.status), newest, -each.span.mean_shift


def _heading(each: TriagedSpan) -> str:
    return each.span.concept + (f" → {each.span.toward}" if each.span.toward else "")


def _title(each: TriagedSpan) -> str:
    return f"{each.span.name} · {each.span.current} · {each.status} · {each.span.span_id}"

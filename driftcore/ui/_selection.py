"""What is selected: how many, of what, how wrong, how far; and what can be done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from driftcore import export
from driftcore.records import DriftReport, MapFilter, MapRows, Selection, SelectionMode, SelectionStep, Span
from driftcore.store import Store
from driftcore.ui._access import may_edit, only_for_editors
from driftcore.ui._actions import act
from driftcore.ui._chosen import push_selection, set_selection
from driftcore.ui._frame import plain
from driftcore.ui._guest import guest
from driftcore.ui._loaders import load_texts
from driftcore.ui._metric import metric, metrics
from driftcore.ui._pager import rows_in_sight, turn_pages
from driftcore.ui._pickers import members
from driftcore.ui._tables import percent_text
from driftcore.workflows.export_span import export_span, span_table
from driftcore.workflows.find_samples import nearest
from driftcore.workflows.look import selected_span, summarize, telling_words

_N_NEAREST = 20


def selection_panel(
    store: Store, rows: MapRows, selected: NDArray[np.bool_], report: DriftReport, steps: tuple[SelectionStep, ...]
) -> None:
    """A lasso that is not saved yet."""
    facts = summarize(rows, selected)
    st.subheader(f"{facts.n_samples:,} samples selected", anchor=False)
    _facts(facts)
    _words(rows, selected, key=f"{report.report_id}-{_table_key(rows, selected)}")
    ticked = ticked_samples(rows, selected)
    _table(rows, selected, ticked)
    _ticked_buttons(store, ticked, report)
    if not may_edit():
        return
    st.text_input("Name of the span", key="span-name", placeholder="what these samples are")

    def keep() -> str:
        # read here: a name that was just typed arrives together with the click
        name = st.session_state["span-name"]
        span = selected_span(rows, selected, report, name=name, polygon=_outline(steps, report.current))
        store.spans.write(span)
        set_selection(())
        st.session_state["span"] = span.span_id
        return f"Saved {span.n_samples:,} samples as a span"

    def save() -> None:
        act("save spans", keep)

    left, right = st.columns(2)
    left.button("Save as span", key="save-span", on_click=save, type="primary", icon=":material/bookmark_add:")
    with right:
        _download_selection(
            store,
            lambda: selected_span(rows, selected, report, polygon=_outline(steps, report.current)),
            name=_table_key(rows, selected),
        )


def span_panel(store: Store, span: Span, rows: MapRows | None = None, report: DriftReport | None = None) -> None:
    """A span that is kept; with its samples on the map where `rows` and their `report` are given."""
    st.subheader(plain(span.name), anchor=False)
    if rows is not None and report is not None:
        selected = members(rows, span)
        facts = summarize(rows, selected)
        st.markdown(f"**{facts.n_samples:,} samples selected**, kept as a span")
        _facts(facts)
        _words(rows, selected, key=f"{report.report_id}-{_table_key(rows, selected)}")
        ticked = ticked_samples(rows, selected)
        _table(rows, selected, ticked)
        _ticked_buttons(store, ticked, report)
    if not may_edit():
        return
    export_button(store, span)
    st.caption("With texts, labels, predictions, shift and a weight; formula cells are made plain text.")


def export_button(store: Store, span: Span) -> None:
    """The samples of a kept span as a file."""
    st.download_button(
        "Export CSV",
        data=only_for_editors("export", lambda: export_span(store, span.span_id).content),
        file_name=f"span-{span.span_id}.csv",
        mime="text/csv",
        key=f"export-{span.span_id}",
        icon=":material/download:",
        on_click="ignore",
        help="With texts, labels, predictions, shift and a weight; formula cells are made plain text.",
    )


def _outline(steps: tuple[SelectionStep, ...], current: str) -> tuple[tuple[float, float], ...]:
    """The polygon where one polygon says it all: drawn on all samples, at the checkpoint that is shown."""
    last = steps[-1]
    alone = last.mode == "replace" and last.filter == MapFilter() and last.checkpoint == current
    return last.polygon if alone else ()


def _download_selection(store: Store, span: Callable[[], Span], *, name: str) -> None:
    """The samples as a file; which they are is put together when it is asked for."""
    st.download_button(
        "Export CSV",
        data=only_for_editors("export", lambda: export.as_csv(span_table(store, span()))),
        file_name=f"{name}.csv",
        mime="text/csv",
        key="export-selection",
        icon=":material/download:",
        on_click="ignore",
    )


def _facts(facts: Selection) -> None:
    largest = facts.concepts[0] if facts.concepts else ("none", 0)
    share = percent_text(largest[1] / facts.n_samples) if facts.n_samples else None
    with metrics(key="selection-numbers"):
        metric("Mispredicted", facts.n_mispredicted, "that the current checkpoint gets wrong")
        metric("Mean shift", f"{facts.mean_shift:.3f}", "cosine distance after alignment; 0 did not move")
        metric("Largest concept", share, f"are of {largest[0]}")
    st.markdown("Concepts: " + ", ".join(f"{plain(name)} {count:,}" for name, count in facts.concepts[:6]))


def ticked_samples(rows: MapRows, selected: NDArray[np.bool_]) -> tuple[str, ...]:
    """The samples that are ticked in the table of the selection, on the page that is in sight."""
    listed = _listed(rows, selected)
    key = _table_key(rows, selected)
    seen = listed[rows_in_sight(len(listed), key=f"page-{key}")]
    ticked = st.session_state.get(f"{key}-{_start(len(listed), key)}", {}).get("selection", {}).get("rows", [])
    return tuple(str(rows.sample_ids[seen[row]]) for row in ticked if row < len(seen))


@st.fragment
def _table(rows: MapRows, selected: NDArray[np.bool_], ringed: tuple[str, ...]) -> None:
    """The selected samples, the most shifted first; a page is read when it is turned to, and nothing else drawn anew.

    Those that are ticked are ringed on the map: where these are not the `ringed` ones any more, all is drawn anew.
    """
    listed, key = _listed(rows, selected), _table_key(rows, selected)
    seen = listed[rows_in_sight(len(listed), key=f"page-{key}")]
    before, after = rows.correct_reference[seen], rows.correct_current[seen]
    st.dataframe(
        pd.DataFrame(
            {
                "text": load_texts(rows.texts, seen),
                "label": rows.concepts[seen],
                "prediction": rows.predictions[seen],
                "before → now": [_went(*each) for each in zip(before, after, strict=True)],
                "shift (cosine)": rows.shift[seen].round(3),
                "confidence": rows.confidences[seen].round(2),
                "id": rows.sample_ids[seen],
            }
        ),
        hide_index=True,
        key=f"{key}-{_start(len(listed), key)}",
        on_select="rerun",
        selection_mode="multi-row",
        alt="The selected samples, the most shifted first",
    )
    turn_pages(len(listed), key=f"page-{key}", what="samples, the most shifted first")
    st.caption("Tick samples to ring them on the map.")
    if ticked_samples(rows, selected) != ringed:
        st.rerun()


def _start(n_listed: int, key: str) -> int:
    """The first row in sight: another page is another table, and what was ticked in one means nothing in the other."""
    start: int = rows_in_sight(n_listed, key=f"page-{key}").start
    return start


def _ticked_buttons(store: Store, ticked: tuple[str, ...], report: DriftReport) -> None:
    if not ticked or guest() is not None:
        return

    def take(mode: SelectionMode, sample_ids: tuple[str, ...], title: str) -> None:
        push_selection(SelectionStep(mode=mode, checkpoint=report.current, sample_ids=sample_ids, title=title))

    def take_nearest() -> None:
        near = nearest(store, report.current, report.split, ticked[0], n_nearest=_N_NEAREST)
        take("replace", tuple(each for each, _ in near), f"{ticked[0]} and its {len(near) - 1} nearest")

    count = f"{len(ticked):,} ticked in the table"
    with st.container(horizontal=True):
        st.button("Keep only these", key="ticked-keep", on_click=take, args=("replace", ticked, f"kept {count}"))
        st.button("Take these away", key="ticked-remove", on_click=take, args=("subtract", ticked, count))
        if len(ticked) == 1:
            st.button(f"It and its {_N_NEAREST} nearest", key="ticked-nearest", on_click=take_nearest)


def _listed(rows: MapRows, selected: NDArray[np.bool_]) -> NDArray[np.int64]:
    chosen = np.flatnonzero(selected)
    return chosen[np.argsort(-rows.shift[chosen], kind="stable")]


def _table_key(rows: MapRows, selected: NDArray[np.bool_]) -> str:
    """Another selection is another table: what was ticked in one means nothing in the other."""
    digest = hashlib.blake2b(np.packbits(selected).tobytes(), digest_size=8)
    digest.update(f"{rows.sample_ids[selected.argmax()]} {rows.shift.sum()}".encode())
    return f"selected-{int(selected.sum())}-{digest.hexdigest()}"


def _went(before: float, after: float) -> str:
    """What the evals said of a sample, before and now."""
    said = {0.0: "wrong", 1.0: "right"}
    return f"{said.get(float(before), '?')} → {said.get(float(after), '?')}"


def _words(rows: MapRows, selected: NDArray[np.bool_], *, key: str) -> None:
    words = _telling_words(key, rows, selected)
    if words:
        st.markdown("Words that set them apart: " + ", ".join(f"**{plain(word)}**" for word in words))


@st.cache_data(max_entries=64, show_spinner=False)
def _telling_words(key: str, _rows: MapRows, _selected: NDArray[np.bool_]) -> tuple[str, ...]:
    return telling_words(_rows, _selected)

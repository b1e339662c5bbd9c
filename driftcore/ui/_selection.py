"""What is selected: how many, of what, how wrong, how far; and what can be done with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from driftcore import export
from driftcore.records import DriftReport, MapFilter, MapRows, Selection, SelectionStep, Span
from driftcore.store import Store
from driftcore.ui._access import may_edit, only_for_editors, require_editor
from driftcore.ui._chosen import set_selection
from driftcore.ui._frame import plain
from driftcore.ui._pickers import members
from driftcore.ui._tables import percent_text
from driftcore.workflows.export_span import export_span, span_table
from driftcore.workflows.look import selected_span, summarize

_N_TEXTS = 8


def selection_panel(
    store: Store, rows: MapRows, selected: NDArray[np.bool_], report: DriftReport, steps: tuple[SelectionStep, ...]
) -> None:
    """A lasso that is not saved yet."""
    facts = summarize(rows, selected)
    st.subheader(f"{facts.n_samples:,} samples selected", anchor=False)
    _facts(facts)
    _texts(rows, selected)
    if not may_edit():
        return
    st.text_input("Name of the span", key="span-name", placeholder="what these samples are")

    def save() -> None:
        require_editor("save spans")
        # read here: a name that was just typed arrives together with the click
        name = st.session_state["span-name"]
        span = selected_span(rows, selected, report, name=name, polygon=_outline(steps, report.current))
        store.spans.write(span)
        set_selection(())
        st.session_state["span"] = span.span_id

    left, right = st.columns(2)
    left.button("Save as span", key="save-span", on_click=save, type="primary", icon=":material/bookmark_add:")
    with right:
        _download_selection(store, selected_span(rows, selected, report, polygon=_outline(steps, report.current)))


def span_panel(store: Store, span: Span, rows: MapRows | None = None) -> None:
    """A span that is kept; with its samples on the map where `rows` are given."""
    st.subheader(plain(span.name), anchor=False)
    if rows is not None:
        selected = members(rows, span)
        facts = summarize(rows, selected)
        st.markdown(f"**{facts.n_samples:,} samples selected**, kept as a span")
        _facts(facts)
        _texts(rows, selected)
    if not may_edit():
        return

    st.download_button(
        "Export CSV",
        data=only_for_editors("export", lambda: export_span(store, span.span_id).content),
        file_name=f"span-{span.span_id}.csv",
        mime="text/csv",
        key=f"export-{span.span_id}",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("With texts, labels, predictions, shift and a weight; formula cells are made plain text.")


def _outline(steps: tuple[SelectionStep, ...], current: str) -> tuple[tuple[float, float], ...]:
    """The polygon where one polygon says it all: drawn on all samples, at the checkpoint that is shown."""
    last = steps[-1]
    alone = last.mode == "replace" and last.filter == MapFilter() and last.checkpoint == current
    return last.polygon if alone else ()


def _download_selection(store: Store, span: Span) -> None:
    st.download_button(
        "Export CSV",
        data=only_for_editors("export", lambda: export.as_csv(span_table(store, span))),
        file_name=f"selection-{span.span_id}.csv",
        mime="text/csv",
        key="export-selection",
        icon=":material/download:",
        on_click="ignore",
    )


def _facts(facts: Selection) -> None:
    first, second, third = st.columns(3)
    wrong = "–" if facts.n_mispredicted is None else f"{facts.n_mispredicted:,}"
    first.metric("Mispredicted", wrong, help="Samples that the current checkpoint gets wrong.")
    second.metric("Mean shift", f"{facts.mean_shift:.3f}", help="Cosine distance after alignment: 0 = did not move.")
    largest = facts.concepts[0] if facts.concepts else ("none", 0)
    share = percent_text(largest[1] / facts.n_samples) if facts.n_samples else "–"
    third.metric("Largest concept", share, help="How much of the selection is of one concept.")
    st.markdown("Concepts: " + ", ".join(f"{plain(name)} {count:,}" for name, count in facts.concepts[:6]))


def _texts(rows: MapRows, selected: NDArray[np.bool_]) -> None:
    chosen = np.flatnonzero(selected)
    chosen = chosen[np.argsort(-rows.shift[chosen], kind="stable")][:_N_TEXTS]
    st.markdown("Most shifted")
    st.dataframe(
        pd.DataFrame(
            {
                "text": rows.texts[chosen],
                "label": rows.concepts[chosen],
                "prediction": rows.predictions[chosen],
                "shift": rows.shift[chosen].round(3),
            }
        ),
        hide_index=True,
        key="most-shifted",
    )

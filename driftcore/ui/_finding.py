"""Ways to a selection without drawing: what changed most, a search, and what is nearest to one sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from driftcore.records import DriftReport, MapRows, SelectionMode, SelectionStep
from driftcore.store import Store
from driftcore.ui._chosen import SELECTION, SELECTION_TAB, push_selection, selection_steps, undo_selection
from driftcore.ui._guest import guest
from driftcore.ui._loaders import load_texts
from driftcore.ui._map_loaders import load_found, load_suggested
from driftcore.ui._text import plain
from driftcore.workflows.find_samples import nearest

_TABS = ("What changed most", "Search", SELECTION)
_SUGGESTED_AT_MOST = 10
_MODES: dict[SelectionMode, str] = {"replace": "New selection", "add": "Add to it", "subtract": "Take away"}


def map_columns(*, beside: bool) -> Sequence[DeltaGenerator]:
    """Where the map, the second map and the tabs go: beside one map, beneath two."""
    if not beside:
        picture, tabs = st.columns([3, 2])
        return picture, picture, tabs
    return *st.columns(2), st.container()


def map_tabs(selected: NDArray[np.bool_]) -> Sequence[DeltaGenerator]:
    """The tabs beside the map: what changed most, search, selection; the last is open where a link selects."""
    return st.tabs(_TABS, key=SELECTION_TAB, default=_TABS[-1] if selected.any() else _TABS[0], on_change="rerun")


def changed_panel(rows: MapRows, report: DriftReport) -> None:
    """A ranked list of what changed most; a click selects. Also the keyboard's way to a selection."""
    if _is_guest():
        return
    mode = _pick_mode()
    suggested = load_suggested(rows, report)[:_SUGGESTED_AT_MOST]
    if not suggested:
        st.info("Nothing moved, and no sample that was right is wrong now: there is nothing to suggest.")
    for number, each in enumerate(suggested):
        st.button(
            plain(each.title),
            key=f"changed-{number}",
            on_click=_select,
            args=(mode, report.current, each.sample_ids, each.title),
            width="stretch",
        )


def search_panel(store: Store, rows: MapRows, report: DriftReport, selected: NDArray[np.bool_]) -> None:
    """Search by text, and by nearest neighbours of one selected sample."""
    if _is_guest():
        return
    mode = _pick_mode("search")
    text = st.text_input("Text to find", key="search-text", placeholder="a word or a part of one")
    found = load_found(rows, report, text)
    if text.strip():
        st.button(
            f"Select {int(found.sum()):,} samples with this text",
            key="search-select",
            on_click=_select,
            args=(mode, report.current, _ids(rows, found), f"text has “{text.strip()}”"),
            disabled=not found.any(),
            width="stretch",
        )
    candidates = np.flatnonzero(selected if selected.any() else found)[:200]
    if not len(candidates):
        st.caption("To find what is nearest to a sample, select it first, or search for its text.")
        return
    ids = rows.sample_ids[candidates]
    texts = {
        str(each): str(text or each)[:80] for each, text in zip(ids, load_texts(rows.texts, candidates), strict=True)
    }
    sample = st.selectbox(
        "Sample", list(texts), key="nearest-sample", format_func=lambda each: f"{texts[each]} ({each})"
    )
    n_nearest = st.slider("How many", 5, 100, 20, step=5, key="nearest-count")

    def select_nearest() -> None:
        near = nearest(store, report.current, report.split, sample, n_nearest=n_nearest)
        title = f"{sample} and its {len(near) - 1} nearest, up to {near[-1][1]:.3f} cosine distance"
        _select(mode, report.current, tuple(sample_id for sample_id, _ in near), title)

    st.button(
        "Select it and its nearest",
        key="nearest-select",
        on_click=select_nearest,
        width="stretch",
    )
    st.caption("Nearest by cosine distance of the full vectors at the current checkpoint, not by place on the map.")


def history_panel() -> None:
    """The selection's steps in words, with undo and clear."""
    steps = selection_steps()
    if not steps or guest() is not None:
        return
    last = max((number for number, step in enumerate(steps) if step.mode == "replace"), default=0)
    said = [f"{_MODES[step.mode].lower()}: {step.title or 'drawn on the map'}" for step in steps[last:]]
    st.caption("  \n".join(plain(line) for line in said[-5:]))
    with st.container(horizontal=True):
        st.button("Undo", key="selection-undo", icon=":material/undo:", on_click=undo_selection)
        st.button(
            "Clear", key="selection-clear", icon=":material/close:", on_click=_clear, args=(steps[-1].checkpoint,)
        )


def _is_guest() -> bool:
    """Whether this is a shared view, which shows one selection; then that is said."""
    if guest() is None:
        return False
    st.caption("A shared view shows the selection that it was shared for.")
    return True


def _pick_mode(where: str = "changed") -> SelectionMode:
    mode: SelectionMode | None = st.segmented_control(
        "A click makes a",
        list(_MODES),
        key=f"mode-{where}",
        default="replace",
        format_func=lambda each: _MODES[each],
        label_visibility="collapsed",
    )
    return mode or "replace"


def _select(mode: SelectionMode, checkpoint: str, sample_ids: tuple[str, ...], title: str) -> None:
    push_selection(SelectionStep(mode=mode, checkpoint=checkpoint, sample_ids=sample_ids, title=title))


def _clear(checkpoint: str) -> None:
    push_selection(SelectionStep(mode="replace", checkpoint=checkpoint, title="cleared"))


def _ids(rows: MapRows, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(str(sample_id) for sample_id in rows.sample_ids[chosen])

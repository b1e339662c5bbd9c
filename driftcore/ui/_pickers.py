"""Choices that live in the URL: whoever opens the link sees the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from driftcore.errors import listed
from driftcore.records import Checkpoint, DriftReport, MapFilter, MapRows, Span
from driftcore.store import Store
from driftcore.ui._guest import guest, locked_value
from driftcore.ui._loaders import load_splits
from driftcore.ui._text import plain


def pick(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str,
    shown: Callable[[str], str] = str,
    help: str | None = None,
) -> str:
    """One of `options`, kept in the URL under `key` and from page to page.

    The default is written into the URL too, so that a link keeps its meaning when defaults change; a value that
    the URL names and nobody knows is said.
    The guest of a share link gets what the view shows, and cannot change it.

    Raises
    ------
    NotAllowedError
        If a guest's view shows what is not here any more.
    """
    locked = locked_value(key, options, default)
    if locked is not None:
        st.selectbox(label, [locked], key=f"{key}-shared", format_func=shown, help=help, disabled=True)
        return locked
    _adopt_from_url(key, options)
    kept = st.session_state.get(key)
    # said anew on every run: on the next page it is another widget, which would begin at its first option
    st.session_state[key] = kept if kept in options else default
    chosen: str = st.selectbox(label, options, key=key, persist_state="session", format_func=shown, help=help)
    _write_to_url(key, chosen)
    return chosen


def _adopt_from_url(key: str, options: Sequence[str]) -> None:
    """Take over what a link says; what this session wrote there itself says nothing new."""
    asked = st.query_params.get(key)
    if asked is None or asked == _written().get(key):
        return
    if asked in options:
        st.session_state[key] = asked
    else:
        st.warning(f"The link names {key} '{plain(asked)}', which is not here. Known: {plain(listed(options))}.")


def _write_to_url(key: str, chosen: str) -> None:
    _written()[key] = chosen
    if st.query_params.get(key) != chosen:
        st.query_params[key] = chosen


def _written() -> dict[str, str]:
    """What this session wrote into the URL."""
    written: dict[str, str] = st.session_state.setdefault("written-to-url", {})
    return written


def pick_split(store: Store) -> str:
    """The split to look at: a choice where several keep the same samples through time, `validation` by default."""
    splits = load_splits()
    if len(splits) == 1 and guest() is None and "split" not in st.query_params:
        return splits[0]
    return pick("Split", splits, key="split", default=splits[0], help="Whose samples are followed through time.")


def pick_checkpoints(store: Store, split: str) -> tuple[str, str]:
    """Reference and current checkpoint, side by side."""
    having = [checkpoint for checkpoint in store.checkpoints() if split in checkpoint.splits]
    names = [checkpoint.checkpoint for checkpoint in having]
    left, right = st.columns(2)
    with left:
        reference = pick(
            "Reference checkpoint", names, key="reference", default=_reference(having), help="What is compared with."
        )
    with right:
        current = pick("Current checkpoint", names, key="current", default=names[-1], help="What is judged.")
    return reference, current


def step_buttons(store: Store, split: str, current: str) -> None:
    """One checkpoint back or forth in time, everything else kept."""
    names = [checkpoint.checkpoint for checkpoint in store.checkpoints() if split in checkpoint.splits]
    at = names.index(current)
    left, right = st.columns(2)
    _step_button(left, "Earlier", ":material/chevron_left:", names[at - 1] if at else None)
    _step_button(right, "Later", ":material/chevron_right:", names[at + 1] if at + 1 < len(names) else None)


def _step_button(place: DeltaGenerator, label: str, icon: str, target: str | None) -> None:
    def go() -> None:
        st.session_state["current"] = target

    place.button(
        label,
        key=f"step-{label}",
        icon=icon,
        on_click=go,
        disabled=target is None or guest() is not None,
        help=target,
        width="stretch",
    )


def pick_filter(rows: MapRows, report: DriftReport) -> MapFilter:
    """Which samples to show: all, those that need attention, or one concept. The lasso selects from these."""
    moved = tuple(each.concept for each in report.concepts if each.kind != "none")
    names = sorted({str(name) for name in rows.concepts if name is not None})
    filters = {"all": MapFilter(), "moved": MapFilter(concepts=moved), "mispredicted": MapFilter(outcome="wrong")}
    labels = {"all": "All samples", "moved": "Concepts that moved", "mispredicted": "Mispredicted samples"}
    chosen = pick(
        "Show",
        [*filters, *(f"concept:{name}" for name in names)],
        key="show",
        default="all",
        shown=lambda option: labels.get(option, option.removeprefix("concept:")),
    )
    return filters[chosen] if chosen in filters else MapFilter(concepts=(chosen.removeprefix("concept:"),))


def pick_span(store: Store, report: DriftReport) -> Span | None:
    """A kept span of these two checkpoints, or none."""
    spans = {
        span.span_id: span
        for span in store.spans.all()
        if (span.reference, span.current, span.split) == (report.reference, report.current, report.split)
    }
    chosen = pick(
        "Span",
        ["none", *spans],
        key="span",
        default="none",
        shown=lambda option: "None" if option == "none" else f"{spans[option].name} ({spans[option].n_samples})",
    )
    return spans.get(chosen)


def members(rows: MapRows, span: Span) -> NDArray[np.bool_]:
    """Which samples of the map are in the span."""
    return np.isin(rows.sample_ids.astype(str), np.array(span.sample_ids, dtype=str))


def _reference(checkpoints: Sequence[Checkpoint]) -> str:
    return next((each.checkpoint for each in checkpoints if each.pinned), checkpoints[0].checkpoint)

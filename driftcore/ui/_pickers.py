"""Choices that live in the URL: whoever opens the link sees the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from driftcore.errors import listed
from driftcore.records import Checkpoint, DriftReport, MapRows, Span
from driftcore.ui._guest import guest, locked_value, locked_values
from driftcore.ui._loaders import load_checkpoints, load_spans, load_splits
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
    asked = _news(key)
    if asked is not None and asked[0] in options:
        st.session_state[key] = asked[0]
    elif asked is not None:
        _say_unknown(key, asked[:1], options)
    kept = st.session_state.get(key)
    # said anew on every run: on the next page it is another widget, which would begin at its first option
    st.session_state[key] = kept if kept in options else default
    chosen: str = st.selectbox(label, options, key=key, persist_state="session", format_func=shown, help=help)
    _write_to_url(key, chosen)
    return chosen


def pick_many(label: str, options: Sequence[str], *, key: str, help: str | None = None) -> tuple[str, ...]:
    """Any number of `options`, kept in the URL under `key`; none says that nothing was chosen."""
    locked = locked_values(key)
    if locked is not None:
        chosen = [value for value in locked if value]
        st.multiselect(label, chosen, default=chosen, key=f"{key}-shared", help=help, disabled=True)
        return tuple(chosen)
    asked = _news(key)
    if asked is not None:
        st.session_state[key] = [value for value in asked if value in options]
        _say_unknown(key, [value for value in asked if value and value not in options], options)
    # what was chosen at another checkpoint may not be among these
    st.session_state[key] = [value for value in st.session_state.get(key, []) if value in options]
    picked: list[str] = st.multiselect(label, options, key=key, persist_state="session", help=help)
    _write_to_url(key, *(picked or [""]))
    return tuple(picked)


def pick_text(label: str, *, key: str, placeholder: str = "", help: str | None = None) -> str:
    """A text that a person types, kept in the URL under `key`."""
    locked = locked_values(key)
    if locked is not None:
        chosen = locked[0] if locked else ""
        st.text_input(label, chosen, key=f"{key}-shared", help=help, disabled=True)
        return chosen
    asked = _news(key)
    if asked is not None:
        st.session_state[key] = asked[0]
    st.session_state[key] = st.session_state.get(key, "")
    typed = st.text_input(label, key=key, persist_state="session", placeholder=placeholder, help=help)
    _write_to_url(key, typed or "")
    return (typed or "").strip()


def pick_number(
    label: str, *, key: str, default: float, low: float, high: float, step: float, help: str | None = None
) -> float:
    """A number between `low` and `high`, kept in the URL under `key`; one that is not there is said."""
    locked = locked_values(key)
    if locked is not None:
        chosen = _number(locked[0], low, high) if locked else default
        st.number_input(label, value=chosen, key=f"{key}-shared", help=help, disabled=True)
        return default if chosen is None else chosen
    asked = _news(key)
    if asked is not None:
        number = _number(asked[0], low, high)
        if number is None:
            st.warning(f"The link names {key} '{plain(asked[0])}', which is not a number from {low:g} to {high:g}.")
        else:
            st.session_state[key] = number
    st.session_state[key] = st.session_state.get(key, default)
    picked = st.number_input(label, low, high, step=step, key=key, persist_state="session", format="%g", help=help)
    picked = default if picked is None else picked
    _write_to_url(key, f"{picked:g}")
    return picked


def _number(text: str, low: float, high: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    # not a number compares with nothing
    return number if low <= number <= high else None


def _news(key: str) -> tuple[str, ...] | None:
    """What a link says under `key`; None where it says nothing, or only what this session wrote there itself."""
    asked = tuple(st.query_params.get_all(key))
    return asked if asked and asked != _written().get(key) else None


def _say_unknown(key: str, unknown: Sequence[str], options: Sequence[str]) -> None:
    for value in unknown:
        st.warning(f"The link names {key} '{plain(value)}', which is not here. Known: {plain(listed(options))}.")


def _write_to_url(key: str, *chosen: str) -> None:
    _written()[key] = chosen
    if tuple(st.query_params.get_all(key)) != chosen:
        st.query_params[key] = list(chosen)


def _written() -> dict[str, tuple[str, ...]]:
    """What this session wrote into the URL."""
    written: dict[str, tuple[str, ...]] = st.session_state.setdefault("written-to-url", {})
    return written


def pick_split() -> str:
    """The split to look at: a choice where several keep the same samples through time, `validation` by default."""
    splits = load_splits()
    if len(splits) == 1 and guest() is None and "split" not in st.query_params:
        return splits[0]
    return pick("Split", splits, key="split", default=splits[0], help="Whose samples are followed through time.")


def pick_checkpoints(split: str) -> tuple[str, str]:
    """Reference and current checkpoint, side by side."""
    having = [checkpoint for checkpoint in load_checkpoints() if split in checkpoint.splits]
    names = [checkpoint.checkpoint for checkpoint in having]
    left, right = st.columns(2)
    with left:
        reference = pick(
            "Reference checkpoint", names, key="reference", default=_reference(having), help="What is compared with."
        )
    with right:
        current = pick("Current checkpoint", names, key="current", default=_current(having), help="What is judged.")
    return reference, current


def pick_span(report: DriftReport) -> Span | None:
    """A kept span of these two checkpoints, or none."""
    spans = {
        span.span_id: span
        for span in (each.span for each in load_spans() if each.found or each.status != "open")
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
    return np.asarray(pd.Index(rows.sample_ids).isin(span.sample_ids))


def _current(checkpoints: Sequence[Checkpoint]) -> str:
    """The newest of the model's history; where there is none, the newest of all."""
    return next((each.checkpoint for each in reversed(checkpoints) if each.on_line), checkpoints[-1].checkpoint)


def _reference(checkpoints: Sequence[Checkpoint]) -> str:
    return next((each.checkpoint for each in checkpoints if each.pinned), checkpoints[0].checkpoint)

"""A number with a line of plain words under it, so that nobody has to know what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from driftcore.ui._text import plain

Better = Literal["up", "down", "neither"]
_COLORS: dict[Better, Literal["normal", "inverse", "off"]] = {"up": "normal", "down": "inverse", "neither": "off"}


@contextmanager
def metrics(*, key: str) -> Iterator[None]:
    """A row of metrics that goes on below where the window is narrow."""
    with st.container(horizontal=True, key=key, gap="medium"):
        yield


def metric(label: str, value: str | int | None, words: str, *, delta: str | None = None, better: Better = "up") -> None:
    """One number: what it is called, how much, and in plain words what it says.

    Parameters
    ----------
    label : str
        Its name, with the unit where the value does not say it.
    value : str, int or None
        A dash where it is unknown.
    words : str
        What the number says, of what and since when; any text is shown as it is.
    delta : str, optional
        How much it changed, with its unit and a sign.
    better : {"up", "down", "neither"}
        Which way is good news.
    """
    shown = "–" if value is None else f"{value:,}" if isinstance(value, int) else plain(value)
    with st.container(gap=None, width="stretch"):
        st.metric(label, shown, delta=delta, delta_color=_COLORS[better])
        st.caption(plain(words))

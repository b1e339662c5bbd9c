"""The frame that every page stands in: navigation, title, and one clear line when something is missing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from driftcore.errors import DriftcoreError
from driftcore.settings import bundled

_PAGES = (
    ("overview", "Overview"),
    ("map", "Map"),
    ("spans", "Spans"),
    ("checkpoints", "Checkpoints"),
)

# two loops, the colours of accuracy and drift
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="4">'
    '<circle cx="11" cy="16" r="8" stroke="#0072B2"/><circle cx="21" cy="16" r="8" stroke="#E69F00"/></svg>'
)

# whether this thread's script run came in through app.py
_entrance = threading.local()


def run() -> None:
    """The whole of app.py: declare the pages and run the one that was asked for."""
    st.set_page_config(page_title="Driftloop", page_icon=_ICON, layout="wide")
    chosen = st.navigation(_navigation(), position="top")
    _entrance.open = True
    try:
        chosen.run()
    finally:
        _entrance.open = False


@contextmanager
def page(title: str, *, caption: str) -> Iterator[None]:
    """A page: its title, its question, and its body; an expected failure becomes one line that says what to do."""
    if not getattr(_entrance, "open", False):
        # a folder named pages/ is served without app.py on the first deep link after a restart
        st.navigation(_navigation(), position="top")
        st.rerun()
    st.title(title, anchor=False)
    st.caption(caption)
    try:
        yield
    except DriftcoreError as error:
        st.error(plain(str(error)), icon=":material/error:")


def plain(text: str) -> str:
    r"""Text as it is, where streamlit would read Markdown: names and messages may carry anything.

    >>> plain("a *b* [c](d)")
    'a \\*b\\* \\[c\\](d)'
    """
    return re.sub(r"([\\`*_{}\[\]<>#+\-!|~$:])", r"\\\1", text)


def _navigation() -> list[st.Page]:
    folder = bundled("pages")
    return [
        # without an icon: the browser would fetch a page's icon from the network
        st.Page(folder / f"{name}.py", title=title, url_path=name, default=name == "overview")
        for name, title in _PAGES
    ]

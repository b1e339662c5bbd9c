"""The frame that every page stands in: navigation, title, and one clear line when something is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import streamlit as st

from driftcore.errors import DriftcoreError
from driftcore.settings import bundled
from driftcore.ui._access import person, signed_in
from driftcore.ui._actions import say_outcome
from driftcore.ui._guest import guest
from driftcore.ui._share import admit_by_link, copy_link, restore_view, view_notes
from driftcore.ui._signin import account, back_to_choices, must_sign_in, sign_in_page, sign_out, warn_when_open
from driftcore.ui._text import plain as plain

# every page that there is: name (its address and its file in pages/) and title
PAGES = (
    ("overview", "Overview"),
    ("map", "Map"),
    ("creep", "Creep"),
    ("spans", "Spans"),
    ("retraining", "Retraining"),
    ("checkpoints", "Checkpoints"),
)

# two loops, the colours of accuracy and drift
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="4">'
    '<circle cx="11" cy="16" r="8" stroke="#0072B2"/><circle cx="21" cy="16" r="8" stroke="#E69F00"/></svg>'
)

# white on the dark theme's light blue would have 2.3:1; on this blue 5.2:1, whatever the theme
_STYLE = (
    "<style>[data-testid='stBaseButton-primary'] { background: #0072B2; border-color: #0072B2; color: #fff; }"
    "[data-testid='stBaseButton-primary']:hover { background: #00609A; border-color: #00609A; color: #fff; }"
    # which files can be uploaded is said in a line that a phone would cut
    "[data-testid='stFileUploaderDropzoneInstructions'] * { white-space: normal; }</style>"
)

# whether this thread's script run came in through app.py
_entrance = threading.local()


def run() -> None:
    """The whole of app.py: declare the pages and run the one that was asked for."""
    st.set_page_config(page_title="Driftloop", page_icon=_ICON, layout="wide")
    pages = _navigation()
    warn_when_open(st.get_option("server.address"), signed_in() is not None)
    try:
        admit_by_link()
        if must_sign_in():
            st.navigation(pages, position="hidden")
            sign_in_page()
            return
        person()
    except DriftcoreError as error:
        # who may not come in is not led anywhere either
        st.navigation(pages, position="hidden")
        st.error(plain(str(error)), icon=":material/block:")
        sign_out()
        return
    chosen = st.navigation(pages, position="top" if guest() is None else "hidden")
    restore_view(chosen.url_path or PAGES[0][0])
    back_to_choices(landed=not chosen.url_path)
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
        st.navigation(_navigation(), position="hidden" if "share" in st.query_params else "top")
        st.rerun()
    st.html(_STYLE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", key="page-title"):
            st.title(title, anchor=False, width="content")
            st.caption(caption, width="content")
        with st.container(horizontal=True, width="content"):
            copy_link()
            account()
    view_notes()
    say_outcome()
    try:
        yield
    except DriftcoreError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _navigation() -> list[st.Page]:
    folder = bundled("pages")
    first = PAGES[0][0]
    # Streamlit serves the default page at the root and nowhere else. Asked for by its name, as in links to it, it is
    # a page like the others; a redirect from one to the other would hold whoever goes back in the browser
    named = urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{first}")
    pages = [
        # without an icon: the browser would fetch a page's icon from the network
        st.Page(folder / f"{name}.py", title=title, url_path=name, default=name == first and not named)
        for name, title in PAGES
    ]
    if named:
        root = st.Page(
            lambda: st.switch_page(pages[0]), title=PAGES[0][1], url_path="start", default=True, visibility="hidden"
        )
        pages.append(root)
    return pages

"""Links from page to page that carry the choices along."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from driftcore.settings import bundled
from driftcore.ui._frame import PAGES
from driftcore.ui._guest import guest


def page_link(page: str, label: str, *, icon: str, choices: Mapping[str, str], help: str | None = None) -> None:
    """A link to a page with choices in its address; nothing where there is no such page, and nothing for guests.

    Parameters
    ----------
    page : str
        Name of the page, as in its address.
    label : str
    icon : str
    choices : mapping of str to str
        Read there by `pick`, under the same keys.
    help : str, optional
    """
    # a share link opens one view: a link to another page would lead back to it
    if guest() is None and page in dict(PAGES):
        st.page_link(bundled("pages") / f"{page}.py", label=label, icon=icon, query_params=dict(choices), help=help)

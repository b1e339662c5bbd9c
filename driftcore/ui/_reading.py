"""The store as a page reads it, and what tells that it has changed: asked for once in a run."""

from __future__ import annotations

import streamlit as st

from driftcore.settings import read_settings
from driftcore.store import Store, open_store
from driftcore.ui._access import may_edit
from driftcore.ui._run import once_a_run


def current_store() -> Store:
    """The store that the settings name, for reading only where the person may not edit; it must exist."""
    return opened(once_a_run("settings", read_settings).store, read_only=not may_edit())


def shared_store() -> Store:
    """The store for reading what a share link opens: before it is read, nobody is known."""
    return opened(once_a_run("settings", read_settings).store)


def stamp_now() -> str:
    """The store's stamp, asked for once in a run."""
    return once_a_run("stamp", current_store().stamp)


@st.cache_resource(max_entries=4, show_spinner=False)
def opened(uri: str, *, read_only: bool = True) -> Store:
    """The store at `uri`, opened once for all sessions; it must exist."""
    return open_store(uri, create=False, read_only=read_only, storage_options=read_settings().plain_storage())

"""The store as a page reads it, and what tells that it has changed: asked for once in a run."""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from driftcore.settings import read_settings
from driftcore.store import Store, open_store
from driftcore.ui._access import may_edit

# what the run in this thread has seen of the store
_SEEN = threading.local()


def current_store() -> Store:
    """The store that the settings name, for reading only where the person may not edit; it must exist."""
    return opened(read_settings().store, read_only=not may_edit())


def shared_store() -> Store:
    """The store for reading what a share link opens: before it is read, nobody is known."""
    return opened(read_settings().store)


def stamp_now() -> str:
    """The store's stamp, asked for once in a run of a script: what a page says belongs together."""
    store, ctx = current_store(), get_script_run_ctx(suppress_warning=True)
    # each run, of a page or a fragment, begins with cursors of its own; a thread has one run at a time
    run = None if ctx is None else ctx.cursors
    if run is None or getattr(_SEEN, "of", None) != (store.uri, id(run)):
        _SEEN.stamp, _SEEN.of, _SEEN.run = store.stamp(), (store.uri, id(run)), run
    return str(_SEEN.stamp)


def look_again() -> None:
    """What was written in this run is to be seen in it."""
    _SEEN.of = None


@st.cache_resource(max_entries=4, show_spinner=False)
def opened(uri: str, *, read_only: bool = True) -> Store:
    """The store at `uri`, opened once for all sessions; it must exist."""
    return open_store(uri, create=False, read_only=read_only, storage_options=read_settings().plain_storage())

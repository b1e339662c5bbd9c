"""What a press of a button does to the store, and the line that says how it went."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from driftcore.errors import DriftcoreError
from driftcore.ui._access import require_editor
from driftcore.ui._run import look_again
from driftcore.ui._text import plain

_SAID, _FAILED = "action-said", "action-failed"


def act(what: str, work: Callable[[], str]) -> bool:
    """Do what an editor may do, in the callback of a button; the next run says how it went.

    Parameters
    ----------
    what : str
        The action, as in "decide on spans".
    work : function without arguments
        Does it, and returns what is done now.

    Returns
    -------
    bool
        Whether it was done.
    """
    try:
        require_editor(what)
        say_later(work())
        look_again()
    except DriftcoreError as error:
        st.session_state[_FAILED] = str(error)
        return False
    return True


def say_later(said: str) -> None:
    """Leave a line for the next run, as before `st.rerun`."""
    st.session_state[_SAID] = said


def say_outcome() -> None:
    """Say once how the last action went."""
    said, failed = st.session_state.pop(_SAID, None), st.session_state.pop(_FAILED, None)
    if said:
        st.toast(plain(said), icon=":material/check:")
    if failed:
        st.error(plain(failed), icon=":material/error:")

"""Whether this session is a guest's: opened by a share link, for one view and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from driftcore.errors import NotAllowedError, listed
from driftcore.records import SharedView

_GUEST = "guest-of"


def guest() -> SharedView | None:
    """What this session was opened for by a share link, or None where it is not a guest's."""
    shared: SharedView | None = st.session_state.get(_GUEST)
    return shared


def admit(shared: SharedView) -> None:
    """Make this session a guest's; there is no way back, another session is needed for anything else."""
    st.session_state[_GUEST] = shared


def refuse_when_over() -> None:
    """Stop a guest whose link ended while the page was open.

    Raises
    ------
    NotAllowedError
        If the last moment has passed.
    """
    shared = guest()
    if shared is not None and datetime.now(UTC) >= shared.until:
        raise NotAllowedError(f"This share link expired on {shared.until:%Y-%m-%d %H:%M} UTC. Ask for a new one.")


def locked_values(key: str) -> tuple[str, ...] | None:
    """What the shared view chose under `key`, empty where it had no such choice; None for who may choose."""
    shared = guest()
    return None if shared is None else (shared.view.values(key) or ())


def locked_value(key: str, options: Sequence[str], default: str) -> str | None:
    """The one option that a guest gets, or None for who may choose.

    Raises
    ------
    NotAllowedError
        If what the view shows is not here any more: a default would open something else.
    """
    values = locked_values(key)
    if values is None:
        return None
    chosen = values[0] if values else default
    if chosen not in options:
        raise NotAllowedError(f"The shared view shows the {key} '{chosen}', which is not here any more.")
    return chosen


def check_shared(*names: str) -> None:
    """Let a guest read nothing but what the view names.

    Raises
    ------
    NotAllowedError
        If a checkpoint is asked for that the view does not show.
    """
    shared = guest()
    if shared is None:
        return
    others = [name for name in names if name not in shared.names]
    if others:
        raise NotAllowedError(f"This share link opens one view, without {listed(others)}.")

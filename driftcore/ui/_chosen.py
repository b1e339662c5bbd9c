"""The selection and the part of the map in sight: one of each in a session, whatever page or checkpoint is open."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from driftcore.records import Camera, SelectionStep
from driftcore.ui._guest import guest

SELECTION_TAB, SELECTION = "map-tab", "Selection"
_STEPS, _CAMERA, _SERIAL = "selection-steps", "selection-camera", "selection-camera-serial"


def selection_steps() -> tuple[SelectionStep, ...]:
    """What the person did to the selection, in order; a guest of a share link sees the view's."""
    shared = guest()
    if shared is not None:
        return shared.view.steps
    steps: tuple[SelectionStep, ...] = st.session_state.get(_STEPS, ())
    return steps


def set_selection(steps: Sequence[SelectionStep]) -> None:
    """Put these steps in the place of all; none clears the selection."""
    st.session_state[_STEPS] = tuple(steps)


def push_selection(step: SelectionStep) -> None:
    """One step more; one that replaces makes those before it needless, but undo goes back to them."""
    set_selection((*selection_steps(), step))


def undo_selection() -> None:
    """Take the last step back."""
    set_selection(selection_steps()[:-1])


def show_selection() -> None:
    """Open the tab that says what is selected, as when something was drawn."""
    st.session_state[SELECTION_TAB] = SELECTION


def camera() -> Camera:
    """What part of the map is in sight."""
    seen: Camera = st.session_state.get(_CAMERA, Camera())
    return seen


def keep_camera(seen: Camera) -> None:
    """Keep what part of the map is in sight, as the person left it."""
    st.session_state[_CAMERA] = seen


def set_camera(seen: Camera) -> None:
    """Bring this part of the map into sight."""
    keep_camera(seen)
    st.session_state[_SERIAL] = camera_serial() + 1


def camera_serial() -> int:
    """Changes each time that the map is to look elsewhere."""
    serial: int = st.session_state.get(_SERIAL, 0)
    return serial

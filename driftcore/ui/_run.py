"""What is asked for once in a run of a script, of a page or of a fragment: what it says then belongs together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from streamlit.runtime.scriptrunner import get_script_run_ctx

Value = TypeVar("Value")


class _Known(threading.local):
    """A thread runs one script at a time."""

    run: object = None
    values: dict[str, Any]


_KNOWN = _Known()


def once_a_run(name: str, make: Callable[[], Value]) -> Value:
    """What `make` returned when this run asked first; outside of a run it is made each time."""
    ctx = get_script_run_ctx(suppress_warning=True)
    if ctx is None:
        return make()
    # every run begins with cursors of its own; kept here, so that no later run has them at the same address
    if _KNOWN.run is not ctx.cursors:
        _KNOWN.run, _KNOWN.values = ctx.cursors, {}
    if name not in _KNOWN.values:
        _KNOWN.values[name] = make()
    return cast("Value", _KNOWN.values[name])


def look_again() -> None:
    """What was written in this run is to be seen in it."""
    _KNOWN.run = None

"""The map's component in the browser: what was built from `map/`, and how it is mounted."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent / "map"


def bundle() -> str | None:
    """The built code, or None where it was not built or ``DRIFTLOOP_MAP=plotly`` asks for the other map."""
    return None if os.environ.get("DRIFTLOOP_MAP") == "plotly" else _built()


@cache
def _built() -> str | None:
    built = _FOLDER / "dist" / "map.js"
    return built.read_text(encoding="utf-8") if built.is_file() else None


def mount_map(
    cloud: bytes,
    scene: dict[str, Any],
    *,
    key: str,
    act: Callable[[dict[str, Any]], None],
    look: Callable[[dict[str, float]], None],
) -> None:
    """Mount the samples and the scene around them.

    `act` gets what the person did, as types.ts writes it; `look` the part of the map in sight once it is still.
    """
    samples, drawn = _components()
    samples(data=cloud, key=f"{key}-samples", height=1)

    def acted() -> None:
        event = st.session_state[key].get("event")
        if event is not None:
            act(event)

    def looked() -> None:
        seen = st.session_state[key].get("camera")
        if seen is not None:
            look(seen)

    drawn(data=scene, key=key, on_event_change=acted, on_camera_change=looked)


@cache
def _components() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The two components, see index.ts: the samples bring the code, the scene only knocks."""
    source = _FOLDER / "src"
    samples = st.components.v2.component("driftloop-samples", js=bundle())
    scene = st.components.v2.component(
        "driftloop-map",
        html='<div class="host"></div>',
        css=(source / "map.css").read_text(encoding="utf-8"),
        js=(source / "knock.js").read_text(encoding="utf-8"),
    )
    return samples, scene

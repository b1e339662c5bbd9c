"""Which samples the map shows, and what it shows of them: choices behind one button, all of them in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
import streamlit as st

from driftcore.errors import listed
from driftcore.records import DriftReport, Frame, MapFilter, MapRows, Outcome
from driftcore.ui._guest import guest
from driftcore.ui._pickers import pick, pick_many, pick_number, pick_text
from driftcore.ui._text import plain
from driftcore.workflows.share import NO_CHOICE

_OUTCOMES: dict[str, str] = {
    "any": "Right or wrong",
    "wrong": "Wrong now",
    "newly wrong": "Right before, wrong now",
    "newly right": "Wrong before, right now",
}
_TRAILS = {"0": "No trails", "1": "The 1 %", "5": "The 5 %", "10": "The 10 %", "25": "The 25 %"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapChoices:
    """What the map shows: the samples that pass `filter`, trails for the `trailed` share of them that shifted most."""

    filter: MapFilter
    trailed: float


def pick_map_choices(rows: MapRows, report: DriftReport) -> MapChoices:
    """Filters and trails. A lasso selects from what the filters let through."""
    with st.popover("Filters and trails", icon=":material/filter_alt:", width="stretch", key="map-filters"):
        outcome = pick("Outcome", get_args(Outcome), key="outcome", default="any", shown=lambda each: _OUTCOMES[each])
        concepts = pick_many(
            "Concepts",
            sorted(str(name) for name in pd.unique(rows.concepts) if name is not None),
            key="concepts",
            help="None chosen: all of them.",
        )
        _offer_moved(report)
        clusters = pick_many(
            "Clusters",
            [str(cluster) for cluster in np.unique(rows.clusters) if cluster >= 0],
            key="clusters",
            help="Clusters of the current checkpoint, by their numbers. None chosen: all of them, and noise.",
        )
        shift = pick_number(
            "Shift of at least",
            key="min_shift",
            default=0.0,
            low=0.0,
            high=2.0,
            step=0.01,
            help="Cosine distance after alignment, from 0, which did not move, to 2.",
        )
        text = pick_text("Text has", key="text", placeholder="a word or a part of one")
        trailed = pick(
            "Trails for",
            tuple(_TRAILS),
            key="trails",
            default="10",
            shown=lambda each: _TRAILS[each] if each == "0" else f"{_TRAILS[each]} that shifted most",
            help="A line from where a sample was at the reference. Switched on by Trails above the map.",
        )
    wanted = MapFilter(
        concepts=concepts,
        clusters=tuple(int(cluster) for cluster in clusters),
        outcome=next(each for each in get_args(Outcome) if each == outcome),
        min_shift=shift,
        text=text,
    )
    said = _said(wanted)
    if said:
        st.caption(f"Shown: {plain(said)}.")
    return MapChoices(filter=wanted, trailed=int(trailed) / 100)


def pick_beside(frame: Frame, current: str) -> str | None:
    """Another checkpoint to draw beside the current one, or none."""
    names = [step.checkpoint for step in frame.steps if step.checkpoint != current]
    if st.session_state.get("beside") == current:
        # what stood beside became the one that is judged
        st.session_state["beside"] = NO_CHOICE
    chosen = pick(
        "Side by side with",
        [NO_CHOICE, *names],
        key="beside",
        default=NO_CHOICE,
        shown=lambda name: "One map" if name == NO_CHOICE else name,
        help="Two checkpoints on the same map: a lasso on either selects in both.",
    )
    return None if chosen == NO_CHOICE else chosen


def _offer_moved(report: DriftReport) -> None:
    moved = [each.concept for each in report.concepts if each.kind != "none"]
    if moved and guest() is None:
        st.button("Those that moved", key="concepts-moved", on_click=_show_concepts, args=(moved,))


def _show_concepts(names: list[str]) -> None:
    st.session_state["concepts"] = names


def _said(wanted: MapFilter) -> str:
    parts = []
    if wanted.concepts:
        parts.append(listed(wanted.concepts, limit=4))
    if wanted.clusters:
        parts.append(f"clusters {', '.join(str(cluster) for cluster in wanted.clusters)}")
    if wanted.outcome != "any":
        parts.append(_OUTCOMES[wanted.outcome].lower())
    if wanted.min_shift:
        parts.append(f"shift of {wanted.min_shift:g} and more")
    if wanted.text:
        parts.append(f"text with “{wanted.text}”")
    return "; ".join(parts)

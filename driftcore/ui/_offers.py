"""What is not computed yet: say so, offer to compute it, and show how far it is. Never inside a page load."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from driftcore.ui._access import may_edit, require_editor
from driftcore.ui._reading import current_store
from driftcore.ui._text import plain
from driftcore.workflows.cluster_events import cluster_events
from driftcore.workflows.compare import compare
from driftcore.workflows.corridor import make_corridor
from driftcore.workflows.make_frame import make_frame
from driftcore.workflows.progress import Progress
from driftcore.workflows.timeline import fill_timeline


def offer_compare(reference: str, current: str, split: str) -> None:
    """Offer to compare two checkpoints."""
    _offer(
        f"{plain(current)} has not been compared with {plain(reference)} yet.",
        "Compare them now",
        lambda progress: compare(current_store(), reference, current, split=split, align=True, progress=progress),
    )


def offer_windows(reference: str, current: str, split: str) -> None:
    """Offer to compare a split that has other samples at each of two checkpoints."""
    _offer(
        f"The samples of {plain(split)} at {plain(current)} have not been compared with those at {plain(reference)} "
        f"yet; `driftloop compare REFERENCE CURRENT --split {plain(split)}` does the same.",
        f"Compare {split} now",
        lambda progress: compare(current_store(), reference, current, split=split, align=True, progress=progress),
    )


def offer_frame(reference: str, split: str) -> None:
    """Offer to compute the map of a reference."""
    _offer(
        f"The map of {plain(reference)} has not been computed yet, or lacks the newest checkpoint. The first one on a "
        "machine takes a minute.",
        "Compute the map now",
        lambda progress: make_frame(current_store(), reference, split=split, progress=progress),
    )


def offer_timeline(reference: str, split: str, n_missing: int) -> None:
    """Offer to compare all checkpoints with the reference."""
    _offer(
        f"{n_missing} checkpoints have not been compared with {plain(reference)} yet.",
        "Compare them all now",
        lambda progress: fill_timeline(current_store(), reference, split=split, progress=progress),
    )


def offer_corridor(reference: str, split: str, pair: tuple[str, str], n_missing: int) -> None:
    """Offer to measure the corridor of a pair."""
    _offer(
        f"The corridor of {plain(pair[0])} and {plain(pair[1])} has not been measured at {n_missing} checkpoints yet. "
        "The first pair may take as long as comparing them did; further pairs are quicker.",
        "Measure the corridor now",
        lambda progress: make_corridor(current_store(), reference, pair, split=split, progress=progress),
    )


def offer_clusters(reference: str, current: str, split: str) -> None:
    """Offer to find out what became of the reference's clusters."""
    _offer(
        f"The clusters of {plain(reference)} and {plain(current)} have not been compared yet. To know what is sure, "
        "the reference is clustered a hundred times: that takes from seconds to minutes.",
        "Compare the clusters now",
        lambda progress: cluster_events(current_store(), reference, current, split=split, progress=progress),
    )


def _offer(what: str, label: str, work: Callable[[Progress], object]) -> None:
    st.info(what, icon=":material/hourglass_empty:")
    if may_edit() and st.button(plain(label), key=f"offer-{label}", type="primary"):
        require_editor("compute")
        bar = st.progress(0.0, text="starting")

        def show(doing: str, share: float) -> None:
            bar.progress(min(max(share, 0.0), 1.0), text=plain(doing))

        work(show)
        st.rerun()

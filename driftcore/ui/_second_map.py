"""The same map at another checkpoint, beside the first: one selection, one part in sight."""

from __future__ import annotations

from collections.abc import Sequence

from driftcore import charts
from driftcore.records import DriftReport, Frame, SelectionStep, Span
from driftcore.ui._filters import MapChoices
from driftcore.ui._loaders import load_report
from driftcore.ui._map import draw_map, map_notes
from driftcore.ui._map_loaders import load_rows, load_selected
from driftcore.ui._offers import offer_compare
from driftcore.ui._pickers import members


def draw_other_map(
    beside: DriftReport,
    other: str,
    frame: Frame,
    *,
    steps: tuple[SelectionStep, ...],
    span: Span | None,
    color: charts.ColorBy,
    choices: MapChoices,
    ringed: Sequence[str],
) -> None:
    """Draw the map of the checkpoint `other`; what is selected on the first is selected here, and the other way."""
    report = load_report(beside.reference, other, beside.split)
    if report is None:
        offer_compare(beside.reference, other, beside.split)
        return
    rows = load_rows(frame, report)
    chosen = load_selected(rows, steps, frame, report)
    selected = chosen if chosen.any() or span is None else members(rows, span)
    draw_map(
        rows,
        report,
        frame,
        color=color,
        choices=choices,
        selected=selected,
        ringed=ringed,
        key="map-other",
        beside=beside.current,
    )
    map_notes(rows, choices, frame, report)

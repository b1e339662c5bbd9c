"""Accuracy and drift on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from driftcore.charts._colors import GREY, SERIES, SYMBOLS, faded
from driftcore.charts._text import safe
from driftcore.records import Moment, PairPoint


def timeline_figure(
    moments: Sequence[Moment],
    histories: Mapping[tuple[str, str], Sequence[PairPoint]],
    *,
    marked: str | None = None,
    onsets: Sequence[tuple[str, str]] = (),
) -> go.Figure:
    """Accuracy above, gap closure of the pairs worth watching below, checkpoint by checkpoint.

    Parameters
    ----------
    moments : sequence of Moment, in order of time
    histories : mapping of (concept, concept) to one PairPoint a moment
    marked : str, optional
        The checkpoint that the page is about.
    onsets : sequence of (concept, checkpoint)
        When concepts started to move; said of those that are part of a drawn pair.
    """
    figure = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.12,
        subplot_titles=("Accuracy (% of samples)", "Gap closure since the reference (% of the gap that has gone)"),
    )
    names = [safe(moment.checkpoint) for moment in moments]
    accuracies = [dict(moment.accuracy) for moment in moments]
    # accuracy on the rows it was trained on says nothing about the model
    splits = sorted({split for accuracy in accuracies for split in accuracy} - {"train"}, reverse=True)
    for number, split in enumerate(splits):
        values = [_percent(accuracy.get(split)) for accuracy in accuracies]
        figure.add_trace(_line(names, values, f"accuracy, {safe(split)}", number, dashed=bool(number)), 1, 1)
    for number, (pair, history) in enumerate(histories.items(), start=len(splits)):
        figure.add_trace(_band(history, SERIES[number % len(SERIES)]), 2, 1)
        values = [_percent(point.gap_closure) for point in history]
        figure.add_trace(_line(names, values, f"gap {safe(pair[0])} – {safe(pair[1])}", number), 2, 1)
    for concept, point in _points_of_onset(histories, onsets):
        figure.add_annotation(
            x=safe(point.checkpoint),
            y=_percent(point.gap_closure),
            text=f"{safe(concept)} starts",
            ay=-30,
            font={"size": 12},
            row=2,
            col=1,
        )
    if marked is not None and safe(marked) in names:
        figure.add_vline(x=names.index(safe(marked)), line={"color": GREY, "dash": "dash", "width": 1})
    figure.add_hline(y=0, line={"color": GREY, "width": 1}, row=2, col=1)
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names)
    figure.update_yaxes(ticksuffix=" %", rangemode="normal")
    figure.update_layout(
        height=480,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.12, "x": 0},
    )
    return figure


def _points_of_onset(
    histories: Mapping[tuple[str, str], Sequence[PairPoint]], onsets: Sequence[tuple[str, str]]
) -> list[tuple[str, PairPoint]]:
    """Each concept that started, with the point of the first drawn pair that it is part of."""
    points = {
        concept: {point.checkpoint: point for point in history if point.gap_closure is not None}
        for pair, history in reversed(list(histories.items()))
        for concept in pair
    }
    return [(concept, points[concept][at]) for concept, at in onsets if at in points.get(concept, {})]


def _band(history: Sequence[PairPoint], color: str) -> go.Scatter:
    """The intervals as filled outlines, one for each run of checkpoints that have one."""
    x: list[str | None] = []
    y: list[float | None] = []
    for has_interval, group in groupby(history, key=lambda point: point.low is not None):
        if has_interval:
            run = [(safe(point.checkpoint), 100 * (point.low or 0.0), 100 * (point.high or 0.0)) for point in group]
            x += [name for name, _, _ in run] + [name for name, _, _ in reversed(run)] + [None]
            y += [high for _, _, high in run] + [low for _, low, _ in reversed(run)] + [None]
    return go.Scatter(
        x=x,
        y=y,
        fill="toself",
        fillcolor=faded(color, 0.18),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )


def _line(names: list[str], values: list[float | None], label: str, number: int, *, dashed: bool = False) -> go.Scatter:
    return go.Scatter(
        x=names,
        y=values,
        mode="lines+markers",
        name=label,
        line={"color": SERIES[number % len(SERIES)], "width": 2.5, "dash": "dot" if dashed else "solid"},
        marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 8},
        hovertemplate="%{y:.1f}",
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share

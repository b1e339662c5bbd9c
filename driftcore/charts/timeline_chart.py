"""Accuracy and drift on one time axis."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from driftcore.charts._colors import GLYPHS, GREY, SERIES, SYMBOLS, faded
from driftcore.charts._labels import EndLabel, beside_each_other
from driftcore.charts._text import safe
from driftcore.records import Moment, PairPoint

# names that fit side by side at 1,000 pixels; a phone turns them
_MOST_TICKS = 12
# the height of the figure, and of each panel, in pixels
_HEIGHT, _PANEL = 400, 130
_TITLES = ("Accuracy (% of samples)", "Gap closure since the reference (%)")
_EMPTY = ("No eval run is stored.", "No two concepts surely came closer.")


def timeline_figure(
    moments: Sequence[Moment],
    histories: Mapping[tuple[str, str], Sequence[PairPoint]],
    *,
    reference: str | None = None,
    marked: str | None = None,
    onsets: Sequence[tuple[str, str]] = (),
) -> go.Figure:
    """Accuracy above, gap closure of the pairs worth watching below, checkpoint by checkpoint.

    The number of a checkpoint is the `customdata` of its points: what a click on one brings back.

    Parameters
    ----------
    moments : sequence of Moment, in order of time
    histories : mapping of (concept, concept) to one PairPoint a moment
    reference, marked : str, optional
        What is compared with, and the checkpoint that the page is about.
    onsets : sequence of (concept, checkpoint)
        When concepts started to move; the first is marked through both panels.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.17)
    names = [safe(moment.checkpoint) for moment in moments]
    upper, lower = list(_accuracy_lines(moments)), list(_gap_lines(histories, reference))
    for number, history in enumerate(histories.values(), start=len(upper)):
        figure.add_trace(_band(history, SERIES[number % len(SERIES)]), 2, 1)
    for row, lines in enumerate((upper, lower), start=1):
        start = len(upper) if row == 2 else 0
        for number, (label, values) in enumerate(lines, start=start):
            dashed = row == 1 and number > 0
            figure.add_trace(_line(names, values, label, number, dashed=dashed), row, 1)
        _finish_panel(figure, row, names, lines, start)
    _mark_onsets(figure, histories, onsets, names)
    if marked is not None and safe(marked) in names:
        figure.add_vline(x=names.index(safe(marked)), line={"color": GREY, "dash": "dash", "width": 1.5})
    figure.add_hline(y=0, line={"color": GREY, "width": 1}, row=2, col=1)
    told = {"reference": reference, "onset": onsets[0][1] if onsets else None, "current": marked}
    _name_checkpoints(figure, names, {word: safe(name) for word, name in told.items() if name is not None})
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 0, "r": 8, "t": 28, "b": 0},
        hovermode="x unified",
        showlegend=False,
        # a finger that scrolls the page must not zoom the chart
        dragmode=False,
        clickmode="event+select",
    )
    return figure


def _accuracy_lines(moments: Sequence[Moment]) -> Iterator[tuple[str, list[float | None]]]:
    accuracies = [dict(moment.accuracy) for moment in moments]
    # accuracy on the rows it was trained on says nothing about the model
    for split in sorted({split for accuracy in accuracies for split in accuracy} - {"train"}, reverse=True):
        yield f"accuracy, {safe(split)}", [_percent(accuracy.get(split)) for accuracy in accuracies]


def _gap_lines(
    histories: Mapping[tuple[str, str], Sequence[PairPoint]], reference: str | None
) -> Iterator[tuple[str, list[float | None]]]:
    for pair, history in histories.items():
        # against itself nothing closed, whether or not that comparison is kept
        gaps = [0.0 if point.checkpoint == reference else point.gap_closure for point in history]
        yield f"gap {safe(pair[0])} – {safe(pair[1])}", [_percent(gap) for gap in gaps]


def _finish_panel(
    figure: go.Figure, row: int, names: Sequence[str], lines: Sequence[tuple[str, list[float | None]]], start: int
) -> None:
    """Its title, its range, and beside the end of each line what it is and where it stands."""
    figure.add_annotation(
        x=0, xref="x domain", y=1, yref="y domain", text=_TITLES[row - 1],
        showarrow=False, xanchor="left", yanchor="bottom", yshift=4, font={"size": 13}, row=row, col=1,
    )  # fmt: skip
    known = [value for _, values in lines for value in values if value is not None]
    if not known:
        figure.update_yaxes(range=[-5, 25] if row == 2 else [0, 100], row=row, col=1)
        figure.add_annotation(
            x=0.5, xref="x domain", y=0.5, yref="y domain", text=_EMPTY[row - 1], showarrow=False, row=row, col=1
        )
        return
    low, high = _range(known, least=2.0 if row == 1 else 10.0)
    figure.update_yaxes(range=[low, high], row=row, col=1)
    ends = [
        EndLabel(
            text=f'<span style="color:{SERIES[number % len(SERIES)]}">{GLYPHS[number % len(GLYPHS)]}</span> '
            f"{label.split(' ', 1)[1]} {_last(values):.1f} %",
            at=max(at for at, value in enumerate(values) if value is not None),
            value=_last(values),
            rising=_rises(values),
        )
        for number, (label, values) in enumerate(lines, start=start)
        if any(value is not None for value in values)
    ]
    for end, shift in zip(ends, beside_each_other(ends, pixels_per_unit=_PANEL / (high - low)), strict=True):
        figure.add_annotation(
            x=names[end.at], y=end.value, text=end.text, showarrow=False, yshift=shift,
            xshift=-6 if end.at else 6, xanchor="right" if end.at else "left", font={"size": 13}, row=row, col=1,
        )  # fmt: skip


def _mark_onsets(
    figure: go.Figure,
    histories: Mapping[tuple[str, str], Sequence[PairPoint]],
    onsets: Sequence[tuple[str, str]],
    names: Sequence[str],
) -> None:
    """A line through both panels where the first concept started, and at each start its name."""
    if onsets and safe(onsets[0][1]) in names:
        figure.add_vline(x=names.index(safe(onsets[0][1])), line={"color": GREY, "dash": "dot", "width": 1.5})
    points = _points_of_onset(histories, onsets)
    last = html.unescape(names[-1]) if names else ""
    for at, group in groupby(points, key=lambda point: point[1].checkpoint):
        starting = list(group)
        verb = "starts" if len(starting) == 1 else "start"
        figure.add_annotation(
            x=safe(at), y=_percent(starting[0][1].gap_closure),
            text=f"{' and '.join(safe(concept) for concept, _ in starting)} {verb}",
            # at the end of the line stands the line's own name
            ax=-12, ay=36 if at == last else -28, xanchor="right", font={"size": 13}, arrowcolor=GREY, row=2, col=1,
        )  # fmt: skip


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


def _name_checkpoints(figure: go.Figure, names: Sequence[str], told: Mapping[str, str]) -> None:
    """As many names as fit, those with a part in the story always, with their part below."""
    parts: dict[str, list[str]] = {}
    for word, name in told.items():
        parts.setdefault(name, []).append(word)
    kept = thinned(len(names), [at for at, name in enumerate(names) if name in parts])
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names, fixedrange=True)
    figure.update_xaxes(
        tickvals=[names[at] for at in kept],
        ticktext=["<br>".join([_short(names[at]), *parts.get(names[at], [])]) for at in kept],
        row=2,
        col=1,
    )
    figure.update_yaxes(ticksuffix=" %", fixedrange=True, nticks=5)


def thinned(n: int, wanted: Sequence[int], *, most: int = _MOST_TICKS) -> tuple[int, ...]:
    """Which of `n` places get a name: about `most`, evenly, with both ends and the wanted ones and nothing near those.

    >>> thinned(3, [])
    (0, 1, 2)
    >>> thinned(60, [31])
    (0, 5, 10, 15, 20, 25, 31, 35, 40, 45, 50, 55, 59)
    """
    step = max(math.ceil(n / most), 1)
    always = {0, n - 1, *wanted} if n else set()
    free = [at for at in range(0, n, step) if all(abs(at - other) > 0.6 * step for other in always)]
    return tuple(sorted({*always, *free}))


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
        customdata=list(range(len(names))),
        mode="lines+markers",
        name=label,
        line={"color": SERIES[number % len(SERIES)], "width": 2.5, "dash": "dot" if dashed else "solid"},
        marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 8 if len(names) <= 30 else 5},
        # a click chooses a checkpoint; it does not put the others in the shade
        unselected={"marker": {"opacity": 1}},
        hovertemplate="%{y:.1f}",
    )


def _range(values: Sequence[float], *, least: float) -> tuple[float, float]:
    """Around the values, at least so wide that noise does not look like a fall, with room for words at the ends."""
    low, high = min(values), max(values)
    missing = max(least - (high - low), 0.0) / 2
    low, high = low - missing, high + missing
    return low - 0.18 * (high - low), high + 0.22 * (high - low)


def _rises(values: Sequence[float | None]) -> bool:
    """Whether the end of a line is above where it came from: words stand on the other side of it."""
    known = [value for value in values if value is not None]
    return known[-1] >= sum(known[-4:]) / len(known[-4:])


def _last(values: Sequence[float | None]) -> float:
    return next(value for value in reversed(values) if value is not None)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _short(name: str) -> str:
    """A name for the axis, already safe: cut before it is escaped again, or half of an escape would be shown."""
    raw = html.unescape(name)
    return html.escape(raw if len(raw) <= 14 else raw[:13] + "…")

"""The gap closure of every pair of concepts as a matrix, and of one pair through time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from driftcore.charts._colors import BLUE, GREY, ORANGE, faded
from driftcore.charts._text import safe
from driftcore.records import GapClosures, PairDrift, PairPoint

# apart is blue, closer is orange: the two that every kind of colour-blind eye tells apart. What did not move is a
# veil of grey, which lets a light and a dark page through
_SCALE = ((0.0, BLUE), (0.5, faded(GREY, 0.12)), (1.0, ORANGE))
# a matrix in which nothing moved is pale, and does not show noise in full colours
_LEAST_RANGE = 5.0
_LEAST_AXIS = (90, 102)
_WRITTEN_UP_TO = 20
_TICK = 22
# from this share of the range on a cell has so much of its colour that text needs one of its own
_FULL = 0.7
_ON_ORANGE, _ON_BLUE = "#111111", "#FFFFFF"


def creep_figure(gaps: GapClosures, pairs: Sequence[PairDrift], *, marked: tuple[str, str] | None = None) -> go.Figure:
    """Gap closure of every pair in the order of `gaps`; `customdata` of the clickable cells are their two concepts.

    Parameters
    ----------
    gaps : GapClosures
    pairs : sequence of PairDrift
        Those of the report, which have an interval.
    marked : (str, str), optional
        The pair that the page is about; framed, on both sides of the diagonal.
    """
    n = len(gaps.concepts)
    percent = 100 * gaps.values.astype(np.float64)
    np.fill_diagonal(percent, np.nan)
    largest = max(_LEAST_RANGE, float(np.nanmax(np.abs(percent), initial=0.0)))
    numbers = list(range(n))
    figure = go.Figure(
        go.Heatmap(
            x=numbers,
            y=numbers,
            z=percent,
            zmin=-largest,
            zmax=largest,
            colorscale=_SCALE,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
            # above, where it takes no width: a telephone has none to give
            colorbar={
                "title": {"text": "% closer (− is farther apart)", "side": "top"},
                "orientation": "h",
                "ticksuffix": " %",
                "thickness": 10,
                "outlinewidth": 0,
                "y": 1.0,
                "yanchor": "bottom",
            },
        )
    )
    if n <= _WRITTEN_UP_TO:
        figure.add_traces(_numbers(gaps, pairs, largest))
    figure.add_trace(_cells(gaps, pairs))
    for a, b in _places(gaps, marked):
        frame = {"x0": a - 0.5, "x1": a + 0.5, "y0": b - 0.5, "y1": b + 0.5}
        figure.add_shape(type="rect", **frame, line={"color": GREY, "width": 3})
    names = [_tick(name) for name in gaps.concepts]
    ticks = {"tickmode": "array", "tickvals": numbers, "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**ticks, tickangle=-60, range=[-0.5, n - 0.5])
    figure.update_yaxes(**ticks, range=[n - 0.5, -0.5])
    figure.update_layout(
        height=int(np.clip(250 + 26 * n, 360, 940)),
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        # the nearest cell, however large the cells are
        hovermode="closest",
        hoverdistance=-1,
        dragmode=False,
        showlegend=False,
    )
    return figure


def distance_figure(
    points: Sequence[PairPoint], pair: tuple[str, str], *, reference: str, marked: str | None = None
) -> go.Figure:
    """What is left of a pair's gap, checkpoint by checkpoint: 100 % is the reference's, 0 that the two coincide."""
    known = [point for point in points if point.gap_closure is not None and not np.isnan(point.gap_closure)]
    names = [safe(point.checkpoint) for point in points]
    figure = go.Figure()
    surely = [point for point in known if point.low is not None and point.high is not None]
    figure.add_trace(
        go.Scatter(
            x=[safe(point.checkpoint) for point in known],
            y=[_left(point.gap_closure) for point in known],
            mode="lines+markers",
            line={"color": ORANGE, "width": 2.5},
            marker={"size": 8, "symbol": "circle"},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_arm(point.gap_closure, point.low) for point in known],
                "arrayminus": [_arm(point.high, point.gap_closure) for point in known],
                "color": ORANGE,
                "thickness": 1.5,
                "width": 5,
                "visible": bool(surely),
            },
            text=[closure_text(point.gap_closure, point.low, point.high) for point in known],
            hovertemplate="%{x}: %{y:.1f} % of the gap is left<br>%{text}<extra></extra>",
            name=f"{safe(pair[0])} ↔ {safe(pair[1])}",
        )
    )
    figure.add_hline(y=100, line={"color": GREY, "width": 1, "dash": "dot"})
    if marked is not None and safe(marked) in names:
        figure.add_vline(x=names.index(safe(marked)), line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names, tickangle=-60)
    figure.update_yaxes(
        ticksuffix=" %",
        title={"text": f"Distance (% of {safe(reference, 20)}'s)"},
        # an axis of half a per cent would make a landslide of noise
        autorangeoptions={"include": _LEAST_AXIS},
    )
    figure.update_layout(height=320, margin={"l": 0, "r": 0, "t": 10, "b": 0}, showlegend=False)
    return figure


def closure_text(
    closure: float | None, low: float | None = None, high: float | None = None, q_value: float | None = None
) -> str:
    """A gap closure in words.

    >>> closure_text(0.15, 0.12, 0.18, 1e-9)
    '15 % [12, 18] closer, q < .001'
    >>> closure_text(-0.04)
    '4 % farther apart'
    """
    if closure is None or np.isnan(closure):
        return "no gap to close"
    interval = "" if low is None or high is None else f" [{_whole(low)}, {_whole(high)}]"
    surely = "" if q_value is None else f", {_q_text(q_value)}"
    if not interval and round(100 * closure) < 0:
        return f"{_whole(-closure)} % farther apart{surely}"
    return f"{_whole(closure)} %{interval} closer{surely}"


def _numbers(gaps: GapClosures, pairs: Sequence[PairDrift], largest: float) -> list[go.Scatter]:
    """The closures in figures, bold where the report is sure of them; what rounds to nothing is not written.

    On a pale cell the page's own text colour reads well, light or dark; on a full one only the colour's counterpart.
    """
    sure = {frozenset((each.a, each.b)) for each in pairs}
    written: dict[str | None, list[tuple[int, int, str]]] = {None: [], _ON_ORANGE: [], _ON_BLUE: []}
    for y, x in np.ndindex(gaps.values.shape):
        value = 100 * float(gaps.values[y, x])
        if x == y or not abs(value) >= 0.5:
            continue
        text = _whole(value / 100)
        bold = frozenset((gaps.concepts[y], gaps.concepts[x])) in sure
        full = abs(value) > _FULL * largest
        color = None if not full else _ON_ORANGE if value > 0 else _ON_BLUE
        written[color].append((x, y, f"<b>{text}</b>" if bold else text))
    return [
        go.Scatter(
            x=[x for x, _, _ in cells],
            y=[y for _, y, _ in cells],
            text=[text for _, _, text in cells],
            mode="text",
            textfont={"size": 11} if color is None else {"size": 11, "color": color},
            hoverinfo="skip",
        )
        for color, cells in written.items()
        if cells
    ]


def _cells(gaps: GapClosures, pairs: Sequence[PairDrift]) -> go.Scatter:
    """Invisible points on the cells: plotly tells which point was clicked, but not which cell of a heatmap."""
    drifts = {frozenset((each.a, each.b)): each for each in pairs}
    cells = [(x, y) for y in range(len(gaps.concepts)) for x in range(len(gaps.concepts)) if x != y]
    texts = []
    for x, y in cells:
        a, b = gaps.concepts[y], gaps.concepts[x]
        known = drifts.get(frozenset((a, b)))
        closure = float(gaps.values[y, x])
        said = (
            closure_text(closure)
            if known is None
            else closure_text(known.gap_closure, known.low, known.high, known.q_value)
        )
        texts.append(f"{safe(a)} ↔ {safe(b)}: {said}")
    return go.Scatter(
        x=[x for x, _ in cells],
        y=[y for _, y in cells],
        mode="markers",
        marker={"size": 14, "opacity": 0, "symbol": "square"},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=texts,
        customdata=[[gaps.concepts[y], gaps.concepts[x]] for x, y in cells],
        hovertemplate="%{text}<extra></extra>",
    )


def _places(gaps: GapClosures, marked: tuple[str, str] | None) -> list[tuple[int, int]]:
    if marked is None or not set(marked) <= set(gaps.concepts):
        return []
    a, b = (gaps.concepts.index(name) for name in marked)
    return [(a, b), (b, a)]


def _tick(name: str) -> str:
    """A long name by its beginning and its end: what tells it from the next one may be at either."""
    return safe(name if len(name) <= _TICK else f"{name[: _TICK // 2]}…{name[-_TICK // 2 + 1 :]}")


def _whole(share: float) -> str:
    """A share in whole per cent, with a minus sign that is one, and none before 0."""
    return str(round(100 * share)).replace("-", "−")


def _q_text(q_value: float) -> str:
    return "q < .001" if q_value < 0.001 else f"q = {q_value:.3f}".replace("0.", ".", 1)


def _left(closure: float | None) -> float | None:
    return None if closure is None else 100 * (1 - closure)


def _arm(more: float | None, less: float | None) -> float:
    """Length of one side of an interval, in percentage points; none where there is no interval."""
    return 0.0 if more is None or less is None else max(0.0, 100 * (more - less))

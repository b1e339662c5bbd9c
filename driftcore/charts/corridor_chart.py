"""The corridor of two concepts as ridgelines: one pair of hills a checkpoint, on the way from one to the other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from driftcore.charts._colors import BLUE, GREY, ORANGE, faded
from driftcore.charts._text import safe
from driftcore.records import Corridor, CorridorStep

Floats = NDArray[np.float64]

_STEPS_AT_MOST = 16
# marks are drawn one by one; the hills are made of every sample
_MARKS_AT_MOST = 300
_N_PLACES = 160
# of the room of a checkpoint, how much its hills and the marks below them take
_HILL, _MARKS = 0.78, (-0.06, -0.13)
# where a hill is lower than this share of the highest it has ended
_FOOT = 0.005
_HEIGHT_OF_A_STEP = 62


def corridor_figure(corridor: Corridor, *, marked: str | None = None) -> go.Figure:
    """Every sample of both concepts on the reference's line between them, the oldest checkpoint on top.

    Of more than 16 checkpoints, 16 are drawn: the first, the last, the marked one and others evenly between them.

    Parameters
    ----------
    corridor : Corridor
    marked : str, optional
        The checkpoint that the page is about.
    """
    steps = drawn_steps(corridor, marked)
    places = np.linspace(*_extent(steps), _N_PLACES)
    sides = (
        (corridor.a, True, BLUE, "solid", "circle", ""),
        (corridor.b, False, ORANGE, "dash", "diamond", "/"),
    )
    figure = go.Figure()
    for name, of_a, color, dash, symbol, pattern in sides:
        own = [step.positions[step.of_a == of_a].astype(np.float64) for step in steps]
        densities = [_density(positions, places) for positions in own]
        highest = max((float(density.max()) for density in densities), default=0.0) or 1.0
        for row, density in enumerate(densities):
            figure.add_trace(_hill(places, _HILL * density / highest - row, -row, color, dash, pattern, name))
        figure.add_trace(_marks(steps, own, _MARKS[0 if of_a else 1], color, of_a=of_a))
        figure.add_trace(_means(steps, own, name, color, dash, symbol))
    for at, text in ((0.0, safe(corridor.a, 24)), (0.5, "middle"), (1.0, safe(corridor.b, 24))):
        line = {"color": GREY, "width": 1, "dash": "dot" if at == 0.5 else "solid"}
        figure.add_shape(type="line", x0=at, x1=at, y0=-len(steps), y1=0.95, line=line, layer="below")
        figure.add_annotation(x=at, y=1.0, yref="y", text=text, showarrow=False, yanchor="bottom", font={"size": 12})
    figure.update_xaxes(
        title={"text": "Position on the way (0–1)"},
        range=[places[0], places[-1]],
        zeroline=False,
        showgrid=False,
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=[-row for row in range(len(steps))],
        ticktext=[_label(step, marked) for step in steps],
        range=[-len(steps) + 0.75, 1.3],
        zeroline=False,
        showgrid=False,
    )
    figure.update_layout(
        height=110 + _HEIGHT_OF_A_STEP * len(steps),
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
    )
    return figure


def drawn_steps(corridor: Corridor, marked: str | None = None) -> tuple[CorridorStep, ...]:
    """The steps that `corridor_figure` draws."""
    steps = corridor.steps
    if len(steps) <= _STEPS_AT_MOST:
        return steps
    rows = set(np.linspace(0, len(steps) - 1, _STEPS_AT_MOST).astype(int).tolist())
    rows |= {row for row, step in enumerate(steps) if step.checkpoint == marked}
    return tuple(steps[row] for row in sorted(rows))


def _extent(steps: tuple[CorridorStep, ...]) -> tuple[float, float]:
    """The part of the line to draw: both concepts, all but the farthest two samples in a hundred."""
    every = np.concatenate([step.positions for step in steps])
    known = every[np.isfinite(every)]
    low, high = np.quantile(known, [0.01, 0.99]) if len(known) else (0.0, 1.0)
    return min(-0.2, float(low) - 0.1), max(1.2, float(high) + 0.1)


def _density(positions: Floats, places: Floats) -> Floats:
    """A Gaussian kernel density of the positions, of Silverman's width; 0 where there are none."""
    known = positions[np.isfinite(positions)]
    if not len(known):
        return np.zeros_like(places)
    width = max(1.06 * float(known.std()) * len(known) ** -0.2, (places[-1] - places[0]) / _N_PLACES)
    # on a grid: a concept of 100,000 samples costs no more than one of a hundred
    edges = np.append(places, 2 * places[-1] - places[-2]) - (places[1] - places[0]) / 2
    counts = np.histogram(known, bins=edges)[0]
    kernel = np.exp(-0.5 * ((places[:, None] - places) / width) ** 2)
    density: Floats = kernel @ counts / (len(known) * width)
    return density


def _hill(places: Floats, heights: Floats, floor: float, color: str, dash: str, pattern: str, name: str) -> go.Scatter:
    """The outline of a hill on its floor; the second concept is hatched and dashed, for eyes that see no colours."""
    risen = np.flatnonzero(heights - floor > _FOOT * _HILL)
    own = slice(risen[0], risen[-1] + 1) if len(risen) else slice(0, 0)
    return go.Scatter(
        x=[*places[own][:1], *places[own], *places[own][-1:]],
        y=[floor, *heights[own], floor] if len(risen) else [],
        mode="lines",
        fill="toself",
        fillcolor=faded(color, 0.35),
        fillpattern={"shape": pattern, "fgcolor": color, "bgcolor": faded(color, 0.14), "size": 6} if pattern else None,
        line={"color": color, "width": 1.6, "dash": dash},
        hoverinfo="skip",
        legendgroup=name,
        showlegend=False,
    )


def _marks(steps: tuple[CorridorStep, ...], own: list[Floats], depth: float, color: str, *, of_a: bool) -> go.Scatter:
    """One mark a sample below the hills, up to 300 of a checkpoint, evenly through the order of the line."""
    x: list[float] = []
    y: list[float] = []
    texts: list[str] = []
    for row, (step, positions) in enumerate(zip(steps, own, strict=True)):
        order = np.argsort(positions, kind="stable")
        drawn = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), _MARKS_AT_MOST)).astype(int))]
        x += positions[drawn].tolist()
        y += [depth - row] * len(drawn)
        texts += [safe(str(sample_id)) for sample_id in step.sample_ids[step.of_a == of_a][drawn]]
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 6, "color": color, "opacity": 0.85},
        text=texts,
        hovertemplate="%{text}: %{x:.2f}<extra></extra>",
        showlegend=False,
    )


def _means(
    steps: tuple[CorridorStep, ...], own: list[Floats], name: str, color: str, dash: str, symbol: str
) -> go.Scatter:
    """The concept's way: its mean at every checkpoint."""
    means = [float(np.nanmean(positions)) if len(positions) else None for positions in own]
    return go.Scatter(
        x=means,
        y=[-row for row in range(len(steps))],
        mode="lines+markers",
        name=f"{safe(name)} (mean)",
        line={"color": color, "width": 2.5, "dash": dash},
        marker={"symbol": symbol, "size": 9, "color": color},
        text=[safe(step.checkpoint) for step in steps],
        hovertemplate="%{text}: mean at %{x:.2f}<extra></extra>",
    )


def _label(step: CorridorStep, marked: str | None) -> str:
    name = safe(step.checkpoint, 18)
    bold = f"<b>{name}</b>" if step.checkpoint == marked else name
    said = f"{int(step.beyond.sum()):,} beyond" if step.apart else "in one place"
    return f'{bold}<br><span style="font-size:11px">{said}</span>'

"""The map as a scattergl figure: samples, mispredictions on top, centroid paths, and what is selected."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from driftcore.charts._colors import GREY, PURPLE, SERIES, VERMILLION
from driftcore.charts._drawn import drawn_part
from driftcore.charts._groups import ColorBy, LegendGroup, legend_groups
from driftcore.records import CentroidPath, MapRows

# more than this and plotly answers a lasso in seconds; the lasso itself always selects from all samples
DRAWN_AT_MOST = 50_000
_RANGE = (-1.15, 1.15)
_TEXT_LENGTH = 90


def map_figure(
    rows: MapRows,
    *,
    color: ColorBy,
    shown: NDArray[np.bool_],
    highlighted: Sequence[str],
    paths: Sequence[CentroidPath] = (),
    names: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
    selected: NDArray[np.bool_] | None = None,
    mispredictions: bool = True,
) -> go.Figure:
    """One step of the map.

    Parameters
    ----------
    rows : MapRows
    color : str
        What colour says: ``concept``, ``cluster``, ``shift`` or ``correctness``.
    shown : bool array of shape (n_samples,)
        Samples that pass the page's filters.
    highlighted : sequence of str
        The concepts that get a colour of their own; the others are grey, or nothing would stand out.
    paths : sequence of CentroidPath
    names : mapping of str to float32 array of shape (2,)
        Concepts named on the map, with where they stand.
    selected : bool array of shape (n_samples,), optional
        A saved span: the other samples are dimmed, never hidden.
    mispredictions : bool
        Mark what the current checkpoint gets wrong, on top.
    """
    drawn = drawn_part(rows.points, shown, at_most=DRAWN_AT_MOST, kept=rows.correct_current == 0)
    figure = go.Figure()
    for group in legend_groups(rows, color, highlighted):
        _add_samples(figure, rows, group, drawn, selected)
    if mispredictions and color != "correctness":
        _add_mispredictions(figure, rows, (rows.correct_current == 0) & drawn, selected)
    if selected is not None:
        _add_selected(figure, rows, selected)
    for path in paths:
        _add_path(figure, path, highlighted)
    _add_names(figure, names, highlighted)
    return _laid_out(figure)


def _add_samples(
    figure: go.Figure,
    rows: MapRows,
    group: LegendGroup,
    drawn: NDArray[np.bool_],
    selected: NDArray[np.bool_] | None,
) -> None:
    where = np.flatnonzero(group.members & drawn)
    if not len(where):
        return
    opacity = group.opacity if selected is None else np.where(selected[where], group.opacity, group.opacity * 0.25)
    figure.add_trace(
        go.Scattergl(
            x=rows.points[where, 0],
            y=rows.points[where, 1],
            mode="markers",
            name=f"{_safe(group.name, 40)} ({len(where):,})",
            marker={"size": 6, "color": group.color, "symbol": group.symbol, "opacity": opacity},
            text=_hover(rows, where),
            hovertemplate="%{text}<extra></extra>",
        )
    )


def _add_mispredictions(
    figure: go.Figure, rows: MapRows, members: NDArray[np.bool_], selected: NDArray[np.bool_] | None
) -> None:
    where = np.flatnonzero(members)
    if not len(where):
        return
    opacity = 0.9 if selected is None else np.where(selected[where], 0.9, 0.25)
    figure.add_trace(
        go.Scattergl(
            x=rows.points[where, 0],
            y=rows.points[where, 1],
            mode="markers",
            name=f"mispredicted ({len(where):,})",
            marker={"size": 5, "symbol": "x-thin", "opacity": opacity, "line": {"width": 1.3, "color": VERMILLION}},
            text=_hover(rows, where),
            hovertemplate="%{text}<extra></extra>",
        )
    )


def _add_path(figure: go.Figure, path: CentroidPath, highlighted: Sequence[str]) -> None:
    color = SERIES[list(highlighted).index(path.concept) % len(SERIES)] if path.concept in highlighted else GREY
    n = len(path.checkpoints)
    across = {"x": path.points[:, 0], "y": path.points[:, 1], "showlegend": False}
    # a dark line in a light one is seen on any page and over samples of any colour; scattergl like the samples,
    # for plotly draws every gl trace above every svg one
    figure.add_trace(
        go.Scattergl(**across, mode="lines", line={"color": "white", "width": 6}, name="", hoverinfo="skip")
    )
    figure.add_trace(
        go.Scattergl(
            **across,
            mode="lines+markers",
            line={"color": "black", "width": 2},
            marker={"size": [7] * (n - 1) + [15], "color": color, "line": {"width": 1.5, "color": "white"}},
            name=f"path of {_safe(path.concept, 30)}",
            customdata=[_safe(name, 40) for name in path.checkpoints],
            hovertemplate=f"centre of {_safe(path.concept, 40)} at %{{customdata}}<extra></extra>",
        )
    )


def _add_names(figure: go.Figure, names: Mapping[str, NDArray[np.float32]], highlighted: Sequence[str]) -> None:
    for name, (x, y) in names.items():
        shown = _safe(name, 30)
        figure.add_annotation(
            x=float(x),
            y=float(y),
            text=f"<b>{shown}</b>" if name in highlighted else shown,
            font={"size": 14, "color": "black"} if name in highlighted else {"size": 11},
            showarrow=False,
            yshift=24,
            bgcolor="rgba(255,255,255,0.75)" if name in highlighted else None,
        )


def _add_selected(figure: go.Figure, rows: MapRows, selected: NDArray[np.bool_]) -> None:
    where = np.flatnonzero(selected)
    figure.add_trace(
        go.Scattergl(
            x=rows.points[where, 0],
            y=rows.points[where, 1],
            mode="markers",
            name=f"in the span ({len(where):,})",
            marker={"size": 9, "symbol": "circle-open", "color": PURPLE, "opacity": 0.6, "line": {"width": 1}},
            hoverinfo="skip",
        )
    )


def _laid_out(figure: go.Figure) -> go.Figure:
    axis = {"visible": False, "range": _RANGE, "fixedrange": False}
    figure.update_layout(
        height=640,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        xaxis=axis,
        yaxis={**axis, "scaleanchor": "x"},
        dragmode="lasso",
        uirevision="map",
        legend={"orientation": "h", "yanchor": "top", "y": -0.01, "x": 0},
        hoverlabel={"align": "left"},
    )
    return figure


def _hover(rows: MapRows, where: NDArray[np.int64]) -> list[str]:
    """Text, label, prediction and shift; what comes from samples is escaped, for plotly reads hover text as HTML."""
    lines = []
    for row, text in zip(where, rows.texts[where], strict=True):
        predicted, wrong = rows.predictions[row], rows.correct_current[row] == 0
        confidence = "" if np.isnan(rows.confidences[row]) else f" ({rows.confidences[row]:.2f})"
        lines.append(
            f"{_safe(text, _TEXT_LENGTH)}<br>label {_safe(rows.concepts[row], 40)}"
            + ("" if predicted is None else f"<br>predicted {_safe(predicted, 40)}{confidence}{' ✗' if wrong else ''}")
            + f"<br>shift {rows.shift[row]:.3f}<br>{_safe(rows.sample_ids[row], 40)}"
        )
    return lines


def _safe(text: object, limit: int) -> str:
    shown = "–" if text is None else str(text)
    cut = shown if len(shown) <= limit else shown[: limit - 1] + "…"
    return html.escape("".join(letter if letter.isprintable() else " " for letter in cut))

"""How a span's samples fare through time: accuracy on them and on all others, and how far they moved."""

from __future__ import annotations

import html
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from driftcore.charts._colors import BLUE, GREY, ORANGE
from driftcore.records import SpanMoment


def aftermath_figure(moments: Sequence[SpanMoment], *, found_at: str) -> go.Figure:
    """Accuracy above, mean shift since the reference below, checkpoint by checkpoint.

    Parameters
    ----------
    moments : sequence of SpanMoment, in order of time
    found_at : str
        The checkpoint that the span was found at; a dashed line marks it.
    """
    figure = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.16,
        row_heights=[0.6, 0.4],
        subplot_titles=("Accuracy (% of samples)", "Mean shift since the reference (cosine distance)"),
    )
    names = [html.escape(moment.checkpoint) for moment in moments]
    own = [_percent(moment.accuracy) for moment in moments]
    rest = [_percent(moment.accuracy_rest) for moment in moments]
    shift = [moment.mean_shift for moment in moments]
    figure.add_trace(_line(names, own, "samples of the span", BLUE, "circle", "%{y:.1f} %"), 1, 1)
    figure.add_trace(_line(names, rest, "all other samples", GREY, "diamond-open", "%{y:.1f} %", dashed=True), 1, 1)
    figure.add_trace(_line(names, shift, "mean shift", ORANGE, "square", "%{y:.3f}"), 2, 1)
    if html.escape(found_at) in names:
        at = names.index(html.escape(found_at))
        figure.add_vline(x=at, line={"color": GREY, "dash": "dash", "width": 1})
        figure.add_annotation(x=at, y=1, yref="y domain", text="found here", showarrow=False, xshift=4, xanchor="left")
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names)
    figure.update_yaxes(ticksuffix=" %", row=1, col=1)
    figure.update_yaxes(rangemode="tozero", row=2, col=1)
    figure.update_annotations(x=0, xanchor="left", selector={"xref": "paper"})
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 80, "b": 0},
        hovermode="x unified",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        # above: below it would lie on names that a narrow page turns upright
        legend={"orientation": "h", "yref": "container", "yanchor": "top", "y": 1, "x": 0},
    )
    return figure


def _line(
    names: list[str],
    values: Sequence[float | None],
    label: str,
    color: str,
    symbol: str,
    hover: str,
    *,
    dashed: bool = False,
) -> go.Scatter:
    return go.Scatter(
        x=names,
        y=list(values),
        mode="lines+markers",
        name=label,
        line={"color": color, "width": 2.5, "dash": "dot" if dashed else "solid"},
        marker={"symbol": symbol, "size": 8},
        hovertemplate=hover,
        cliponaxis=False,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share

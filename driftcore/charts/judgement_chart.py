"""What retraining did: accuracy before and after, group by group."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from driftcore.charts._colors import BLUE, GREY, VERMILLION
from driftcore.records import Change, Judgement

_MOST = 8


def judgement_figure(judgement: Judgement) -> go.Figure:
    """A line a group from its accuracy before to its accuracy after; open mark before, full mark after.

    Above the spans, their concepts, all others and live traffic; below, of the other concepts those that changed most.
    """
    rows = [(name, each) for name, each in _rows(judgement) if each.before is not None and each.after is not None]
    names = [f"{html.escape(name)} ({each.n_samples:,})" for name, each in rows]
    before = [100 * (each.before or 0.0) for _, each in rows]
    after = [100 * (each.after or 0.0) for _, each in rows]
    colors = [VERMILLION if last < first else BLUE for first, last in zip(before, after, strict=True)]
    figure = go.Figure()
    for name, first, last, color in zip(names, before, after, colors, strict=True):
        line = {"color": color, "width": 3}
        figure.add_scatter(x=[first, last], y=[name, name], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    open_mark = {"symbol": "circle-open", "size": 11, "color": GREY, "line": {"width": 2}}
    hover = "%{y}: %{x:.1f} %<extra>%{fullData.name}</extra>"
    figure.add_scatter(x=before, y=names, mode="markers", name="before", marker=open_mark, hovertemplate=hover)
    full_mark = {"symbol": "circle", "size": 12, "color": colors}
    figure.add_scatter(x=after, y=names, mode="markers", name="after", marker=full_mark, hovertemplate=hover)
    figure.update_yaxes(autorange="reversed", title=None, automargin=True)
    figure.update_xaxes(ticksuffix=" %", title="Accuracy (% of judged samples)")
    figure.update_layout(
        height=110 + 32 * len(names),
        margin={"l": 0, "r": 10, "t": 30, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return figure


def _rows(judgement: Judgement) -> list[tuple[str, Change]]:
    whole = [
        ("the spans", judgement.span),
        ("all other concepts", judgement.rest),
        *((f"{each.group}, live", each) for each in judgement.live_concepts),
        *([] if judgement.live is None else [("live traffic", judgement.live)]),
    ]
    changed = [each for each in judgement.concepts if each.worse or each.better]
    most = sorted(changed, key=lambda each: -abs((each.after or 0.0) - (each.before or 0.0)))[:_MOST]
    return [*whole, *((each.group, each) for each in most)]

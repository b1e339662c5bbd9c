"""Where the samples of each cluster went, as a flow from the reference's clusters to the current ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import plotly.graph_objects as go

from driftcore.charts._colors import GREY, ORANGE, SKY, faded
from driftcore.charts._text import safe
from driftcore.records import ClusterLink, ClusterReport

# thinner flows are a fringe that comes and goes, and a picture of hairs
_LEAST_SHARE = 0.1


def cluster_flow_figure(report: ClusterReport) -> go.Figure:
    """The flow; orange and thickly framed is what is part of a sure event, grey what went on or may be chance."""
    links = drawn_links(report)
    before = _numbered(link.cluster_reference for link in links)
    after = _numbered(link.cluster_current for link in links)
    sure = _in_sure_events(report)
    sizes = _sizes(links)
    nodes = [(0, number) for number in before] + [(1, number) for number in after]
    place = {node: row for row, node in enumerate(nodes)}
    said = {(0, link.cluster_reference): link.name_reference for link in links}
    said |= {(1, link.cluster_current): link.name_current for link in links}
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [safe(said[node].removeprefix("mostly "), 28) for node in nodes],
                "color": [_node_color(node, sure) for node in nodes],
                "customdata": [f"{sizes[node]:,} samples" for node in nodes],
                "hovertemplate": "%{label}: %{customdata}<extra></extra>",
                "pad": 14,
                "thickness": 14,
                "line": {"width": 0},
            },
            link={
                "source": [place[0, link.cluster_reference] for link in links],
                "target": [place[1, link.cluster_current] for link in links],
                "value": [link.n_shared for link in links],
                "color": [_link_color(link, sure) for link in links],
                "customdata": [f"{safe(link.name_reference)} → {safe(link.name_current)}" for link in links],
                "hovertemplate": "%{customdata}: %{value:,} samples<extra></extra>",
            },
        )
    )
    figure.update_layout(
        height=max(320, 34 * max(len(before), len(after))), margin={"l": 0, "r": 0, "t": 10, "b": 10}, font={"size": 12}
    )
    return figure


def drawn_links(report: ClusterReport) -> tuple[ClusterLink, ...]:
    """The flows to draw: at least a tenth of the cluster that they come from, or of the one that they go to.

    Samples that are in no cluster on either side are left out: nothing became of them.
    """
    sizes = _sizes(report.links)
    return tuple(
        link
        for link in report.links
        if (link.cluster_reference >= 0 or link.cluster_current >= 0)
        and link.n_shared >= _LEAST_SHARE * min(sizes[0, link.cluster_reference], sizes[1, link.cluster_current])
    )


def _sizes(links: tuple[ClusterLink, ...]) -> Counter[tuple[int, int]]:
    sizes: Counter[tuple[int, int]] = Counter()
    for link in links:
        sizes[0, link.cluster_reference] += link.n_shared
        sizes[1, link.cluster_current] += link.n_shared
    return sizes


def _numbered(numbers: Iterable[int]) -> list[int]:
    """Each number once, in order; what is in no cluster comes last."""
    return sorted(set(numbers), key=lambda number: (number < 0, number))


def _in_sure_events(report: ClusterReport) -> frozenset[tuple[int, int]]:
    events = [event for event in report.events if event.sure]
    return frozenset(
        {(0, number) for event in events for number in event.clusters_reference}
        | {(1, number) for event in events for number in event.clusters_current}
    )


def _node_color(node: tuple[int, int], sure: frozenset[tuple[int, int]]) -> str:
    if node[1] < 0:
        return GREY
    return ORANGE if node in sure else SKY


def _link_color(link: ClusterLink, sure: frozenset[tuple[int, int]]) -> str:
    ends = ((0, link.cluster_reference), (1, link.cluster_current))
    return faded(ORANGE, 0.55) if any(end in sure for end in ends) else faded(GREY, 0.3)

"""How a record looks: record in, plotly figure out."""

from plotly.graph_objects import Figure

from driftcore.charts._colors import SERIES
from driftcore.charts._drawn import drawn_part
from driftcore.charts._groups import COLOR_BY, ColorBy, LegendGroup, legend_groups
from driftcore.charts._outcomes import NEWLY_RIGHT, NEWLY_WRONG, UNKNOWN, WRONG, outcomes
from driftcore.charts.aftermath_chart import aftermath_figure
from driftcore.charts.cluster_flow_chart import cluster_flow_figure, drawn_links
from driftcore.charts.corridor_chart import corridor_figure, drawn_steps
from driftcore.charts.creep_chart import closure_text, creep_figure, distance_figure
from driftcore.charts.judgement_chart import judgement_figure
from driftcore.charts.map_chart import DRAWN_AT_MOST, map_figure
from driftcore.charts.timeline_chart import timeline_figure

__all__ = [
    "COLOR_BY",
    "DRAWN_AT_MOST",
    "NEWLY_RIGHT",
    "NEWLY_WRONG",
    "SERIES",
    "UNKNOWN",
    "WRONG",
    "ColorBy",
    "Figure",
    "LegendGroup",
    "aftermath_figure",
    "closure_text",
    "cluster_flow_figure",
    "corridor_figure",
    "creep_figure",
    "distance_figure",
    "drawn_links",
    "drawn_part",
    "drawn_steps",
    "judgement_figure",
    "legend_groups",
    "map_figure",
    "outcomes",
    "timeline_figure",
]

"""How a record looks: record in, plotly figure out."""

from plotly.graph_objects import Figure

from driftcore.charts.map_chart import COLOR_BY, DRAWN_AT_MOST, ColorBy, map_figure
from driftcore.charts.timeline_chart import timeline_figure

__all__ = ["COLOR_BY", "DRAWN_AT_MOST", "ColorBy", "Figure", "map_figure", "timeline_figure"]

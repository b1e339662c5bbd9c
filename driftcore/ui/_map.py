"""The map on a page: one function, so that what draws it can change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore import charts
from driftcore.records import DriftReport, Frame, MapFilter, MapRows, SelectionMode, SelectionStep
from driftcore.ui._chosen import push_selection
from driftcore.ui._frame import plain
from driftcore.workflows.look import centroid_paths
from driftcore.workflows.selecting import passing

if TYPE_CHECKING:
    # named for the reader only: plotly itself stays behind `charts`
    from driftcore.charts import Figure

_NAMED_AT_MOST = 20

Polygon = list[tuple[float, float]]


def draw_map(
    rows: MapRows,
    report: DriftReport,
    frame: Frame,
    *,
    color: charts.ColorBy,
    wanted: MapFilter,
    selected: NDArray[np.bool_],
    key: str = "map",
) -> None:
    """Draw one step of the map; what the person draws on it becomes a step of the selection.

    Parameters
    ----------
    wanted : MapFilter
        Samples that do not pass it are left out; a lasso takes from what passes.
    selected : bool array of shape (n_samples,)
        The others are dimmed, never hidden; where nothing is selected, nothing is dimmed.
    """
    chart = f"{key}-{report.report_id}"

    def push() -> None:
        for number, polygon in enumerate(_polygons(st.session_state[chart])):
            mode: SelectionMode = "add" if number else "replace"
            push_selection(
                SelectionStep(
                    mode=mode, checkpoint=report.current, polygon=tuple(polygon), filter=wanted, title="lasso"
                )
            )

    shown = passing(rows, wanted)
    st.plotly_chart(
        _figure(report.report_id, color, shown, selected if selected.any() else None, rows, report, frame),
        key=chart,
        on_select=push,
        selection_mode=("lasso", "box"),
        config={"scrollZoom": True, "displaylogo": False, "displayModeBar": True},
    )


@st.cache_resource(max_entries=8, show_spinner="Drawing the map")
def _figure(
    report_id: str,
    color: charts.ColorBy,
    shown: NDArray[np.bool_],
    selected: NDArray[np.bool_] | None,
    _rows: MapRows,
    _report: DriftReport,
    _frame: Frame,
) -> Figure:
    """The figure, kept: a lasso reruns the page, and nothing that is drawn has changed."""
    highlighted = highlighted_concepts(_report)
    return charts.map_figure(
        _rows,
        color=color,
        shown=shown,
        highlighted=highlighted,
        paths=centroid_paths(_frame, _report.current, highlighted),
        names=concept_names(_frame, _report),
        selected=selected,
    )


def highlighted_concepts(report: DriftReport) -> list[str]:
    """The concepts that get a colour and a path: those that moved and where they went, else the largest."""
    moved = [each for each in report.concepts if each.kind != "none"]
    names = [each.concept for each in moved] + [each.toward for each in moved if each.toward is not None]
    if not names:
        names = [each.concept for each in sorted(report.concepts, key=lambda each: -each.n)[:3]]
    return list(dict.fromkeys(names))[:5]


def concept_names(frame: Frame, report: DriftReport) -> dict[str, NDArray[np.float32]]:
    """The concepts that are named on the map, with where they stand: all, or the few that matter of many."""
    step = frame.step(report.current)
    if step is None:
        return {}
    places = dict(zip(step.concepts, step.centroids, strict=True))
    wanted = places if len(places) <= _NAMED_AT_MOST else highlighted_concepts(report)
    return {name: places[name] for name in wanted if name in places}


def map_notes(rows: MapRows, wanted: MapFilter, frame: Frame, report: DriftReport) -> None:
    """What the picture is, and what it leaves out."""
    step = frame.step(report.current)
    explained = 0.0 if step is None else step.explained
    n_shown = int(passing(rows, wanted).sum())
    if n_shown > charts.DRAWN_AT_MOST:
        st.caption(f"Drawn {charts.DRAWN_AT_MOST:,} of {n_shown:,}; the lasso selects from all.")
    missing = report.n_only_current
    absent = (
        f" {missing:,} samples of {plain(report.current)} are not in the reference and not drawn." if missing else ""
    )
    st.caption(
        f"{n_shown:,} of {len(rows):,} samples. Places come from UMAP on {plain(report.reference)}; movement comes "
        "from the full space, drawn toward neighbouring concepts, without what training gave to every concept: "
        f"{100 * explained:.0f} % of the displacement, the rest left the plane. Clusters: HDBSCAN on the leading "
        f"principal components.{absent}"
    )


def _polygons(event: Any) -> list[Polygon]:
    selection = event.get("selection", {}) if event else {}
    lassos = [list(zip(each["x"], each["y"], strict=True)) for each in selection.get("lasso", [])]
    return lassos + [_box(each) for each in selection.get("box", [])]


def _box(each: dict[str, list[float]]) -> Polygon:
    (x0, x1), (y0, y1) = each["x"], each["y"]
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]

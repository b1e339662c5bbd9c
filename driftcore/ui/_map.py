"""The map on a page: one function, whatever draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore import charts
from driftcore.records import Camera, DriftReport, Frame, MapFilter, MapRows, SelectionMode, SelectionStep
from driftcore.ui._chosen import (
    camera,
    camera_serial,
    keep_camera,
    push_selection,
    selection_steps,
    show_selection,
    undo_selection,
)
from driftcore.ui._filters import MapChoices
from driftcore.ui._frame import plain
from driftcore.ui._guest import guest
from driftcore.ui._held import held
from driftcore.ui._map_component import bundle, mount_map
from driftcore.ui._map_loaders import load_first, load_passing
from driftcore.ui._map_payload import Cloud, legend, make_cloud, packed_bits
from driftcore.workflows.look import centroid_paths, highlighted_concepts, places_before
from driftcore.workflows.make_frame import fitted_part

if TYPE_CHECKING:
    # named for the reader only: plotly itself stays behind `charts`
    from driftcore.charts import Figure

_NAMED_AT_MOST = 60
_DRAWN_AT_MOST = 200_000
_HEIGHT = 620
# selected samples that the drawn part leaves out are drawn beside it, as long as they are few
_STRAYS_AT_MOST = 2_000

Polygon = list[tuple[float, float]]


def draw_map(
    rows: MapRows,
    report: DriftReport,
    frame: Frame,
    *,
    color: charts.ColorBy,
    choices: MapChoices,
    selected: NDArray[np.bool_],
    ringed: Sequence[str] = (),
    key: str = "map",
    beside: str | None = None,
) -> None:
    """Draw one step of the map; what the person draws on it becomes a step of the selection.

    Parameters
    ----------
    choices : MapChoices
        Samples that do not pass its filter are left out; a lasso takes from what passes.
    selected : bool array of shape (n_samples,)
        The others are dimmed, never hidden; where nothing is selected, nothing is dimmed.
    ringed : sequence of str
        Ids of samples to draw a ring around, as those ticked in a table.
    beside : str, optional
        Where this is the second of two maps: the checkpoint of the first, which this one steps over.
    """
    wanted = choices.filter
    if bundle() is None:
        _draw_with_plotly(rows, report, frame, color=color, wanted=wanted, selected=selected, key=key)
        return
    cloud = _cloud(color, wanted, rows, report, frame)
    shown = load_passing(rows, report, wanted)
    highlighted = highlighted_concepts(report)
    names = [step.checkpoint for step in frame.steps if step.checkpoint != beside]
    at = names.index(report.current)
    scene = {
        "cloud": cloud.hash,
        "checkpoint": report.current,
        "groups": legend(cloud, shown, selected),
        "selection": packed_bits(selected[cloud.rows]) if selected.any() else None,
        "nSelected": int(selected.sum()),
        "canUndo": bool(selection_steps()),
        "labels": [
            {"name": name, "x": float(x), "y": float(y), "important": name in highlighted}
            for name, (x, y) in concept_names(frame, report).items()
        ],
        "paths": [
            {
                "name": path.concept,
                "color": charts.SERIES[highlighted.index(path.concept) % len(charts.SERIES)],
                "checkpoints": list(path.checkpoints),
                "points": path.points.astype(float).tolist(),
            }
            for path in centroid_paths(frame, report.current, highlighted)
        ],
        "camera": _as_scene(camera()),
        "cameraSerial": camera_serial(),
        "earlier": names[at - 1] if at else None,
        "later": names[at + 1] if at + 1 < len(names) else None,
        "steps": guest() is None,
        "readOnly": guest() is not None,
        "rings": rows.points[np.isin(rows.sample_ids, ringed)].astype(float).tolist() if ringed else [],
        "strays": _strays(cloud, rows, selected & shown),
        "trailThreshold": _trail_threshold(rows, choices.trailed),
        "description": (
            f"Map of {len(cloud.rows):,} samples at {report.current}, {int(selected.sum()):,} selected. "
            "Arrow keys move it, plus and minus zoom."
        ),
        "height": _HEIGHT,
    }

    def act(event: dict[str, Any]) -> None:
        if event["kind"] == "step":
            st.session_state["current" if beside is None else "beside"] = str(event["to"])
        _take(event, rows, cloud, report, wanted)

    mount_map(cloud.content, scene, key=key, act=act, look=lambda seen: keep_camera(_as_camera(seen)))


def _take(event: dict[str, Any], rows: MapRows, cloud: Cloud, report: DriftReport, wanted: MapFilter) -> None:
    """Do what the person did on the map."""
    keep_camera(_as_camera(event["camera"]))
    kind = event["kind"]
    if kind in ("polygon", "sample"):
        show_selection()
    if kind == "undo":
        undo_selection()
    elif kind == "clear":
        push_selection(SelectionStep(mode="replace", checkpoint=report.current, title="cleared"))
    elif kind == "sample":
        sample = str(rows.sample_ids[cloud.rows[int(event["row"])]])
        push_selection(
            SelectionStep(mode=event["mode"], checkpoint=report.current, sample_ids=(sample,), title="one sample")
        )
    elif kind == "polygon":
        polygon = tuple((float(x), float(y)) for x, y in event["polygon"])
        push_selection(
            SelectionStep(
                mode=event["mode"], checkpoint=report.current, polygon=polygon, filter=wanted, title="drawn on the map"
            )
        )


def _strays(cloud: Cloud, rows: MapRows, selected: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Selected samples that are not among the drawn ones: their places and groups, none where they are many."""
    left_out = selected.copy()
    left_out[cloud.rows] = False
    at = np.flatnonzero(left_out)
    if len(at) > _STRAYS_AT_MOST:
        return []
    return [(float(x), float(y), int(group)) for (x, y), group in zip(rows.points[at], cloud.group[at], strict=True)]


def _trail_threshold(rows: MapRows, trailed: float) -> float | None:
    """The shift above which samples have trails; None where none has one."""
    return float(np.quantile(rows.shift, 1 - trailed)) if trailed and len(rows) else None


def _as_camera(seen: dict[str, float]) -> Camera:
    return Camera(x=float(seen["x"]), y=float(seen["y"]), width=float(seen["width"]))


def _as_scene(seen: Camera) -> dict[str, float]:
    return {"x": seen.x, "y": seen.y, "width": seen.width}


def _cloud(color: charts.ColorBy, wanted: MapFilter, rows: MapRows, report: DriftReport, frame: Frame) -> Cloud:
    """The samples to draw, held: a lasso reruns the page, and nothing that is drawn has changed."""

    def make() -> Cloud:
        with st.spinner("Drawing the map"):
            came_from = places_before(rows, load_first(frame))
            shown = load_passing(rows, report, wanted)
            # by the places at the reference, so that the same samples are drawn at every checkpoint and can be followed
            drawn = charts.drawn_part(came_from, shown, at_most=_DRAWN_AT_MOST, kept=rows.correct_current == 0)
            return make_cloud(rows, drawn, came_from, charts.legend_groups(rows, color, highlighted_concepts(report)))

    return held().get(("cloud", report.report_id, color, wanted), make)


def _draw_with_plotly(
    rows: MapRows,
    report: DriftReport,
    frame: Frame,
    *,
    color: charts.ColorBy,
    wanted: MapFilter,
    selected: NDArray[np.bool_],
    key: str,
) -> None:
    """The map where the component was not built."""
    _step_buttons([step.checkpoint for step in frame.steps], report.current, key)
    chart = f"{key}-{report.report_id}"

    def push() -> None:
        show_selection()
        for number, polygon in enumerate(_polygons(st.session_state[chart])):
            mode: SelectionMode = "add" if number else "replace"
            push_selection(SelectionStep(mode=mode, checkpoint=report.current, polygon=tuple(polygon), filter=wanted))

    shown = load_passing(rows, report, wanted)
    st.plotly_chart(
        _figure(report.report_id, color, shown, selected if selected.any() else None, rows, report, frame),
        key=chart,
        on_select=push,
        selection_mode=("lasso", "box"),
        config={"scrollZoom": True, "displaylogo": False, "displayModeBar": True},
    )


def _step_buttons(names: list[str], current: str, key: str) -> None:
    """One checkpoint back or forth in time; the component has these in its toolbar."""
    at = names.index(current)
    targets = {"Earlier": names[at - 1] if at else None, "Later": names[at + 1] if at + 1 < len(names) else None}
    with st.container(horizontal=True):
        for label, target in targets.items():
            st.button(
                label,
                key=f"{key}-{label}",
                on_click=st.session_state.__setitem__,
                args=("current", target),
                disabled=target is None or guest() is not None,
                help=target,
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


def concept_names(frame: Frame, report: DriftReport) -> dict[str, NDArray[np.float32]]:
    """The concepts that are named on the map, with where they stand: all, or the few that matter of many."""
    step = frame.step(report.current)
    if step is None:
        return {}
    places = dict(zip(step.concepts, step.centroids, strict=True))
    wanted = places if len(places) <= _NAMED_AT_MOST else highlighted_concepts(report)
    return {name: places[name] for name in wanted if name in places}


def map_notes(rows: MapRows, choices: MapChoices, frame: Frame, report: DriftReport) -> None:
    """What the picture is, and what it leaves out."""
    step = frame.step(report.current)
    explained = 0.0 if step is None else step.explained
    n_shown = int(load_passing(rows, report, choices.filter).sum())
    at_most = charts.DRAWN_AT_MOST if bundle() is None else _DRAWN_AT_MOST
    if n_shown > at_most:
        st.caption(f"Drawn {at_most:,} of {n_shown:,}; the lasso selects from all.")
    missing = report.n_only_current
    absent = (
        f" {missing:,} samples of {plain(report.current)} are not in the reference and not drawn." if missing else ""
    )
    drawn = fitted_part(frame)
    part = "" if drawn is None else f" ({drawn})"
    carried = "" if step is None or step.clustered else f", of {plain(report.reference)}: these are not computed yet"
    st.caption(
        f"{n_shown:,} of {len(rows):,} samples. Places come from UMAP on {plain(report.reference)}{part}; movement "
        "comes from the full space, drawn toward neighbouring concepts, without what training gave to every concept: "
        f"{100 * explained:.0f} % of the displacement, the rest left the plane. Clusters: HDBSCAN on the leading "
        f"principal components{carried}.{absent}"
    )


def _polygons(event: Any) -> list[Polygon]:
    selection = event.get("selection", {}) if event else {}
    lassos = [list(zip(each["x"], each["y"], strict=True)) for each in selection.get("lasso", [])]
    return lassos + [_box(each) for each in selection.get("box", [])]


def _box(each: dict[str, list[float]]) -> Polygon:
    (x0, x1), (y0, y1) = each["x"], each["y"]
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]

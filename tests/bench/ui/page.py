"""One page with one map of so many samples; run by streamlit, see __main__."""

from __future__ import annotations

import os
from types import SimpleNamespace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from driftcore.records import Frame, FrameStep, MapFilter, MapRows
from driftcore.ui import _map, draw_map, selection_steps
from driftcore.ui._filters import MapChoices
from driftcore.workflows.selecting import selected

N_CONCEPTS = 20
n, way = int(os.environ["BENCH_N"]), os.environ["BENCH_WAY"]


@st.cache_resource
def world() -> tuple[MapRows, Frame, SimpleNamespace]:
    """Twenty round concepts on a ring, with texts, labels, predictions and two evals."""
    rng = np.random.default_rng(0)
    concept = rng.integers(0, N_CONCEPTS, n)
    angles = 2 * np.pi * np.arange(N_CONCEPTS) / N_CONCEPTS
    middles = 0.7 * np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    before = (middles[concept] + 0.08 * rng.standard_normal((n, 2))).astype(np.float32)
    now = (before + 0.01 * rng.standard_normal((n, 2))).astype(np.float32)
    names = np.array([f"concept {number:02d}" for number in range(N_CONCEPTS)], dtype=object)
    ids = np.array([f"sample-{number}" for number in range(n)], dtype=object)
    texts = [
        f"a customer asks, number {number}, what became of the refund of a card that was lost" for number in range(n)
    ]
    clusters = concept.astype(np.int32)
    rows = MapRows(
        sample_ids=ids,
        texts=np.array(texts, dtype=object),
        concepts=names[concept],
        predictions=names[concept],
        points=now,
        clusters=clusters,
        shift=0.3 * rng.random(n).astype(np.float32),
        correct_reference=(rng.random(n) > 0.06).astype(np.float32),
        correct_current=(rng.random(n) > 0.06).astype(np.float32),
        confidences=rng.random(n).astype(np.float32),
    )
    steps = tuple(
        FrameStep(
            checkpoint=name,
            sample_ids=ids,
            points=points,
            clusters=clusters,
            concepts=tuple(names),
            centroids=middles,
            explained=0.9,
        )
        for name, points in (("before", before), ("now", now))
    )
    # what the map reads of a report
    concepts = tuple(SimpleNamespace(concept=name, kind="none", n=1, toward=None) for name in names)
    report = SimpleNamespace(report_id="bench", reference="before", current="now", concepts=concepts, n_only_current=0)
    return rows, Frame(reference="before", split="validation", method="bench", steps=steps), report


@st.cache_resource
def figure() -> go.Figure:
    """What a page would write without the component: the same places and colours, no more."""
    rows = world()[0]
    marks = go.Scattergl(
        x=rows.points[:, 0], y=rows.points[:, 1], mode="markers", marker={"size": 4, "color": rows.clusters}
    )
    return go.Figure(marks).update_layout(dragmode="lasso", height=620)


st.set_page_config(layout="wide")
if "warm" in st.query_params:
    # making the world is not the map's cost
    world()
    st.markdown("warm")
    st.stop()
if way == "map, every sample":
    _map._DRAWN_AT_MOST = n
if way == "plotly":
    event = st.plotly_chart(figure(), key="map", on_select="rerun", selection_mode=("lasso",))
    answer = len(event["selection"]["points"])
else:
    rows, frame, report = world()
    chosen = selected(rows, selection_steps(), lambda checkpoint: rows)
    draw_map(rows, report, frame, color="concept", choices=MapChoices(filter=MapFilter(), trailed=0.1), selected=chosen)
    answer = int(chosen.sum())
st.markdown(f"answer={answer}")

"""Pairs of concepts on a page: the matrix that is clicked, the corridor, the samples in between, and the clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from driftcore import charts
from driftcore.records import Between, ClusterReport, Corridor, DriftReport, GapClosures, SelectionStep
from driftcore.settings import bundled
from driftcore.ui._chosen import set_selection, show_selection
from driftcore.ui._guest import guest, locked_values
from driftcore.ui._loaders import load_texts
from driftcore.ui._pager import rows_in_sight, turn_pages
from driftcore.ui._pickers import pick
from driftcore.ui._text import plain
from driftcore.workflows.creep import pair_name, ranked_pairs

_PAIR, _MATRIX = "pair", "creep-matrix"
_PLACES = ("place before (0–1)", "place now (0–1)")
_STILL = {"displayModeBar": False}
# with fewer, the typical gap that all are scaled by is the one that is looked at
_ENOUGH_CONCEPTS = 4


def pick_pair(gaps: GapClosures, shown: GapClosures) -> tuple[str, str]:
    """A pair of the matrix, the one that closed most first; a link may name a pair that the matrix leaves out."""
    options = {pair_name(a, b): (a, b) for a, b in ranked_pairs(shown)}
    asked = {st.query_params.get(_PAIR), st.session_state.get(_PAIR), *(locked_values(_PAIR) or ())}
    if not asked <= {None, *options} and len(shown.concepts) < len(gaps.concepts):
        options |= {name: (a, b) for a, b in ranked_pairs(gaps) if (name := pair_name(a, b)) in asked}
    chosen = pick(
        "Pair of concepts",
        list(options),
        key=_PAIR,
        default=next(iter(options)),
        shown=lambda name: f"{name}: {charts.closure_text(_closure(gaps, options[name]))}" if name in options else name,
        help="Ranked by how much closer the two came. A click on the matrix chooses here too.",
    )
    return options[chosen]


def draw_matrix(shown: GapClosures, n_concepts: int, report: DriftReport, pair: tuple[str, str]) -> None:
    """The matrix; a click on a cell chooses its pair, but not for the guest of a share link."""
    st.plotly_chart(
        charts.creep_figure(shown, report.pairs, marked=pair),
        key=_MATRIX,
        on_select="ignore" if guest() is not None else _take_click,
        selection_mode="points",
        config=_STILL,
        alt=f"Matrix of gap closure between {len(shown.concepts)} concepts; the list of pairs says the same in words.",
    )
    if len(shown.concepts) < n_concepts:
        st.caption(f"The {len(shown.concepts)} of {n_concepts} concepts with the strongest closures are shown.")
    st.caption(
        f"How much of the distance between two concepts has gone since {plain(report.reference)}, in %: orange came "
        "closer, blue went apart; bold numbers are of the up to 20 pairs that the report is sure of. The matrix orders "
        "itself: concepts that came closer to each other stand side by side (average-linkage clustering with optimal "
        "leaf ordering). The framed pair is the one described beside it; click another cell to change it."
    )
    if n_concepts < _ENOUGH_CONCEPTS:
        st.caption(
            f"With fewer than {_ENOUGH_CONCEPTS} concepts the scale of the gaps is set by the very gaps that are "
            "measured: a gap closure near 0 then says little."
        )


def pair_sentence(report: DriftReport, gaps: GapClosures, pair: tuple[str, str]) -> str:
    """How much closer the two came, and how surely; for Markdown."""
    known = next((each for each in report.pairs if {each.a, each.b} == set(pair)), None)
    if known is not None:
        surely = charts.closure_text(known.gap_closure, known.low, known.high, known.q_value)
        return f"**{plain(surely)}** since {plain(report.reference)}, more than sampling alone explains."
    said = charts.closure_text(_closure(gaps, pair))
    return (
        f"**{plain(said)}** since {plain(report.reference)}; not among the up to 20 pairs that the report names as "
        "surely closer."
    )


def corridor_chart(corridor: Corridor, current: str) -> None:
    """The ridgelines, with what to read from them."""
    a, b = plain(corridor.a), plain(corridor.b)
    step = corridor.step(current)
    if step is not None and step.of_a.any() and not step.of_a.all():
        went = float(step.positions[step.of_a].mean()), 1 - float(step.positions[~step.of_a].mean())
        st.markdown(
            f"At {plain(current)}, {a} stands {100 * went[0]:.0f} % of the way toward {b}, and {b} "
            f"{100 * went[1]:.0f} % of the way toward {a}."
        )
    st.plotly_chart(
        charts.corridor_figure(corridor, marked=current),
        key="creep-corridor",
        config=_STILL,
        alt=f"Where the samples of {corridor.a} and {corridor.b} stand between the two, checkpoint by checkpoint.",
    )
    n_drawn = len(charts.drawn_steps(corridor, current))
    part = "" if n_drawn == len(corridor.steps) else f"{n_drawn} of {len(corridor.steps)} checkpoints are drawn. "
    st.caption(
        f"{part}Every sample of both concepts on the line between them: 0 is where {a} was centred at "
        f"{plain(corridor.reference)}, 1 where {b} was, and positions are taken after laying each checkpoint's space "
        f"over it. Solid and plain is {a}, dashed and hatched {b}; each mark below the hills is a sample, up to "
        "300 of a concept. Beyond counts the samples that stand nearer to the other concept than to their own, judged "
        "in each checkpoint's own space."
    )


def between_panel(found: Between, corridor: Corridor, current: str) -> None:
    """The samples in between as a table, with a way to the map."""
    n, now = len(found.sample_ids), corridor.step(current)
    if now is not None and not now.apart:
        st.info(
            f"At {plain(current)} the two concepts stand in one place: no sample is in between them, all are.",
            icon=":material/merge:",
        )
        return
    if not n:
        st.info("No sample stands in the middle fifth of the way, and none has crossed it.", icon=":material/check:")
        return
    st.markdown(f"**{n:,} samples in between**, of which {int(found.crossed.sum()):,} crossed the middle")
    for concept, words in found.words:
        st.markdown(f"Of {plain(concept)}, they say more often: {', '.join(plain(word) for word in words)}")
    _between_page(found, key=f"between-page-{pair_name(corridor.a, corridor.b)}-{current}")
    st.caption(
        f"Samples in the middle fifth of the way at {plain(current)}, and those that crossed it since "
        f"{plain(corridor.reference)}, the farthest from their own concept first. A place is 0 level with the centre "
        f"of {plain(corridor.a)} and 1 with that of {plain(corridor.b)}, each in its checkpoint's own space."
    )
    if guest() is None and st.button("Select them on the map", key="creep-select", icon=":material/scatter_plot:"):
        ids = tuple(str(sample_id) for sample_id in found.sample_ids)
        title = f"in between {pair_name(corridor.a, corridor.b)}"
        set_selection((SelectionStep(mode="replace", checkpoint=current, sample_ids=ids, title=title),))
        show_selection()
        query = {"reference": corridor.reference, "current": current}
        st.switch_page(bundled("pages") / "map.py", query_params=query)


@st.fragment
def _between_page(found: Between, *, key: str) -> None:
    """One page of the samples in between; their texts are read when it is turned to."""
    n = len(found.sample_ids)
    seen = np.arange(n)[rows_in_sight(n, key=key)]
    places = {name: st.column_config.NumberColumn(format="%.2f") for name in _PLACES}
    st.dataframe(between_table(found, seen), hide_index=True, key="creep-between", column_config=places)
    turn_pages(n, key=key, what="samples, the farthest from their own concept first")


def between_table(found: Between, seen: NDArray[np.int64]) -> pd.DataFrame:
    """Some of the samples in between as rows."""
    return pd.DataFrame(
        {
            "text": load_texts(found.texts, seen),
            "label": found.concepts[seen],
            "crossed": np.where(found.crossed[seen], "yes", ""),
            _PLACES[0]: found.positions_reference[seen],
            _PLACES[1]: found.positions_current[seen],
            "prediction before": found.predictions_reference[seen],
            "prediction now": found.predictions_current[seen],
            "sample": found.sample_ids[seen],
        }
    )


def cluster_panel(report: ClusterReport) -> None:
    """What became of the clusters: a flow, and the same in a table."""
    sure = [event for event in report.events if event.sure]
    events = {0: "No split, merger or other event is", 1: "1 event is"}.get(len(sure), f"{len(sure)} events are")
    st.markdown(
        f"**{events} sure** (p ≤ {report.alpha:g}); clustering the reference again shows {report.n_expected:.1f} by "
        "chance."
    )
    st.plotly_chart(
        charts.cluster_flow_figure(report),
        key="creep-clusters",
        config=_STILL,
        alt=f"{report.n_clusters_reference} clusters of the reference flow into {report.n_clusters_current}.",
    )
    st.caption(
        f"Left the clusters of {plain(report.reference)}, right those of {plain(report.current)}, by the label that "
        "most of their samples have; a band is as wide as the number of samples in both. Orange takes part in a sure "
        "event. Left out are bands below a tenth of both their ends, and samples that were and are in no cluster."
    )
    st.dataframe(event_table(report), hide_index=True, key="creep-events")
    st.caption("Every event, the sure ones first. Overlap is how much of a cluster still is one: 1 = all of it.")
    for note in report.notes:
        st.caption(plain(note))


def event_table(report: ClusterReport) -> pd.DataFrame:
    """The cluster events as rows."""
    return pd.DataFrame(
        [
            {
                "event": event.kind,
                "sure": "yes" if event.sure else "",
                "from": ", ".join(event.names_reference),
                "to": ", ".join(event.names_current),
                "samples before": event.n_reference,
                "samples now": event.n_current,
                "in both": event.n_shared,
                "overlap (0–1)": round(event.overlap, 2),
                "p": round(event.p_value, 3),
            }
            for event in report.events
        ]
    )


def _take_click() -> None:
    """Choose the pair of the cell that was clicked; a click beside the cells chooses nothing."""
    points = st.session_state[_MATRIX].selection.points
    if points:
        a, b = points[0]["customdata"]
        st.session_state[_PAIR] = pair_name(str(a), str(b))


def _closure(gaps: GapClosures, pair: tuple[str, str]) -> float:
    a, b = (gaps.concepts.index(name) for name in pair)
    return float(gaps.values[a, b])

"""What the overview says: the sentence, its numbers, the chart, the concepts that need a person, where to go next."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from driftcore import charts
from driftcore.records import ConceptDrift, DriftReport, Moment
from driftcore.ui._guest import guest
from driftcore.ui._links import page_link
from driftcore.ui._loaders import load_histories, load_onsets
from driftcore.ui._metric import metric, metrics
from driftcore.ui._tables import percent_text, points_text
from driftcore.ui._text import plain
from driftcore.ui._verdict import verdict_badge
from driftcore.workflows.creep import pair_name
from driftcore.workflows.timeline import pairs_to_watch

_TIMELINE = "timeline"
_CHART = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def hero(report: DriftReport) -> None:
    """The sentence, with its verdict and its cause."""
    with st.container(gap="xsmall", key="hero"):
        with st.container(horizontal=True, gap="small"):
            verdict_badge(report.verdict)
            if report.cause.kind != "none":
                st.badge(f"Cause: {report.cause.title}", icon=":material/search:", color="gray")
        st.header(plain(report.summary), anchor=False)


def key_numbers(report: DriftReport, moments: Sequence[Moment]) -> None:
    """The five numbers that the sentence rests on, each in plain words."""
    gauges, since = report.global_, f"since {report.reference}"
    with metrics(key="key-numbers"):
        metric(
            "Accuracy",
            percent_text(gauges.accuracy_current),
            f"of the {report.split} samples are right; the change is {since}",
            delta=points_text(gauges.accuracy_reference, gauges.accuracy_current),
            better="up" if _matters(report) else "neither",
        )
        if report.pairs:
            first = report.pairs[0]
            metric(
                "Gap closure",
                percent_text(first.gap_closure),
                f"of the distance between {first.a} and {first.b} has gone{_interval(first.low, first.high)}",
            )
        else:
            metric("Gap closure", None, "no two concepts surely came closer")
        started = load_onsets(report.reference, report.split)
        if started:
            concept, checkpoint = started[0]
            metric("Drifting since", checkpoint, f"when {concept} first stood out{_ago(moments, checkpoint, report)}")
        else:
            metric("Drifting since", None, "no concept has started to move")
        metric(
            "Right → wrong",
            gauges.n_new_errors,
            f"samples became wrong {since}; {percent_text(gauges.churn)} flipped either way",
        )
        n = sum(span.n_samples for span in report.spans)
        metric("Worth retraining on", n, f"samples in {_spans(report)}")


def draw_timeline(report: DriftReport, moments: Sequence[Moment]) -> None:
    """Accuracy and drift on one time axis; a click on a checkpoint makes it the current one, but not for guests."""
    histories = load_histories(report.reference, report.split, pairs_to_watch(moments))
    started = load_onsets(report.reference, report.split)
    figure = charts.timeline_figure(
        moments, histories, reference=report.reference, marked=report.current, onsets=started
    )
    names = [moment.checkpoint for moment in moments]
    words = f"Accuracy and gap closure of {len(names)} checkpoints from {names[0]} to {names[-1]}. {report.summary}"

    def choose() -> None:
        points = st.session_state[_TIMELINE].selection.points
        at = next((point["customdata"] for point in points if point.get("customdata") is not None), None)
        if at is not None:
            # what comes from the browser is a number, alone or in a list
            st.session_state["current"] = names[int(at[0] if isinstance(at, list) else at)]

    if guest() is None:
        st.plotly_chart(figure, key=_TIMELINE, on_select=choose, selection_mode="points", config=_CHART, alt=words)
    else:
        st.plotly_chart(figure, key=_TIMELINE, config=_CHART, alt=words)
    pick = "" if guest() is not None else " Click a checkpoint, or pick it above, to make it the current one."
    st.caption(
        "Above, the share of samples that are right; below, how much of the distance between two concepts has gone "
        f"since the reference, with bands of 95 % where it surely did.{pick}"
    )


def attention(report: DriftReport, *, at_most: int = 8) -> None:
    """The concepts that need a person, the most urgent first, each with its numbers and the ways to look closer."""
    needing = [concept for concept in report.concepts if concept.verdict not in ("stable", None)]
    if not needing:
        st.success("No concept moved more than training moved all of them.", icon=":material/check:")
        return
    for number, concept in enumerate(needing[:at_most]):
        with st.container(border=True, key=f"concept-{number}", gap="xsmall"):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(f"**{plain(concept.concept)}**", width="content")
                verdict_badge(concept.verdict)
            st.markdown(" · ".join(plain(part) for part in _facts(concept)))
            _ways(report, concept)
    if len(needing) > at_most:
        st.caption(f"{len(needing) - at_most} more are in the table of all concepts below.")


def next_steps(report: DriftReport) -> None:
    """Where to go from here, with the choices carried along."""
    if guest() is not None:
        return
    choices = _choices(report)
    st.subheader("What to do next", anchor=False)
    with st.container(horizontal=True, key="next-steps"):
        page_link("map", "Look at it on the map", icon=":material/scatter_plot:", choices=choices)
        page_link("creep", "Which concepts come closer", icon=":material/compare_arrows:", choices=choices)
        if report.spans:
            page_link("spans", f"Triage {_spans(report)}", icon=":material/checklist:", choices=choices)
        page_link("retraining", "What became of retraining", icon=":material/model_training:", choices=choices)


def _facts(concept: ConceptDrift) -> list[str]:
    """One concept in words: how far it went and where to, its accuracy, and how many of its samples became wrong."""
    told = concept.part or concept
    where = "" if concept.kind == "none" or told.toward is None else f" toward {told.toward}"
    who = f"{concept.part.n} of its {concept.n} samples" if concept.part else f"Its {concept.n} samples"
    facts = [f"{who} moved {percent_text(told.displacement)} of the mean gap between concepts{where}"]
    if told.accuracy_reference is not None and told.accuracy_current is not None:
        facts.append(f"accuracy {percent_text(told.accuracy_reference)} → {percent_text(told.accuracy_current)}")
    if concept.n_worse is not None:
        facts.append(f"{concept.n_worse} right → wrong, {concept.n_better or 0} wrong → right")
    return facts


def _ways(report: DriftReport, concept: ConceptDrift) -> None:
    """Links to the map, the pair and the spans of one concept."""
    choices = _choices(report)
    spans = [span for span in report.spans if span.concept == concept.concept]
    with st.container(horizontal=True, gap="medium"):
        alone = {**choices, "concepts": concept.concept}
        page_link("map", "On the map", icon=":material/scatter_plot:", choices=alone)
        if concept.toward is not None and concept.kind != "none":
            label = f"Against {plain(concept.toward)}"
            pair = {**choices, "pair": pair_name(concept.concept, concept.toward)}
            page_link("creep", label, icon=":material/compare_arrows:", choices=pair)
        for span in spans[:1]:
            label = f"Read its {span.n_samples:,} samples"
            page_link("spans", label, icon=":material/checklist:", choices={**choices, "span": span.span_id})


def _choices(report: DriftReport) -> dict[str, str]:
    chosen = {"reference": report.reference, "current": report.current}
    return {**chosen, "split": report.split} if "split" in st.query_params else chosen


def _matters(report: DriftReport) -> bool:
    """Whether accuracy changed by enough to be news, either way."""
    before, after = report.global_.accuracy_reference, report.global_.accuracy_current
    return before is not None and after is not None and abs(after - before) >= report.policy.min_accuracy_change


def _spans(report: DriftReport) -> str:
    return f"{len(report.spans)} {'span' if len(report.spans) == 1 else 'spans'}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f", between {percent_text(low)} and {percent_text(high)}"


def _ago(moments: Sequence[Moment], onset: str, report: DriftReport) -> str:
    names = [moment.checkpoint for moment in moments]
    passed = names.index(report.current) - names.index(onset) if report.current in names else 0
    return f", {passed} checkpoints before {report.current}" if passed > 1 else ""

"""Is it drifting?"""

import streamlit as st

from driftcore import charts, ui
from driftcore.workflows.timeline import pairs_to_watch
from driftcore.workflows.trend import onsets

with ui.page("Overview", caption="Is it drifting?"):
    store = ui.current_store()
    split = ui.pick_split(store)
    reference, current = ui.pick_checkpoints(store, split)
    report = ui.load_report(reference, current, split)
    if report is None:
        ui.offer_compare(reference, current, split)
        st.stop()

    st.subheader(ui.plain(report.summary), anchor=False)
    with st.expander(f"Cause: {report.cause.title}"):
        for line in report.cause.evidence:
            st.markdown(f"- {ui.plain(line)}")
    gauges = report.global_
    columns = st.columns(4)
    columns[0].metric("Verdict", report.verdict, help="From the policy: what moved, and what it did to accuracy.")
    columns[1].metric(
        "Accuracy",
        ui.percent_text(gauges.accuracy_current),
        delta=ui.points_text(gauges.accuracy_reference, gauges.accuracy_current),
        help=f"On the split {split}, against the reference.",
    )
    columns[2].metric(
        "Churn",
        ui.percent_text(gauges.churn),
        help="Samples whose correctness flipped, either way; accuracy hides them.",
    )
    columns[3].metric(
        "Samples in spans", sum(span.n_samples for span in report.spans), help="Worth reading, then retraining on."
    )

    moments = ui.load_moments(reference, split)
    missing = [moment for moment in moments if moment.report is None and moment.checkpoint != reference]
    pairs = pairs_to_watch(moments)
    histories = ui.load_histories(reference, split, pairs)
    started = onsets(reference, moments)
    st.plotly_chart(charts.timeline_figure(moments, histories, marked=current, onsets=started), key="timeline")
    st.caption(
        "Gap closure: how much of the distance between two concepts has gone since the reference. "
        "Bands are 95 % bootstrap intervals, drawn where a pair surely closed. "
        "A concept starts where it first stands out."
    )
    if missing:
        ui.offer_timeline(reference, split, len(missing))

    moved = ui.concept_table(report, only_moved=True)
    st.subheader("Concepts that need attention", anchor=False)
    if moved.empty:
        st.success("No concept moved more than training moved all of them.", icon=":material/check:")
    else:
        st.dataframe(moved, hide_index=True, key="moved-concepts")
    with st.expander("All concepts, and what the report could not say"):
        st.dataframe(ui.concept_table(report, only_moved=False), hide_index=True, key="all-concepts")
        for note in report.notes:
            st.markdown(f"- {ui.plain(note)}")

    st.subheader("What to do next", anchor=False)
    query = {"reference": reference, "current": current}
    st.page_link("pages/map.py", label="See them on the map", icon=":material/scatter_plot:", query_params=query)
    st.page_link("pages/spans.py", label="Read and export the spans", icon=":material/checklist:")
    ui.report_button(store, report)

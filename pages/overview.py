"""Is it drifting?"""

import streamlit as st

from driftcore import ui

with ui.page("Overview", caption="Is it drifting?"):
    store = ui.current_store()
    split = ui.pick_split()
    reference, current = ui.pick_checkpoints(split)
    report = ui.load_report(reference, current, split)
    if report is None:
        ui.offer_compare(reference, current, split)
        st.stop()

    ui.hero(report)
    moments = ui.load_moments(reference, split)
    ui.key_numbers(report, moments)
    ui.draw_timeline(report, moments)
    missing = [moment for moment in moments if moment.report is None and moment.checkpoint != reference]
    if missing:
        ui.offer_timeline(reference, split, len(missing))

    st.subheader("Concepts that need attention", anchor=False)
    ui.attention(report)
    ui.next_steps(report)
    ui.report_button(store, report)
    ui.live_traffic(reference, current)
    with st.expander("All concepts, and what the report could not say"):
        st.dataframe(ui.concept_table(report), hide_index=True, key="all-concepts")
        for note in report.notes:
            st.markdown(f"- {ui.plain(note)}")
    if report.cause.evidence:
        with st.expander(f"Why: {report.cause.title}"):
            for line in report.cause.evidence:
                st.markdown(f"- {ui.plain(line)}")

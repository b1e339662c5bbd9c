"""What is worth retraining on?"""

import streamlit as st

from driftcore import ui

with ui.page("Spans", caption="What is worth retraining on?"):
    store = ui.current_store()
    spans = store.spans.all()
    if not spans:
        st.info(
            "No spans yet. Compare two checkpoints on the overview, or draw around samples on the map and save them.",
            icon=":material/checklist:",
        )
        st.stop()

    st.dataframe(ui.span_overview(spans), hide_index=True, key="spans-table")
    by_id = {span.span_id: span for span in spans}
    chosen = by_id[
        ui.pick(
            "Span",
            list(by_id),
            key="span",
            default=spans[-1].span_id,
            shown=lambda span_id: f"{by_id[span_id].name} · {by_id[span_id].current} · {span_id}",
        )
    ]
    ui.span_panel(store, chosen)
    st.subheader("Its samples, the most shifted first", anchor=False)
    st.dataframe(ui.span_samples(store, chosen), hide_index=True, key="span-samples")
    st.page_link(
        "pages/map.py",
        label="See it on the map",
        icon=":material/scatter_plot:",
        query_params={"reference": chosen.reference, "current": chosen.current, "span": chosen.span_id},
    )

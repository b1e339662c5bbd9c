"""What is worth retraining on?"""

import streamlit as st

from driftcore import ui

with ui.page("Spans", caption="What is worth retraining on? Read a span, accept it or dismiss it."):
    store = ui.current_store()
    spans = ui.load_spans()
    if not spans:
        st.info(
            "No spans yet. Compare two checkpoints on the overview, or draw around samples on the map and save them.",
            icon=":material/checklist:",
        )
        st.stop()

    ui.triage_progress(store, spans)
    shown = ui.pick_spans(spans)
    if not shown:
        st.info("No span passes these filters: set one of them to All.", icon=":material/filter_alt_off:")
        st.stop()
    ui.span_detail(store, ui.pick_triaged(shown), spans, shown)

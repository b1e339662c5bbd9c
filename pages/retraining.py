"""What waits for retraining, and what happened to it?"""

import streamlit as st

from driftcore import ui

with ui.page("Retraining", caption="What waits for retraining, and what happened to it?"):
    store = ui.current_store()
    accepted = [each for each in ui.load_spans() if each.status == "accepted"]
    waiting = ui.load_waiting()
    if waiting is None or not accepted:
        st.info(
            "No span is accepted yet: read them on the Spans page, and accept those that are worth retraining on.",
            icon=":material/checklist:",
        )
        ui.page_link("spans", "Read the spans", icon=":material/checklist:", choices={})
        st.stop()

    ui.waiting_panel(waiting)
    ui.export_panel(store, waiting)
    ui.aftermath_panel(accepted)

"""What is stored, from where, how fresh?"""

import streamlit as st

from driftcore import ui

with ui.page("Checkpoints", caption="What is stored, from where, how fresh?"):
    store = ui.current_store()
    if ui.load_checkpoints():
        ui.checkpoints_panel(store)
        ui.models_panel()
        ui.evals_panel()
    else:
        st.info(
            "The store is empty: add a snapshot here or with `driftloop ingest`, or try `driftloop demo`.",
            icon=":material/database:",
        )
    ui.upload_panel(store)

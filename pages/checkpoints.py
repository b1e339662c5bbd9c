"""What is stored, from where, how fresh?"""

import streamlit as st

from driftcore import ui

with ui.page("Checkpoints", caption="What is stored, from where, how fresh?"):
    store = ui.current_store()
    if store.checkpoints():
        ui.checkpoints_panel(store)
        ui.models_panel(store)
        ui.evals_panel(store)
    else:
        st.info(
            "The store is empty: add a snapshot here or with `driftloop ingest`, or try `driftloop demo`.",
            icon=":material/database:",
        )
    ui.upload_panel(store)

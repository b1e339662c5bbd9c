"""What is stored, from where, how fresh?"""

import streamlit as st

from driftcore import ui

with ui.page("Checkpoints", caption="What is stored, from where, how fresh?"):
    store = ui.current_store()
    table = ui.checkpoint_table(store)
    if table.empty:
        st.info("The store is empty: add a snapshot with `driftloop ingest`, or try `driftloop demo`.")
        st.stop()
    st.dataframe(table, hide_index=True, key="checkpoints-table")
    st.subheader("Snapshots", anchor=False)
    st.dataframe(ui.snapshot_table(store), hide_index=True, key="snapshots-table")
    st.subheader("Eval runs", anchor=False)
    runs = ui.eval_table(store)
    if runs.empty:
        st.info("No eval run is stored: add one with `driftloop evaluate FILE --checkpoint NAME`.")
        st.stop()
    st.dataframe(runs, hide_index=True, key="evals-table")

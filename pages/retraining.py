"""What waits for retraining, and what happened to it?"""

import streamlit as st

from driftcore import ui

with ui.page("Retraining", caption="What waits for retraining, and what happened to it?"):
    store = ui.current_store()
    accepted = [each for each in ui.load_spans() if each.status == "accepted"]
    jobs = ui.load_jobs()
    waiting = ui.load_waiting()
    if not jobs and (waiting is None or not accepted):
        st.info(
            "No span is accepted yet: read them on the Spans page, and accept those that are worth retraining on; or "
            "let `driftloop loop` choose.",
            icon=":material/checklist:",
        )
        ui.page_link("spans", "Read the spans", icon=":material/checklist:", choices={})
        st.stop()

    if waiting is not None and accepted:
        ui.waiting_panel(waiting)
        ui.queue_panel(accepted, jobs)
    ui.jobs_panel(jobs)
    ui.job_panel(store, jobs)
    if waiting is not None and accepted:
        ui.export_panel(store, waiting)
        ui.aftermath_panel(accepted)

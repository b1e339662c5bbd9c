"""Where is it drifting, and what is in it?"""

import streamlit as st

from driftcore import charts, ui

with ui.page("Map", caption="Where is it drifting, and what is in it? Draw around samples with the lasso."):
    store = ui.current_store()
    split = ui.pick_split(store)
    reference, current = ui.pick_checkpoints(store, split)
    report, frame = ui.load_report(reference, current, split), ui.load_frame(reference, split)
    if report is None:
        ui.offer_compare(reference, current, split)
        st.stop()
    if frame is None or frame.step(current) is None:
        ui.offer_frame(reference, split)
        st.stop()

    rows = ui.load_rows(frame, report)
    first, second, third, fourth = st.columns(4)
    with first:
        color = ui.pick("Colour by", charts.COLOR_BY, key="color", default="concept")
    with second:
        wanted = ui.pick_filter(rows, report)
    with third:
        span = ui.pick_span(store, report)
    with fourth:
        ui.step_buttons(store, split, current)

    steps = ui.selection_steps()
    chosen = ui.load_selected(rows, steps, frame, report)
    picture, beside = st.columns([3, 2])
    with picture:
        selected = chosen if chosen.any() or span is None else ui.members(rows, span)
        ui.draw_map(rows, report, frame, color=color, wanted=wanted, selected=selected)
        ui.map_notes(rows, wanted, frame, report)
    with beside:
        if chosen.any():
            ui.selection_panel(store, rows, chosen, report, steps)
        elif span is not None:
            ui.span_panel(store, span, rows)
        else:
            st.info("Draw around samples with the lasso or the box, or choose a span above.", icon=":material/gesture:")
            st.dataframe(ui.concept_table(report, only_moved=True), hide_index=True, key="map-concepts")

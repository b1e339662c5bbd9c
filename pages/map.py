"""Where is it drifting, and what is in it?"""

import streamlit as st

from driftcore import charts, ui

with ui.page("Map", caption="Where is it drifting, and what is in it? Draw around samples with the lasso."):
    store = ui.current_store()
    split = ui.pick_split()
    reference, current = ui.pick_checkpoints(split)
    report, frame = ui.load_report(reference, current, split), ui.load_frame(reference, split)
    if report is None:
        ui.offer_compare(reference, current, split)
        st.stop()
    if frame is None or frame.step(current) is None:
        ui.offer_frame(reference, split)
        st.stop()

    rows = ui.load_rows(frame, report)
    first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
    with first:
        color = ui.pick("Colour by", charts.COLOR_BY, key="color", default="concept")
    with second:
        span = ui.pick_span(report)
    with third:
        other = ui.pick_beside(frame, current)
    with fourth:
        choices = ui.pick_map_choices(rows, report)

    steps = ui.selection_steps()
    chosen = ui.load_selected(rows, steps, frame, report)
    selected = chosen if chosen.any() or span is None else ui.members(rows, span)
    look = {"color": color, "choices": choices, "ringed": ui.ticked_samples(rows, selected)}
    picture, second_picture, beside = ui.map_columns(beside=other is not None)
    with picture:
        ui.draw_map(rows, report, frame, selected=selected, **look)
        ui.map_notes(rows, choices, frame, report)
    if other is not None:
        with second_picture:
            ui.draw_other_map(report, other, frame, steps=steps, span=span, **look)
    with beside:
        changed, search, selection = ui.map_tabs(selected)
        with changed:
            ui.changed_panel(rows, report)
        with search:
            ui.search_panel(store, rows, report, selected)
        with selection:
            ui.history_panel()
            if chosen.any():
                ui.selection_panel(store, rows, chosen, report, steps)
            elif span is not None:
                ui.span_panel(store, span, rows, report)
            else:
                st.info(
                    "Nothing is selected: draw on the map, click what changed most, or search.",
                    icon=":material/gesture:",
                )

"""Which concepts come closer to which?"""

import streamlit as st

from driftcore import charts, ui
from driftcore.workflows.creep import distances_of

with ui.page("Creep", caption="Which concepts come closer to which?"):
    split = ui.pick_split()
    reference, current = ui.pick_checkpoints(split)
    report = ui.load_report(reference, current, split)
    if report is None:
        ui.offer_compare(reference, current, split)
        st.stop()
    gaps, shown = ui.load_gaps(report)
    if not len(shown.concepts):
        st.info(
            "No two concepts have a gap that could close: the two checkpoints were compared as windows of different "
            "samples, or each concept has too few. Choose two checkpoints that embedded the same samples.",
            icon=":material/compare_arrows:",
        )
        st.stop()

    picture, beside = st.columns([3, 2])
    with beside:
        pair = ui.pick_pair(gaps, shown)
        st.subheader(f"{ui.plain(pair[0])} ↔ {ui.plain(pair[1])}", anchor=False)
        st.markdown(ui.pair_sentence(report, gaps, pair))
        corridor, missing = ui.load_corridor(reference, split, pair)
        moments = ui.load_moments(reference, split)
        history = ui.load_histories(reference, split, (pair,))[pair]
        points = distances_of(corridor, history)
        st.plotly_chart(
            charts.distance_figure(points, pair, reference=reference, marked=current),
            key="creep-distance",
            alt=f"Distance between {pair[0]} and {pair[1]} at every checkpoint, in % of the reference's.",
        )
        st.caption(
            "What is left of the distance between the two, in % of the reference's; 100 % is no change, 0 % would be "
            "one and the same place. Bars are 95 % bootstrap intervals; with the corridor every checkpoint gets "
            "its own. The dashed line is the current checkpoint."
        )
        unread = [moment for moment in moments if moment.report is None]
        if unread:
            ui.offer_timeline(reference, split, len(unread))
    with picture:
        ui.draw_matrix(shown, len(gaps.concepts), report, pair)

    st.subheader("The corridor: every sample on the way from one to the other", anchor=False)
    if corridor.steps:
        ui.corridor_chart(corridor, current)
    if missing:
        ui.offer_corridor(reference, split, pair, missing)

    st.subheader("The samples in between", anchor=False)
    if corridor.step(reference) is None or corridor.step(current) is None:
        st.info("They are found together with the corridor.", icon=":material/hourglass_empty:")
    else:
        ui.between_panel(ui.load_between(corridor, current), corridor, current)

    st.subheader("Splits and merges of clusters", anchor=False)
    clusters = ui.load_clusters(reference, current, split)
    if clusters is None:
        ui.offer_clusters(reference, current, split)
    else:
        ui.cluster_panel(clusters)

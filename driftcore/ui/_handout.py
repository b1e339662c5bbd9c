"""The button that makes the report for a stakeholder: one file, prepared when it is asked for."""

from __future__ import annotations

import re

import streamlit as st

from driftcore.handout import make_handout
from driftcore.records import DriftReport
from driftcore.store import Store
from driftcore.ui._access import may_edit, require_editor


def report_button(store: Store, report: DriftReport) -> None:
    """Offer the report as one self-contained page; nothing is made before the click."""
    if not may_edit():
        return

    def page() -> bytes:
        # runs at the click: the check stands where the data leaves
        require_editor("export the report")
        texts = not st.session_state.get("report-no-text", False)
        return make_handout(store, report.reference, report.current, split=report.split, texts=texts)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download as one page",
            data=page,
            file_name=_file_name(report),
            mime="text/html",
            key="report-download",
            icon=":material/description:",
            on_click="ignore",
        )
        st.checkbox("Leave out sample texts", key="report-no-text")
    st.caption(
        "For someone who will never install anything: one HTML file below 5 MB with all of this, the map included. It "
        "opens in any browser without a network, and prints."
    )


def _file_name(report: DriftReport) -> str:
    """A name that every system takes."""
    sides = (re.sub(r"[^\w.-]+", "-", name).strip("-.")[:40] for name in (report.reference, report.current))
    return "drift-" + "-to-".join(sides) + ".html"

"""The report for a stakeholder as a file: made when it is asked for, then offered."""

from __future__ import annotations

import re

import streamlit as st

from driftcore.handout import make_handout
from driftcore.records import DriftReport
from driftcore.store import Store
from driftcore.ui._access import may_edit, require_editor
from driftcore.ui._reading import stamp_now
from driftcore.ui._run import look_again
from driftcore.ui._text import plain

_PREPARED = "report-prepared"


def report_button(store: Store, report: DriftReport) -> None:
    """Offer the report as one self-contained page; a page load makes nothing."""
    if not may_edit():
        return
    st.markdown("**For someone who will never install anything**")
    st.caption(
        "One HTML file below 5 MB with the sentence, the timeline, the map, the concepts and the spans. It opens in "
        "any browser without a network, and prints."
    )
    texts = not st.checkbox("Leave out sample texts", key="report-no-text")
    with st.container(horizontal=True):
        if st.button("Make the report file", key="report-make", icon=":material/description:"):
            _prepare(store, report, texts=texts)
        wanted = report.report_id, texts, stamp_now()
        prepared, page = st.session_state.get(_PREPARED, (None, b""))
        # what was made from other data, or with texts that are now to be left out, is not offered
        if prepared == wanted:
            st.download_button(
                f"Download the report ({len(page) / 1e6:.1f} MB)",
                data=page,
                file_name=_file_name(report, texts=texts),
                mime="text/html",
                key="report-download",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
            )


def _prepare(store: Store, report: DriftReport, *, texts: bool) -> None:
    require_editor("export the report")
    bar = st.progress(0.0, text="starting")

    def show(doing: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=plain(doing))

    page = make_handout(store, report.reference, report.current, split=report.split, texts=texts, progress=show)
    bar.empty()
    # the stamp afterwards: what was missing of the map and the timeline is kept now
    look_again()
    st.session_state[_PREPARED] = (report.report_id, texts, stamp_now()), page


def _file_name(report: DriftReport, *, texts: bool) -> str:
    """A name that every system takes, and that says when texts are left out."""
    sides = (re.sub(r"[^\w.-]+", "-", name).strip("-.")[:40] for name in (report.reference, report.current))
    return "drift-" + "-to-".join(sides) + ("" if texts else "-no-texts") + ".html"

"""Live traffic: other samples each time, so what changed is their mix, what is said in them, and what is new."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from driftcore.records import DriftReport, WindowDrift
from driftcore.ui._loaders import load_windows
from driftcore.ui._offers import offer_windows
from driftcore.ui._tables import percent_text
from driftcore.ui._text import plain
from driftcore.ui._verdict import verdict_badge, verdict_word

_MOST = 8


def live_traffic(reference: str, current: str) -> None:
    """A section for each split that has other samples at every checkpoint: its sentence, its mix, what is new."""
    st.subheader("Live traffic", anchor=False)
    windows = load_windows(reference, current)
    if not windows or reference == current:
        st.caption(
            "No split of these two checkpoints has samples of its own at each of them. Store what users send with "
            "`driftloop ingest FILE --checkpoint NAME --split live`, then see here how it changed."
        )
        return
    for split, report in windows.items():
        if report is None or report.windows is None:
            offer_windows(reference, current, split)
        else:
            _section(report, report.windows)


def _section(report: DriftReport, drift: WindowDrift) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{plain(report.split)}**", width="content")
        verdict_badge(report.verdict)
    st.markdown(plain(report.summary))
    table = _mix(report, drift)
    numbers = {name: st.column_config.NumberColumn(format="%.1f") for name in table.columns[2:]}
    st.dataframe(table, hide_index=True, key=f"mix-{report.split}", column_config=numbers)
    st.caption(f"Of {drift.n_reference:,} samples then and {drift.n_current:,} now.{_novelty(drift)}")


def _mix(report: DriftReport, drift: WindowDrift) -> pd.DataFrame:
    """The concepts whose share changed most, and whether other things are said about them."""
    verdicts = {each.concept: each.verdict for each in report.concepts}
    largest = sorted(drift.composition.shares, key=lambda each: -abs(each.share_current - each.share_reference))[:_MOST]
    return pd.DataFrame(
        [
            {
                "concept": each.concept,
                "what is said": verdict_word(verdicts.get(each.concept)),
                "share then (%)": 100 * each.share_reference,
                "share now (%)": 100 * each.share_current,
                "change (points)": 100 * (each.share_current - each.share_reference),
            }
            for each in largest
        ]
    )


def _novelty(drift: WindowDrift) -> str:
    if drift.novelty is None:
        return ""
    share, expected = percent_text(drift.novelty.share), percent_text(drift.novelty.expected_share)
    return f" {drift.novelty.n:,} of them ({share}) are unlike any known sample, where {expected} is usual."

"""Records as the tables that pages show, with units in the column names."""

from __future__ import annotations

import pandas as pd

from driftcore.records import DriftReport
from driftcore.ui._verdict import verdict_word


def percent_text(share: float | None) -> str:
    """A share of 1 as a percentage, a dash where it is unknown."""
    return "–" if share is None else f"{100 * share:.1f} %"


def points_text(before: float | None, after: float | None) -> str | None:
    """A change of accuracy in percentage points, None where one side is unknown."""
    return None if before is None or after is None else f"{100 * (after - before):+.1f} points"


def concept_table(report: DriftReport) -> pd.DataFrame:
    """The concepts of a report, the one that needs a person most first."""
    rows = [
        {
            "concept": each.concept,
            "verdict": verdict_word(each.verdict),
            "toward": each.toward if each.kind != "none" else None,
            "migration (% of the gap)": _percent(each.migration if each.kind != "none" else None),
            "displacement (% of the mean gap)": _percent(each.displacement),
            "stands out (robust z)": None if each.standout is None else round(each.standout, 1),
            "mean shift (cosine)": None if each.mean_shift is None else round(each.mean_shift, 4),
            "neighbours kept (%)": _percent(each.neighbor_overlap),
            "accuracy before (%)": _percent(each.accuracy_reference),
            "accuracy now (%)": _percent(each.accuracy_current),
            "right → wrong": each.n_worse,
            "wrong → right": each.n_better,
            "churn (%)": _percent(each.churn),
            "samples": each.n,
        }
        for each in report.concepts
    ]
    return pd.DataFrame(rows)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)

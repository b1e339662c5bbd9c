"""Retraining sets made by hand, small enough to count."""

from __future__ import annotations

import numpy as np
import pandas as pd

from driftcore.export import COLUMNS, SET_COLUMNS

# what must come out of every format as it went in
NASTY = ('say "no"', "two\nlines", "<b>&amp;</b>", "=1+1", "a,b;c\td", "Ärger 👩‍👩‍👧", "x]]>y", "- [a](b)")


def a_set(labels: list[str | None], **columns: list[object]) -> pd.DataFrame:
    """One training row a label; single columns may be given."""
    n = len(labels)
    plain: dict[str, object] = {
        "sample_id": [f"s/{row}" for row in range(n)],
        "text": [f"text {row}" for row in range(n)],
        "label": labels,
        "prediction": [None] * n,
        "confidence": [np.nan] * n,
        "checkpoint": ["week 2"] * n,
        "span_id": ["feed"] * n,
        "concept": labels,
        "shift": [0.25] * n,
        "weight": [1.0] * n,
        "reason": ["because"] * n,
        "role": ["gold"] * n,
        "label_used": labels,
        "part": ["train"] * n,
    }
    return pd.DataFrame({**plain, **columns}, columns=[*COLUMNS, *SET_COLUMNS])

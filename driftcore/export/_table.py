"""The table that all formats are made from: one row a sample, in columns that every reader may count on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = (
    "sample_id",
    "text",
    "label",
    "prediction",
    "confidence",
    "checkpoint",
    "span_id",
    "concept",
    "shift",
    "weight",
    "reason",
)

# what a row of a retraining set has beside them: why it is in it, how it was labelled before, train or holdout
SET_COLUMNS = ("role", "label_used", "part")

_WRONG = 2.0


def retraining_table(columns: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """The columns of a retraining set, in their order, one row a sample.

    Raises
    ------
    KeyError
        If one is missing.
    """
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def weights(correct: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much a row should count in training: 2 where the current checkpoint is wrong, else 1."""
    return np.where(correct == 0, _WRONG, 1.0)


def is_wrong(weight: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows the current checkpoint is wrong about, read back from their weights."""
    return weight == _WRONG

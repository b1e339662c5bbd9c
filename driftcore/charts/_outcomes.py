"""What the evals say of a sample, as a code that the maps' scripts know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcore.records import MapRows

RIGHT, UNKNOWN, WRONG, NEWLY_RIGHT, NEWLY_WRONG = range(5)


def outcomes(rows: MapRows) -> NDArray[np.uint8]:
    """What the evals say of each sample, shape (n_samples,)."""
    before, after = rows.correct_reference, rows.correct_current
    codes = np.full(len(rows), RIGHT, dtype=np.uint8)
    codes[np.isnan(after)] = UNKNOWN
    codes[after == 0] = WRONG
    codes[(after == 1) & (before == 0)] = NEWLY_RIGHT
    codes[(after == 0) & (before == 1)] = NEWLY_WRONG
    return codes

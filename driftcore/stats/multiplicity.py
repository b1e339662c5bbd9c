"""Many tests at once."""

from __future__ import annotations

import numpy as np

from driftcore.stats.moments import Floats


def benjamini_hochberg(p_values: Floats) -> Floats:
    """q-values: the smallest false discovery rate at which each test would be a discovery.

    Parameters
    ----------
    p_values : float64 array of any shape; NaN where a test could not be made, which then does not count

    Returns
    -------
    float64 array of the same shape, in [0, 1], NaN where the p-value is

    Notes
    -----
    Benjamini & Hochberg, Controlling the false discovery rate, Journal of the Royal Statistical Society B 57, 1995.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, np.nan])).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    q_values = np.full(np.shape(p_values), np.nan)
    made = ~np.isnan(p_values)
    p = p_values[made]
    order = np.argsort(p)[::-1]
    adjusted = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    back = np.empty(len(p))
    back[order] = np.minimum(adjusted, 1.0)
    q_values[made] = back
    return q_values

"""Many tests at once, and the same test at every new checkpoint."""

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


def look_alphas(alpha: float, n_looks: int) -> Floats:
    r"""The level of each of a sequence of looks, so that all of them together err with a chance of at most `alpha`.

    Whoever looks every week at the 5 % level will see something in the end though nothing is there. These levels add
    up to less than `alpha` however long it goes on, whatever the looks have in common; and the level of a look does
    not depend on how many follow, so that a later checkpoint never takes back what an earlier one has shown. The price
    is that a late look must be surer than an early one: 0.025 for the first, 0.0017 for the fifth, for 0.05 in all.

    Parameters
    ----------
    alpha : float in (0, 1)
    n_looks : int

    Returns
    -------
    float64 array of shape (n_looks,)

    Notes
    -----
    .. math:: \alpha_t = \frac{\alpha}{t (t + 1)}, \quad \sum_{t=1}^{T} \alpha_t = \alpha \frac{T}{T + 1}

    An error that is spent look by look is the idea of Lan & DeMets, Discrete sequential boundaries for clinical trials,
    Biometrika 70, 1983; here the looks are joined by Bonferroni, for how they depend on each other is unknown.

    Examples
    --------
    >>> look_alphas(0.05, 4).round(4).tolist()
    [0.025, 0.0083, 0.0042, 0.0025]
    """
    looks = np.arange(1.0, n_looks + 1)
    alphas: Floats = alpha / (looks * (looks + 1))
    return alphas

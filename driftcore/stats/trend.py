"""Does a number go up or down from checkpoint to checkpoint, and how fast?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, theilslopes

from driftcore.stats.moments import Floats

# with more values the normal approximation is within a thousandth, and the exact distribution takes a while
_MAX_EXACT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Change a unit of time, with its confidence interval."""

    value: float
    low: float | None
    high: float | None


def theil_sen(times: Floats, values: Floats, *, level: float = 0.95) -> Slope | None:
    r"""How much a number changes in a unit of time: the median slope over all pairs of points.

    Up to 29 % of the points may be arbitrarily wrong without carrying it off, where a least-squares line follows each.

    Parameters
    ----------
    times, values : float64 arrays of shape (n_times,)
        NaN values are left out; times need not be evenly spaced.
    level : float in (0, 1)

    Returns
    -------
    Slope or None
        In units of `values` per unit of `times`; None with fewer than two different times. The interval is None where
        no interval has that level: the widest one, from the smallest to the largest slope, has 1 − 2/n!, which is
        67 % for three points, 92 % for four, 98 % for five.

    Notes
    -----
    .. math:: \hat\beta = \operatorname{median}_{i < j} (v_j - v_i) / (t_j - t_i)

    Theil, A rank-invariant method of linear and polynomial regression analysis, Nederl. Akad. Wetensch. Proc. 53, 1950;
    the interval is that of Sen, Estimates of the regression coefficient based on Kendall's tau, Journal of the American
    Statistical Association 63, 1968. It takes the points for independent around a line, which a model that goes on
    training from its last checkpoint is not: the interval is then too narrow.

    Examples
    --------
    >>> slope = theil_sen(np.arange(6.0), np.array([0.0, 0.021, 0.039, 0.9, 0.08, 0.1]))
    >>> round(slope.value, 3)
    0.02
    >>> theil_sen(np.arange(3.0), np.array([0.0, 0.1, 0.2])).low is None
    True
    """
    known = ~np.isnan(values)
    times, values = times[known], values[known]
    n_times = len(np.unique(times))
    if n_times < 2:
        return None
    found = theilslopes(values, times, alpha=level)
    sure = 1 - 2 / factorial(n_times) >= level
    return Slope(
        value=float(found.slope),
        low=float(found.low_slope) if sure else None,
        high=float(found.high_slope) if sure else None,
    )


def mann_kendall(values: Floats) -> Floats:
    r"""Two-sided p-value of "the order of the values says nothing", for every series.

    A small value says that the series goes up, or down, more steadily than a shuffled one would. It asks for steps in
    one direction and not for large ones: read it beside a slope. And it takes the values for exchangeable when nothing
    happens. A model that goes on training from its last checkpoint wanders, and what wanders often goes one way for a
    while: of random walks it calls 13 % a trend at the 5 % level after 5 checkpoints, 38 % after 8, 72 % after 26. So
    let a concept stand out first; then this says whether it keeps going.

    Parameters
    ----------
    values : float64 array of shape (n_times, ...)
        One series in each column, in order of time.

    Returns
    -------
    float64 array of shape (...), in (0, 1]
        NaN for a series with a NaN. Never below `smallest_trend_pvalue`.

    Notes
    -----
    .. math:: S = \sum_{i < j} \operatorname{sign}(v_j - v_i)

    Exact up to 50 values, ties included: (d − S)/2 of the d pairs that are not tied stand in the wrong order, and among
    all orders of the same values that number is distributed as a sum of Mann–Whitney statistics. With more values S is
    taken for normal, with its variance corrected for ties.

    Mann, Nonparametric tests against trend, Econometrica 13, 1945; Kendall, A new measure of rank correlation,
    Biometrika 30, 1938.

    Examples
    --------
    Five values that only rise: 2 of the 120 orders are as extreme.

    >>> mann_kendall(np.array([1.0, 2.0, 4.0, 7.0, 9.0])).round(4).tolist()
    0.0167
    """
    series = values.reshape(len(values), -1)
    score, n_untied = np.zeros(series.shape[1]), np.zeros(series.shape[1])
    for row in range(len(series) - 1):
        signs = np.sign(series[row + 1 :] - series[row])
        score += signs.sum(axis=0)
        n_untied += np.abs(signs).sum(axis=0)
    p_values = np.full(series.shape[1], np.nan)
    free = n_untied == len(series) * (len(series) - 1) / 2
    p_values[free] = _p_values(score[free], (1,) * len(series))
    for column in np.flatnonzero(~free & ~np.isnan(score)):
        ties = np.unique(series[:, column], return_counts=True)[1]
        p_values[column] = _p_values(score[[column]], tuple(sorted(ties.tolist())))[0]
    return p_values.reshape(values.shape[1:])


def smallest_trend_pvalue(n_times: int) -> float:
    """The p-value of `mann_kendall` of a series that only rises: with few checkpoints no trend can be surer.

    Examples
    --------
    >>> [round(smallest_trend_pvalue(n), 4) for n in (3, 4, 5, 6, 8)]
    [0.3333, 0.0833, 0.0167, 0.0028, 0.0]
    """
    return float(mann_kendall(np.arange(float(n_times))))


def _p_values(scores: Floats, groups: tuple[int, ...]) -> Floats:
    """Two-sided p-values of the scores of series whose values are tied in groups of these sizes."""
    if sum(groups) > _MAX_EXACT:
        tiny = np.finfo(float).tiny
        # values that are all the same have no variance, and a score of 0
        normal: Floats = 2 * norm.sf(np.abs(scores) / np.sqrt(max(_variance(groups), tiny)))
        return np.maximum(normal, tiny)
    return _exact_tail(groups)[np.abs(scores).astype(np.int64)]


def _variance(groups: tuple[int, ...]) -> float:
    """Variance of the score over all orders."""
    n, tied = sum(groups), np.array(groups, dtype=np.float64)
    return float(n * (n - 1) * (2 * n + 5) - (tied * (tied - 1) * (2 * tied + 5)).sum()) / 18


@cache
def _exact_tail(groups: tuple[int, ...]) -> Floats:
    """P(|S| ≥ s) for s = 0, 1, … over all orders of values that are tied in groups of these sizes."""
    # the polynomial whose coefficients count the orders with 0, 1, … pairs in the wrong order: for each group the
    # Gaussian binomial of its Mann–Whitney statistic against the groups before it. Whole numbers: they get very large
    orders = np.array([1], dtype=object)
    placed = 0
    for size in groups:
        for number in range(1, size + 1):
            orders = _divided(_multiplied(orders, placed + number), number)
        placed += size
    n_untied = len(orders) - 1
    scores = np.abs(n_untied - 2 * np.arange(n_untied + 1))
    chances = np.bincount(scores, weights=(orders / orders.sum()).astype(np.float64))
    return np.minimum(1.0, np.cumsum(chances[::-1])[::-1])


def _multiplied(coefficients: NDArray[np.object_], degree: int) -> NDArray[np.object_]:
    """A polynomial times 1 − q^degree."""
    nothing = np.zeros(degree, dtype=object)
    return np.concatenate([coefficients, nothing]) - np.concatenate([nothing, coefficients])


def _divided(coefficients: NDArray[np.object_], degree: int) -> NDArray[np.object_]:
    """A polynomial over 1 − q^degree, where that leaves no rest."""
    quotient = coefficients.copy()
    for first in range(degree):
        quotient[first::degree] = np.cumsum(quotient[first::degree])
    return quotient[: len(quotient) - degree]

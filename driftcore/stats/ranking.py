"""How well a score ranks the samples that matter before the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

from driftcore.stats.moments import Floats

Scores = NDArray[np.float32] | Floats


def auroc(scores: Scores, positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive sample has the higher score; ties count half.

    0.5 means the score says nothing, 1 that it ranks every positive first.

    Parameters
    ----------
    scores : array of shape (n_samples,)
    positive : bool array of shape (n_samples,)

    Returns
    -------
    float or None
        In [0, 1]; None where there are no positives or no negatives.

    Notes
    -----
    The Mann–Whitney statistic over n₊·n₋.

    Examples
    --------
    >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return None
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def auroc_interval(estimate: float, n_positive: int, n_negative: int, *, level: float = 0.95) -> tuple[float, float]:
    r"""Confidence interval of an `auroc`; it has a width also where every positive was ranked first.

    An interval that holds 0.5 means that the ranking may be chance. Around a perfect ranking it reaches down to 0.7
    with three positives and to 0.95 with twenty.

    Parameters
    ----------
    estimate : float in [0, 1]
        The `auroc`.
    n_positive, n_negative : int, at least 1
    level : float in (0, 1)

    Returns
    -------
    tuple of (float, float)
        In [0, 1], around the estimate.

    Notes
    -----
    The two θ at which the estimate lies z standard errors away, with the variance that exponential scores have and
    with half the sample for either size, which keeps it right for other shapes too:

    .. math:: (\hat\theta - \theta)^2 = \frac{z^2 \theta (1 - \theta)}{n_+ n_-}
        \Big(1 + n^* \frac{1 - \theta}{2 - \theta} + n^* \frac{\theta}{1 + \theta}\Big), \quad
        n^* = \frac{n_+ + n_-}{2} - 1

    Method 5 of Newcombe, Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2:
    Asymptotic methods and evaluation, Statistics in Medicine 25, 2006.

    Examples
    --------
    >>> low, high = auroc_interval(0.75, 40, 400)
    >>> round(low, 2), round(high, 2)
    (0.66, 0.82)
    """
    half = (n_positive + n_negative) / 2 - 1
    squared_z = float(norm.isf((1 - level) / 2) ** 2) / (n_positive * n_negative)
    # the variance is the same for θ and 1 − θ, so that the upper end is the lower one turned round
    return _lower_end(estimate, squared_z, half), 1.0 - _lower_end(1.0 - estimate, squared_z, half)


def mean_percentiles(*scores: Scores) -> Floats:
    """Several scores as one, each with the same say: the mean of a sample's percentiles.

    Nothing is fitted, so the combination cannot have been tuned on the errors that it is then asked to rank; for the
    same reason it is not the best one: a score that says nothing dilutes the other.

    Parameters
    ----------
    *scores : arrays of shape (n_samples,)
        All of them high where a positive is expected.

    Returns
    -------
    float64 array of shape (n_samples,), in (0, 1]

    Examples
    --------
    >>> mean_percentiles(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.1, 0.9, 0.2, 0.9])).tolist()
    [0.25, 0.6875, 0.625, 0.9375]
    """
    combined: Floats = np.mean([rankdata(score) / len(score) for score in scores], axis=0)
    return combined


def _lower_end(estimate: float, squared_z: float, half: float) -> float:
    """The θ at or below the estimate of an `auroc_interval`."""

    def beyond(theta: float) -> float:
        variance = squared_z * theta * (1 + half * (1 - theta) / (2 - theta) + half * theta / (1 + theta))
        # at 1 the factor 1 − θ stands on both sides, and θ = 1 would be a solution that says nothing
        return 1 - theta - variance if estimate == 1 else (estimate - theta) ** 2 - variance * (1 - theta)

    return 0.0 if estimate == 0 else float(brentq(beyond, 0.0, estimate))

"""Odds of an outcome with and without a trait, compared within strata only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from driftcore.stats.moments import Codes, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsRatio:
    """An odds ratio with its confidence interval; 1 = the trait says nothing."""

    value: float
    low: float | None
    high: float | None


def mantel_haenszel(
    trait: NDArray[np.bool_], outcome: NDArray[np.bool_], strata: Codes, n_strata: int, *, level: float = 0.95
) -> OddsRatio | None:
    r"""How many times the odds of the outcome are higher with the trait, compared within each stratum.

    1 means the trait says nothing, 3 that the odds are three times as high, 0.5 half as high. Strata differ in how
    common trait and outcome are without confounding the ratio: a stratum where all or none has either drops out.

    Parameters
    ----------
    trait, outcome : bool arrays of shape (n_samples,)
    strata : int64 array of shape (n_samples,); −1 belongs to none and is left out
    n_strata : int
    level : float in (0, 1)

    Returns
    -------
    OddsRatio or None
        In [0, inf); None where no stratum has the outcome without the trait beside the trait without the outcome.
        The interval is None where the ratio is 0: its logarithm has none.

    Notes
    -----
    With the table a (trait and outcome), b (trait alone), c (outcome alone), d (neither) of n samples in each stratum:

    .. math:: \mathrm{OR} = \frac{\sum_k a_k d_k / n_k}{\sum_k b_k c_k / n_k}

    The interval is on the logarithm, with the variance of Robins, Breslow, Greenland, Estimators of the
    Mantel–Haenszel variance consistent in both sparse data and large-strata limiting models, Biometrics 42, 1986,
    which holds for a few large strata and for many small ones alike.

    Examples
    --------
    >>> trait = np.repeat([True, True, False, False], [6, 4, 10, 40])
    >>> outcome = np.repeat([True, False, True, False], [6, 4, 10, 40])
    >>> mantel_haenszel(trait, outcome, np.zeros(60, dtype=int), 1).value
    6.0
    """
    inside = strata >= 0
    tables = 4 * strata[inside] + 2 * ~trait[inside] + ~outcome[inside]
    a, b, c, d = np.bincount(tables, minlength=4 * n_strata).reshape(n_strata, 4).astype(float).T
    n = np.maximum(a + b + c + d, 1)
    along, across = a * d / n, b * c / n
    if across.sum() == 0:
        return None
    ratio = float(along.sum() / across.sum())
    if ratio == 0:
        return OddsRatio(value=0.0, low=None, high=None)
    margin = float(norm.isf((1 - level) / 2)) * _log_error(along, across, (a + d) / n, (b + c) / n)
    return OddsRatio(value=ratio, low=ratio * float(np.exp(-margin)), high=ratio * float(np.exp(margin)))


def highest_within(
    scores: NDArray[np.float32] | Floats, concepts: Codes, n_concepts: int, *, share: float = 0.1
) -> NDArray[np.bool_]:
    """Which samples have the highest scores of their own concept.

    Parameters
    ----------
    scores : array of shape (n_samples,)
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int
    share : float in (0, 1)
        Of each concept, rounded up: every concept has a highest sample. Of equal scores the later rows are taken.

    Returns
    -------
    bool array of shape (n_samples,)

    Examples
    --------
    >>> highest_within(np.array([1.0, 5.0, 2.0, 9.0]), np.array([0, 0, 1, 1]), 2).tolist()
    [False, True, False, True]
    """
    order = np.lexsort((scores, concepts))
    order = order[concepts[order] >= 0]
    sizes = np.bincount(concepts[order], minlength=n_concepts)
    from_the_top = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(order))
    highest = np.zeros(len(scores), dtype=bool)
    highest[order] = from_the_top <= np.ceil(share * np.repeat(sizes, sizes))
    return highest


def _log_error(along: Floats, across: Floats, same: Floats, different: Floats) -> float:
    """Standard error of the logarithm of the ratio."""
    r, s = along.sum(), across.sum()
    variance = (same * along).sum() / (2 * r**2) + (different * across).sum() / (2 * s**2)
    variance += (same * across + different * along).sum() / (2 * r * s)
    return float(np.sqrt(variance))

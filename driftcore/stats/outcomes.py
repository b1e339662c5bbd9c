"""Evals beside drift: accuracy, churn, and whether movement predicts new errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, rankdata

from driftcore.stats.moments import Codes, Floats

Outcomes = NDArray[np.float32] | Floats


def mcnemar_pvalues(reference: Outcomes, current: Outcomes, concepts: Codes, n_concepts: int) -> Floats:
    r"""Exact two-sided McNemar p-value of "accuracy did not change", for every concept.

    Only samples whose correctness flipped say anything: b went wrong, c came right, and without a change each
    flip is a fair coin.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples,)
        1 right, 0 wrong, NaN unknown (such samples are left out).
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int

    Returns
    -------
    float64 array of shape (n_concepts,), in (0, 1]; 1 where nothing flipped

    Notes
    -----
    .. math:: p = \min(1,\ 2\, P[B(b + c, 1/2) \le \min(b, c)])

    McNemar, Note on the sampling error of the difference between correlated proportions or percentages,
    Psychometrika 12, 1947.

    Examples
    --------
    >>> right, wrong = np.ones(5), np.zeros(5)
    >>> mcnemar_pvalues(right, wrong, np.zeros(5, dtype=int), 1).tolist()
    [0.0625]
    """
    known = (concepts >= 0) & ~np.isnan(reference) & ~np.isnan(current)
    before, after, codes = reference[known] > 0.5, current[known] > 0.5, concepts[known]
    worse = np.bincount(codes[before & ~after], minlength=n_concepts)
    better = np.bincount(codes[~before & after], minlength=n_concepts)
    p_values: Floats = np.minimum(1.0, 2 * binom.cdf(np.minimum(worse, better), worse + better, 0.5))
    return p_values


def churned(reference: Outcomes, current: Outcomes) -> Floats:
    """1 for samples whose correctness flipped, either way, 0 for the others, NaN where one side is unknown."""
    flipped: Floats = np.abs(np.asarray(current, dtype=np.float64) - reference)
    return flipped


def auroc(scores: Outcomes, positive: NDArray[np.bool_]) -> float | None:
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

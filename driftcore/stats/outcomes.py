"""What became of right and wrong answers: churn, and whether accuracy changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from driftcore.stats.moments import Codes, Floats

Outcomes = NDArray[np.float32] | Floats
Counts = NDArray[np.int64]


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
    return flip_pvalues(*flip_counts(reference, current, concepts, n_concepts))


def flip_counts(
    reference: Outcomes, current: Outcomes, concepts: Codes, n_concepts: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many samples of each concept went wrong, and how many came right.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples,)
        1 right, 0 wrong, NaN unknown (such samples are left out).
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int

    Returns
    -------
    tuple of two int64 arrays of shape (n_concepts,)
        Right → wrong, and wrong → right.

    Examples
    --------
    >>> before, after = np.array([1.0, 1, 0, 1]), np.array([0.0, 0, 1, 1])
    >>> [each.tolist() for each in flip_counts(before, after, np.array([0, 0, 0, 1]), 2)]
    [[2, 0], [1, 0]]
    """
    known = (concepts >= 0) & ~np.isnan(reference) & ~np.isnan(current)
    before, after, codes = reference[known] > 0.5, current[known] > 0.5, concepts[known]
    worse = np.bincount(codes[before & ~after], minlength=n_concepts)
    better = np.bincount(codes[~before & after], minlength=n_concepts)
    return worse, better


def flip_pvalues(worse: Counts, better: Counts) -> Floats:
    """The p-values of `mcnemar_pvalues` from the `flip_counts`, shape as given.

    Examples
    --------
    >>> flip_pvalues(np.array([5, 2, 0]), np.array([0, 2, 0])).tolist()
    [0.0625, 1.0, 1.0]
    """
    p_values: Floats = np.minimum(1.0, 2 * binom.cdf(np.minimum(worse, better), worse + better, 0.5))
    return p_values


def churned(reference: Outcomes, current: Outcomes) -> Floats:
    """1 for samples whose correctness flipped, either way, 0 for the others, NaN where one side is unknown."""
    flipped: Floats = np.abs(np.asarray(current, dtype=np.float64) - reference)
    return flipped

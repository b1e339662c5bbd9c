"""Whether two windows are about the same things in the same shares, whatever is said about them."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2, fisher_exact

from driftcore.stats.moments import Floats
from driftcore.stats.resampling import Counts, WindowTest, permutation_pvalue, permuted_counts

# the textbooks say 5; there a test at 5 % still rejected 6 % of the time, 2000 draws each
_MIN_EXPECTED = 20


def g_test(
    counts_reference: Counts, counts_current: Counts, *, rng: np.random.Generator, n_resamples: int = 9999
) -> WindowTest:
    r"""Likelihood-ratio test that two windows share the same mix of concepts.

    Under no change G is about its degrees of freedom, the number of concepts that occur less one; a G of three times
    that is a lot. G grows with the number of samples: read the shares for how much, the p-value for how surely. It is
    blind to what is said within a concept: see `concept_mmds`.

    Parameters
    ----------
    counts_reference, counts_current : int64 arrays of shape (n_concepts,)
        Samples of each concept; concepts that occur in neither window do not count.
    rng : numpy.random.Generator
        Used where an expected count is below 20: the windows are then dealt anew, with the same total counts,
        instead of trusting the χ² distribution.
    n_resamples : int

    Returns
    -------
    WindowTest
        `value` is G in ``[0, ∞)``, dimensionless.

    Notes
    -----
    .. math:: G = 2 \sum_{w,k} O_{wk} \ln (O_{wk} / E_{wk}), \quad E_{wk} = n_w \, n_k / n

    which is χ² with (number of concepts − 1) degrees of freedom for large counts. Zar, Biostatistical
    Analysis, 4th edition, 2000. Each sample counts as independent of the others.

    Examples
    --------
    >>> g_test(np.array([50, 50]), np.array([80, 20]), rng=np.random.default_rng(0)).p_value < 0.001
    True
    """
    occurs = counts_reference + counts_current > 0
    reference, current = counts_reference[occurs], counts_current[occurs]
    if len(reference) < 2 or not reference.sum() or not current.sum():
        return WindowTest(value=0.0, p_value=1.0, n_resamples=0)
    smallest = (reference + current).min() * min(reference.sum(), current.sum()) / (reference.sum() + current.sum())
    value = float(_g(reference[None], current[None])[0])
    if smallest >= _MIN_EXPECTED:
        return WindowTest(value=value, p_value=float(chi2.sf(value, len(reference) - 1)), n_resamples=0)
    null = _g(*permuted_counts(reference, current, n_resamples=n_resamples, rng=rng))
    return WindowTest(value=value, p_value=permutation_pvalue(value, null), n_resamples=n_resamples)


def share_change_pvalues(
    hits_reference: Counts, counts_reference: Counts, hits_current: Counts, counts_current: Counts
) -> Floats:
    """Whether a share is the same in two windows, once for each concept: Fisher's exact test.

    Of right answers, say: 1 means that nothing speaks against the same accuracy. Many tests at once: read them through
    `benjamini_hochberg`. For the same samples on both sides use `mcnemar_pvalues`, which is sharper.

    Parameters
    ----------
    hits_reference, counts_reference, hits_current, counts_current : int64 arrays of shape (n_concepts,)
        How many of how many, in each window.

    Returns
    -------
    float64 array of shape (n_concepts,), in (0, 1]
        Two-sided; NaN where a window has no samples.

    Examples
    --------
    >>> share_change_pvalues(np.array([3]), np.array([3]), np.array([0]), np.array([3])).round(3).item()
    0.1
    """
    p_values = np.full(len(counts_reference), np.nan)
    for k in np.flatnonzero((counts_reference > 0) & (counts_current > 0)):
        before, after = int(hits_reference[k]), int(hits_current[k])
        table = [[before, int(counts_reference[k]) - before], [after, int(counts_current[k]) - after]]
        p_values[k] = fisher_exact(table).pvalue
    return p_values


def _g(reference: Counts, current: Counts) -> Floats:
    """G of each row of counts."""
    total = reference + current
    n = total.sum(axis=1, keepdims=True)
    g = 0.0
    for window in (reference, current):
        expected = total * (window.sum(axis=1, keepdims=True) / n)
        g = g + 2 * xlogy(window, window / expected).sum(axis=1)
    return np.maximum(g, 0.0)

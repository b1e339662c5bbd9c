"""What a statistic does when nothing happened: the same numbers under samples whose window was drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Floats

Counts = NDArray[np.int64]

# group indicators held at a time: permutations in a block times samples
_BLOCK_CELLS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTest:
    """A statistic with how often chance alone reaches it.

    Parameters
    ----------
    value : float
    p_value : float
        In (0, 1]; of a one-sided test, for which a larger value says more.
    n_resamples : int
        Draws of the null; 0 where its distribution is known.
    """

    value: float
    p_value: float
    n_resamples: int

    @classmethod
    def of(cls, found: Floats) -> WindowTest:
        """The observed statistic, which comes first, against its draws of the null."""
        value = float(found[0])
        return cls(value=value, p_value=permutation_pvalue(value, found[1:]), n_resamples=len(found) - 1)


def permutation_pvalue(value: float, resampled: Floats) -> float:
    """How often the null reaches a statistic, the observed draw counted in, so that it is never 0.

    Parameters
    ----------
    value : float
    resampled : float64 array of shape (n_resamples,)
        The same statistic where nothing happened.

    Returns
    -------
    float
        In ``[1 / (1 + n_resamples), 1]``.

    Notes
    -----
    ``(1 + #{T* ≥ T}) / (1 + B)``. Phipson & Smyth, Permutation p-values should never be zero, Statistical
    Applications in Genetics and Molecular Biology 9(1), 2010.

    Examples
    --------
    >>> permutation_pvalue(5.0, np.array([1.0, 5.0, 2.0]))
    0.5
    """
    # draws that are equal in theory may differ in the last digit, which must not count as "smaller"
    reached = resampled >= value - 1e-10 * max(1.0, abs(value))
    return float((1 + np.count_nonzero(reached)) / (1 + len(resampled)))


def permuted_counts(
    reference: Counts, current: Counts, *, n_resamples: int, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    """Counts of both windows when every sample is dealt to a window anew, each of shape (n_resamples, n_bins)."""
    pooled = reference + current
    drawn = rng.multivariate_hypergeometric(pooled, int(current.sum()), size=n_resamples, method="marginals")
    return pooled - drawn, drawn


def permuted_sums(
    values: Floats,
    n_reference: int,
    *,
    n_resamples: int,
    rng: np.random.Generator,
    of: Callable[[Floats, Floats], Floats],
) -> Floats:
    """A statistic of a window's indicator and its sums, as observed (first) and for each permutation.

    Parameters
    ----------
    values : float64 array of shape (n_samples, n_values)
        The reference's rows first, then the current window's.
    of : function of (members, sums), arrays of shape (n, n_samples) and (n, n_values)
        `members` is 1.0 for the samples that are dealt to the current window, `sums` their sums; returns n numbers.

    Returns
    -------
    float64 array of shape (1 + n_resamples,)
    """
    observed = np.zeros(len(values))
    observed[n_reference:] = 1.0
    found = np.empty(1 + n_resamples)
    found[:1] = of(observed[None], observed[None] @ values)
    size = max(1, _BLOCK_CELLS // len(values))
    for start in range(1, len(found), size):
        stop = min(start + size, len(found))
        # one product for many permutations: this is where the time goes
        members = rng.permuted(np.tile(observed, (stop - start, 1)), axis=1)
        found[start:stop] = of(members, members @ values)
    return found

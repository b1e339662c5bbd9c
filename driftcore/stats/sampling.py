"""Samples drawn with unequal probabilities, and what they say of the whole they were drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from driftcore.stats.alignment import principal_coordinates
from driftcore.stats.moments import Floats, Matrix

Rows = NDArray[np.int64]

_LEAF = 4
_MAX_AXES = 16
# sums of probabilities meet whole numbers up to rounding only
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareEstimate:
    """A share of the population with its interval; `low` and `high` lie in [0, 1]."""

    value: float
    low: float
    high: float


def inclusion_probabilities(scores: Floats, n: int, *, uniform: float = 0.2) -> Floats:
    r"""How surely each member of a population comes into a sample of `n`, most of it by score.

    0.05 means that one of twenty draws holds it, and that it then stands for twenty; 1 that every draw holds it. A
    uniform share keeps every probability above 0, so that no part of the population is out of sight.

    Parameters
    ----------
    scores : float64 array of shape (n_population,)
        Not negative; how much a sample is worth looking at. Where all are 0 the sample is a uniform one.
    n : int
        At least 1, at most n_population.
    uniform : float in (0, 1]
        The share of the sample that every member has the same part in; 1 leaves the scores out.

    Returns
    -------
    float64 array of shape (n_population,), in (0, 1], whose sum is n

    Raises
    ------
    ValueError
        If a score is negative or not finite, or `n` or `uniform` is out of range.

    Notes
    -----
    .. math:: \pi_i = \min(1, c\,w_i), \quad w_i = u / N + (1 - u)\, s_i / \textstyle\sum s, \quad \sum \pi_i = n

    What is cut off at 1 goes to the others in proportion (c rises), as in Särndal, Swensson, Wretman, Model Assisted
    Survey Sampling, 1992, 3.6.2.

    Examples
    --------
    >>> inclusion_probabilities(np.array([8.0, 1.0, 1.0, 0.0]), 2, uniform=0.5).round(3).tolist()
    [1.0, 0.368, 0.368, 0.263]
    """
    n_population = len(scores)
    if not 1 <= n <= n_population:
        raise ValueError(f"{n} of a population of {n_population} cannot be drawn.")
    if not 0 < uniform <= 1:
        raise ValueError(f"The uniform share is above 0 and at most 1, not {uniform}.")
    if not np.isfinite(scores).all() or (scores < 0).any():
        raise ValueError("Scores are finite and not negative.")
    total = scores.sum(dtype=np.float64)
    wanted = np.full(n_population, 1.0 / n_population)
    if total > 0:
        wanted = uniform * wanted + (1 - uniform) * scores / total

    # the k largest are certain for the smallest k that leaves every other one below 1
    order = np.argsort(-wanted, kind="stable")
    left = np.cumsum(wanted[order][::-1])[::-1]
    certain = np.arange(n_population)
    scales = np.maximum(n - certain, 0) / left
    k = int(np.argmax(scales * wanted[order] <= 1 + _EPSILON))
    probabilities = np.minimum(wanted * scales[k], 1.0)
    probabilities[order[:k]] = 1.0
    return probabilities


def blended_scores(*scores: Floats) -> Floats:
    """Several reasons to look at a sample as one score: each reason has the same say; 1 is the average sample.

    Parameters
    ----------
    *scores : float64 arrays of shape (n_population,), not negative
        One reason each, in a unit of its own; one that is 0 everywhere has no say.

    Examples
    --------
    >>> blended_scores(np.array([0.0, 2.0]), np.array([30.0, 10.0]), np.zeros(2)).tolist()
    [0.75, 1.25]
    """
    telling = [score / score.mean() for score in scores if score.sum() > 0]
    return np.mean(telling, axis=0) if telling else np.zeros(len(scores[0]))


def spread_order(vectors: Matrix, *, rng: np.random.Generator) -> Rows:
    """The rows on a path that keeps neighbours together: halved along the widest direction, again and again.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    rng : numpy.random.Generator
        Orders the few rows of a leaf, and which half comes first.

    Notes
    -----
    A k-d tree over the leading principal coordinates: Bentley, Multidimensional binary search trees, CACM 18, 1975.
    """
    n_axes = min(_MAX_AXES, *vectors.shape)
    places = np.asarray(principal_coordinates(np.asarray(vectors, dtype=np.float32), n_axes), dtype=np.float64)
    waiting, leaves = [np.arange(len(vectors))], []
    while waiting:
        rows = waiting.pop()
        if len(rows) <= _LEAF:
            leaves.append(rng.permutation(rows))
            continue
        axis = int(np.ptp(places[rows], axis=0).argmax())
        middle = len(rows) // 2
        halves = np.split(rows[np.argpartition(places[rows, axis], middle)], [middle])
        waiting.extend(halves if rng.random() < 0.5 else halves[::-1])
    return np.concatenate(leaves) if leaves else np.empty(0, dtype=np.int64)


def pivotal_sample(probabilities: Floats, order: Rows, *, rng: np.random.Generator) -> Rows:
    """A sample of fixed size with exactly these probabilities, spread along a path.

    Neighbours on the path fight: of two, one takes as much of the other's probability as it can hold, and who ends at
    0 or 1 is decided. So two neighbours seldom both come in, and the sample covers the space as the probabilities do.

    Parameters
    ----------
    probabilities : float64 array of shape (n_population,), in [0, 1]
        Their sum, n, is the size of the sample where it is a whole number.
    order : int64 array of shape (n_population,)
        The path; see `spread_order`.
    rng : numpy.random.Generator

    Returns
    -------
    int64 array of shape (n,), ascending

    Notes
    -----
    Deville, Tillé, Unequal probability sampling without replacement through a splitting method, Biometrika 85, 1998;
    along a path of neighbours it is the local pivotal method of Grafström, Lundström, Schelin, Spatially balanced
    sampling through the pivotal method, Biometrics 68, 2012.

    Examples
    --------
    >>> half = np.full(6, 0.5)
    >>> len(pivotal_sample(half, np.arange(6), rng=np.random.default_rng(0)))
    3
    """
    chances = rng.random(len(order))
    path, given = order.tolist(), probabilities[order].tolist()
    drawn: list[int] = []
    # each fight needs the last one's outcome: this loop cannot be an array expression
    holder, held = -1, 0.0
    for row, own, chance in zip(path, given, chances.tolist(), strict=True):
        total = held + own
        if own >= 1 - _EPSILON:
            drawn.append(row)
        elif holder < 0 or held <= _EPSILON:
            holder, held = row, own
        elif total < 1:
            # one of the two goes out, the other goes on with both probabilities
            holder = row if chance * total < own else holder
            held = total
        else:
            # one of the two comes in, the other goes on with what is left over
            left = total - 1
            row_wins = chance * (2 - total) < 1 - held
            drawn.append(row if row_wins else holder)
            holder, held = (holder if row_wins else row), left
    if holder >= 0 and rng.random() < held:
        drawn.append(holder)
    return np.sort(np.array(drawn, dtype=np.int64))


def horvitz_thompson(
    outcomes: Floats, probabilities: Floats, n_population: int, *, level: float = 0.95
) -> ShareEstimate:
    r"""Share of ones in the population, without bias whatever the probabilities are.

    Parameters
    ----------
    outcomes : float64 array of shape (n,), 0 or 1
        Put the rare outcome at 1, errors and not successes: what is 0 adds no noise.
    probabilities : float64 array of shape (n,), in (0, 1]
        With which each drawn member came in.
    n_population : int
    level : float
        Of the interval; see `weighted_interval`.

    Notes
    -----
    .. math:: \hat p = \frac{1}{N} \sum_{i \in s} \frac{y_i}{\pi_i}, \qquad
        \hat V = \frac{1}{N^2} \sum_{i \in s} c_i \Big(\frac{y_i}{\pi_i} - \bar e\Big)^2, \quad
        c_i = \frac{n}{n - 1} (1 - \pi_i), \; \bar e = \frac{\sum c_i y_i / \pi_i}{\sum c_i}

    Horvitz, Thompson, A generalization of sampling without replacement from a finite universe, JASA 47, 1952. The
    variance is Deville's approximation for designs of fixed size (Deville, Variance estimation for complex statistics
    and estimators, Survey Methodology 25, 1999); a spread sample varies less, so that it errs to the safe side.

    Examples
    --------
    Two drawn of four, one of which stands for three:

    >>> horvitz_thompson(np.array([1.0, 0.0]), np.array([1 / 3, 1.0]), 4).value
    0.75
    """
    expanded = outcomes / probabilities
    value = float(expanded.sum() / n_population)
    variance = _variance(expanded, probabilities) / n_population**2
    return weighted_interval(value, variance, probabilities, n_population, level=level)


def hajek(outcomes: Floats, probabilities: Floats, n_population: int, *, level: float = 0.95) -> ShareEstimate:
    r"""Share of ones in the population as a weighted mean: a little bias for less noise where probabilities differ.

    Parameters are those of `horvitz_thompson`; it says the same of ones and of zeros.

    Notes
    -----
    .. math:: \tilde p = \frac{\sum y_i / \pi_i}{\sum 1 / \pi_i}

    with the variance of the residuals :math:`(y_i - \tilde p) / \pi_i`. Hájek, comment in: Godambe, Sprott,
    Foundations of Statistical Inference, 1971.

    Examples
    --------
    >>> hajek(np.array([1.0, 0.0]), np.array([1 / 3, 1.0]), 4).value
    0.75
    """
    weights = 1 / probabilities
    value = float((outcomes * weights).sum() / weights.sum())
    variance = _variance((outcomes - value) * weights, probabilities) / weights.sum() ** 2
    return weighted_interval(value, variance, probabilities, n_population, level=level)


def weighted_interval(
    value: float, variance: float, probabilities: Floats, n_population: int, *, level: float
) -> ShareEstimate:
    r"""The interval of a share that was estimated with a known variance.

    Wilson's, at the sample size from which a simple random sample would have this variance,
    :math:`n^* = p(1-p)/\hat V`: unlike the normal one it stays in [0, 1] and is not a point where no error was found.
    Where none was found, Kish's :math:`(\sum w)^2 / \sum w^2` is taken.

    Korn, Graubard, Confidence intervals for proportions with small expected number of positive counts estimated from
    survey data, Survey Methodology 24, 1998.
    """
    weights = 1 / probabilities
    if (probabilities >= 1 - _EPSILON).all() and len(probabilities) == n_population:
        return ShareEstimate(value=value, low=value, high=value)
    share = min(max(value, 0.0), 1.0)
    kish = float(weights.sum() ** 2 / (weights**2).sum())
    n = share * (1 - share) / variance if variance > 0 and 0 < share < 1 else kish
    z2 = float(norm.ppf((1 + level) / 2)) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2) / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return ShareEstimate(value=value, low=float(max(middle - half, 0.0)), high=float(min(middle + half, 1.0)))


def _variance(expanded: Floats, probabilities: Floats) -> float:
    """Deville's approximation of the variance of a sum of expanded values."""
    n = len(expanded)
    factors = (1 - probabilities) * n / max(n - 1, 1)
    if factors.sum() <= _EPSILON:
        return 0.0
    centre = (factors * expanded).sum() / factors.sum()
    return float((factors * (expanded - centre) ** 2).sum())

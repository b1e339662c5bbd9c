"""What storage and plumbing leave behind in vectors: rounding, lattices, other lengths, columns in another order.

Everything here looks at raw vectors: the weights are the same, so no rotation of the space is allowed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Floats, Matrix, chunks

_MANTISSA_BITS = 23
_MANTISSA = np.uint32((1 << _MANTISSA_BITS) - 1)
# a gap below a few units in the last place is rounding, not a step
_ROUNDING = 8 * float(np.finfo(np.float32).eps)
# how far from its level a value may stand, in steps: at level 255 the error of the first gap has grown 255-fold
_OFF_LEVEL = 0.05
# with fewer values a group stands on some lattice by chance
_MIN_VALUES = 4
_CELLS = 4_000_000


def significand_bits(vectors: Matrix) -> int:
    """How many significant bits the values need: what they were stored in, whatever type holds them now.

    24 is float32 that nothing has rounded, 11 float16, 8 bfloat16; small whole numbers need few as well. Storage in
    fewer bits is no drift: it moves a value by at most ``2^-bits`` of itself, see `largest_change`.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)

    Returns
    -------
    int
        In [1, 24]; the most that any single value needs, 1 where all are 0.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    >>> significand_bits(values), significand_bits(values.astype(np.float16).astype(np.float32))
    (24, 11)
    """
    used = np.uint32(0)
    for part in chunks(len(vectors)):
        values = np.ascontiguousarray(vectors[part], dtype=np.float32)
        used |= np.bitwise_or.reduce(values.view(np.uint32), axis=None) & _MANTISSA
    trailing_zeros = (int(used) & -int(used)).bit_length() - 1 if used else _MANTISSA_BITS
    return _MANTISSA_BITS - trailing_zeros + 1


def lattice_steps(vectors: Matrix, *, per: Literal["tensor", "dim", "row"], max_levels: int = 256) -> Floats:
    r"""Step of the lattice on which the values stand; NaN where they stand on none of at most `max_levels` levels.

    A number means that somebody quantised: int8 has at most 256 levels, and a step of about 1/127 of the largest
    value. The rounding then adds an error of variance ``step² / 12`` to every value: a movement much larger than
    that has another cause.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    per : {"tensor", "dim", "row"}
        What shares one step: all values, each dimension, or each sample (also after its length was set to 1).
    max_levels : int

    Returns
    -------
    float64 array of shape (1,), (n_dims,) or (n_samples,)
        In the units of the vectors. NaN also where all values are the same or there are fewer than 4.

    Notes
    -----
    The smallest gap between two values, or a half or a third of it, is tried as the step Δ; it is one if every value
    stands within 5 % of a step of ``min + kΔ``. The error of a value between two levels is close to uniform:

    .. math:: \operatorname{Var}(\hat v - v) = \Delta^2 / 12

    Widrow, Kollár, Liu, Statistical theory of quantization, IEEE Transactions on Instrumentation and Measurement
    45(2), 1996.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(200, 3))
    >>> lattice_steps(np.round(values / 0.05) * 0.05, per="tensor").round(6).tolist()
    [0.05]
    >>> bool(np.isnan(lattice_steps(values, per="tensor"))[0])
    True
    """
    groups: Matrix = vectors.reshape(1, -1) if per == "tensor" else vectors.T if per == "dim" else vectors
    if groups.shape[1] < _MIN_VALUES:
        return np.full(len(groups), np.nan)
    size = max(1, _CELLS // groups.shape[1])
    return np.concatenate([_steps(groups[part], max_levels) for part in chunks(len(groups), size)])


def largest_change(reference: Matrix, current: Matrix) -> Floats:
    r"""Largest change of any value of a sample, as a share of the sample's largest value.

    Exactly 0 where a vector is where it was; up to 2⁻²⁴ where float32 was rounded once, about 1e-6 where the same
    sums were added in another order, up to 2⁻¹¹ after float16, 2⁻⁸ after bfloat16, and 1/254 after int8. A changed
    model changes every sample by hundredths.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width

    Returns
    -------
    float64 array of shape (n_samples,), in [0, 2]

    Notes
    -----
    .. math:: \lVert y_i - x_i \rVert_\infty / \max(\lVert x_i \rVert_\infty, \lVert y_i \rVert_\infty)
    """
    change = np.empty(len(reference))
    for part in chunks(len(reference)):
        x, y = reference[part].astype(np.float64), current[part].astype(np.float64)
        largest = np.maximum(np.abs(x).max(axis=1), np.abs(y).max(axis=1))
        moved = np.abs(y - x).max(axis=1)
        change[part] = np.divide(moved, largest, out=np.zeros(len(moved)), where=largest > 0)
    return change


def norm_ratios(reference: Matrix, current: Matrix) -> Floats:
    """How many times longer each vector has become.

    1 everywhere: the same lengths. One other number everywhere: other units. Many different numbers while every
    direction is kept: somebody set the lengths to 1, or stopped doing so.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired; widths may differ

    Returns
    -------
    float64 array of shape (n_samples,), at least 0; NaN where the reference is all 0
    """
    before, after = (np.sqrt(np.einsum("ij,ij->i", side, side, dtype=np.float64)) for side in (reference, current))
    return np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedPermutation:
    """The columns of the current space in the order and with the signs in which they fit the reference's best.

    Parameters
    ----------
    order : int64 array of shape (n_dims,)
        Which current column stands for each reference column.
    signs : float64 array of shape (n_dims,) of ±1
    explained : float
        Share of the reference's mean square that the reordered columns reproduce, in (−∞, 1]; 1 = all of it.
    """

    order: NDArray[np.int64]
    signs: Floats
    explained: float

    @property
    def n_displaced(self) -> int:
        """Columns that are out of place or change sign."""
        return int(((self.order != np.arange(len(self.order))) | (self.signs < 0)).sum())

    def apply(self, vectors: Matrix) -> NDArray[np.float32]:
        """`vectors` of the current space with the reference's columns, shape (n_samples, n_dims)."""
        return np.asarray(vectors[:, self.order] * self.signs.astype(vectors.dtype), dtype=np.float32)


def signed_permutation(reference: Matrix, current: Matrix) -> SignedPermutation:
    r"""Whether the same columns came back in another order or with other signs.

    `explained` of 1 with displaced columns means that nothing but the order or the signs changed; a true rotation
    mixes columns, so that no single one stands for another, and it stays far below 1.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width

    Notes
    -----
    The assignment π that maximises ``Σ_j |corr(x_j, y_π(j))|``, with the signs of those correlations;

    .. math:: 1 - \sum_j \lVert x_j - s_j y_{\pi(j)} \rVert^2 / \sum_j \lVert x_j \rVert^2

    solved by `scipy.optimize.linear_sum_assignment`: Crouse, On implementing 2D rectangular assignment algorithms, IEEE
    Transactions on Aerospace and Electronic Systems 52(4), 2016. O(n d² + d³).

    Examples
    --------
    >>> cloud = np.random.default_rng(0).normal(size=(50, 3))
    >>> found = signed_permutation(cloud, cloud[:, [1, 2, 0]] * [1, -1, 1])
    >>> found.order.tolist(), found.signs.tolist(), round(found.explained, 6)
    ([2, 0, 1], [1.0, 1.0, -1.0], 1.0)
    """
    from scipy.optimize import linear_sum_assignment

    x, y = (np.asarray(side, dtype=np.float64) for side in (reference, current))
    correlations = _standardised(x).T @ _standardised(y)
    _, order = linear_sum_assignment(-np.abs(correlations))
    signs = np.where(correlations[np.arange(len(order)), order] < 0, -1.0, 1.0)

    left, total = np.square(x - y[:, order] * signs).sum(), np.square(x).sum()
    return SignedPermutation(order=order, signs=signs, explained=float(1 - left / total) if total > 0 else 1.0)


def neighbor_recall(overlap: Floats) -> Floats:
    r"""Share of a sample's k nearest neighbours that a search among the other vectors still finds: recall@k.

    1 means that every search answers as before; what a quantised index is said to cost is this number.

    Parameters
    ----------
    overlap : float64 array
        From `neighbor_overlap`, of lists of the same length k.

    Returns
    -------
    float64 array of the same shape, in [0, 1]

    Notes
    -----
    Of two lists of k with m in common the overlap is ``J = m / (2k − m)``, so ``m / k = 2J / (1 + J)``.

    Examples
    --------
    >>> neighbor_recall(np.array([1.0, 1 / 3, 0.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    recall: Floats = 2 * overlap / (1 + overlap)
    return recall


def _steps(groups: Matrix, max_levels: int) -> Floats:
    """Step of each row of values, NaN where there is none."""
    values = np.sort(groups.astype(np.float64), axis=1)
    span = values[:, -1] - values[:, 0]
    gaps = np.diff(values, axis=1)
    gaps[gaps <= _ROUNDING * np.abs(values).max(axis=1, keepdims=True)] = np.inf
    smallest = gaps.min(axis=1)
    steps = np.full(len(values), np.nan)
    # by bad luck no two neighbouring levels are taken, and the smallest gap is two or three steps
    for parts in (3, 2, 1):
        step = np.where(np.isfinite(smallest), smallest, 1.0) / parts
        levels = np.rint(span / step)
        place = (values - values[:, :1]) / step[:, None]
        fits = (np.abs(place - np.rint(place)).max(axis=1) <= _OFF_LEVEL) & (levels > 0) & (levels < max_levels)
        fits &= np.isfinite(smallest)
        # the whole span knows the step better than one gap does
        steps[fits] = span[fits] / levels[fits]
    return steps


def _standardised(columns: Floats) -> Floats:
    """Columns of mean 0 and length 1; constant ones are 0."""
    centred = columns - columns.mean(axis=0)
    lengths = np.sqrt(np.square(centred).sum(axis=0))
    return np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)

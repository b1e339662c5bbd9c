"""Which samples are drawn where there are too many: a declared, seeded part that keeps the thin places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CELLS = 96
_SEED = 0
_EXTENT = 1.5
_KEPT_FIRST = 20


def drawn_part(
    places: NDArray[np.float32], shown: NDArray[np.bool_], *, at_most: int, kept: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The samples to draw, at most `at_most` of those shown.

    Where samples lie dense, few say as much as many: a sample is drawn with a probability that falls with the square
    root of how many share its cell of a grid, so that a cell of 10,000 keeps ten times what a cell of 100 keeps and
    not a hundred times. The draw is seeded by the sample's row: the same rows are drawn again at every checkpoint as
    long as `places` are the same.

    Parameters
    ----------
    places : float32 array of shape (n_samples, 2)
        Where the samples lie, in map units; for steps through time, their places at the reference.
    shown : bool array of shape (n_samples,)
    at_most : int
    kept : bool array of shape (n_samples,)
        Samples that are drawn before others, up to a twentieth of `at_most`, so that few errors are not lost: those
        that the model got wrong. A picture half of which is wrong would say of a good model that it is a bad one.

    Returns
    -------
    bool array of shape (n_samples,)
    """
    if int(shown.sum()) <= at_most:
        return shown
    luck = np.random.default_rng(_SEED).random(len(shown))
    drawn = _smallest(np.where(shown & kept, luck, np.inf), at_most // _KEPT_FIRST)
    rest = shown & ~drawn
    cells = np.clip(((places + _EXTENT) / (2 * _EXTENT) * _CELLS).astype(np.int64), 0, _CELLS - 1)
    cell = cells[:, 0] * _CELLS + cells[:, 1]
    crowd = np.bincount(cell[rest], minlength=_CELLS * _CELLS)
    # the smallest of luck × √crowd are drawn: the probability of a sample then falls with √crowd
    turn = np.where(rest, luck * np.sqrt(np.maximum(crowd[cell], 1)), np.inf)
    return np.asarray(drawn | _smallest(turn, at_most - int(drawn.sum())))


def _smallest(values: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which are the `count` smallest finite values."""
    count = min(count, int(np.isfinite(values).sum()))
    chosen = np.zeros(len(values), dtype=bool)
    if count:
        chosen[np.argpartition(values, count - 1)[:count]] = True
    return chosen

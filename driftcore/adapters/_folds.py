"""Held-out rows, and the sums over paired rows from which linear maps are fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_BLOCK = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Sums over paired rows y (current) and x (reference).

    Parameters
    ----------
    n : int
    gram : float64 array of shape (n_dims_current, n_dims_current)
        Sum of yᵀy.
    cross : float64 array of shape (n_dims_current, n_dims_reference)
        Sum of yᵀx.
    mean_current, mean_reference : float64 arrays of shape (n_dims,) each
    """

    n: int
    gram: Floats
    cross: Floats
    mean_current: Floats
    mean_reference: Floats


def moments(current: NDArray[np.float32], reference: NDArray[np.float32]) -> Moments:
    """The sums over all rows, in float64 and without a copy of the cloud.

    Parameters
    ----------
    current, reference : float32 arrays of shape (n_samples, n_dims), rows paired; widths may differ
    """
    width = current.shape[1]
    gram, cross = np.zeros((width, width)), np.zeros((width, reference.shape[1]))
    for start in range(0, len(current), _BLOCK):
        y, x = (side[start : start + _BLOCK].astype(np.float64) for side in (current, reference))
        gram += y.T @ y
        cross += y.T @ x
    return Moments(
        n=len(current),
        gram=gram,
        cross=cross,
        mean_current=current.mean(axis=0, dtype=np.float64),
        mean_reference=reference.mean(axis=0, dtype=np.float64),
    )


def folds_of(rows: Rows, n_folds: int) -> Iterator[tuple[Rows, Rows]]:
    """Each part of `rows` once, and all others beside it."""
    for fold in range(n_folds):
        held = np.arange(len(rows)) % n_folds == fold
        yield rows[held], rows[~held]


def held_out_cosine(mapped: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Mean cosine between paired rows: 1 where each points where the reference has it."""
    products = np.einsum("ij,ij->i", mapped, reference, dtype=np.float64)
    lengths = np.linalg.norm(mapped, axis=1) * np.linalg.norm(reference, axis=1)
    return float(np.mean(products / np.maximum(lengths, np.finfo(np.float64).tiny)))


def ridge_path(gram: Floats, cross: Floats, strengths: Sequence[float]) -> Iterator[Floats]:
    """Ridge solutions ``(gram + λ I)⁻¹ cross``, one for each strength: λ as a multiple of the mean eigenvalue."""
    values, axes = np.linalg.eigh(gram)
    turned, mean = axes.T @ cross, max(float(values.mean()), np.finfo(np.float64).tiny)
    for strength in strengths:
        yield axes @ (turned / (np.maximum(values, 0) + strength * mean)[:, None])


def all_unit(vectors: NDArray[np.float32]) -> bool:
    """Whether all vectors have length 1, but for the rounding of a half-precision file."""
    return bool(len(vectors)) and bool(np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-2)

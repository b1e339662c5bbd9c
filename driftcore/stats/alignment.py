"""Laying one space over another: the rotation, scale and translation that two checkpoints may differ by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Floats, Matrix, chunks

# weight of a row that shall not count: it drags nothing, and settles the directions that nobody else has
LEFT_OUT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """The similarity map that takes the current space to the reference's.

    Parameters
    ----------
    rotation : float64 array of shape (n_dims, n_dims), orthogonal
    scale : float, positive
    mean_reference, mean_current : float64 arrays of shape (n_dims,)
    """

    rotation: Floats
    scale: float
    mean_reference: Floats
    mean_current: Floats

    @property
    def is_identity(self) -> bool:
        """Whether it maps everything onto itself, exactly."""
        return (
            self.scale == 1.0
            and not np.any(self.mean_reference != self.mean_current)
            and np.array_equal(self.rotation, np.eye(len(self.rotation)))
        )

    def apply(self, vectors: Matrix) -> NDArray[np.float32]:
        """`vectors` of the current space, shape (n_samples, n_dims), in the reference's space."""
        if self.is_identity:
            return np.asarray(vectors, dtype=np.float32)
        # float32 product: the offset is applied in float64 first, where digits would be lost
        rotation = (self.scale * self.rotation).astype(np.float32)
        offset = (self.mean_reference - self.scale * self.mean_current @ self.rotation).astype(np.float32)
        aligned = np.empty((len(vectors), rotation.shape[1]), dtype=np.float32)
        for part in chunks(len(vectors)):
            np.matmul(vectors[part].astype(np.float32, copy=False), rotation, out=aligned[part])
            aligned[part] += offset
        return aligned

    def apply_exactly(self, vectors: Matrix) -> Floats:
        """As `apply`, in float64: for centroids, of which there are few."""
        centred = np.asarray(vectors, dtype=np.float64) - self.mean_current
        return self.scale * centred @ self.rotation + self.mean_reference


def fit_alignment(reference: Matrix, current: Matrix, *, weights: Floats | None = None) -> Alignment:
    r"""Orthogonal Procrustes with scale and translation; of rows with `weights`, some count more than others.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    weights : float64 array of shape (n_samples,), optional

    Notes
    -----
    .. math:: \min_{Q^\top Q = I,\ \sigma} \lVert \sigma (Y - m_1) Q - (X - m_0) \rVert_F,
       \quad u s v^\top = (Y - m_1)^\top (X - m_0),\ Q = u v^\top,\ \sigma = \sum s / \lVert Y - m_1 \rVert_F^2

    Schönemann, A generalized solution of the orthogonal Procrustes problem, Psychometrika 31, 1966.

    Examples
    --------
    >>> cloud = np.random.default_rng(0).normal(size=(50, 2))
    >>> turned = cloud @ np.array([[0.0, 1], [-1, 0]])
    >>> bool(np.allclose(fit_alignment(cloud, turned).apply(turned), cloud, atol=1e-5))
    True
    """
    if np.array_equal(reference, current):
        # the decomposition would return the identity only up to rounding, and nothing moved by exactly nothing
        return _identity(reference)
    counted = np.ones(len(reference)) if weights is None else np.asarray(weights, dtype=np.float64)
    mean_reference, mean_current = (counted @ side / counted.sum() for side in (reference, current))
    cross, spread = np.zeros((current.shape[1], reference.shape[1])), 0.0
    for part in chunks(len(reference)):
        # centred in the precision of the input: a product of float32 chunks keeps six digits, and takes a tenth
        x = reference[part] - mean_reference.astype(reference.dtype)
        y = current[part] - mean_current.astype(current.dtype)
        weighted = y * counted[part, None].astype(y.dtype)
        cross += weighted.T @ x
        spread += float(np.einsum("ij,ij->", weighted, y, dtype=np.float64))
    return alignment_of_sums(cross, spread, mean_reference, mean_current)


def alignment_of_sums(cross: Floats, spread: float, mean_reference: Floats, mean_current: Floats) -> Alignment:
    """What `fit_alignment` finds, from ``YᵀX`` and the sum of squares of Y, both centred (and weighted) rows."""
    u, singular, vt = np.linalg.svd(cross)
    return Alignment(
        rotation=u @ vt,
        scale=float(singular.sum() / spread) if spread > 0 else 1.0,
        mean_reference=mean_reference,
        mean_current=mean_current,
    )


def fit_trimmed_alignment(
    reference: Matrix,
    current: Matrix,
    *,
    keep: NDArray[np.bool_] | None = None,
    trim: float = 0.1,
    faint: float = 1e-4,
    n_rounds: int = 3,
) -> Alignment:
    """`fit_alignment` in which the rows that fit worst hardly count, so that what moved does not drag the rest along.

    They still count a little: directions that only they have would otherwise be turned at random.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    keep : bool array of shape (n_samples,), optional
        Rows that may count in full; the others count next to nothing.
    trim : float
        Share of the rows with the largest residuals that each round plays down.
    faint : float
        What such a row still counts; a row that counts in full counts 1.
    n_rounds : int
        Refits after the first fit; three are enough to settle on every data set tried.
    """
    allowed = np.ones(len(reference), dtype=bool) if keep is None else keep
    alignment = fit_alignment(reference, current, weights=_counting(allowed, np.zeros_like(allowed), faint))
    if alignment.is_identity:
        return alignment
    for _ in range(n_rounds):
        distance = residual_norms(reference, alignment.apply(current))
        nearest = distance <= np.quantile(distance[allowed], 1 - trim)
        alignment = fit_alignment(reference, current, weights=_counting(allowed, ~nearest, faint))
    return alignment


def residual_norms(reference: Matrix, aligned: Matrix) -> Floats:
    """Euclidean length of what is left of each sample's movement, shape (n_samples,), without a copy of the cloud."""
    norms = np.empty(len(reference))
    for part in chunks(len(reference)):
        residual = aligned[part] - reference[part]
        norms[part] = np.sqrt(np.einsum("ij,ij->i", residual, residual, dtype=np.float64))
    return norms


def cosine_shift(reference: Matrix, aligned: Matrix) -> NDArray[np.float32]:
    r"""How far each sample moved, as a cosine distance after alignment.

    0 means that it kept its direction, 1 that it stands at a right angle, 2 that it was reversed; under a
    bare retraining most samples have a few hundredths.

    Parameters
    ----------
    reference, aligned : arrays of shape (n_samples, n_dims)

    Returns
    -------
    float32 array of shape (n_samples,), in [0, 2]

    Notes
    -----
    ``‖x/‖x‖ − y/‖y‖‖² / 2``, which equals ``1 − cos`` and is exactly 0 where nothing moved.
    """
    shift = np.empty(len(reference), dtype=np.float32)
    for part in chunks(len(reference)):
        difference = _unit(reference[part]) - _unit(aligned[part])
        shift[part] = np.einsum("ij,ij->i", difference, difference) / 2
    return shift


def principal_coordinates(vectors: Matrix, n_kept: int) -> NDArray[np.float32]:
    """A cloud in the directions that carry most of it, counted from the origin, shape (n_samples, n_kept).

    With fewer than about five samples a dimension a rotation fits the noise as well as the cloud, and what moved
    is turned away with it. Lengths and angles stay but for what lies outside.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    n_kept : int, at most n_dims

    Examples
    --------
    >>> flat = np.array([[3.0, 0.0, 4.0], [6.0, 0.0, 8.0]])
    >>> np.abs(principal_coordinates(flat, 1)).round(3).tolist()
    [[5.0], [10.0]]
    """
    return (vectors @ principal_axes(vectors, n_kept).astype(vectors.dtype)).astype(np.float32, copy=False)


def principal_axes(vectors: Matrix, n_kept: int) -> Floats:
    """The directions that carry most of a cloud, counted from the origin: columns of shape (n_dims, n_kept).

    `principal_coordinates` are the products with them.
    """
    gram = np.zeros((vectors.shape[1], vectors.shape[1]))
    for part in chunks(len(vectors)):
        rows = vectors[part].astype(np.float64)
        gram += rows.T @ rows
    _, directions = np.linalg.eigh(gram)
    axes: Floats = directions[:, ::-1][:, :n_kept]
    return axes


def _counting(allowed: NDArray[np.bool_], trimmed: NDArray[np.bool_], faint: float) -> Floats | None:
    if allowed.all() and not trimmed.any():
        return None
    return np.where(allowed, np.where(trimmed, faint, 1.0), LEFT_OUT)


def _unit(vectors: Matrix) -> Matrix:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return vectors / np.maximum(norms, np.finfo(np.float32).tiny)[:, None]


def _identity(reference: Matrix) -> Alignment:
    zero = np.zeros(reference.shape[1])
    return Alignment(rotation=np.eye(reference.shape[1]), scale=1.0, mean_reference=zero, mean_current=zero)

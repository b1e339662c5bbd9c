"""Laying one space over another: the rotation, scale and translation that two checkpoints may differ by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Floats, Matrix, PairedMoments, chunks, paired_moments


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

    def apply(self, vectors: Matrix) -> NDArray[np.float32]:
        """`vectors` of the current space, shape (n_samples, n_dims), in the reference's space."""
        if _is_identity(self):
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


def fit_alignment(reference: Matrix, current: Matrix, *, keep: NDArray[np.bool_] | None = None) -> Alignment:
    r"""Orthogonal Procrustes with scale and translation, fitted on the rows in `keep`.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    keep : bool array of shape (n_samples,), optional

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
    return alignment_of(paired_moments(reference, current, keep))


def alignment_of(moments: PairedMoments) -> Alignment:
    """The alignment that second moments determine; see `fit_alignment`."""
    u, singular, vt = np.linalg.svd(moments.cross)
    spread = float(np.trace(moments.gram_current))
    return Alignment(
        rotation=u @ vt,
        scale=float(singular.sum() / spread) if spread > 0 else 1.0,
        mean_reference=moments.mean_reference,
        mean_current=moments.mean_current,
    )


def fit_trimmed_alignment(
    reference: Matrix,
    current: Matrix,
    *,
    keep: NDArray[np.bool_] | None = None,
    trim: float = 0.1,
    n_rounds: int = 3,
) -> Alignment:
    """`fit_alignment` that ignores the rows which fit worst, so that what moved does not drag the rest along.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    keep : bool array of shape (n_samples,), optional
        Rows that may take part at all.
    trim : float
        Share of the rows with the largest residuals that each round leaves out.
    n_rounds : int
        Refits after the first fit; three are enough to settle on every data set tried.
    """
    alignment = fit_alignment(reference, current, keep=keep)
    if _is_identity(alignment):
        return alignment
    allowed = np.ones(len(reference), dtype=bool) if keep is None else keep
    for _ in range(n_rounds):
        distance = residual_norms(reference, alignment.apply(current))
        nearest = distance <= np.quantile(distance[allowed], 1 - trim)
        alignment = fit_alignment(reference, current, keep=allowed & nearest)
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


def _unit(vectors: Matrix) -> Matrix:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return vectors / np.maximum(norms, np.finfo(np.float32).tiny)[:, None]


def _identity(reference: Matrix) -> Alignment:
    zero = np.zeros(reference.shape[1])
    return Alignment(rotation=np.eye(reference.shape[1]), scale=1.0, mean_reference=zero, mean_current=zero)


def _is_identity(alignment: Alignment) -> bool:
    """Whether it maps everything onto itself, exactly."""
    return (
        alignment.scale == 1.0
        and not np.any(alignment.mean_reference != alignment.mean_current)
        and np.array_equal(alignment.rotation, np.eye(len(alignment.rotation)))
    )

"""Random orientations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rotation(n_dims: int, *, seed: int = 0) -> NDArray[np.float64]:
    """A random rotation or reflection, shape (n_dims, n_dims)."""
    orthogonal, upper = np.linalg.qr(np.random.default_rng(seed).normal(size=(n_dims, n_dims)))
    signed: NDArray[np.float64] = orthogonal * np.sign(np.diag(upper))
    return signed


def rotated(vectors: NDArray[np.float32], *, seed: int = 0) -> NDArray[np.float32]:
    """The cloud in another orientation: what two trainings may differ by without any drift."""
    return (vectors @ rotation(vectors.shape[1], seed=seed)).astype(np.float32)

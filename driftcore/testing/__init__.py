"""Small worlds with known answers: clouds of concepts, and what may happen to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["World", "jittered", "make_world", "moved", "rotated", "rotation"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A cloud whose concepts are known.

    Parameters
    ----------
    vectors : float32 array of shape (n_samples, n_dims)
    concepts : int64 array of shape (n_samples,)
    names : tuple of str, length n_concepts
    """

    vectors: NDArray[np.float32]
    concepts: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.object_]:
        """The concept of each sample by name."""
        return np.array(self.names, dtype=object)[self.concepts]

    @property
    def sample_ids(self) -> NDArray[np.object_]:
        """Stable ids in the order of the rows."""
        return np.array([f"s{row:05d}" for row in range(len(self.vectors))], dtype=object)


def make_world(
    *,
    n_concepts: int = 8,
    n_per_concept: int = 60,
    n_dims: int = 32,
    spread: float = 0.3,
    seed: int = 0,
) -> World:
    """Gaussian concepts around centres of length 1, away from the origin.

    Examples
    --------
    >>> make_world(n_concepts=3, n_per_concept=5, n_dims=4).vectors.shape
    (15, 4)
    """
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_concepts, n_dims))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    concepts = np.repeat(np.arange(n_concepts), n_per_concept)
    noise = rng.normal(scale=spread / np.sqrt(n_dims), size=(len(concepts), n_dims))
    vectors = (centres[concepts] + noise + 0.2).astype(np.float32)
    return World(vectors=vectors, concepts=concepts, names=tuple(f"concept {k}" for k in range(n_concepts)))


def moved(world: World, concept: int, *, toward: int, share: float) -> NDArray[np.float32]:
    """The world's vectors with one concept `share` of the way to another, everything else where it was."""
    centroids = [world.vectors[world.concepts == k].mean(axis=0, dtype=np.float64) for k in (concept, toward)]
    vectors = world.vectors.copy()
    vectors[world.concepts == concept] += (share * (centroids[1] - centroids[0])).astype(np.float32)
    return vectors


def rotation(n_dims: int, *, seed: int = 0) -> NDArray[np.float64]:
    """A random rotation or reflection, shape (n_dims, n_dims)."""
    orthogonal, upper = np.linalg.qr(np.random.default_rng(seed).normal(size=(n_dims, n_dims)))
    signed: NDArray[np.float64] = orthogonal * np.sign(np.diag(upper))
    return signed


def rotated(vectors: NDArray[np.float32], *, seed: int = 0) -> NDArray[np.float32]:
    """The cloud in another orientation: what two trainings may differ by without any drift."""
    return (vectors @ rotation(vectors.shape[1], seed=seed)).astype(np.float32)


def jittered(vectors: NDArray[np.float32], *, scale: float, seed: int = 0) -> NDArray[np.float32]:
    """Every sample moved a little on its own."""
    noise = np.random.default_rng(seed).normal(scale=scale, size=vectors.shape)
    return (vectors + noise).astype(np.float32)

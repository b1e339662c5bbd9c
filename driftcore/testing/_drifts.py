"""What may happen to some of a world's concepts: the drifts whose answer is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcore.testing._worlds import World

Vectors = NDArray[np.float32]


def moved(world: World, concept: int, *, toward: int, share: float) -> Vectors:
    """The world's vectors with one concept `share` of the way to another, everything else where it was."""
    centroids = [world.vectors[world.concepts == k].mean(axis=0, dtype=np.float64) for k in (concept, toward)]
    vectors = world.vectors.copy()
    vectors[world.concepts == concept] += (share * (centroids[1] - centroids[0])).astype(np.float32)
    return vectors


def part_of(world: World, concept: int, *, n: int, seed: int = 0) -> NDArray[np.int64]:
    """Rows of `n` members of a concept that belong together: a random one and those nearest to it."""
    members = np.flatnonzero(world.concepts == concept)
    start = world.vectors[np.random.default_rng(seed).choice(members)]
    distances = np.square(world.vectors[members] - start).sum(axis=1)
    return np.sort(members[np.argsort(distances, kind="stable")[:n]])


def part_moved(world: World, concept: int, *, toward: int, share: float, n: int, seed: int = 0) -> Vectors:
    """`n` members that belong together go `share` of the way to another concept; the rest of theirs stays.

    The centroid goes only ``share · n / size`` of the way. `part_of` with the same seed says which rows.
    """
    whole, vectors = moved(world, concept, toward=toward, share=share), world.vectors.copy()
    rows = part_of(world, concept, n=n, seed=seed)
    vectors[rows] = whole[rows]
    return vectors


def split(world: World, concept: int, *, share: float, seed: int = 0) -> Vectors:
    """One concept torn in two that stand `share` of the mean gap farther apart, while its centroid stays.

    The tear goes between its two halves along a random direction.
    """
    members = np.flatnonzero(world.concepts == concept)
    direction = np.random.default_rng(seed).normal(size=world.vectors.shape[1])
    ranks = np.argsort(np.argsort(world.vectors[members] @ direction, kind="stable"), kind="stable")
    upper = ranks >= len(members) // 2
    # the smaller half goes farther, so that the mean stays where it is
    steps = share * world.mean_gap * (upper - upper.mean())
    vectors = world.vectors.copy()
    vectors[members] += (steps[:, None] * direction / np.linalg.norm(direction)).astype(np.float32)
    return vectors


def scattered(world: World, concept: int, *, n: int, share: float, seed: int = 0) -> Vectors:
    """`n` random members leave, each `share` of the way to a concept of its own choice; the others stay."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.flatnonzero(world.concepts == concept), size=n, replace=False)
    others = np.delete(np.arange(len(world.names)), concept)
    ways = world.centroids[rng.choice(others, size=n)] - world.centroids[concept]
    vectors = world.vectors.copy()
    vectors[rows] += (share * ways).astype(np.float32)
    return vectors


def merged(world: World, a: int, b: int, *, share: float = 1.0) -> Vectors:
    """Two concepts move toward the middle between them; with `share` 1 their centroids meet there."""
    there = moved(world, a, toward=b, share=share / 2)
    back = moved(world, b, toward=a, share=share / 2)
    vectors: Vectors = np.where((world.concepts == b)[:, None], back, there)
    return vectors


def collapsed(world: World, *, share: float) -> Vectors:
    """All centroids go `share` of the way to their common mean, and every cloud keeps its spread."""
    centroids = world.centroids
    steps = share * (centroids.mean(axis=0) - centroids)
    return (world.vectors + steps[world.concepts]).astype(np.float32)

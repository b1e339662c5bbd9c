"""What may happen to a whole world although no concept drifted: noise, units, rounding, another training."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

from driftcore.testing._rotation import rotated
from driftcore.testing._worlds import Floats, World

Vectors = NDArray[np.float32]

_N_WAVES = 256
_N_DIRECTIONS = 64
# a wave's amplitude and a sample's own noise follow Student's t: a few are several times larger than the others
_WAVE_TAILS = 5.0
_SAMPLE_TAILS = 5.0


def jittered(vectors: Vectors, *, scale: float, seed: int = 0) -> Vectors:
    """Every sample moved a little on its own."""
    noise = np.random.default_rng(seed).normal(scale=scale, size=vectors.shape)
    return (vectors + noise).astype(np.float32)


def scaled(vectors: Vectors, *, factor: float) -> Vectors:
    """The cloud in other units."""
    return (vectors * np.float32(factor)).astype(np.float32)


def int8_rounded(vectors: Vectors, *, lattice: Literal["tensor", "dim"] = "tensor") -> Vectors:
    """The cloud after a store of 8 bits: 255 levels up to the largest value of the tensor, or of each dimension."""
    largest = np.abs(vectors).max(axis=0 if lattice == "dim" else None, keepdims=True)
    step = np.where(largest > 0, largest, 1.0) / 127
    return (np.rint(vectors / step) * step).astype(np.float32)


def sharpened(world: World, *, share: float, seed: int = 0) -> Vectors:
    """A better-trained model: every concept stands `share` farther from the middle and is that much tighter.

    Not all alike: the shares differ by a quarter of themselves between concepts.
    """
    rng = np.random.default_rng(seed)
    shares = share * (1 + 0.25 * rng.normal(size=len(world.names)))[world.concepts, None]
    centroids = world.centroids
    places = centroids[world.concepts]
    away = places - centroids.mean(axis=0)
    return (places + shares * away + (1 - shares) * (world.vectors - places)).astype(np.float32)


def retrained(world: World, *, strength: float = 0.05, expansion: float = 0.0, seed: int = 0) -> Vectors:
    """The same samples under a model that was trained again on the same data.

    Every vector moves, and no concept stands out: a smooth field carries neighbours along together, its directions
    are mostly those in which the cloud varies anyway, a few of its waves are far stronger than the rest, and every
    sample adds a heavy-tailed step of its own. Then the space is turned.

    Parameters
    ----------
    world : World
    strength : float
        Root mean square displacement of the centroids, as a share of the mean gap, once the space is laid back.
        Between clean fine-tuned checkpoints of Banking77: .04 from week to week, .08 after five weeks, .13 between
        seeds.
    expansion : float
        Share by which all concepts are pulled apart as well: see `sharpened`.
    seed : int
    """
    rng = np.random.default_rng(seed)
    gap, centroids = world.mean_gap, world.centroids
    radius = float(np.sqrt(np.mean(np.square(world.vectors - centroids[world.concepts]).sum(axis=1))))
    step = _field(world, length=gap, rng=rng) + 0.8 * _field(world, length=0.8 * radius, rng=rng)
    own = rng.standard_t(_SAMPLE_TAILS, size=(len(step), 1)) * _directions(world, len(step), rng=rng)
    step += 0.35 * own / np.sqrt(np.mean(np.square(own).sum(axis=1)))

    # part of any step is a turn of the whole space, which an alignment takes back: it must not count
    nominal = strength * gap * step
    step = nominal * (strength * gap / _left_of_centroids(world, nominal))
    start = sharpened(world, share=expansion, seed=seed) if expansion else world.vectors
    return rotated((start + step).astype(np.float32), seed=seed)


def _left_of_centroids(world: World, step: Floats) -> float:
    """Root mean square step of the centroids, after the space was laid back by all samples."""
    reference = world.vectors - world.vectors.mean(axis=0, dtype=np.float64)
    current = reference + step - step.mean(axis=0)
    turn, _ = orthogonal_procrustes(current, reference)
    left = world.after((current @ turn - reference).astype(np.float32)).centroids
    return float(np.sqrt(np.mean(np.square(left).sum(axis=1))))


def _field(world: World, *, length: float, rng: np.random.Generator) -> Floats:
    """A random smooth displacement of mean square length 1: samples within `length` of each other go together.

    Random Fourier features: a sum of plane waves, each of which pushes in one direction.
    """
    vectors = world.vectors - world.vectors.mean(axis=0, dtype=np.float64)
    frequencies = rng.normal(scale=1 / length, size=(vectors.shape[1], _N_WAVES))
    waves = np.cos(vectors @ frequencies + rng.uniform(0, 2 * np.pi, size=_N_WAVES))
    amplitudes = rng.standard_t(_WAVE_TAILS, size=(_N_WAVES, 1))
    field: Floats = waves @ (amplitudes * _directions(world, _N_WAVES, rng=rng))
    return field / np.sqrt(np.mean(np.square(field).sum(axis=1)))


def _directions(world: World, n: int, *, rng: np.random.Generator) -> Floats:
    """Random directions, drawn mostly from the plane in which the cloud varies, shape (n, n_dims)."""
    pairs = rng.integers(len(world.vectors), size=(2, _N_DIRECTIONS))
    differences = world.vectors[pairs[0]].astype(np.float64) - world.vectors[pairs[1]]
    weights = rng.normal(size=(n, _N_DIRECTIONS)) * np.arange(1.0, _N_DIRECTIONS + 1) ** -0.35
    return weights @ differences

"""Clouds whose concepts are known, and the law that each of them was drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from driftcore.testing._rotation import rotation

Floats = NDArray[np.float64]

# how much of a concept's variance stands between its neighbourhoods, and along nuisances that all concepts share
_NEIGHBORHOOD_SHARE = 0.5
_NUISANCE_SHARE = 0.25
_N_NUISANCES = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Law:
    """What a world is drawn from: draw again, and only chance differs.

    Parameters
    ----------
    centres : float64 array of shape (n_concepts, n_dims)
    offsets : tuple of float64 arrays of shape (n_neighborhoods of the concept, n_dims), or None
        Where the neighbourhoods of each concept stand, from its centre.
    scale : float
        Standard deviation of one coordinate within a neighbourhood.
    spectrum : float64 array of shape (n_dims,), mean 1, or None
        Variances along each concept's own axes; None = a round cloud.
    signs : float64 array of shape (n_concepts, n_dims) of ±1, or None
        They turn the axes of each concept into its own.
    nuisances : float64 array of shape (n_nuisances, n_dims), or None
        Directions in which all concepts vary, scaled.
    tails : float or None
        Degrees of freedom of Student's t; None = Gaussian.
    """

    centres: Floats
    offsets: tuple[Floats, ...] | None
    scale: float
    spectrum: Floats | None
    signs: Floats | None
    nuisances: Floats | None
    tails: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A cloud whose concepts are known.

    Parameters
    ----------
    vectors : float32 array of shape (n_samples, n_dims)
    concepts : int64 array of shape (n_samples,)
    names : tuple of str, length n_concepts
    neighborhoods : int64 array of shape (n_samples,), optional
        Numbered through all concepts; None where a concept is one neighbourhood.
    law : Law, optional
        What it was drawn from; None where something has happened to it since.
    """

    vectors: NDArray[np.float32]
    concepts: NDArray[np.int64]
    names: tuple[str, ...]
    neighborhoods: NDArray[np.int64] | None = None
    law: Law | None = None

    @property
    def labels(self) -> NDArray[np.object_]:
        """The concept of each sample by name."""
        return np.array(self.names, dtype=object)[self.concepts]

    @property
    def sample_ids(self) -> NDArray[np.object_]:
        """Stable ids in the order of the rows."""
        return np.array([f"s{row:05d}" for row in range(len(self.vectors))], dtype=object)

    @property
    def centroids(self) -> Floats:
        """Mean vector of each concept, shape (n_concepts, n_dims)."""
        sums = np.zeros((len(self.names), self.vectors.shape[1]))
        np.add.at(sums, self.concepts, self.vectors)
        return sums / np.bincount(self.concepts, minlength=len(self.names))[:, None]

    @property
    def mean_gap(self) -> float:
        """Mean distance between the centroids of two different concepts."""
        from scipy.spatial.distance import pdist

        return float(pdist(self.centroids).mean())

    def after(self, vectors: NDArray[np.float32]) -> World:
        """The same samples where something has put them: what the next thing happens to."""
        return replace(self, vectors=vectors, law=None)


def make_world(
    *,
    n_concepts: int = 8,
    n_per_concept: int = 60,
    n_dims: int = 32,
    spread: float = 0.3,
    seed: int = 0,
    sizes: Sequence[int] | None = None,
    anisotropy: float = 0.0,
    tails: float | None = None,
    neighborhoods: tuple[int, int] | None = None,
) -> World:
    """Gaussian concepts around centres of length 1, away from the origin.

    Parameters
    ----------
    n_concepts, n_per_concept, n_dims : int
    spread : float
        Root mean square distance of a sample to its concept's centre.
    seed : int
    sizes : sequence of int, length n_concepts, optional
        Samples of each concept, instead of `n_per_concept`; see `unequal_sizes`.
    anisotropy : float
        Exponent of the power law that the variances follow, between and within concepts. 0 = round; 1 is about
        what fine-tuned sentence encoders show. Each concept is elongated in directions of its own, and along
        a few nuisances that all share.
    tails : float, optional
        Degrees of freedom (> 2) of Student's t for whole samples: some lie far out. None = Gaussian.
    neighborhoods : (int, int), optional
        Fewest and most neighbourhoods that a concept consists of.

    Raises
    ------
    ValueError
        If `sizes` does not have one entry a concept.

    Examples
    --------
    >>> make_world(n_concepts=3, n_per_concept=5, n_dims=4).vectors.shape
    (15, 4)
    >>> make_world(n_concepts=3, sizes=(2, 3, 4), n_dims=4, anisotropy=1.0, tails=5.0).concepts.tolist()
    [0, 0, 1, 1, 1, 2, 2, 2, 2]
    """
    sizes = (n_per_concept,) * n_concepts if sizes is None else tuple(sizes)
    if len(sizes) != n_concepts:
        raise ValueError(f"{len(sizes)} sizes for {n_concepts} concepts: give one a concept.")
    rng = np.random.default_rng(seed)
    law = _law(n_concepts, n_dims, spread=spread, anisotropy=anisotropy, tails=tails, rng=rng)
    if neighborhoods is not None:
        law = _divided(law, neighborhoods, rng=rng)
    return _drawn(law, sizes, rng=rng)


def resampled(world: World, *, sizes: Sequence[int] | None = None, seed: int = 0) -> World:
    """Other samples from the law of a world: a later window in which nothing happened.

    With other `sizes` only the composition has changed (a prior shift). Rows are not paired with the world's.

    Raises
    ------
    ValueError
        If something has happened to the world since it was drawn: draw first, then let it happen.
    """
    if world.law is None:
        raise ValueError("This world has no law any more: resample first, then let something happen to it.")
    if sizes is None:
        sizes = tuple(np.bincount(world.concepts, minlength=len(world.names)).tolist())
    # a stream of its own: the seed of the world would draw the same samples again
    return _drawn(world.law, sizes, rng=np.random.default_rng([seed, 1]))


def unequal_sizes(n_concepts: int, *, low: int = 10, high: int = 1000, seed: int = 0) -> tuple[int, ...]:
    """Sizes of concepts, log-uniform between two: many small ones and a few large ones.

    Examples
    --------
    >>> unequal_sizes(5, seed=1)
    (106, 796, 19, 789, 42)
    """
    draws = np.random.default_rng(seed).uniform(np.log(low), np.log(high), size=n_concepts)
    return tuple(int(size) for size in np.exp(draws).round())


def _law(
    n_concepts: int, n_dims: int, *, spread: float, anisotropy: float, tails: float | None, rng: np.random.Generator
) -> Law:
    centres = rng.normal(size=(n_concepts, n_dims))
    spectrum = signs = nuisances = None
    if anisotropy:
        powers = np.arange(1.0, n_dims + 1) ** -anisotropy
        spectrum = powers / powers.mean()
        basis = rotation(n_dims, seed=int(rng.integers(2**32)))
        centres = (centres * np.sqrt(spectrum)) @ basis
        signs = rng.choice((-1.0, 1.0), size=(n_concepts, n_dims))
        # some of them also tell concepts apart, some don't
        nuisances = basis[_N_NUISANCES // 2 :][:_N_NUISANCES] * np.sqrt(_NUISANCE_SHARE * n_dims / _N_NUISANCES)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return Law(
        centres=centres,
        offsets=None,
        scale=spread / np.sqrt(n_dims),
        spectrum=spectrum,
        signs=signs,
        nuisances=nuisances,
        tails=tails,
    )


def _divided(law: Law, neighborhoods: tuple[int, int], *, rng: np.random.Generator) -> Law:
    """The law with neighbourhoods; the variance of a concept stays what it was."""
    fewest, most = neighborhoods
    counts = rng.integers(fewest, most + 1, size=len(law.centres))
    # a far-out neighbourhood would be a concept of its own
    places = _noise(replace(law, tails=None), np.repeat(np.arange(len(counts)), counts), rng=rng)
    offsets = np.split(places * np.sqrt(_NEIGHBORHOOD_SHARE), np.cumsum(counts)[:-1])
    return replace(law, offsets=tuple(offsets), scale=law.scale * np.sqrt(1 - _NEIGHBORHOOD_SHARE))


def _drawn(law: Law, sizes: Sequence[int], *, rng: np.random.Generator) -> World:
    n_concepts = len(law.centres)
    concepts = np.repeat(np.arange(n_concepts), sizes)
    places, neighborhoods = law.centres[concepts], None
    if law.offsets is not None:
        counts = [len(each) for each in law.offsets]
        parts = [np.arange(size) * count // max(size, 1) for size, count in zip(sizes, counts, strict=True)]
        neighborhoods = np.concatenate(parts) + np.repeat(np.cumsum([0, *counts[:-1]]), sizes)
        places = places + np.concatenate(law.offsets)[neighborhoods]
    vectors = (places + _noise(law, concepts, rng=rng) + 0.2).astype(np.float32)
    names = tuple(f"concept {k}" for k in range(n_concepts))
    return World(vectors=vectors, concepts=concepts, names=names, neighborhoods=neighborhoods, law=law)


def _noise(law: Law, concepts: NDArray[np.int64], *, rng: np.random.Generator) -> Floats:
    """Within-concept noise, one row a sample."""
    shape = (len(concepts), law.centres.shape[1])
    if law.spectrum is None or law.signs is None or law.nuisances is None:
        noise = rng.normal(scale=law.scale, size=shape)
    else:
        # a cosine transform turns the axes, and signs of its own turn them differently for each concept:
        # a random orientation each without an (n_dims, n_dims) matrix each
        own = dct(rng.normal(size=shape) * np.sqrt(law.spectrum), norm="ortho", axis=1) * law.signs[concepts]
        shared = rng.normal(size=(len(concepts), len(law.nuisances))) @ law.nuisances
        noise = law.scale * (np.sqrt(1 - _NUISANCE_SHARE) * own + shared)
    if law.tails is not None:
        # one factor a sample, of mean square 1: the spread stays what was asked for
        noise *= np.sqrt((law.tails - 2) / rng.chisquare(law.tails, size=(len(concepts), 1)))
    return noise

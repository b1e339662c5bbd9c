"""Sums, centroids and cross-products of paired clouds, in one pass with float64 accumulators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32] | NDArray[np.float64]
Codes = NDArray[np.int64]

# rows at a time: a chunk of 768-wide float64 stays in cache, and memory does not grow with n
CHUNK = 8192


def chunks(n_samples: int, size: int = CHUNK) -> Iterator[slice]:
    """Consecutive row ranges that cover `n_samples`."""
    return (slice(start, min(start + size, n_samples)) for start in range(0, n_samples, size))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedMoments:
    """Centred second moments of two paired clouds.

    Parameters
    ----------
    n_samples : int
    mean_reference, mean_current : float64 arrays of shape (n_dims,)
    gram_reference, gram_current : float64 arrays of shape (n_dims, n_dims)
        ``XᵀX`` and ``YᵀY`` of the centred clouds.
    cross : float64 array of shape (n_dims_current, n_dims_reference)
        ``YᵀX`` of the centred clouds.
    """

    n_samples: int
    mean_reference: Floats
    mean_current: Floats
    gram_reference: Floats
    gram_current: Floats
    cross: Floats


def paired_moments(reference: Matrix, current: Matrix) -> PairedMoments:
    """Centred second moments of two paired clouds, O(d²) memory.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired; widths may differ
    """
    width_reference, width_current = reference.shape[1], current.shape[1]
    # a first guess at the centre: cross-products about 0 would lose digits where the mean is far out
    origin_reference = reference[:CHUNK].mean(axis=0, dtype=np.float64)
    origin_current = current[:CHUNK].mean(axis=0, dtype=np.float64)
    sum_reference, sum_current = np.zeros(width_reference), np.zeros(width_current)
    gram_reference = np.zeros((width_reference, width_reference))
    gram_current = np.zeros((width_current, width_current))
    cross = np.zeros((width_current, width_reference))
    for part in chunks(len(reference)):
        x = reference[part] - origin_reference
        y = current[part] - origin_current
        sum_reference += x.sum(axis=0)
        sum_current += y.sum(axis=0)
        gram_reference += x.T @ x
        gram_current += y.T @ y
        cross += y.T @ x

    n = len(reference)
    offset_reference, offset_current = sum_reference / n, sum_current / n
    return PairedMoments(
        n_samples=n,
        mean_reference=origin_reference + offset_reference,
        mean_current=origin_current + offset_current,
        gram_reference=gram_reference - n * np.outer(offset_reference, offset_reference),
        gram_current=gram_current - n * np.outer(offset_current, offset_current),
        cross=cross - n * np.outer(offset_current, offset_reference),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centroids:
    """Where the concepts of one cloud stand, and how surely.

    Parameters
    ----------
    means : float64 array of shape (n_concepts, n_dims)
    sizes : int64 array of shape (n_concepts,)
    sampling_variance : float64 array of shape (n_concepts,)
        ``tr S_k / n_k``: the expected squared error of a centroid; 0 for a single sample.
    """

    means: Floats
    sizes: NDArray[np.int64]
    sampling_variance: Floats

    @classmethod
    def of_sums(cls, sizes: NDArray[np.int64], sums: Floats, squares: Floats, *, origin: Floats) -> Centroids:
        """From the sums of each concept's rows and of their squared lengths, counted from an origin (or one each)."""
        offsets = sums / np.maximum(sizes, 1)[:, None]
        scatter = np.maximum(squares - sizes * np.einsum("ij,ij->i", offsets, offsets), 0.0)
        sampling = scatter / np.maximum(sizes - 1, 1) / np.maximum(sizes, 1)
        return cls(means=offsets + origin, sizes=sizes, sampling_variance=sampling)


def concept_centroids(vectors: Matrix, concepts: Codes, n_concepts: int) -> Centroids:
    """Centroids of the concepts; samples with code −1 belong to none.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
    concepts : int64 array of shape (n_samples,)
        Concept numbers in ``[-1, n_concepts)``.
    n_concepts : int

    Examples
    --------
    >>> concept_centroids(np.array([[0.0, 0], [2, 0], [0, 1]]), np.array([0, 0, 1]), 2).means
    array([[1., 0.],
           [0., 1.]])
    """
    return CentroidSums.of(vectors, concepts, concept_origins(vectors, concepts, n_concepts)).centroids()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CentroidSums:
    """What the samples of each concept add up to, over any part of a cloud: those of two parts add up to those of both.

    Parameters
    ----------
    sizes : int64 array of shape (n_concepts,)
    sums : float64 array of shape (n_concepts, n_dims)
        Of the rows, each counted from the origin of its concept.
    squares : float64 array of shape (n_concepts,)
        Of their lengths.
    origins : float64 array of shape (n_concepts, n_dims)
        The same for all parts that are added up.
    """

    sizes: NDArray[np.int64]
    sums: Floats
    squares: Floats
    origins: Floats

    @classmethod
    def of(cls, vectors: Matrix, concepts: Codes, origins: Floats) -> CentroidSums:
        """Of some rows, shape (n_samples, n_dims), and their concepts, counted from `concept_origins`."""
        n_concepts = len(origins) - 1
        sums, squares = np.zeros((n_concepts, vectors.shape[1])), np.zeros(n_concepts)
        for part in chunks(len(vectors)):
            member = membership(concepts[part], n_concepts)
            centred = vectors[part] - origins[concepts[part]]  # −1 takes the last row, and is no member
            sums += member @ centred
            squares += member @ np.einsum("ij,ij->i", centred, centred)
        sizes = np.bincount(concepts[concepts >= 0], minlength=n_concepts)
        return cls(sizes=sizes, sums=sums, squares=squares, origins=origins[:-1])

    def __add__(self, other: CentroidSums) -> CentroidSums:
        return CentroidSums(
            sizes=self.sizes + other.sizes,
            sums=self.sums + other.sums,
            squares=self.squares + other.squares,
            origins=self.origins,
        )

    def centroids(self) -> Centroids:
        """Where the concepts stand."""
        return Centroids.of_sums(self.sizes, self.sums, self.squares, origin=self.origins)


def concept_means(values: NDArray[np.float32] | Floats, concepts: Codes, n_concepts: int) -> Floats:
    """Mean of one number a sample over each concept, NaN values left out; NaN for a concept without any."""
    usable = (concepts >= 0) & ~np.isnan(values)
    sums = np.bincount(concepts[usable], weights=values[usable], minlength=n_concepts)
    counts = np.bincount(concepts[usable], minlength=n_concepts)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def concept_origins(vectors: Matrix, concepts: Codes, n_concepts: int) -> Floats:
    """A sample of each concept to count from: no digits are lost far out, and what is all 0 has a mean of exactly 0.

    Shape (n_concepts + 1, n_dims); the last row, for samples of no concept, is the mean of the first rows.

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)
        Of a large cloud, those at `origin_rows`.
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int
    """
    origins = np.tile(vectors[:CHUNK].mean(axis=0, dtype=np.float64), (n_concepts + 1, 1))
    codes, rows = np.unique(concepts, return_index=True)
    origins[codes[codes >= 0]] = vectors[rows[codes >= 0]]
    return origins


def origin_rows(concepts: Codes) -> NDArray[np.int64]:
    """The rows by which `concept_origins` is what it is by all: the first ones, and the first of each concept.

    Examples
    --------
    >>> len(origin_rows(np.array([0] * 9000 + [1, 1])))
    8193
    """
    firsts = np.unique(concepts, return_index=True)[1]
    return np.concatenate([np.arange(min(CHUNK, len(concepts))), np.sort(firsts[firsts >= CHUNK])])


def membership(concepts: Codes, n_concepts: int, *, dtype: np.dtype[Any] | type = np.float64) -> csr_array:
    """The (n_concepts, n_samples) indicator matrix of a chunk."""
    (rows,) = np.nonzero(concepts >= 0)
    return csr_array((np.ones(len(rows), dtype=dtype), (concepts[rows], rows)), shape=(n_concepts, len(concepts)))

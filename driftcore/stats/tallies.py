"""What pairs add to a comparison: sums over any part of the rows, which add up to those of the whole.

Two looks at every row. The first says where the concepts stand (`Standing`); the second, once one space is laid over
the other, how every sample moved (`Movements`). Both are as large for a billion rows as for a thousand, but for the two
numbers that the second keeps of each sample. Chunks are multiplied in the precision of the vectors, about an origin
near their mean, and added up in float64.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.alignment import LEFT_OUT, Alignment, alignment_of_sums
from driftcore.stats.localization import ConceptSums
from driftcore.stats.moments import Centroids, Codes, Floats, Matrix, PairedMoments, chunks, membership
from driftcore.stats.similarity import NormSums

# rows at a time: five copies of a few hundred dims stay in the cache
_CHUNK = 2048


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weigher:
    """How much a row counts in the alignment of all: what moved far in a first one hardly does.

    Parameters
    ----------
    alignment : Alignment
        The first one.
    limit : float
        Rows with a longer residual count `faint`.
    left_out : bool array of shape (n_concepts,)
        Concepts whose rows count next to nothing.
    faint : float
    """

    alignment: Alignment
    limit: float
    left_out: NDArray[np.bool_]
    faint: float

    def weights(self, reference: Matrix, current: Matrix, concepts: Codes) -> Floats:
        """Of paired rows, shape (n_samples,)."""
        left = self.alignment.apply(current) - reference
        far = np.einsum("ij,ij->i", left, left) > self.limit**2
        left_out = (concepts >= 0) & self.left_out[concepts]
        return np.where(left_out, LEFT_OUT, np.where(far, self.faint, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Where two paired clouds stand. The last entry of each first axis is of the samples that belong to no concept.

    Parameters
    ----------
    origin_reference, origin_current : float64 arrays of shape (n_dims,)
        What the sums are counted from; the same for all parts that are added up.
    sizes : int64 array of shape (n_concepts + 1,)
    sum_reference, sum_current : float64 arrays of shape (n_concepts + 1, n_dims)
    squares_reference, squares_current : float64 arrays of shape (n_concepts + 1,)
    gram_reference, gram_current, cross : float64 arrays of shape (n_dims, n_dims)
        ``XᵀX``, ``YᵀY`` and ``YᵀX``.
    weight : float
    weighted_reference, weighted_current, weighted_cross : float64 arrays
        Sums and ``YᵀX`` of the rows, each times its weight in the alignment.
    """

    origin_reference: Floats
    origin_current: Floats
    sizes: NDArray[np.int64]
    sum_reference: Floats
    sum_current: Floats
    squares_reference: Floats
    squares_current: Floats
    gram_reference: Floats
    gram_current: Floats
    cross: Floats
    weight: float
    weighted_reference: Floats
    weighted_current: Floats
    weighted_cross: Floats

    def __add__(self, other: Standing) -> Standing:
        added = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if not each.name.startswith("origin")
        }
        return Standing(origin_reference=self.origin_reference, origin_current=self.origin_current, **added)

    def moments(self) -> PairedMoments:
        """The centred second moments of both clouds."""
        n = int(self.sizes.sum())
        offset_reference, offset_current = self.sum_reference.sum(axis=0) / n, self.sum_current.sum(axis=0) / n
        return PairedMoments(
            n_samples=n,
            mean_reference=self.origin_reference + offset_reference,
            mean_current=self.origin_current + offset_current,
            gram_reference=self.gram_reference - n * np.outer(offset_reference, offset_reference),
            gram_current=self.gram_current - n * np.outer(offset_current, offset_current),
            cross=self.cross - n * np.outer(offset_current, offset_reference),
        )

    def centroids(self) -> tuple[Centroids, Centroids]:
        """The centroids of the concepts in the reference and in the current cloud."""
        return (
            Centroids.of_sums(
                self.sizes[:-1], self.sum_reference[:-1], self.squares_reference[:-1], origin=self.origin_reference
            ),
            Centroids.of_sums(
                self.sizes[:-1], self.sum_current[:-1], self.squares_current[:-1], origin=self.origin_current
            ),
        )

    def alignment(self) -> Alignment:
        """One rotation and shift of everything, by the weighted rows; its scale is left at 1."""
        reference, current = self.weighted_reference / self.weight, self.weighted_current / self.weight
        return alignment_of_sums(
            self.weighted_cross - self.weight * np.outer(current, reference),
            0.0,
            self.origin_reference + reference,
            self.origin_current + current,
        )


def standing(
    reference: Matrix,
    current: Matrix,
    concepts: Codes,
    n_concepts: int,
    *,
    origins: tuple[Floats, Floats],
    weigher: Weigher,
) -> Standing:
    """What some paired rows say of where the clouds stand.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int
    origins : two float64 arrays of shape (n_dims,)
        Near the means of the reference and of the current cloud.
    weigher : Weigher
    """
    width = reference.shape[1]
    sums, squares = np.zeros((2, n_concepts + 1, width)), np.zeros((2, n_concepts + 1))
    gram_reference, gram_current, cross, played_down = np.zeros((4, width, width))
    weight, lacked = 0.0, np.zeros((2, width))
    numbers = np.where(concepts < 0, n_concepts, concepts)
    from_here = [_like(origin, side) for origin, side in zip(origins, (reference, current), strict=True)]
    for part in chunks(len(reference), _CHUNK):
        x, y = reference[part] - from_here[0], current[part] - from_here[1]
        gram_reference += x.T @ x
        gram_current += y.T @ y
        cross += y.T @ x
        weights = weigher.weights(reference[part], current[part], concepts[part])
        weight += float(weights.sum())
        # few are played down: what they lack is taken off in the end
        (less,) = np.nonzero(weights < 1)
        lacking = y[less] * _like(1 - weights[less], y)[:, None]
        played_down += lacking.T @ x[less]
        lacked += (1 - weights[less]) @ x[less], lacking.sum(axis=0, dtype=np.float64)
        member = membership(numbers[part], n_concepts + 1, dtype=x.dtype)
        for side, centred in enumerate((x, y)):
            sums[side] += member @ centred
            squares[side] += member @ np.einsum("ij,ij->i", centred, centred)
    weighted = sums.sum(axis=1) - lacked
    return Standing(
        origin_reference=from_here[0].astype(np.float64),
        origin_current=from_here[1].astype(np.float64),
        sizes=np.bincount(numbers, minlength=n_concepts + 1),
        sum_reference=sums[0],
        sum_current=sums[1],
        squares_reference=squares[0],
        squares_current=squares[1],
        gram_reference=gram_reference,
        gram_current=gram_current,
        cross=cross,
        weight=weight,
        weighted_reference=weighted[0],
        weighted_current=weighted[1],
        weighted_cross=cross - played_down,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruler:
    """What the second look measures by.

    Parameters
    ----------
    alignment : Alignment
        Takes the current space to the reference's.
    mean_reference, mean_current : float64 arrays of shape (n_dims,)
    displacements : float64 array of shape (n_concepts, n_dims)
        Mean residual of each concept.
    axes : array of shape (n_dims, n_axes)
        Orthonormal directions in which concepts are tested against the others: see `leading_directions`.
    """

    alignment: Alignment
    mean_reference: Floats
    mean_current: Floats
    displacements: Floats
    axes: Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movements:
    """How samples moved, once one space is laid over the other.

    Parameters
    ----------
    shift : float32 array of shape (n_samples,)
        See `cosine_shift`.
    share : float64 array of shape (n_samples,)
        See `movement_share`.
    on_axes : ConceptSums of shape (n_concepts, n_axes, …)
        Of the reference's rows and of the residuals, in place of the current rows.
    norms : NormSums
    """

    shift: NDArray[np.float32]
    share: Floats
    on_axes: ConceptSums
    norms: NormSums

    def __add__(self, other: Movements) -> Movements:
        return Movements(
            shift=np.concatenate([self.shift, other.shift]),
            share=np.concatenate([self.share, other.share]),
            on_axes=self.on_axes + other.on_axes,
            norms=self.norms + other.norms,
        )


def movements(reference: Matrix, current: Matrix, concepts: Codes, ruler: Ruler) -> Movements:
    """How some paired rows moved, by a ruler that is the same for all of them.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired, of equal width
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    ruler : Ruler
    """
    n, lengths = len(reference), (ruler.displacements**2).sum(axis=1)
    means = _like(ruler.mean_reference, reference), _like(ruler.mean_current, current)
    ways, axes = _like(ruler.displacements, reference), _like(ruler.axes, reference)
    shift, share, norms = np.empty(n, dtype=np.float32), np.zeros(n), NormSums.nothing()
    on_axes = np.empty((n, 2 * axes.shape[1]), dtype=reference.dtype)
    for part in chunks(n, _CHUNK):
        x, y = reference[part], current[part]
        left = ruler.alignment.apply(y) - x
        along = np.einsum("ij,ij->i", x, left)
        squared, squared_left = np.einsum("ij,ij->i", x, x), np.einsum("ij,ij->i", left, left)
        shift[part] = _cosine_shift(squared, along, squared_left)
        own = np.maximum(concepts[part], 0)
        moved = (concepts[part] >= 0) & (lengths[own] > 0)
        went = np.einsum("ij,ij->i", left, ways[own])
        share[part] = np.divide(went, lengths[own], out=np.zeros(len(own)), where=moved)
        here, there = x - means[0], y - means[1]
        norms += NormSums.of(np.einsum("ij,ij->i", here, here), np.einsum("ij,ij->i", there, there))
        on_axes[part, : axes.shape[1]] = here @ axes
        on_axes[part, axes.shape[1] :] = left @ axes
    return Movements(
        shift=shift, share=share, on_axes=_by_concept(on_axes, concepts, len(ruler.displacements)), norms=norms
    )


def _like(values: Matrix, vectors: Matrix) -> Matrix:
    """In the precision of the vectors, lest every product with them be made in float64."""
    return values.astype(np.float32) if vectors.dtype == np.float32 else values.astype(np.float64)


def _cosine_shift(squared: Matrix, along: Matrix, squared_left: Matrix) -> Matrix:
    """``1 − cos`` of a row and the same row plus what is left, from their products: exactly 0 where nothing is."""
    before = np.sqrt(squared)
    after = np.sqrt(np.maximum(squared + 2 * along + squared_left, 0))
    product = np.maximum(before * after, np.finfo(np.float32).tiny)
    # |u − v|² / 2 of unit vectors, without making them
    return np.clip((squared_left - (after - before) ** 2) / (2 * product), 0, 2)


def _by_concept(rows: Matrix, concepts: Codes, n_concepts: int) -> ConceptSums:
    """Sums and second moments of rows that hold two clouds side by side, concept by concept."""
    width = rows.shape[1] // 2
    n, sums, squares = np.zeros(n_concepts), np.zeros((n_concepts, 2 * width)), np.zeros((n_concepts, 2 * width, width))
    gram_current = np.zeros((n_concepts, width, width))
    order = np.argsort(concepts, kind="stable")
    edges = np.searchsorted(concepts[order], np.arange(n_concepts + 1))
    for k in np.flatnonzero(np.diff(edges)):
        for part in chunks(int(edges[k + 1] - edges[k])):
            own = rows[order[edges[k] : edges[k + 1]][part]]
            together = own.T @ own  # one product for all four: of a matrix with itself, half of it is enough
            n[k] += len(own)
            sums[k] += own.sum(axis=0, dtype=np.float64)
            squares[k] += together[:, :width]
            gram_current[k] += together[width:, width:]
    return ConceptSums(
        n=n,
        reference=sums[:, :width],
        current=sums[:, width:],
        gram=squares[:, :width],
        cross=squares[:, width:],
        gram_current=gram_current,
    )

"""Which members left their concept, each its own way, while the others stayed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from driftcore.stats.displacement import centroid_displacement
from driftcore.stats.gaps import mean_gap
from driftcore.stats.margins import concept_quantiles
from driftcore.stats.moments import Centroids, Codes, Floats, Matrix, chunks, concept_centroids

# deviations from the median beyond which a sample has left
_FAR = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leavers:
    """The samples that moved far from where the rest of their concept went.

    Parameters
    ----------
    inside : bool array of shape (n_samples,)
        Whether a sample left.
    displacement : float64 array of shape (n_concepts,)
        How far the typical leaver went beyond the other members, as a share of the mean gap; NaN where none left.
    rest : float64 array of shape (n_concepts,)
        How far the centroid of those that stayed moved, as a share of the mean gap: see `centroid_displacement`.
    unison : float64 array of shape (n_concepts,), in [0, 1]
        About a half where each leaver went to another concept, 1 where they went as one: then they are a part of the
        concept, see `heading_parts`. NaN where fewer than two left.
    share, errors : float64 arrays of shape (n_concepts,)
        How much of each concept left, and how far chance alone moves that.
    p_values : float64 array of shape (n_concepts,)
        Of "no more of its members left than of the other concepts'"; NaN for an empty concept.
    """

    inside: NDArray[np.bool_]
    displacement: Floats
    rest: Floats
    unison: Floats
    share: Floats
    errors: Floats
    p_values: Floats
    edge: LeftEdge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftEdge:
    """How far from where its concept went a sample must have gone to have left it.

    Parameters
    ----------
    centres : float64 array of shape (n_concepts, n_dims)
        Mean residual of each concept.
    limits : float64 array of shape (n_concepts,)
        NaN for an empty concept.
    """

    centres: Floats
    limits: Floats

    def inside(self, residuals: Matrix, concepts: Codes) -> NDArray[np.bool_]:
        """Of any samples, those that left their concept; residuals of shape (n_samples, n_dims)."""
        lengths = np.linalg.norm(residuals - self.centres[concepts], axis=1)
        return (concepts >= 0) & (lengths > self.limits[concepts])


def leavers(reference: Centroids, residuals: Matrix, concepts: Codes) -> Leavers:
    r"""Members that left their concept, each its own way, and whether a concept lost more of them than the others did.

    A concept that moved as a whole has no leavers, for the residuals are taken about their concept's mean. A few
    samples of any concept lie far out after any training: read a share beside the other concepts' (`Population`).

    Parameters
    ----------
    reference : Centroids of shape (n_concepts, n_dims)
    residuals : array of shape (n_samples, n_dims)
        Aligned current minus reference vectors.
    concepts : int64 array of shape (n_samples,); −1 belongs to none

    Returns
    -------
    Leavers

    Notes
    -----
    A sample left if its residual is longer than the median of its concept by 6 median absolute deviations, its own
    concept's or the typical concept's, whichever are more. The p-value is binomial, with the rate of all other concepts
    plus one sample: no concept is judged by a rate of exactly 0.

    Median and MAD: Leys, Ley, Klein, Bernard, Licata, Detecting outliers: Do not use standard deviation around the
    mean, use absolute deviation around the median, Journal of Experimental Social Psychology 49, 2013.
    """
    n_concepts, gap = len(reference.means), mean_gap(reference)
    means = concept_centroids(residuals, concepts, n_concepts).means
    lengths = np.empty(len(residuals))
    for part in chunks(len(residuals)):
        lengths[part] = np.linalg.norm(residuals[part] - means[concepts[part]], axis=1)
    centres = _medians(lengths, concepts, n_concepts)
    spreads = _medians(np.abs(lengths - centres[concepts]), concepts, n_concepts)
    limits = centres + _FAR * np.maximum(spreads, np.nanmedian(spreads) if (concepts >= 0).any() else 0.0)
    inside = (concepts >= 0) & (lengths > limits[concepts])

    sizes, left = (np.bincount(concepts[rows], minlength=n_concepts) for rows in (concepts >= 0, inside))
    rates = (left.sum() - left + 1) / (sizes.sum() - sizes + 1)
    beyond = np.sqrt(np.maximum(lengths**2 - centres[concepts] ** 2, 0.0))
    gone = concept_centroids(residuals, np.where(inside, concepts, -1), n_concepts)
    stayed = concept_centroids(residuals, np.where(inside, -1, concepts), n_concepts)
    filled = np.where(sizes > 0, sizes, np.nan)
    return Leavers(
        inside=inside,
        displacement=_medians(beyond, np.where(inside, concepts, -1), n_concepts) / (gap if gap > 0 else np.nan),
        rest=centroid_displacement(reference, stayed),
        unison=_unison(gone, stayed),
        share=left / filled,
        errors=np.sqrt(rates * (1 - rates) / filled),
        p_values=np.where(sizes > 0, binom.sf(left - 1, sizes, np.minimum(rates, 1.0)), np.nan),
        edge=LeftEdge(centres=means, limits=limits),
    )


def _unison(gone: Centroids, stayed: Centroids) -> Floats:
    """Of the squared movement of the leavers against the others, the share that they have in common."""
    common = np.square(gone.means - stayed.means).sum(axis=1)
    scatter = gone.sampling_variance * gone.sizes - stayed.sampling_variance * stayed.sizes
    total = common + np.maximum(scatter, 0.0)
    known = (gone.sizes > 1) & (stayed.sizes > 1) & (total > 0)
    return np.divide(common, total, out=np.full(len(total), np.nan), where=known)


def _medians(values: Floats, concepts: Codes, n_concepts: int) -> Floats:
    return concept_quantiles(values, concepts, n_concepts, level=0.5)

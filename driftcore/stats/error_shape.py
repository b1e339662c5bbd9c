"""What the error between two paired spaces looks like: about what the samples mean, or about how they were computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Codes, Floats, Matrix, concept_centroids, paired_moments


def effective_dims(vectors: Matrix) -> float | None:
    r"""In how many directions a cloud varies: the participation ratio of its covariance.

    1 means that everything lies on a line, `n_dims` that the cloud is round. Of the error ``y − x`` of two paired
    spaces, read it beside the cloud's own: training moves samples along directions in which they vary anyway (0.5 to
    1 times as many), the rounding of quantised weights moves them in all directions (3 times as many and more).

    Parameters
    ----------
    vectors : array of shape (n_samples, n_dims)

    Returns
    -------
    float or None
        In [1, min(n_samples − 1, n_dims)]; None where all rows are the same.

    Notes
    -----
    .. math:: \left(\sum_j \lambda_j\right)^2 / \sum_j \lambda_j^2
       = \operatorname{tr}(C)^2 / \lVert C \rVert_F^2

    Too low where samples are few, about as if ``1 / n_samples`` were added to its inverse: compare numbers of equally
    many samples. Chun, Canatar, Chung, Lee, Estimating dimensionality of neural representations from finite samples,
    2509.26560.

    Examples
    --------
    >>> round(effective_dims(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 6)
    2.0
    """
    gram = paired_moments(vectors, vectors).gram_reference
    squared = float(np.square(gram).sum())
    return float(np.trace(gram)) ** 2 / squared if squared > 0 else None


def common_share(errors: Matrix, concepts: Codes, n_concepts: int) -> float:
    r"""How much of the error the members of a concept have in common.

    0 means that each sample errs on its own, as after rounding; 1 that all members of a concept were moved alike.
    Training stands between, at 0.2 to 0.7; it can be slightly negative by chance.

    Parameters
    ----------
    errors : array of shape (n_samples, n_dims)
        Current minus reference vectors, raw or aligned.
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int

    Returns
    -------
    float
        In (−∞, 1]; 0 where there is no error at all.

    Notes
    -----
    One minus the unbiased mean square within concepts over the mean square about 0, so that independent errors give 0
    however small the concepts are:

    .. math:: 1 - \frac{\sum_i \lVert e_i - \bar e_{k(i)} \rVert^2 / (n - C)}{\sum_i \lVert e_i \rVert^2 / n}

    Examples
    --------
    >>> both_right = np.array([[0.1, 0], [0.1, 0], [0, -0.2], [0, -0.2]])
    >>> common_share(both_right, np.array([0, 0, 1, 1]), 2)
    1.0
    """
    inside = concepts >= 0
    centroids = concept_centroids(errors, concepts, n_concepts)
    freedom = np.maximum(centroids.sizes - 1, 0)
    within = (centroids.sampling_variance * centroids.sizes * freedom).sum() / max(freedom.sum(), 1)
    total = np.einsum("ij,ij->", errors[inside], errors[inside], dtype=np.float64) / max(inside.sum(), 1)
    return float(1 - within / total) if total > 0 else 0.0


def spread_over_concepts(flags: NDArray[np.bool_], concepts: Codes, n_concepts: int) -> float | None:
    r"""Over how many concepts the flagged samples are spread, as a share of as many as they could reach.

    1 means that they are spread as evenly as can be, ``1 / n_concepts`` that many of them all belong to one concept.
    Flagged by chance, they reach 0.6 or more.

    Parameters
    ----------
    flags : bool array of shape (n_samples,)
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int

    Returns
    -------
    float or None
        In (0, 1] for concepts of equal size; None where no flagged sample has a concept.

    Notes
    -----
    ``exp H(flagged) / min(m, exp H(all))`` for m flagged samples, with H the entropy of the concepts' shares: the
    effective number of concepts.

    Examples
    --------
    >>> spread_over_concepts(np.array([True, True, False, False]), np.array([0, 0, 1, 1]), 2)
    0.5
    """
    inside = concepts >= 0
    flagged = np.bincount(concepts[inside & flags], minlength=n_concepts)
    if not flagged.sum():
        return None
    everywhere = _effective_number(np.bincount(concepts[inside], minlength=n_concepts))
    return _effective_number(flagged) / min(float(flagged.sum()), everywhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinConcepts:
    """An AUROC between samples of the same concept, and its standard error if the flags were dealt by chance."""

    auroc: float
    standard_error: float

    @property
    def z(self) -> float:
        """How many standard errors it stands from 0.5."""
        return (self.auroc - 0.5) / self.standard_error


def auroc_within(values: Floats, flags: NDArray[np.bool_], concepts: Codes, n_concepts: int) -> WithinConcepts | None:
    r"""Chance that a flagged sample has a higher value than an unflagged one *of the same concept*; ties count half.

    0.5 means that the value says nothing, 1 that within every concept exactly the highest were flagged: of text
    lengths and samples whose vectors changed, that the texts were cut. A concept that as a whole has long texts, and
    as a whole has moved, does not count.

    Parameters
    ----------
    values : float64 array of shape (n_samples,)
    flags : bool array of shape (n_samples,)
    concepts : int64 array of shape (n_samples,); −1 belongs to none
    n_concepts : int

    Returns
    -------
    WithinConcepts or None
        None where no concept has both flagged and unflagged samples.

    Notes
    -----
    The Mann–Whitney U of each concept, summed, over the sum of ``m_k n_k`` pairs. If the flags are dealt by chance
    within concepts, U has the variance ``m n (m + n + 1) / 12``, a little less with ties. A stratified Wilcoxon test
    in the sense of van Elteren, On the combination of independent two-sample tests of Wilcoxon, Bulletin of the
    International Statistical Institute 37, 1960, with every pair weighing the same.

    Examples
    --------
    >>> lengths, cut = np.array([3.0, 9, 2, 8, 99, 98]), np.array([False, True, False, True, False, False])
    >>> auroc_within(lengths, cut, np.array([0, 0, 1, 1, 2, 2]), 3).auroc
    1.0
    """
    ranks, concept_of = _ranks_within(values, concepts)
    flagged = np.bincount(concept_of, weights=flags[concepts >= 0], minlength=n_concepts)
    unflagged = np.bincount(concept_of, minlength=n_concepts) - flagged
    n_pairs = float((flagged * unflagged).sum())
    if not n_pairs:
        return None
    rank_sums = np.bincount(concept_of, weights=ranks * flags[concepts >= 0], minlength=n_concepts)
    wins = (rank_sums - flagged * (flagged + 1) / 2) * (unflagged > 0)
    variance = (flagged * unflagged * (flagged + unflagged + 1)).sum() / 12
    return WithinConcepts(auroc=float(wins.sum() / n_pairs), standard_error=float(np.sqrt(variance) / n_pairs))


def _ranks_within(values: Floats, concepts: Codes) -> tuple[Floats, Codes]:
    """Mean rank, from 1, of each sample that has a concept among the samples of that concept, and the concept."""
    from scipy.stats import rankdata

    inside = concepts >= 0
    codes = concepts[inside]
    # one ranking of all samples, concept by concept: what stands before a concept is taken off
    place = np.unique(values[inside], return_inverse=True)[1]
    ranks = rankdata(codes * (int(place.max(initial=0)) + 1) + place)
    before = np.concatenate([[0], np.cumsum(np.bincount(codes))])[codes] if len(codes) else 0.0
    return ranks - before, codes


def _effective_number(counts: NDArray[np.int64]) -> float:
    """``exp`` of the entropy of the shares."""
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))

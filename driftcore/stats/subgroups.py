"""Which part of a concept went its own way while the rest of it stayed, or went elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from driftcore.stats.cuts import cut_pvalues, two_group_cuts
from driftcore.stats.gaps import mean_gap
from driftcore.stats.moments import Centroids, Codes, Floats, Matrix

# fewer samples are not a part of a concept but a few that left it: see `leavers`
MIN_PART = 5
_SMALLEST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """The part of each concept that parted most clearly from the rest of it; every concept has one, most mean nothing.

    Parameters
    ----------
    inside : bool array of shape (n_samples,)
        Whether a sample is in the part of its own concept.
    displacement, rest : float64 arrays of shape (n_concepts,)
        How far the part, and the rest of its concept, moved along the direction that parts them, as a share of the
        mean gap; never more for the rest. NaN, like all that follows, for a concept too small to be cut.
    share : float64 array of shape (n_concepts,)
        How much of its concept the part is.
    unison : float64 array of shape (n_concepts,), in [0, 1]
        1 where the members of the part moved as one but for the noise that the rest has too, about a half where each
        went to another concept: of their squared movement against the rest, the share that they have in common.
    score, errors : float64 arrays of shape (n_concepts,)
        How clearly the two parted, to be compared with the other concepts (`Population`), and how far chance alone
        moves that for the typical concept of this size.
    p_values : float64 array of shape (n_concepts,)
        Of "one bell curve, cut where it cuts best": see `cut_pvalues`.
    toward : int64 array of shape (n_concepts,)
        The concept that the part heads for; −1 where that was not asked or there is none.
    """

    inside: NDArray[np.bool_]
    displacement: Floats
    rest: Floats
    share: Floats
    unison: Floats
    score: Floats
    errors: Floats
    p_values: Floats
    toward: NDArray[np.int64]
    edge: PartEdge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartEdge:
    """What parts each concept in two: a sample is in the part where its residual goes farther than the threshold.

    Parameters
    ----------
    directions : float64 array of shape (n_concepts, n_dims)
    thresholds : float64 array of shape (n_concepts,)
        Infinite for a concept too small to be cut.
    """

    directions: Floats
    thresholds: Floats

    def inside(self, residuals: Matrix, concepts: Codes) -> NDArray[np.bool_]:
        """Of any samples, those that are in the part of their concept; residuals of shape (n_samples, n_dims)."""
        far = np.einsum("ij,ij->i", residuals, self.directions[concepts].astype(residuals.dtype))
        return (concepts >= 0) & (far > self.thresholds[concepts])


def heading_parts(reference: Centroids, residuals: Matrix, concepts: Codes) -> Parts:
    r"""The part of each concept that went toward another concept while the rest did not.

    Read `displacement` beside `rest`: 0.2 and 0.01 is a part that went a fifth of a gap while the rest stayed, 0.2
    and −0.2 a concept that was torn, 0.2 and 0.15 one that moved as a whole, some of it farther. Every concept has a
    best cut, so only a score far out of the others' means something: neighbours share what a retraining does to them.

    Parameters
    ----------
    reference : Centroids of shape (n_concepts, n_dims)
    residuals : array of shape (n_samples, n_dims)
        Aligned current minus reference vectors.
    concepts : int64 array of shape (n_samples,); −1 belongs to none

    Returns
    -------
    Parts

    Notes
    -----
    For every concept k and every other one b the residuals are cut along the way w from k to b; with g the distance of
    the groups in mean gaps, f the share of the variance explained, r the residual means, the score is that of the b
    with the largest f·g:

    .. math:: f \, g \, \sqrt{\max(0, \cos(r_\text{part} - r_\text{rest}, w))}

    The p-value is that of `cut_pvalues`, times the number of ways that were tried (Bonferroni).
    """
    gap = mean_gap(reference)
    large = _members(concepts, len(reference.means) if gap > 0 else 0)
    found = {k: _cut_toward(reference.means, residuals[members], k, gap) for k, members in large}
    # the typical concept's, lest a torn one excuse itself
    error = _median([part.within / np.sqrt(part.share * (1 - part.share)) for part in found.values()])
    return _parts(found, concepts, reference.means.shape, error=error)


def torn_parts(reference: Centroids, residuals: Matrix, concepts: Codes) -> Parts:
    r"""The two parts that each concept's cloud would tear into, and how strongly it is pulled there.

    Where `heading_parts` asks who went toward another concept, this looks along the direction in which the members
    of a concept moved most differently, wherever it points: it sees a cloud torn in two whose centroid stays. The
    part is the half that moved farther.

    Parameters
    ----------
    reference : Centroids of shape (n_concepts, n_dims)
    residuals : array of shape (n_samples, n_dims)
        Aligned current minus reference vectors.
    concepts : int64 array of shape (n_samples,); −1 belongs to none

    Returns
    -------
    Parts
        `toward` is −1 throughout.

    Notes
    -----
    Directions in which all concepts are shaken count less: along the eigenvectors of the residuals within concepts each
    is divided by :math:`\sqrt{v_j + \bar v}`, v_j the median over concepts of their variance along it, which one torn
    concept does not change. With λ the largest eigenvalue of a concept's weighted residuals and f the share of the
    variance along it that the best cut explains, the score is :math:`f \sqrt{\lambda}`.

    Why the other concepts' values and not random groups drawn from them are the yardstick: a retraining moves
    neighbours together, a concept is a neighbourhood, and a random group across concepts has no such thing.
    """
    gap = mean_gap(reference)
    large = _members(concepts, len(reference.means) if gap > 0 else 0)
    axes = _noise_axes(residuals, large) if large else np.empty(0)
    found = {k: _cut_leading(residuals[members], axes, gap) for k, members in large}
    # an eigenvalue's relative error is √(2/n), its root's half of that
    error = _median([part.score for part in found.values()]) / np.sqrt(2)
    return _parts(found, concepts, reference.means.shape, error=error)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """What `Parts` holds of one concept; `within` is the standard deviation within the groups, in mean gaps."""

    inside: NDArray[np.bool_]
    displacement: float
    rest: float
    unison: float
    score: float
    p_value: float
    direction: Floats
    threshold: float
    within: float = 0.0
    toward: int = -1

    @property
    def share(self) -> float:
        return float(self.inside.mean())


def _parts(found: dict[int, _Part], concepts: Codes, shape: tuple[int, ...], *, error: float) -> Parts:
    n_concepts, n_dims = shape

    def numbers(name: str) -> Floats:
        return np.array([getattr(found[k], name) if k in found else np.nan for k in range(n_concepts)])

    inside = np.zeros(len(concepts), dtype=bool)
    for k, part in found.items():
        inside[np.flatnonzero(concepts == k)[part.inside]] = True
    sizes = np.bincount(concepts[concepts >= 0], minlength=n_concepts)
    nowhere = np.zeros(n_dims)
    with np.errstate(divide="ignore"):
        errors = error / np.sqrt(sizes)
    return Parts(
        inside=inside,
        displacement=numbers("displacement"),
        rest=numbers("rest"),
        share=numbers("share"),
        unison=numbers("unison"),
        score=numbers("score"),
        errors=errors,
        p_values=numbers("p_value"),
        toward=np.array([found[k].toward if k in found else -1 for k in range(n_concepts)], dtype=np.int64),
        edge=PartEdge(
            directions=np.array([found[k].direction if k in found else nowhere for k in range(n_concepts)]),
            thresholds=np.array([found[k].threshold if k in found else np.inf for k in range(n_concepts)]),
        ),
    )


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else 0.0


def _unmoved(residuals: Matrix) -> _Part:
    """Where all moved alike there is no cut: a first few, that went nowhere."""
    n, n_dims = residuals.shape
    return _Part(
        inside=np.arange(n) < _smallest(n),
        displacement=0.0,
        rest=0.0,
        unison=0.0,
        score=0.0,
        p_value=1.0,
        direction=np.zeros(n_dims),
        threshold=np.inf,
    )


def _members(concepts: Codes, n_concepts: int) -> list[tuple[int, NDArray[np.int64]]]:
    """Each concept that is large enough to be cut, with its rows."""
    order = np.argsort(concepts, kind="stable")
    edges = np.searchsorted(concepts[order], np.arange(n_concepts + 1))
    rows = ((k, order[edges[k] : edges[k + 1]]) for k in range(n_concepts))
    return [(k, members) for k, members in rows if len(members) >= 2 * _smallest(len(members))]


def _smallest(n: int) -> int:
    return max(MIN_PART, int(np.ceil(_SMALLEST_SHARE * n)))


def _cut_toward(means: Floats, residuals: Matrix, k: int, gap: float) -> _Part:
    """One concept, cut along the ways to all others."""
    ways = means - means[k]
    lengths = np.linalg.norm(ways, axis=1)[:, None]
    ways = np.divide(ways, lengths, out=np.zeros_like(ways), where=lengths > 0)
    along = residuals @ ways.T / gap
    cuts = two_group_cuts(along, min_size=_smallest(len(residuals)))
    b = int((cuts.distance * cuts.explained).argmax())
    inside = along[:, b] > cuts.threshold[b]
    if not inside.any():
        return _unmoved(residuals)
    apart = residuals[inside].mean(axis=0, dtype=np.float64) - residuals[~inside].mean(axis=0, dtype=np.float64)
    straight = max(0.0, float(apart @ ways[b] / np.linalg.norm(apart)))
    p_value = float(cut_pvalues(cuts.explained[b], len(residuals)))
    return _Part(
        inside=inside,
        displacement=float(along[inside, b].mean()),
        rest=float(along[~inside, b].mean()),
        unison=_unison(residuals[inside], residuals[~inside]),
        score=float(cuts.distance[b] * cuts.explained[b] * np.sqrt(straight)),
        p_value=min(1.0, p_value * (len(means) - 1)),
        direction=ways[b] / gap,
        threshold=float(cuts.threshold[b]),
        within=float(along[:, b].std() * np.sqrt(1 - cuts.explained[b])),
        toward=b,
    )


def _cut_leading(residuals: Matrix, axes: Matrix, gap: float) -> _Part:
    """One concept, cut along its leading direction."""
    scores, leading, eigenvalue = _leading_scores(_centred(residuals) @ axes)
    if eigenvalue == 0:
        return _unmoved(residuals)
    cuts = two_group_cuts(scores[:, None], min_size=_smallest(len(residuals)))
    inside = scores > cuts.threshold[0]
    sides = [residuals[side].mean(axis=0, dtype=np.float64) for side in (inside, ~inside)]
    apart = sides[0] - sides[1]
    moved, rest = (float(side @ apart / np.linalg.norm(apart)) / gap for side in sides)
    direction = axes.astype(np.float64) @ leading
    threshold = float(cuts.threshold[0]) + float(residuals.mean(axis=0, dtype=np.float64) @ direction)
    if abs(moved) < abs(rest):
        inside, moved, rest, direction, threshold = ~inside, -rest, -moved, -direction, -threshold
    return _Part(
        inside=inside,
        displacement=moved,
        rest=rest,
        unison=_unison(residuals[inside], residuals[~inside]),
        score=float(cuts.explained[0] * np.sqrt(eigenvalue)),
        p_value=float(cut_pvalues(cuts.explained[0], len(residuals))),
        direction=direction,
        threshold=threshold,
    )


def _unison(part: Matrix, rest: Matrix) -> float:
    """Of the squared movement of a part against the rest, the share that its members have in common."""
    common = float(np.square(part.mean(axis=0, dtype=np.float64) - rest.mean(axis=0, dtype=np.float64)).sum())
    scatter = float(part.var(axis=0, ddof=1, dtype=np.float64).sum() - rest.var(axis=0, ddof=1, dtype=np.float64).sum())
    total = common + max(0.0, scatter)
    return common / total if total > 0 else 0.0


def _leading_scores(weighted: Matrix) -> tuple[Floats, Floats, float]:
    """Places of the samples along their leading direction, the direction, and the variance along it."""
    n, dims = weighted.shape
    gram = weighted @ weighted.T if n <= dims else weighted.T @ weighted
    last = len(gram) - 1
    eigenvalues, vectors = eigh(gram, subset_by_index=[last, last])
    variance = max(0.0, float(eigenvalues[0])) / (n - 1)
    if n > dims:
        return weighted @ vectors[:, 0], vectors[:, 0], variance
    scores = vectors[:, 0]
    return scores, weighted.T @ scores / max(float(eigenvalues[0]), np.finfo(float).tiny), variance


def _noise_axes(residuals: Matrix, members: list[tuple[int, NDArray[np.int64]]]) -> Matrix:
    """A map of residuals onto axes on which what shakes all concepts counts less, shape (n_dims, n_dims)."""
    gram = np.zeros((residuals.shape[1], residuals.shape[1]))
    for _, rows in members:
        centred = _centred(residuals[rows])
        gram += centred.T @ centred
    axes = _as_precise(np.linalg.eigh(gram)[1], residuals)
    variances = [np.square(_centred(residuals[rows]) @ axes).mean(axis=0) for _, rows in members]
    typical = np.median(variances, axis=0)
    weights = np.sqrt(typical + typical.mean())
    return _as_precise(np.where(weights > 0, axes / np.where(weights > 0, weights, 1.0), 0.0), residuals)


def _as_precise(axes: Floats, vectors: Matrix) -> Matrix:
    """In single precision where the vectors are: their product would be twice as slow, and no truer."""
    return axes.astype(np.float32) if vectors.dtype == np.float32 else axes


def _centred(vectors: Matrix) -> Matrix:
    centred: Matrix = vectors - vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype)
    return centred

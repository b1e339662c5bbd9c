"""How every sample moved between two paired clouds, once the whole space is laid over the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import DriftPolicy

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

# with fewer concepts there is no population to stand out from
MIN_POPULATION = 5
# the smallest spread over concepts that is believed, as a share of a gap
_SMALLEST_SPREAD = 0.003
# what a sample counts that a fit plays down, once. With less, or again and again, a whole concept is left out without
# need; where nobody shares its directions the others lay it anywhere, and it stands out without having moved
_FAINT = 0.1
# standing out half as far as the strongest is believed at once; with all others moved there would be no population
_NEAR, _MOST = 0.5, 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """What the alignment leaves of the movement.

    Parameters
    ----------
    before, after : Centroids of the two clouds, each in its own space
    aligned : float32 array of shape (n_samples, n_dims)
        The current cloud in the reference's space.
    residuals : Centroids of ``aligned − reference``: their means are the displacements
    own : Centroids of what of them is each concept's own, without the growth that training gave to all
    share : float64 array of shape (n_samples,)
        How much of its concept's movement each sample made.
    standout : float64 array of shape (n_concepts,)
        How far each concept stands out from what training did to all of them; NaN where there are too few concepts.
    detectable : float64 array of shape (n_concepts,)
        The smallest straight displacement that would stand out far enough, as a share of the mean gap.
    outstanding : bool array of shape (n_concepts,)
        Concepts that were kept out of the last fit, because they stood out in one before.
    """

    alignment: stats.Alignment
    before: stats.Centroids
    after: stats.Centroids
    aligned: Vectors
    residuals: stats.Centroids
    own: stats.Centroids
    share: Floats
    standout: Floats
    detectable: Floats
    outstanding: NDArray[np.bool_]


def movement(
    reference: Vectors,
    current: Vectors,
    codes: NDArray[np.int64],
    n_concepts: int,
    policy: DriftPolicy,
) -> Movement:
    """Align robustly, keep out of the fit what stands out most, and look again: what moved must not judge the rest."""
    outstanding = np.zeros(n_concepts, dtype=bool)
    standout = np.full(n_concepts, np.nan)
    while True:
        fitted = _fitted(reference, current, codes, n_concepts, policy, outstanding)
        standout = np.where(outstanding, standout, fitted.standout)
        candidates = np.where(outstanding, -np.inf, fitted.standout)
        # the strongest and what comes near it: the rest may only have been dragged along
        new = candidates >= max(policy.min_standout, _NEAR * float(candidates.max()))
        if not new.any() or (outstanding | new).sum() > _MOST * n_concepts:
            return replace(fitted, standout=standout)
        outstanding = outstanding | new


def _fitted(
    reference: Vectors,
    current: Vectors,
    codes: NDArray[np.int64],
    n_concepts: int,
    policy: DriftPolicy,
    outstanding: NDArray[np.bool_],
) -> Movement:
    before = stats.concept_centroids(reference, codes, n_concepts)
    after = stats.concept_centroids(current, codes, n_concepts)
    keep = _keep(codes, outstanding)
    fitted = stats.fit_trimmed_alignment(
        reference, current, keep=keep, trim=_trim(n_concepts), faint=_FAINT, n_rounds=1
    )
    # the scale of least squares shrinks with noise and would pull every concept to the middle
    alignment = replace(fitted, scale=stats.relative_scale(before, after))
    aligned = alignment.apply(current)
    left = aligned - reference
    residuals = stats.concept_centroids(left, codes, n_concepts)
    share = stats.movement_share(left, codes, residuals.means)
    own = stats.without_common_growth(before, residuals)
    errors = stats.displacement_errors(before, residuals, share, codes)
    values = stats.directed_displacement(before, own)
    standout, detectable = _standout(values, errors, outstanding, policy)
    return Movement(
        alignment=alignment,
        before=before,
        after=after,
        aligned=aligned,
        residuals=residuals,
        own=own,
        share=share,
        standout=standout,
        detectable=detectable,
        outstanding=outstanding,
    )


def weigher(reference: Vectors, current: Vectors, codes: NDArray[np.int64], drawn: Movement) -> stats.Weigher:
    """How much each of all rows counts in the fit: as in the last fit of the rows that were drawn from them."""
    keep = _keep(codes, drawn.outstanding)
    first = stats.fit_trimmed_alignment(reference, current, keep=keep, n_rounds=0)
    distance = stats.residual_norms(reference, first.apply(current))
    inside = distance if keep is None else distance[keep]
    return stats.Weigher(
        alignment=first,
        limit=float(np.quantile(inside, 1 - _trim(len(drawn.outstanding)))),
        left_out=drawn.outstanding,
        faint=_FAINT,
    )


def of_all(
    drawn: Movement,
    standing: stats.Standing,
    reference: Vectors,
    current: Vectors,
    codes: NDArray[np.int64],
    policy: DriftPolicy,
) -> Movement:
    """The movement of all rows, where `drawn` is that of those looked at closely: they say what stood out in the fits.

    `aligned` and `share` are still of the drawn rows; the scatter of the residuals is told by them.
    """
    before, after = standing.centroids()
    fitted = drawn.alignment if drawn.alignment.is_identity else standing.alignment()
    alignment = replace(fitted, scale=stats.relative_scale(before, after))
    aligned = alignment.apply(current)
    scatter = stats.concept_centroids(aligned - reference, codes, len(before.sizes))
    residuals = stats.Centroids(
        means=alignment.apply_exactly(after.means) - before.means,
        sizes=before.sizes,
        sampling_variance=scatter.sampling_variance * scatter.sizes / np.maximum(before.sizes, 1),
    )
    share = stats.movement_share(aligned - reference, codes, residuals.means)
    own = stats.without_common_growth(before, residuals)
    errors = stats.displacement_errors(before, residuals, share, codes)
    values = stats.directed_displacement(before, own)
    standout, detectable = _standout(values, errors, drawn.outstanding, policy)
    return replace(
        drawn,
        alignment=alignment,
        before=before,
        after=after,
        aligned=aligned,
        residuals=residuals,
        own=own,
        share=share,
        standout=np.where(drawn.outstanding, drawn.standout, standout),
        detectable=detectable,
    )


def _keep(codes: NDArray[np.int64], outstanding: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return ~np.isin(codes, np.flatnonzero(outstanding)) if outstanding.any() else None


def _trim(n_concepts: int) -> float:
    """Share of samples that the fit plays down: one concept and a bit, lest the one that moved drag it along."""
    return float(np.clip(1.25 / n_concepts, 0.1, 0.25))


def _standout(
    values: Floats, errors: Floats, outstanding: NDArray[np.bool_], policy: DriftPolicy
) -> tuple[Floats, Floats]:
    """How far each concept stands out from the population in its directed displacement, and what would be seen.

    Of everything tried on Banking77 the directed displacement parts tampered from clean checkpoints best: displacement
    alone is large for concepts that every training shakes, the way toward another concept alone for near neighbours.
    """
    if len(values) < MIN_POPULATION:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    others = np.where(outstanding, np.nan, values)
    population = stats.Population.of(others, errors, floor=_SMALLEST_SPREAD)
    return population.standout(values, errors), population.value_at(policy.min_standout, errors)

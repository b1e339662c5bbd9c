"""How good a map of several checkpoints is: of the samples' neighbourhoods, and of the concepts' movement."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from tests.bench.frames.truth import Truth
from tests.bench.frames.ways import Layouts

# of the map's radius: less is no more than the width of a few drawn points
STILL = 0.05
_N_NEIGHBORS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """All of the last checkpoint; movement from the first to it.

    Parameters
    ----------
    trustworthiness, continuity : float
        Whether neighbours on the map are neighbours in the full space, and the other way round; 1 is best.
    false_movement : float
        Share of the concepts that did not move and are drawn further than 5 % of the map's radius from their place.
    found : float
        Share of the concepts that moved and are drawn within 45° of the way to where they went, at least a third as
        far as they went.
    explained : float
        1 − (squared error of the drawn movement of what moved) / (squared length of what it should be): the share of
        the way to the target's place that was gone. 1 is best, 0 a map on which nothing moves.
    """

    trustworthiness: float
    continuity: float
    false_movement: float
    found: float
    explained: float


def quality(layouts: Layouts, truth: Truth) -> Quality:
    first, last = (np.asarray(each, dtype=np.float64) for each in (layouts[0], layouts[-1]))
    radius = float(np.quantile(np.linalg.norm(first - first.mean(axis=0), axis=1), 0.99))
    places, then = centers(first, truth), centers(last, truth)
    went = (then - places) / radius
    wanted = np.zeros_like(went)
    for a, b in truth.toward.items():
        wanted[a] = truth.shares[a] * (places[b] - places[a]) / radius
    moved = np.isin(np.arange(len(places)), list(truth.toward))
    lengths = np.linalg.norm(went, axis=1)
    along = np.einsum("ij,ij->i", went, wanted)
    straight = along > np.cos(np.pi / 4) * lengths * np.linalg.norm(wanted, axis=1)
    far = along > np.einsum("ij,ij->i", wanted, wanted) / 3
    vectors = truth.checkpoints[-1]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Quality(
        trustworthiness=float(trustworthiness(unit, last, n_neighbors=_N_NEIGHBORS)),
        continuity=float(trustworthiness(last, unit, n_neighbors=_N_NEIGHBORS)),
        false_movement=float((lengths[~moved] > STILL).mean()),
        found=float((straight & far)[moved].mean()),
        explained=1 - float(((went - wanted)[moved] ** 2).sum() / (wanted[moved] ** 2).sum()),
    )


def centers(points: NDArray[np.float64], truth: Truth) -> NDArray[np.float64]:
    """The median of each concept's samples: UMAP tears a few of nearly every concept off."""
    return np.array([np.median(points[truth.concepts == k], axis=0) for k in range(len(truth.names))])


def of_layout(vectors: NDArray[np.float32], points: NDArray[np.float32], *, looked_at: int) -> tuple[float, float]:
    """Trustworthiness and continuity of one layout, by a part of its samples where there are more: both take n²."""
    rows = np.random.default_rng(0).permutation(len(vectors))[:looked_at]
    unit = vectors[rows] / np.linalg.norm(vectors[rows], axis=1, keepdims=True)
    sides = (unit, points[rows]), (points[rows], unit)
    return tuple(float(trustworthiness(*each, n_neighbors=_N_NEIGHBORS)) for each in sides)


def mean(each: list[Quality]) -> Quality:
    names = [field.name for field in fields(Quality)]
    return Quality(**{name: float(np.mean([getattr(one, name) for one in each])) for name in names})

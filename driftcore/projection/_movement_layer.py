"""How displacements of the full space are drawn on the map: in terms of the neighbouring concepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# a sample is drawn at least where it stood and at most three times as far as its concept went
_SHARE_RANGE = (0.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MovementLayer:
    """How the concepts' displacements are drawn.

    Parameters
    ----------
    shifts : float64 array of shape (n_concepts, 2)
        Map shift of each concept.
    explained : float
        Share of all displacement (by squared length) that the landmarks explain, in [0, 1]; 1 where nothing moved.
    """

    shifts: Floats
    explained: float


def movement_layer(
    means: Floats,
    displacements: Floats,
    noise: Floats,
    landmarks: Floats,
    toward: NDArray[np.int64],
    *,
    n_nearest: int = 8,
) -> MovementLayer:
    r"""Draw displacements of the full space on the map, in terms of the neighbouring concepts.

    Exact for what the landmarks explain: a concept that went a quarter of the way toward another is drawn a
    quarter of the way toward it, one that did not move stays exactly put, and rotating the space changes nothing.

    Parameters
    ----------
    means : float64 array of shape (n_concepts, n_dims)
        Reference centroids.
    displacements : float64 array of shape (n_concepts, n_dims)
        Mean aligned residual of each concept.
    noise : float64 array of shape (n_concepts,)
        Squared length of a displacement that means nothing: what sampling gives it, or what training gave to
        every concept. It is shrunk away, as James and Stein shrink a mean (1961).
    landmarks : float64 array of shape (n_concepts, 2)
        The concepts' places on the map.
    toward : int64 array of shape (n_concepts,)
        The concept each one heads for: a landmark, however far away it stands.
    n_nearest : int
        Nearest concepts that are landmarks too.

    Notes
    -----
    .. math:: \min_{w \ge 0} \lVert d_a - \sum_b w_b (\mu_b - \mu_a) \rVert, \qquad
        \text{map shift of } a = \sum_b w_b (m_b - m_a)
    """
    from scipy.optimize import nnls

    shifts = np.zeros((len(means), 2))
    lengths = np.einsum("ij,ij->i", displacements, displacements)
    kept = np.clip(1 - np.divide(noise, lengths, out=np.ones_like(lengths), where=lengths > 0), 0.0, 1.0)
    unexplained = 0.0
    for a in range(len(means)):
        directions = means - means[a]
        distance = np.einsum("ij,ij->i", directions, directions)
        nearest = np.union1d(np.argsort(distance, kind="stable")[: n_nearest + 1], toward[a])
        nearest = nearest[nearest != a]
        if not len(nearest):
            # scipy's nnls aborts the whole process on an empty matrix
            unexplained += lengths[a] * kept[a] ** 2
            continue
        weights, left = nnls(directions[nearest].T, displacements[a] * kept[a])
        shifts[a] = weights @ (landmarks[nearest] - landmarks[a])
        unexplained += left**2
    total = float((lengths * kept**2).sum())
    return MovementLayer(shifts=shifts, explained=1.0 if total == 0 else max(0.0, 1 - unexplained / total))


def moved_points(
    points: NDArray[np.float32], concepts: NDArray[np.int64], layer: MovementLayer, share: Floats
) -> NDArray[np.float32]:
    """Where each sample is drawn: at its place, plus its own share of its concept's map shift.

    Parameters
    ----------
    points : float32 array of shape (n_samples, 2)
        Places of the reference.
    concepts : int64 array of shape (n_samples,); −1 belongs to none and stays
    share : float64 array of shape (n_samples,)
        How much of its concept's movement each sample made (mean 1 over a concept). One sample's share is noisy,
        so it is drawn half-way between its own and the concept's.
    """
    drawn = np.clip((1 + share) / 2, *_SHARE_RANGE)
    shifts = np.where((concepts >= 0)[:, None], layer.shifts[np.maximum(concepts, 0)], 0.0)
    return (points + drawn[:, None] * shifts).astype(np.float32)


def landmark_places(points: NDArray[np.float32], concepts: NDArray[np.int64], n_concepts: int) -> Floats:
    """Each concept's place on the map: the median of its samples, shape (n_concepts, 2).

    The median, because UMAP tears a few samples of nearly every concept off to elsewhere.
    """
    return np.array([np.median(points[concepts == k], axis=0) for k in range(n_concepts)], dtype=np.float64)

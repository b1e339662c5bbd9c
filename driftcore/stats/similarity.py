"""How alike two whole spaces are: gauges, not alarms."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from driftcore.stats.moments import Floats, Matrix, PairedMoments, chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class NormSums:
    """Sums over paired samples of the squared lengths a and b of their centred rows, and of their products."""

    a: float
    b: float
    aa: float
    bb: float
    ab: float

    @classmethod
    def nothing(cls) -> NormSums:
        """Of no sample."""
        return cls(a=0.0, b=0.0, aa=0.0, bb=0.0, ab=0.0)

    @classmethod
    def of(cls, a: Matrix, b: Matrix) -> NormSums:
        """Of the squared lengths, float arrays of shape (n_samples,)."""
        a, b = a.astype(np.float64), b.astype(np.float64)
        return cls(a=float(a.sum()), b=float(b.sum()), aa=float(a @ a), bb=float(b @ b), ab=float(a @ b))

    def __add__(self, other: NormSums) -> NormSums:
        return NormSums(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


def debiased_cka(reference: Matrix, current: Matrix, moments: PairedMoments) -> float | None:
    r"""Linear centred kernel alignment without the bias that few samples add.

    1 means the same space up to rotation and scale, 0 unrelated. A single class of twenty that moves 15 % of a
    gap leaves it at 0.998, so it does not find drift: it says how much the whole checkpoint changed.

    Parameters
    ----------
    reference, current : arrays of shape (n_samples, n_dims), rows paired; widths may differ
    moments : PairedMoments of all their rows

    Returns
    -------
    float or None
        At most 1; None below four samples or where one side has no spread.

    Notes
    -----
    With a_i = ‖x_i‖², b_i = ‖y_i‖² of the centred rows:

    .. math:: \lVert Y^\top X \rVert_F^2 - \tfrac{n}{n-2} a^\top b + \tfrac{\sum a \sum b}{(n-1)(n-2)}

    normalised by its XX and YY versions. Kornblith, Norouzi, Lee, Hinton, Similarity of Neural Network
    Representations Revisited, ICML 2019.
    """
    a, b = _squared_norms(reference, moments.mean_reference), _squared_norms(current, moments.mean_current)
    return cka_of_sums(moments, NormSums.of(a, b))


def cka_of_sums(moments: PairedMoments, norms: NormSums) -> float | None:
    """What `debiased_cka` says, from the moments of both clouds and the lengths of their centred rows."""
    n = moments.n_samples
    if n < 4:
        return None

    def unbiased(cross: Floats, products: float, left: float, right: float) -> float:
        bias = n / (n - 2) * products - left * right / ((n - 1) * (n - 2))
        return float(np.einsum("ij,ij->", cross, cross)) - bias

    within = unbiased(moments.gram_reference, norms.aa, norms.a, norms.a) * unbiased(
        moments.gram_current, norms.bb, norms.b, norms.b
    )
    return unbiased(moments.cross, norms.ab, norms.a, norms.b) / float(np.sqrt(within)) if within > 0 else None


def procrustes_distance(moments: PairedMoments) -> float | None:
    r"""What no rotation and scaling can reconcile between two spaces.

    0 means the same shape, 2 means nothing in common. Falls with n_dims / n_samples: compare it between pairs
    of the same size only.

    Returns
    -------
    float or None
        In [0, 2]; None where one side has no spread.

    Notes
    -----
    .. math:: 2 - 2 \lVert X^\top Y \rVert_* \quad \text{on centred clouds of Frobenius norm 1}

    Williams, Kunz, Kornblith, Linderman, Generalized Shape Metrics on Neural Representations, NeurIPS 2021.
    """
    size = float(np.trace(moments.gram_reference) * np.trace(moments.gram_current))
    if size <= 0:
        return None
    nuclear = float(np.linalg.svd(moments.cross, compute_uv=False).sum())
    return min(2.0, max(0.0, 2 - 2 * nuclear / float(np.sqrt(size))))


def _squared_norms(vectors: Matrix, mean: Floats) -> Floats:
    norms = np.empty(len(vectors))
    for part in chunks(len(vectors)):
        centred = vectors[part] - mean
        norms[part] = np.einsum("ij,ij->i", centred, centred)
    return norms

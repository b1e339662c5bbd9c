"""How alike two whole spaces are: gauges, not alarms."""

from __future__ import annotations

import numpy as np

from driftcore.stats.moments import Floats, Matrix, PairedMoments, chunks


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
    n = moments.n_samples
    if n < 4:
        return None
    a, b = _squared_norms(reference, moments.mean_reference), _squared_norms(current, moments.mean_current)

    def unbiased(cross: Floats, left: Floats, right: Floats) -> float:
        bias = n / (n - 2) * float(left @ right) - float(left.sum() * right.sum()) / ((n - 1) * (n - 2))
        return float(np.einsum("ij,ij->", cross, cross)) - bias

    within = unbiased(moments.gram_reference, a, a) * unbiased(moments.gram_current, b, b)
    return unbiased(moments.cross, a, b) / float(np.sqrt(within)) if within > 0 else None


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

"""How much two clusterings of the same samples share, and which cluster is which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]

# more than half of a cluster cannot lie in two others: whom it went to, and who it came from, is then unique
_MAJORITY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """What the clusters of two clusterings share; noise is in no cluster, and a number that nobody has is empty.

    Parameters
    ----------
    shared : int64 array of shape (n_reference, n_current)
        Samples that lie in both clusters.
    sizes_reference, sizes_current : int64 arrays of shape (n_reference,) and (n_current,)
        Samples of each cluster, those that are noise on the other side included.
    """

    shared: NDArray[np.int64]
    sizes_reference: NDArray[np.int64]
    sizes_current: NDArray[np.int64]

    @property
    def kept(self) -> NDArray[np.float64]:
        """Share of each reference cluster that lies in each current one, in [0, 1]; rows need not sum to 1."""
        return self.shared / np.maximum(self.sizes_reference, 1)[:, None]

    @property
    def came(self) -> NDArray[np.float64]:
        """Share of each current cluster that comes from each reference one, in [0, 1]."""
        return self.shared / np.maximum(self.sizes_current, 1)

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Shared samples as a share of both clusters together: 1 = the same samples, 0 = none in common."""
        union = self.sizes_reference[:, None] + self.sizes_current - self.shared
        return self.shared / np.maximum(union, 1)


def overlap(reference: Labels, current: Labels) -> Overlap:
    """The overlap of two clusterings, row by row of the same samples.

    Parameters
    ----------
    reference, current : int32 arrays of shape (n_samples,)
        −1 is noise. Samples with a number below −1 on either side were not clustered there and are left out.

    Examples
    --------
    >>> found = overlap(np.array([0, 0, 0, 1, 1, -1]), np.array([0, 0, 1, 1, 1, 1]))
    >>> found.shared.tolist(), found.sizes_current.tolist()
    ([[2, 1], [0, 2]], [2, 4])
    """
    n_reference, n_current = int(reference.max(initial=-1)) + 1, int(current.max(initial=-1)) + 1
    known = (reference >= -1) & (current >= -1)
    a, b = reference[known], current[known]
    both = (a >= 0) & (b >= 0)
    cells = np.bincount(a[both].astype(np.int64) * n_current + b[both], minlength=n_reference * n_current)
    return Overlap(
        shared=cells.reshape(n_reference, n_current),
        sizes_reference=np.bincount(a[a >= 0], minlength=n_reference),
        sizes_current=np.bincount(b[b >= 0], minlength=n_current),
    )


def links(table: Overlap) -> NDArray[np.bool_]:
    """Which reference cluster went on in which current one: most of either lies in the other.

    A cluster can lose most of its members to noise and go on as what is left, and it can be a small part of
    what it went into: one of the two majorities is enough.

    Returns
    -------
    bool array of shape (n_reference, n_current)
    """
    return (table.kept > _MAJORITY) | (table.came > _MAJORITY)


def matched(reference: Labels, current: Labels) -> Labels:
    """`current`'s clusters under the numbers of the reference's clusters that they share most samples with.

    Clusters are paired one to one so that the sum of their Jaccard overlaps is largest; a cluster whose overlap
    is below a fifth is new and gets a number that the reference does not use.

    Parameters
    ----------
    reference, current : int32 arrays of shape (n_samples,)
        Clusters of the same samples; −1 is noise.

    Examples
    --------
    >>> matched(np.array([0, 0, 1, 1, -1]), np.array([1, 1, 0, 0, 0])).tolist()
    [0, 0, 1, 1, 1]
    """
    from scipy.optimize import linear_sum_assignment

    jaccard = overlap(reference, current).jaccard
    n_reference, n_current = jaccard.shape
    rows, columns = linear_sum_assignment(-jaccard)
    same = jaccard[rows, columns] >= 0.2

    names = np.full(n_current + 1, -1, dtype=np.int32)  # the last one stands for noise, −1
    names[columns[same]] = rows[same]
    new = np.flatnonzero(names[:-1] < 0)
    names[new] = n_reference + np.arange(len(new))
    return names[current]

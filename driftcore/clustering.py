"""HDBSCAN clusters on a reduced space, and which cluster is which from one checkpoint to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import NotComparableError

# samples; measured: 3 s instead of 0.4 s for 10,000, and a minute instead of 4 s for 40,000
_EXACT_UP_TO = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Clusters of one cloud.

    Parameters
    ----------
    labels : int32 array of shape (n_samples,)
        −1 is noise, which is not a cluster.
    reduction : str
        The space that was clustered, in words.
    """

    labels: NDArray[np.int32]
    reduction: str

    @property
    def n_clusters(self) -> int:
        """Number of clusters, noise not counted."""
        return int(self.labels.max(initial=-1)) + 1


def cluster(vectors: NDArray[np.float32], *, seed: int = 0, n_dims: int = 30) -> Clusters:
    """HDBSCAN on the leading principal components.

    Measured on Banking77 (77 intents of 40): PCA-30 with leaf clusters finds 71 clusters that agree with the
    intents at an adjusted Rand index of .84 in half a second, 27 % noise; on a UMAP layout the index is .77 with
    5 % noise after ten times the time.

    Parameters
    ----------
    vectors : float32 array of shape (n_samples, n_dims)
    seed : int
        Of the randomised decomposition.
    n_dims : int
        Components kept.

    Raises
    ------
    NotComparableError
        If there are fewer than 10 samples.
    """
    n_samples = len(vectors)
    if n_samples < 10:
        raise NotComparableError(f"{n_samples} samples are too few for clusters: at least 10 are needed.")
    import hdbscan
    from sklearn.decomposition import PCA

    kept = min(n_dims, *vectors.shape)
    # identical samples have no variance, of which PCA then divides the components' shares
    with np.errstate(invalid="ignore"):
        reduced = PCA(kept, random_state=seed).fit_transform(vectors)
    # half a percent of the samples, and never so few that a handful of near-copies is a concept
    smallest = min(max(10, n_samples // 200), max(2, n_samples // 4))
    labels = hdbscan.HDBSCAN(
        min_cluster_size=smallest,
        min_samples=min(5, smallest),
        cluster_selection_method="leaf",
        # the approximate tree, hdbscan's default, puts some far strays into a cluster; the exact one takes n²
        approx_min_span_tree=n_samples > _EXACT_UP_TO,
        core_dist_n_jobs=1,
    ).fit_predict(reduced)
    return Clusters(labels=labels.astype(np.int32), reduction=f"PCA to {kept} dims, min_cluster_size {smallest}")


def matched(reference: NDArray[np.int32], current: NDArray[np.int32]) -> NDArray[np.int32]:
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

    n_reference, n_current = int(reference.max(initial=-1)) + 1, int(current.max(initial=-1)) + 1
    both = (reference >= 0) & (current >= 0)
    shared = np.zeros((n_reference, n_current))
    np.add.at(shared, (reference[both], current[both]), 1)
    sizes_reference = np.bincount(reference[reference >= 0], minlength=n_reference)
    sizes_current = np.bincount(current[current >= 0], minlength=n_current)
    overlap = shared / np.maximum(sizes_reference[:, None] + sizes_current[None] - shared, 1)
    rows, columns = linear_sum_assignment(-overlap)
    same = overlap[rows, columns] >= 0.2

    names = np.full(n_current + 1, -1, dtype=np.int32)  # the last one stands for noise, −1
    names[columns[same]] = rows[same]
    new = np.flatnonzero(names[:-1] < 0)
    names[new] = n_reference + np.arange(len(new))
    return names[current]

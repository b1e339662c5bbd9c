"""HDBSCAN on the leading principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import NotComparableError

# samples; measured: 1 s for 10,000 where the approximate tree takes as long, and n² beyond
_EXACT_UP_TO = 12_000
_MIN_SAMPLES = 5


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
    return found_in(reduced_space(vectors, seed=seed, n_dims=n_dims))


def found_in(reduced: NDArray[np.float32]) -> Clusters:
    """The clusters of a cloud that is reduced already."""
    smallest = smallest_cluster(len(reduced))
    labels = clusters_of(reduced, smallest)
    return Clusters(labels=labels, reduction=f"PCA to {reduced.shape[1]} dims, min_cluster_size {smallest}")


def reduced_space(vectors: NDArray[np.float32], *, seed: int, n_dims: int = 30) -> NDArray[np.float32]:
    """The leading principal components, as many as there are."""
    return components(vectors, seed=seed, n_dims=n_dims)[0]


def components(
    vectors: NDArray[np.float32], *, seed: int, n_dims: int = 30
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The leading principal components of a cloud; with its mean and the axes, which reduce other vectors likewise."""
    if len(vectors) < 10:
        raise NotComparableError(f"{len(vectors)} samples are too few for clusters: at least 10 are needed.")
    from sklearn.decomposition import PCA

    pca = PCA(min(n_dims, *vectors.shape), random_state=seed)
    # identical samples have no variance, of which PCA then divides the components' shares
    with np.errstate(invalid="ignore"):
        reduced = pca.fit_transform(vectors)
    return reduced, pca.mean_.astype(np.float32), pca.components_.T.astype(np.float32)


def smallest_cluster(n_samples: int) -> int:
    """Half a percent of the samples, and never so few that a handful of near-copies is a concept."""
    return min(max(10, n_samples // 200), max(2, n_samples // 4))


def clusters_of(reduced: NDArray[np.float32], smallest: int) -> NDArray[np.int32]:
    """Leaf clusters of at least `smallest` samples; −1 is noise."""
    import hdbscan

    exactly = len(reduced) <= _EXACT_UP_TO
    labels = hdbscan.HDBSCAN(
        min_cluster_size=smallest,
        min_samples=min(_MIN_SAMPLES, smallest),
        cluster_selection_method="leaf",
        # the approximate tree, hdbscan's default, puts some far strays into a cluster; of the exact ones, which take
        # n², Prim's takes a third of the time of Borůvka's for 10,000 samples of 30 dims
        algorithm="prims_kdtree" if exactly else "best",
        approx_min_span_tree=not exactly,
        core_dist_n_jobs=1,
    ).fit_predict(reduced)
    return labels.astype(np.int32)

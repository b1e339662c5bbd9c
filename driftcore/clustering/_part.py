"""Clusters of very many samples: HDBSCAN on a part, and the rest by its neighbours in the same reduced space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.clustering._cluster import Clusters, components, found_in

_N_NEIGHBORS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusteredPart:
    """Clusters of a part, and where others belong.

    Parameters
    ----------
    clusters : Clusters of the part
    reduced : float32 array of shape (n_part, n_kept)
        The part in the space that was clustered.
    mean, axes : float32 arrays of shape (n_dims,) and (n_dims, n_kept)
        What reduces other vectors likewise.
    """

    clusters: Clusters
    reduced: NDArray[np.float32]
    mean: NDArray[np.float32]
    axes: NDArray[np.float32]

    def of(self, vectors: NDArray[np.float32]) -> NDArray[np.int32]:
        """The cluster that most of a sample's five nearest of the part are in; noise where most of them are noise.

        Parameters
        ----------
        vectors : float32 array of shape (n_samples, n_dims)

        Returns
        -------
        int32 array of shape (n_samples,)
            Of equally frequent ones the smallest number; −1 is noise.
        """
        from sklearn.neighbors import NearestNeighbors

        k = min(_N_NEIGHBORS, len(self.reduced))
        search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(self.reduced)
        near = self.clusters.labels[search.kneighbors((vectors - self.mean) @ self.axes, return_distance=False)]
        votes = (near[:, :, None] == near[:, None, :]).sum(axis=2)
        # most votes first, then the smallest number
        best = np.lexsort((near, -votes), axis=1)[:, 0]
        return near[np.arange(len(near)), best]


def cluster_part(vectors: NDArray[np.float32], *, seed: int = 0) -> ClusteredPart:
    """Cluster a part as `cluster` does, and remember the space it was done in.

    Parameters
    ----------
    vectors : float32 array of shape (n_part, n_dims)
    seed : int
        Of the randomised decomposition.

    Raises
    ------
    NotComparableError
        If there are fewer than 10 samples.
    """
    reduced, mean, axes = components(vectors, seed=seed)
    return ClusteredPart(clusters=found_in(reduced), reduced=reduced, mean=mean, axes=axes)

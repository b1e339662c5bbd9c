"""Clusters through time: what became of each between a reference and a current checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ClusterEventKind = Literal["survived", "grew", "shrank", "split", "merged", "vanished", "appeared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEvent:
    """What became of one or more clusters.

    Parameters
    ----------
    kind : str
        `grew` and `shrank` are survivors whose size changed more than clustering alone changes it.
    clusters_reference, clusters_current : tuple of int
        Numbers on each side; a cluster that goes on keeps its number, as on the map.
    names_reference, names_current : tuple of str
        What each cluster is mostly about, where samples have labels ("mostly refund, 83 %").
    n_reference, n_current, n_shared : int
        Samples of the clusters on each side, and of both.
    overlap : float
        How much of the cluster still is one cluster: Jaccard overlap with its best match, in [0, 1]. Of a merger,
        that of the cluster that kept least.
    expected_overlap : float or None
        The overlap that the same cluster keeps in 95 % of the reference's own re-clusterings; None where one appeared.
    p_value : float
        How often re-clustering the reference alone shows as strong an event.
    sure : bool
        Something other than `survived`, at a p-value up to the report's `alpha`.
    """

    kind: ClusterEventKind
    clusters_reference: tuple[int, ...]
    clusters_current: tuple[int, ...]
    names_reference: tuple[str, ...]
    names_current: tuple[str, ...]
    n_reference: int
    n_current: int
    n_shared: int
    overlap: float
    expected_overlap: float | None
    p_value: float
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterLink:
    """Samples that lie in one cluster of the reference and in one of the current checkpoint; −1 is in no cluster."""

    cluster_reference: int
    cluster_current: int
    name_reference: str
    name_current: str
    n_shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterReport:
    """Everything `driftloop clusters --json` says.

    Parameters
    ----------
    noise_reference, noise_current : float
        Share of the samples in no cluster, in [0, 1].
    reduction : str
        The space that was clustered, in words.
    n_copies : int
        Re-clusterings of the reference, each on a `copy_share` of its samples.
    stability : float
        Mean adjusted Rand index of the copies with the reference: 1 = clustering again gives the same clusters.
    alpha : float
        The p-value up to which an event is called sure.
    n_expected : float
        Sure events that re-clustering the reference alone shows, on average: what to expect where nothing moved.
    p_value : float
        How often re-clustering alone shows as many sure events as there are.
    events : tuple of ClusterEvent
        The sure ones first, then the others with the most certain first; every cluster is in at least one.
    links : tuple of ClusterLink
        Where the samples of each cluster are now, the largest flow first; together they are all samples.
    """

    report_id: str
    reference: str
    current: str
    split: str
    n_samples: int
    n_clusters_reference: int
    n_clusters_current: int
    noise_reference: float
    noise_current: float
    reduction: str
    n_copies: int
    copy_share: float
    stability: float
    alpha: float
    n_expected: float
    p_value: float
    events: tuple[ClusterEvent, ...]
    seed: int
    duration_s: float
    links: tuple[ClusterLink, ...] = ()
    notes: tuple[str, ...] = ()

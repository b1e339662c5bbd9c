"""HDBSCAN clusters on a reduced space, which cluster is which at another checkpoint, and what became of each."""

from driftcore.clustering._cluster import Clusters, cluster
from driftcore.clustering._copies import COPY_SHARE, NOT_DRAWN, reclustered
from driftcore.clustering._events import Transition, TransitionKind, transitions
from driftcore.clustering._overlap import Overlap, links, matched, overlap
from driftcore.clustering._part import ClusteredPart, cluster_part
from driftcore.clustering._recurrence import Recurrence, chance_pvalues, recurrence

__all__ = [
    "COPY_SHARE",
    "NOT_DRAWN",
    "ClusteredPart",
    "Clusters",
    "Overlap",
    "Recurrence",
    "Transition",
    "TransitionKind",
    "chance_pvalues",
    "cluster",
    "cluster_part",
    "links",
    "matched",
    "overlap",
    "reclustered",
    "recurrence",
    "transitions",
]

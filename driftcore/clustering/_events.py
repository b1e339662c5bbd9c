"""What became of each cluster: it survived, split, merged, vanished, or appeared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from driftcore.clustering._overlap import Overlap, links

TransitionKind = Literal["survived", "split", "merged", "vanished", "appeared"]

# a cluster's fringe comes and goes; less than a quarter more or less is not a change that anyone can use
_MIN_GROWTH = float(np.log(1.25))
# below this many survivors there is no telling what a checkpoint did to all of them
_MIN_POPULATION = 8
_MIN_SPREAD = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What became of one or more clusters between two clusterings of the same samples.

    Parameters
    ----------
    kind : str
    reference, current : tuple of int
        The clusters on each side.
    n_reference, n_current, n_shared : int
        Samples of the clusters on each side, and of both.
    overlap : float
        How much of the cluster still is one cluster: its Jaccard overlap with the best match on the other side,
        1 = the same samples, 0 = dissolved. Of a merger, that of the cluster that kept least.
    least : int
        The cluster that `overlap` is about: of the reference, or of the current side where one appeared.
    strength : float
        What an event of the same kind is compared by. Of a split, the share of the cluster's samples that are in
        other pieces than the largest; of a survivor, how far its growth stands out (`resizing`); otherwise 1.
    """

    kind: TransitionKind
    reference: tuple[int, ...]
    current: tuple[int, ...]
    n_reference: int
    n_current: int
    n_shared: int
    overlap: float
    least: int
    strength: float = 1.0


def transitions(table: Overlap) -> tuple[Transition, ...]:
    r"""What became of every cluster, in the order survived, split, merged, vanished, appeared.

    Two clusters are linked where most of either lies in the other (`links`). Read row by row and column by column,
    the links say it all: a cluster of one link whose partner has one link survived, one with several split, one
    without vanished; a current cluster with several merged what they link it to, one without appeared. So a cluster
    can be named twice, where part of it left and what is left was merged. Noise is no cluster: a cluster that
    dissolves into noise vanished.

    Parameters
    ----------
    table : Overlap
        Of two clusterings of the same samples.

    Returns
    -------
    tuple of Transition

    Notes
    -----
    With :math:`A_i` the reference's and :math:`B_j` the current clusters,

    .. math:: i \sim j \iff |A_i \cap B_j| > \tfrac12 |A_i| \;\lor\; |A_i \cap B_j| > \tfrac12 |B_j|

    These are the external transitions of Spiliopoulou, Ntoutsi, Theodoridis & Schult, *MONIC: Modeling and
    monitoring cluster transitions*, KDD 2006, read off a bipartite graph as in Oliveira & Gama, *Bipartite graphs
    for monitoring clusters transitions*, IDA 2010. Unlike there, a piece counts by the majority of its own
    samples, so that splitting is merging read backwards and needs no threshold of its own.

    Examples
    --------
    >>> from driftcore.clustering import overlap
    >>> before, after = np.array([0, 0, 0, 0, 1, 1, 2, 2, -1, -1]), np.array([0, 0, 1, 1, 2, 2, 2, 2, 3, 3])
    >>> [(event.kind, event.reference, event.current) for event in transitions(overlap(before, after))]
    [('split', (0,), (0, 1)), ('merged', (1, 2), (2,)), ('appeared', (), (3,))]
    """
    link, best = links(table), table.jaccard
    out, into = link.sum(axis=1), link.sum(axis=0)
    stayed, came = table.sizes_reference > 0, table.sizes_current > 0
    return (
        *_survived(table, link, np.flatnonzero((out == 1) & (link @ (into == 1)))),
        *(_split(table, best, int(i), np.flatnonzero(link[i])) for i in np.flatnonzero(out > 1)),
        *(_merged(table, best, int(j), np.flatnonzero(link[:, j])) for j in np.flatnonzero(into > 1)),
        *(_alone("vanished", int(i), table.sizes_reference, best) for i in np.flatnonzero((out == 0) & stayed)),
        *(_alone("appeared", int(j), table.sizes_current, best.T) for j in np.flatnonzero((into == 0) & came)),
    )


def minor_share(table: Overlap, link: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each reference cluster's samples that are in other pieces than its largest; 0 where it did not split."""
    pieces = np.where(link, table.kept, 0.0)
    return np.where(link.sum(axis=1) > 1, pieces.sum(axis=1) - pieces.max(axis=1, initial=0.0), 0.0)


def resizing(table: Overlap, link: NDArray[np.bool_]) -> NDArray[np.float64]:
    r"""How far the growth of each survivor stands out; infinite for a cluster that did not survive one to one.

    A space that became looser lets every cluster shrink. So growth is measured from the typical survivor's and in
    units of how differently they grew; it counts only where the cluster, as it is and beside the others, grew or
    shrank by more than a quarter, and is 0 otherwise.

    Notes
    -----
    With :math:`g` the log of current over reference size, :math:`d = \min(|g|, |g - \tilde g|)` where both have one
    sign, and :math:`s` 1.4826 times the median absolute deviation of :math:`g`, at least 0.05:
    :math:`d / s` where :math:`d > \ln 1.25`.
    """
    only = link & (link.sum(axis=0) == 1) & (link.sum(axis=1) == 1)[:, None]
    after = only @ table.sizes_current
    survived = after > 0
    growth = np.zeros(len(after))
    growth[survived] = np.log(after[survived] / table.sizes_reference[survived])
    typical, spread = _population(growth[survived])
    apart = growth - typical
    change = np.where(growth * apart > 0, np.minimum(np.abs(growth), np.abs(apart)), 0.0)
    return np.where(survived, np.where(change > _MIN_GROWTH, change / spread, 0.0), np.inf)


def _population(growth: NDArray[np.float64]) -> tuple[float, float]:
    """The typical growth and how differently clusters grew; none and the least where there are few."""
    if len(growth) < _MIN_POPULATION:
        return 0.0, _MIN_SPREAD
    typical = float(np.median(growth))
    return typical, max(1.4826 * float(np.median(np.abs(growth - typical))), _MIN_SPREAD)


def _survived(table: Overlap, link: NDArray[np.bool_], rows: NDArray[np.intp]) -> Iterator[Transition]:
    resized, best = resizing(table, link), table.jaccard
    # one link a row
    for i, j in zip(rows.tolist(), np.nonzero(link[rows])[1].tolist(), strict=True):
        yield Transition(
            kind="survived",
            reference=(i,),
            current=(j,),
            n_reference=int(table.sizes_reference[i]),
            n_current=int(table.sizes_current[j]),
            n_shared=int(table.shared[i, j]),
            overlap=float(best[i].max()),
            least=i,
            strength=float(resized[i]),
        )


def _split(table: Overlap, best: NDArray[np.float64], i: int, pieces: NDArray[np.intp]) -> Transition:
    shared = table.shared[i, pieces]
    n = int(table.sizes_reference[i])
    return Transition(
        kind="split",
        reference=(i,),
        # the largest piece first
        current=tuple(pieces[np.argsort(-shared, kind="stable")].tolist()),
        n_reference=n,
        n_current=int(table.sizes_current[pieces].sum()),
        n_shared=int(shared.sum()),
        overlap=float(best[i].max()),
        least=i,
        strength=float(shared.sum() - shared.max()) / n,
    )


def _merged(table: Overlap, best: NDArray[np.float64], j: int, sources: NDArray[np.intp]) -> Transition:
    shared = table.shared[sources, j]
    kept = best[sources].max(axis=1)
    return Transition(
        kind="merged",
        reference=tuple(sources[np.argsort(-shared, kind="stable")].tolist()),
        current=(j,),
        n_reference=int(table.sizes_reference[sources].sum()),
        n_current=int(table.sizes_current[j]),
        n_shared=int(shared.sum()),
        overlap=float(kept.min()),
        least=int(sources[kept.argmin()]),
    )


def _alone(
    kind: Literal["vanished", "appeared"], number: int, sizes: NDArray[np.int64], best: NDArray[np.float64]
) -> Transition:
    n = int(sizes[number])
    vanished = kind == "vanished"
    return Transition(
        kind=kind,
        reference=(number,) if vanished else (),
        current=() if vanished else (number,),
        n_reference=n if vanished else 0,
        n_current=0 if vanished else n,
        n_shared=0,
        overlap=float(best[number].max(initial=0.0)),
        least=number,
    )

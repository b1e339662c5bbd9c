"""How often clustering alone shows what became of a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.clustering._events import Transition, minor_share, resizing, transitions
from driftcore.clustering._overlap import Labels, links, overlap

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recurrence:
    """What became of the reference's clusters in each copy of it (`reclustered`).

    Parameters
    ----------
    copies : int32 array of shape (n_copies, n_samples)
        Clusters of each copy, −2 for a sample that it does not hold.
    overlap : float64 array of shape (n_copies, n_clusters)
        Jaccard overlap of each cluster with its best match.
    minor_share : float64 array of shape (n_copies, n_clusters)
        Share of the cluster outside its largest piece where it split, else 0.
    vanished : bool array of shape (n_copies, n_clusters)
    resized : float64 array of shape (n_copies, n_clusters)
        How far the growth of a cluster stood out that survived one to one; infinite where it did not.
    links : tuple of bool arrays of shape (n_clusters, n_clusters_of_the_copy)
    stability : float
        Mean adjusted Rand index of the copies with the reference, each noise sample a group of its own:
        1 = every copy gives the same clusters, 0 = no more alike than chance.
    """

    copies: NDArray[np.int32]
    overlap: Floats
    minor_share: Floats
    vanished: NDArray[np.bool_]
    resized: Floats
    links: tuple[NDArray[np.bool_], ...]
    stability: float

    def expected_overlap(self, *, quantile: float = 0.05) -> Floats:
        """The overlap with its best match that each cluster keeps in all but a `quantile` of the copies."""
        return np.quantile(self.overlap, quantile, axis=0)

    def survival(self) -> Floats:
        """Share of the copies in which each cluster survives one to one, in [0, 1]."""
        return np.isfinite(self.resized).mean(axis=0)

    def p_value(self, event: Transition, current: Labels) -> float:
        r"""How often clustering alone shows as strong an event: small where it does not.

        As strong is, of a split, the same cluster split with as large a share outside its largest piece; of a
        merger, the same clusters linked to one; of a cluster that vanished, that it vanishes; of one that
        appeared, a cluster of most of its samples where the reference has none; of a survivor, that its growth
        stands out as far, up or down, or that it does not survive.

        Parameters
        ----------
        event : Transition
            Between the reference and `current`.
        current : int32 array of shape (n_samples,)
            The clusters of the other side, by which a cluster that appeared is recognised.

        Returns
        -------
        float
            In (0, 1]; with 99 copies never below 0.01.

        Notes
        -----
        .. math:: p = \frac{1 + \#\{b : T_b \ge T\}}{1 + B}

        never 0: Phipson & Smyth, *Permutation p-values should never be zero*, SAGMB 9(1), 2010.
        """
        return (1 + int(self._as_strong(event, current).sum())) / (1 + len(self.copies))

    def _as_strong(self, event: Transition, current: Labels) -> NDArray[np.bool_]:
        """In which copies the event shows, shape (n_copies,)."""
        if event.kind == "appeared":
            members = current == event.current[0]
            return np.array([self._appears(b, members, current >= -1) for b in range(len(self.copies))], dtype=bool)
        if event.kind == "merged":
            together = list(event.reference)
            return np.array([link[together].all(axis=0).any() for link in self.links], dtype=bool)
        number = event.reference[0]
        if event.kind == "vanished":
            return self.vanished[:, number]
        measured = self.minor_share if event.kind == "split" else self.resized
        # a share of the same samples must not differ from itself in its last digit
        return measured[:, number] >= event.strength - 1e-9

    def _appears(self, b: int, members: NDArray[np.bool_], known: NDArray[np.bool_]) -> bool:
        """Whether the copy has a cluster without a link to the reference that is linked to the members."""
        new = np.flatnonzero(~self.links[b].any(axis=0))
        if not len(new):
            return False
        # clusters of the copy that go on from one of the reference are no more than noise here
        in_new = np.where((self.copies[b] < 0) | np.isin(self.copies[b], new), self.copies[b], -1)
        as_cluster = np.where(known, np.where(members, 0, -1), -2).astype(np.int32)
        return bool(links(overlap(as_cluster, in_new)).any())


def recurrence(reference: Labels, copies: Iterable[Labels]) -> Recurrence:
    """What becomes of the reference's clusters where it is only clustered again.

    Parameters
    ----------
    reference : int32 array of shape (n_samples,)
        Clusters of the reference, with at least one sample each.
    copies : iterable of int32 arrays of shape (n_samples,)
        Clusters of its copies (`reclustered`); at least one.
    """
    labels = np.array(list(copies), dtype=np.int32)
    tables = [overlap(reference, copy) for copy in labels]
    linked = tuple(links(table) for table in tables)
    return Recurrence(
        copies=labels,
        overlap=np.array([table.jaccard.max(axis=1, initial=0.0) for table in tables]),
        minor_share=np.array([minor_share(table, link) for table, link in zip(tables, linked, strict=True)]),
        vanished=np.array([~link.any(axis=1) for link in linked]),
        resized=np.array([resizing(table, link) for table, link in zip(tables, linked, strict=True)]),
        links=linked,
        stability=float(np.mean([_agreement(reference, copy) for copy in labels])),
    )


def chance_pvalues(reference: Labels, known: Recurrence) -> tuple[tuple[float, ...], ...]:
    """The p-values of the events of each copy, had it been the current side and been judged by the other copies.

    How many of them are small says how many events of a comparison would be called although nothing moved.

    Returns
    -------
    tuple of tuples of float
        One for each copy, one p-value for each of its events, growing and shrinking included.
    """
    n = 1 + len(known.copies)
    return tuple(
        # its own copy shows every event, which stands for the 1 of (1 + #) / (1 + B)
        tuple(int(known._as_strong(event, copy).sum()) / n for event in transitions(overlap(reference, copy)))
        for copy in known.copies
    )


def _agreement(reference: Labels, copy: Labels) -> float:
    from sklearn.metrics import adjusted_rand_score

    drawn = copy >= -1
    return float(adjusted_rand_score(_noise_apart(reference[drawn]), _noise_apart(copy[drawn])))


def _noise_apart(labels: Labels) -> Labels:
    """Each noise sample as a group of its own: noise has nothing in common."""
    return np.where(labels < 0, -1 - np.arange(len(labels), dtype=np.int32), labels)

"""Clusters through time: which survived, split, merged, vanished or appeared, and how surely."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore import clustering
from driftcore.errors import BadInputError
from driftcore.records import ClusterEvent, ClusterEventKind, ClusterLink, ClusterReport, Snapshot
from driftcore.store import Store
from driftcore.workflows._pairing import PairedRows, pair
from driftcore.workflows.progress import Progress, silent

# raise it when a number of the report is computed in another way: kept reports are then not read back
METHOD = "clusters-2"
# HDBSCAN's exact tree takes n²: a copy of more samples takes seconds, and there are a hundred of them
_MAX_SAMPLES = 10_000
_EXPECTED_QUANTILE = 0.05
_N_COPIES, _ALPHA = 99, 0.01

Labels = NDArray[np.int32]


def cluster_events(
    store: Store,
    reference: str,
    current: str,
    *,
    split: str = "validation",
    n_copies: int = _N_COPIES,
    alpha: float = _ALPHA,
    seed: int = 0,
    progress: Progress = silent,
) -> ClusterReport:
    """What became of the reference's clusters, on the samples that both checkpoints embedded.

    Each side is clustered in a reduced space of its own: a cluster is the same cluster where it holds the same
    samples, so rotation, scale and width of the spaces do not matter, and no alignment is needed. Clusters change
    a little whenever one clusters again. The reference is therefore re-clustered on parts of its samples, and an
    event is sure where this alone does not show it. The report is kept in the store and read back when asked again.

    Parameters
    ----------
    store : Store
    reference, current : str
        Names of checkpoints.
    split : str
    n_copies : int
        Re-clusterings of the reference. No p-value is below 1 / (1 + n_copies).
    alpha : float
        An event is sure up to this p-value; with 99 copies, 0.01 means that no copy shows it.
    seed : int
        Of the copies, and of the samples drawn where there are more than 10,000.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If the checkpoints share fewer than 10 samples.
    BadInputError
        If no copies are asked for.
    """
    # 1. kept already?
    if n_copies < 1:
        raise BadInputError(f"{n_copies} copies: at least 1 is needed to know what clustering alone changes.")
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    report_id = _report_id(sides, n_copies, alpha, seed)
    kept = store.cluster_reports.get(report_id)
    if kept is not None:
        return kept

    # 2. cluster both sides
    started = time.monotonic()
    progress("clustering both checkpoints", 0.0)
    rows = pair(store, *sides, align=True)
    drawn = _drawn(len(rows.sample_ids), seed)
    labels = None if rows.labels is None else rows.labels[drawn]
    before = clustering.cluster(rows.reference[drawn], seed=seed)
    after = clustering.matched(before.labels, clustering.cluster(rows.current[drawn], seed=seed).labels)
    found = clustering.transitions(clustering.overlap(before.labels, after))

    # 3. what clustering alone does
    copies = clustering.reclustered(rows.reference[drawn], n_copies=n_copies, seed=seed)
    known = clustering.recurrence(before.labels, _watched(copies, n_copies, progress))
    progress("counting what clustering alone shows", 0.95)
    names = _names(before.labels, labels), _names(after, labels)
    events = _events(found, known, after, names, alpha)
    n_by_chance = _n_sure_by_chance(before.labels, known, alpha)

    # 4. say it, and keep it
    n_sure = sum(event.sure for event in events)
    report = ClusterReport(
        report_id=report_id,
        reference=reference,
        current=current,
        split=split,
        n_samples=len(drawn),
        n_clusters_reference=before.n_clusters,
        n_clusters_current=len(np.unique(after[after >= 0])),
        noise_reference=float((before.labels < 0).mean()),
        noise_current=float((after < 0).mean()),
        reduction=f"{before.reduction}, each side in its own",
        n_copies=n_copies,
        copy_share=clustering.COPY_SHARE,
        stability=known.stability,
        alpha=alpha,
        n_expected=float(np.mean(n_by_chance)),
        p_value=(1 + sum(n >= n_sure for n in n_by_chance)) / (1 + n_copies),
        events=events,
        seed=seed,
        duration_s=round(time.monotonic() - started, 3),
        links=_links(before.labels, after, names),
        notes=_notes(rows, len(drawn), before.n_clusters, n_copies, alpha),
    )
    store.cluster_reports.write(report)
    progress("done", 1.0)
    return report


def kept_clusters(store: Store, reference: str, current: str, *, split: str = "validation") -> ClusterReport | None:
    """The report that `cluster_events` would read back where nothing else is asked for, or None.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    """
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    return store.cluster_reports.get(_report_id(sides, _N_COPIES, _ALPHA, 0))


def _report_id(sides: tuple[Snapshot, Snapshot], n_copies: int, alpha: float, seed: int) -> str:
    """A hash of everything that a report depends on."""
    basis = [METHOD, *(f"{side.checkpoint}/{side.split}/{side.fingerprint}" for side in sides), n_copies, alpha, seed]
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=8).hexdigest()


def _drawn(n_samples: int, seed: int) -> NDArray[np.int64]:
    """The rows to cluster: all of them, or as many as can be clustered a hundred times."""
    if n_samples <= _MAX_SAMPLES:
        return np.arange(n_samples)
    return np.sort(np.random.default_rng(seed).choice(n_samples, _MAX_SAMPLES, replace=False))


def _watched(copies: Iterator[Labels], n_copies: int, progress: Progress) -> Iterator[Labels]:
    for number in range(n_copies):
        progress(f"clustering the reference again, {number + 1} of {n_copies}", 0.05 + 0.9 * number / n_copies)
        yield next(copies)


def _n_sure_by_chance(reference: Labels, known: clustering.Recurrence, alpha: float) -> list[int]:
    """How many events of each copy would be called sure, had it been the current checkpoint."""
    return [sum(p <= alpha for p in p_values) for p_values in clustering.chance_pvalues(reference, known)]


def _events(
    found: Sequence[clustering.Transition],
    known: clustering.Recurrence,
    after: Labels,
    names: tuple[dict[int, str], dict[int, str]],
    alpha: float,
) -> tuple[ClusterEvent, ...]:
    """The transitions with names and with what clustering alone shows of them; what is sure comes first."""
    expected = known.expected_overlap(quantile=_EXPECTED_QUANTILE)
    events = []
    for each in found:
        p_value = known.p_value(each, after)
        kind = _kind(each, sure=p_value <= alpha)
        events.append(
            ClusterEvent(
                kind=kind,
                clusters_reference=each.reference,
                clusters_current=each.current,
                names_reference=tuple(names[0][number] for number in each.reference),
                names_current=tuple(names[1][number] for number in each.current),
                n_reference=each.n_reference,
                n_current=each.n_current,
                n_shared=each.n_shared,
                overlap=each.overlap,
                expected_overlap=float(expected[each.least]) if each.reference else None,
                p_value=p_value,
                sure=kind != "survived" and p_value <= alpha,
            )
        )
    return tuple(sorted(events, key=lambda event: (not event.sure, event.kind == "survived", event.p_value)))


def _links(before: Labels, after: Labels, names: tuple[dict[int, str], dict[int, str]]) -> tuple[ClusterLink, ...]:
    """Where the samples of each cluster are now; what is in no cluster is a place too, or samples would be missing."""
    pairs, counts = np.unique(np.column_stack([before, after]), axis=0, return_counts=True)
    return tuple(
        ClusterLink(
            cluster_reference=int(a),
            cluster_current=int(b),
            name_reference=names[0].get(int(a), "no cluster"),
            name_current=names[1].get(int(b), "no cluster"),
            n_shared=int(n),
        )
        for (a, b), n in sorted(zip(pairs, counts, strict=True), key=lambda link: -int(link[1]))
    )


def _kind(event: clustering.Transition, *, sure: bool) -> ClusterEventKind:
    """A survivor whose size surely changed grew or shrank."""
    if event.kind != "survived" or not sure:
        return event.kind
    return "grew" if event.n_current > event.n_reference else "shrank"


def _names(clusters: Labels, labels: NDArray[np.object_] | None) -> dict[int, str]:
    """What each cluster is mostly about: its most frequent label, or its number where no sample has one."""
    import pandas as pd

    numbers = [int(number) for number in np.unique(clusters[clusters >= 0])]
    names = {number: f"cluster {number}" for number in numbers}
    if labels is not None:
        inside = pd.Series(labels[clusters >= 0], dtype=object).dropna()
        of = clusters[clusters >= 0][inside.index]
        for number, group in inside.astype(str).groupby(of):
            counts = group.value_counts(normalize=True)
            names[int(str(number))] = f"mostly {counts.index[0]}, {round(100 * counts.iloc[0]):d} %"
    return names


def _notes(rows: PairedRows, n_samples: int, n_clusters: int, n_copies: int, alpha: float) -> tuple[str, ...]:
    """What could not be computed or had to be left out, in words."""
    n_left_out = rows.n_only_reference + rows.n_only_current
    candidates = {
        f"{rows.n_only_reference} samples are only in the reference and {rows.n_only_current} only in the current "
        "snapshot: they were left out, so clusters may have other numbers than on the map.": n_left_out > 0,
        f"{n_samples} of {len(rows.sample_ids)} samples were drawn: clustering all of them again and again would take "
        "too long.": n_samples < len(rows.sample_ids),
        "The reference has no clusters: nothing can survive or vanish.": n_clusters == 0,
        f"With {n_copies} copies no p-value is below {1 / (1 + n_copies):.2g}, so nothing can be sure at "
        f"{alpha:.2g}.": (1 + n_copies) * alpha < 1,
    }
    return tuple(note for note, holds in candidates.items() if holds)

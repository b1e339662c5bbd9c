"""What each sample is about: its label, or a cluster of the reference where there are no labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import clustering
from driftcore.records import Snapshot
from driftcore.store import Store
from driftcore.workflows._pairing import PairedRows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Concepts:
    """Concept names, and each sample's concept number; −1 for a sample of none.

    `note` says what the concepts are where labels did not decide.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]
    note: str | None = None

    def of(self, rows: NDArray[np.int64]) -> Concepts:
        """The same concepts for some of the samples."""
        return Concepts(names=self.names, codes=self.codes[rows], note=self.note)


def concepts_of_pair(store: Store, reference: Snapshot, rows: PairedRows, *, seed: int) -> Concepts:
    """Concepts of paired rows: a cluster is the same one whatever checkpoint the reference is paired with."""
    if rows.labels is not None or rows.n_only_reference == 0:
        return concepts_of(rows.labels, rows.reference, seed=seed)
    import pandas as pd

    # clusters of the shared samples alone would have other numbers for every current checkpoint
    whole = store.snapshots.rows(reference.checkpoint, reference.split)
    found = concepts_of(None, whole.vectors, seed=seed).of(
        pd.Index(whole.sample_ids).get_indexer(pd.Index(rows.sample_ids))
    )
    return _without_empty(found)


def _without_empty(concepts: Concepts) -> Concepts:
    """The concepts that have samples, under the names that they had."""
    present = np.unique(concepts.codes[concepts.codes >= 0])
    codes = np.where(concepts.codes < 0, -1, np.searchsorted(present, concepts.codes))
    return Concepts(names=tuple(concepts.names[k] for k in present), codes=codes, note=concepts.note)


def concepts_of(labels: NDArray[np.object_] | None, vectors: NDArray[np.float32], *, seed: int) -> Concepts:
    """Concepts by label in alphabetical order, or by cluster where no sample has a label."""
    if labels is not None:
        return by_label(labels)
    clusters = clustering.cluster(vectors, seed=seed)
    names = tuple(f"cluster {number}" for number in range(clusters.n_clusters))
    note = f"No labels: concepts are the {len(names)} HDBSCAN clusters of the reference ({clusters.reduction})."
    return Concepts(names=names, codes=clusters.labels.astype(np.int64), note=note)


def by_label(labels: NDArray[np.object_]) -> Concepts:
    """Distinct labels in alphabetical order; a missing label is no concept."""
    import pandas as pd

    codes, names = pd.factorize(labels, sort=True, use_na_sentinel=True)
    return Concepts(names=tuple(str(name) for name in names), codes=codes.astype(np.int64))

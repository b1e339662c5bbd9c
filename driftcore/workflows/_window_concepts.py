"""What the samples of two windows are about, by one rule for both: another rule on one side would look like drift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._clouds import Cloud, Clouds, Column, Told, centroids, drawn
from driftcore.workflows._concepts import Concepts, by_label, concepts_of
from driftcore.workflows._pairing import Vectors
from driftcore.workflows._window_rows import Anchors, Ground, Window
from driftcore.workflows.progress import Progress, within

Codes = NDArray[np.int64]
Labels = NDArray[np.object_]

# a window where fewer samples than this share have a label is treated as unlabelled
_MIN_LABELLED = 0.5
_BY_PREDICTION = "No labels in one window: concepts are what the evals of both predicted."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowConcepts:
    """Concept names, and the concept of each sample of both windows and of the anchors; −1 for none."""

    names: tuple[str, ...]
    reference: Codes
    current: Codes
    anchors: Codes | None
    notes: tuple[str, ...]


def window_concepts(
    clouds: Clouds, reference: Window, current: Window, met: Ground, *, seed: int, progress: Progress
) -> WindowConcepts:
    """Labels where both windows have them, else predictions where both have those, else the nearest centroid."""
    labels = _covering(reference.labels), _covering(current.labels)
    predictions = _covering(_predictions(reference)), _covering(_predictions(current))
    for (before, after), note in ((labels, ()), (predictions, (_BY_PREDICTION,))):
        if before is not None and after is not None:
            return _by_value(before, after, met.anchors if met.spaces == "anchors" else None, reference, note)
    told = within(progress, "looking at every sample: what it is about", 0.05, 0.2)
    if met.spaces == "anchors" and met.anchors is not None:
        return _beside_anchors(reference, current, met.anchors, seed, told)
    return _nearest_of_reference(clouds, reference, current, seed, told)


def _predictions(window: Window) -> Labels | None:
    return None if window.outcome is None else window.outcome.predictions


def _covering(values: Labels | None) -> Labels | None:
    """The values where most samples have one."""
    import pandas as pd

    return None if values is None or pd.notna(values).mean() < _MIN_LABELLED else values


def _by_value(
    before: Labels, after: Labels, anchors: Anchors | None, reference: Window, notes: tuple[str, ...]
) -> WindowConcepts:
    both = by_label(np.concatenate([before, after]))
    codes = both.codes[: len(before)], both.codes[len(before) :]
    return WindowConcepts(
        names=both.names,
        reference=codes[0],
        current=codes[1],
        anchors=None if anchors is None else _of_anchors(anchors, both.names, reference.cloud, codes[0]),
        notes=notes,
    )


def _of_anchors(anchors: Anchors, names: tuple[str, ...], cloud: Cloud, codes: Codes) -> Codes:
    """The concepts of the anchors: their labels, or the nearest centroid of the reference window."""
    import pandas as pd

    labels = _covering(anchors.labels)
    if labels is not None:
        return pd.Index(names).get_indexer(pd.Index(labels)).astype(np.int64)
    known = centroids(cloud, codes, len(names))
    return _nearest(anchors.reference, np.full(len(anchors.reference), -1), centroids=known).values


def _beside_anchors(reference: Window, current: Window, anchors: Anchors, seed: int, told: Told) -> WindowConcepts:
    """Each window by the nearest centroid of the anchors under its own checkpoint."""
    found = concepts_of(_covering(anchors.labels), anchors.reference, seed=seed)
    before, after = (
        _nearest_of(window, stats.concept_centroids(side, found.codes, len(found.names)), told)
        for window, side in ((reference, anchors.reference), (current, anchors.current))
    )
    return WindowConcepts(
        names=found.names,
        reference=before,
        current=after,
        anchors=found.codes,
        notes=(_by_centroid(f"the anchors in '{anchors.split}'", found),),
    )


def _nearest_of_reference(clouds: Clouds, reference: Window, current: Window, seed: int, told: Told) -> WindowConcepts:
    """Each sample of both windows by the nearest centroid of the concepts that are known under this encoder."""
    cloud, found, where = _known_concepts(clouds, reference, seed)
    known = centroids(cloud, found.codes, len(found.names))
    own = found.codes if cloud is reference.cloud else None
    return WindowConcepts(
        names=found.names,
        reference=_nearest_of(reference, known, told, own=own),
        current=_nearest_of(current, known, told),
        anchors=None,
        notes=(_by_centroid(where, found),),
    )


def _known_concepts(clouds: Clouds, reference: Window, seed: int) -> tuple[Cloud, Concepts, str]:
    """The reference window's labels or predictions, else another split's labels, else the window's clusters."""
    for values, where in ((reference.labels, "labels"), (_predictions(reference), "predictions")):
        covering = _covering(values)
        if covering is not None:
            return reference.cloud, by_label(covering), f"the reference's {where}"
    here = reference.snapshot
    for snapshot in clouds.store.snapshots.all():
        if snapshot.checkpoint == here.checkpoint and snapshot.split != here.split:
            labels = _covering(clouds.store.snapshots.labels(snapshot.checkpoint, snapshot.split)[1])
            if labels is not None:
                return clouds.of(snapshot), by_label(labels), f"the labels in '{snapshot.split}'"
    return reference.cloud, *_clusters(reference, clouds.closely, seed)


def _clusters(reference: Window, closely: int, seed: int) -> tuple[Concepts, str]:
    """Clusters of the reference window, or of some of its samples, the others of which belong to none yet."""
    n = len(reference.sample_ids)
    rows = drawn(n, np.random.default_rng(seed), closely)
    found = concepts_of(None, reference.cloud.at(rows), seed=seed)
    codes = np.full(n, -1, dtype=np.int64)
    codes[rows] = found.codes
    where = "the reference" if len(rows) == n else f"{len(rows):,} samples drawn from the reference"
    return replace(found, codes=codes), where


def _by_centroid(where: str, found: Concepts) -> str:
    return (
        "No labels and no predictions in one window: the concept of a sample of either window is the nearest centroid "
        f"of {where}." + (f" {found.note}" if found.note else "")
    )


def _nearest_of(window: Window, known: stats.Centroids, told: Told, *, own: Codes | None = None) -> Codes:
    """The concept of each sample of a window, as `_nearest` says."""
    codes = np.full(len(window.sample_ids), -1, dtype=np.int64) if own is None else own
    return window.cloud.total(partial(_nearest, centroids=known), codes, told=told).values


def _nearest(vectors: Vectors, own: Codes, *, centroids: stats.Centroids) -> Column[np.int64]:
    """The concept with the nearest centroid, −1 where there is none.

    `own` are the concepts of the samples that the centroids were made of, −1 for all others: each one then counts as
    if it had been left out, for a sample pulls its centroid toward itself, which a sample of the current window does
    not.
    """
    known = np.flatnonzero(centroids.sizes > 0)
    if not len(known):
        return Column(np.full(len(vectors), -1, dtype=np.int64))
    means, sizes = centroids.means[known], centroids.sizes[known].astype(np.float64)
    codes = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), 8192):
        part = vectors[start : start + 8192].astype(np.float64)
        squared = (part**2).sum(axis=1)[:, None] - 2 * part @ means.T + (means**2).sum(axis=1)
        rows, columns = np.nonzero(own[start : start + 8192, None] == known)
        squared[rows, columns] *= (sizes[columns] / np.maximum(sizes[columns] - 1, 0.5)) ** 2
        codes[start : start + 8192] = known[squared.argmin(axis=1)]
    return Column(codes)

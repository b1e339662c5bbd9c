"""How much each sample is worth labelling: it lies where the space drifted, its neighbours changed, near a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import NotComparableError, NotFoundError, WidthMismatchError, one_line
from driftcore.records import DriftReport
from driftcore.store import Store
from driftcore.workflows._pairing import Vectors
from driftcore.workflows.compare import compare
from driftcore.workflows.progress import Progress
from driftcore.workflows.splits import followed_splits

Floats = NDArray[np.float64]

_NEIGHBORS = 10
# finding every sample's neighbours takes n² distances: beyond this its concept's own mean stands in
_MAX_NEIGHBORHOODS = 20_000
_MIN_GROUND = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """One score a sample, not negative, with the concept that it was scored as."""

    values: Floats
    concepts: NDArray[np.object_]
    report_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """Samples that both checkpoints embedded, in the current space: their concepts, and what became of neighbours."""

    split: str
    current: Vectors
    names: tuple[str, ...]
    codes: NDArray[np.int64]
    kept: Floats | None


def drift_scores(
    store: Store, reference: str, current: str, vectors: Vectors, *, split: str, seed: int, progress: Progress
) -> Scores:
    """Score = concept drift × neighbours lost × closeness to the gap, one for each of the current vectors.

    No label of the samples themselves is used: it is what shall be found out. A sample counts to the concept whose
    centroid, made by samples that both checkpoints embedded, is nearest in the current space. Its closeness is the
    distance to that centroid as a share of the distance to the next one, 1 on the border. Neighbours lost is 1 − J, the
    overlap with those it had; for a sample that the reference never saw, the mean of the nearest that it did see. One
    neighbour more than was looked at counts as lost, else a concept that moved in one piece would not be drawn at all.
    Concept drift is the displacement of the model, or the change of content in the traffic, whichever is larger.

    Raises
    ------
    NotComparableError
        If no split has enough samples in common.
    """
    reports = _reports(store, reference, current, split, seed, progress)
    ground, report = _ground(store, reference, current, split, reports)
    progress("looking at neighbourhoods", 0.8)

    drift = np.array([max(_displacement(each, name) for each in reports.values()) for name in ground.names])
    centroids = stats.concept_centroids(ground.current, ground.codes, len(ground.names))
    nearest, closeness = stats.closeness_to_border(vectors, centroids)
    left, note = _left_behind(ground, report, vectors, nearest)
    return Scores(
        values=drift[nearest] * left * closeness,
        concepts=np.array(ground.names, dtype=object)[nearest],
        report_ids=tuple(dict.fromkeys(each.report_id for each in reports.values())),
        notes=note,
    )


def _reports(
    store: Store, reference: str, current: str, split: str, seed: int, progress: Progress
) -> dict[str, DriftReport]:
    """The report of the split where both checkpoints have it, and that of a split whose samples stay the same."""
    found: dict[str, DriftReport] = {}
    for each in dict.fromkeys((split, *followed_splits(store)[:1])):
        try:
            found[each] = compare(store, reference, current, split=each, seed=seed, progress=progress)
        except (NotFoundError, NotComparableError, WidthMismatchError):
            # new traffic that the reference never had; the other split may do
            continue
    return found


def _ground(
    store: Store, reference: str, current: str, split: str, reports: dict[str, DriftReport]
) -> tuple[_Ground, DriftReport]:
    for name, report in reports.items():
        sides = store.snapshots.get(reference, name), store.snapshots.get(current, name)
        if report.pairing == "paired" and store.snapshots.n_shared(*sides) >= _MIN_GROUND:
            return _paired_ground(store, report), report
    raise NotComparableError(
        f"'{one_line(reference)}' and '{one_line(current)}' have no split with {_MIN_GROUND} samples in common, which "
        f"say how the space of '{one_line(split)}' drifted: ingest both with the same validation samples."
    )


def _paired_ground(store: Store, report: DriftReport) -> _Ground:
    """The paired samples of a report that belong to a concept."""
    drift = store.reports.samples(report.report_id)
    known = np.array([concept is not None for concept in drift.concepts], dtype=bool)
    ids = drift.sample_ids[known]
    names = tuple(sorted(set(drift.concepts[known])))
    codes = np.searchsorted(np.array(names, dtype=object), drift.concepts[known]).astype(np.int64)
    before = store.snapshots.vectors(report.reference, report.split, ids)
    after = store.snapshots.vectors(report.current, report.split, ids)
    kept = None
    if len(ids) <= _MAX_NEIGHBORHOODS:
        kept = stats.neighbor_overlap(before, after, np.arange(len(ids)), k=min(_NEIGHBORS, len(ids) - 1))
    return _Ground(split=report.split, current=after, names=names, codes=codes, kept=kept)


def _left_behind(
    ground: _Ground, report: DriftReport, vectors: Vectors, nearest: NDArray[np.int64]
) -> tuple[Floats, tuple[str, ...]]:
    """1 − J of each sample, read off the samples of the ground that are nearest to it now."""
    if ground.kept is None:
        overlaps = {concept.concept: concept.neighbor_overlap for concept in report.concepts}
        means = np.array([overlaps.get(name) or 0.0 for name in ground.names])
        return _lost(means)[nearest], (f"Neighbourhoods of '{one_line(ground.split)}' were read concept by concept.",)
    around = stats.nearest_among(vectors, ground.current, k=min(_NEIGHBORS, len(ground.current)))
    return _lost(ground.kept[around].mean(axis=1)), ()


def _lost(kept: Floats) -> Floats:
    """The share of neighbours that is gone, if one more than was looked at were."""
    return 1.0 - kept * _NEIGHBORS / (_NEIGHBORS + 1)


def _displacement(report: DriftReport, concept: str) -> float:
    return next((max(each.displacement, 0.0) for each in report.concepts if each.concept == concept), 0.0)

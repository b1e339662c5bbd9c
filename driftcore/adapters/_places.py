"""Where corrected and gold rows belong: where the reference has them, brought into the current space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._rows import TRAIN, TrainingRows
from driftcore.adapters.align import FEWEST_PAIRS, apply_map, fit_realignment, paired_vectors
from driftcore.errors import TrainingError
from driftcore.records.training import TrainingTask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Targets of all rows, shape (n_rows, n_dims): themselves but for corrected and gold rows; and where from."""

    targets: NDArray[np.float32]
    concepts: tuple[str, ...]
    said: str


def right_places(
    task: TrainingTask, rows: TrainingRows, *, outside: Callable[[NDArray[np.float32]], NDArray[np.bool_]]
) -> Places:
    """Where each row should stand.

    A corrected or gold row that the reference embedded too goes where that has it, any other to the mean place of
    its concept there. The map between the spaces is fitted on samples outside the drifted zone: on those within, it
    would learn the drift. Where the reference says nothing of a concept, its rows go to the mean of those that
    nobody took for another concept.

    Parameters
    ----------
    outside : function
        Whether each of the current vectors lies outside the drifted zone.
    """
    targets = rows.vectors.copy()
    own, by_concept = _at_reference(task, rows, outside)
    concepts = tuple(str(each) for each in pd.unique(rows.labels[rows.moved]))
    lost = []
    for concept in concepts:
        members = rows.moved & (rows.labels == concept)
        if concept in by_concept:
            targets[members] = by_concept[concept]
        else:
            lost.append(concept)
            clean = (rows.labels == concept) & pd.isna(rows.mistaken)
            targets[members] = rows.vectors[clean if clean.any() else members].mean(axis=0)
    paired = rows.moved & np.isfinite(own).all(axis=1)
    targets[paired] = own[paired]
    said = "the reference's" if not lost else "those of clean rows" if len(lost) == len(concepts) else "both"
    return Places(targets=targets, concepts=concepts, said=said)


def _at_reference(
    task: TrainingTask, rows: TrainingRows, outside: Callable[[NDArray[np.float32]], NDArray[np.bool_]]
) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
    """Each row where the reference has it, NaN where it does not; and the mean place of each moved concept."""
    own = np.full(rows.vectors.shape, np.nan, dtype=np.float32)
    try:
        current, reference = paired_vectors(task.splits, task.reference_splits)
    except TrainingError:  # nothing stands under both
        return own, {}
    stable = outside(current)
    if stable.sum() < FEWEST_PAIRS:
        return own, {}
    mapping = fit_realignment(reference[stable], current[stable], seed=task.seed).map
    for split in task.reference_splits:
        places = pd.Index(split.sample_ids).get_indexer(pd.Index(rows.sample_ids))
        found = rows.moved & (places >= 0) & (split.split != TRAIN)
        if found.any():
            own[found] = apply_map(mapping, split.vectors[places[found]])
    means = {}
    known = np.isfinite(own).all(axis=1)
    for concept in pd.unique(rows.labels[rows.moved]):
        learnt = [split.vectors[split.labels == concept] for split in task.reference_splits if split.split == TRAIN]
        together = np.concatenate(
            [own[known & (rows.labels == concept)], *(apply_map(mapping, each) for each in learnt)]
        )
        if len(together):
            means[str(concept)] = together.mean(axis=0)
    return own, means

"""Take the steps of a selection: which samples they leave selected, the same ones at every checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import projection
from driftcore.records import MapFilter, MapRows, SelectionStep


def passing(rows: MapRows, wanted: MapFilter) -> NDArray[np.bool_]:
    """Which samples pass a filter, shape (n_samples,)."""
    shown = rows.shift >= wanted.min_shift
    if wanted.concepts:
        shown &= pd.Index(rows.concepts).isin(wanted.concepts)
    if wanted.clusters:
        shown &= np.isin(rows.clusters, wanted.clusters)
    if wanted.text:
        shown &= _having(rows, wanted.text)
    before, after = rows.correct_reference, rows.correct_current
    if wanted.outcome == "wrong":
        shown &= after == 0
    elif wanted.outcome == "newly wrong":
        shown &= (before == 1) & (after == 0)
    elif wanted.outcome == "newly right":
        shown &= (before == 0) & (after == 1)
    return shown


def selected(rows: MapRows, steps: Sequence[SelectionStep], rows_at: Callable[[str], MapRows]) -> NDArray[np.bool_]:
    """Which of `rows` the steps leave selected, shape (n_samples,).

    A polygon takes what it encloses at the checkpoint where it was drawn, over all samples that were shown there,
    drawn or not; the samples stay selected when the map goes on to another checkpoint, wherever they are then.

    Parameters
    ----------
    rows : MapRows
        The samples to answer for.
    steps : sequence of SelectionStep
    rows_at : function of a checkpoint
        The map's samples at that checkpoint.
    """
    chosen = np.zeros(len(rows), dtype=bool)
    # what was replaced is only there for undo: taking it again would make every lasso slower than the one before
    for step in steps[_last_replacing(steps) :]:
        taken = _taken(rows, step, rows_at)
        if step.mode == "replace":
            chosen = taken
        elif step.mode == "add":
            chosen = chosen | taken
        else:
            chosen = chosen & ~taken
    return chosen


def _having(rows: MapRows, text: str) -> NDArray[np.bool_]:
    if not isinstance(rows.texts, np.ndarray):
        return rows.texts.having(text)
    searched = text.casefold()
    return np.array([each is not None and searched in str(each).casefold() for each in rows.texts], dtype=bool)


def _last_replacing(steps: Sequence[SelectionStep]) -> int:
    return max((number for number, step in enumerate(steps) if step.mode == "replace"), default=0)


def _taken(rows: MapRows, step: SelectionStep, rows_at: Callable[[str], MapRows]) -> NDArray[np.bool_]:
    if step.sample_ids:
        ids: Sequence[str] | NDArray[np.object_] = step.sample_ids
    else:
        there = rows_at(step.checkpoint)
        polygon = np.asarray(step.polygon, dtype=np.float64).reshape(-1, 2)
        inside = projection.inside_polygon(there.points, polygon) & passing(there, step.filter)
        if there is rows or there.sample_ids is rows.sample_ids:
            return inside
        ids = there.sample_ids[inside]
    return np.asarray(pd.Index(rows.sample_ids).isin(ids))

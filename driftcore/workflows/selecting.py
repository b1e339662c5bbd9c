"""Take the steps of a selection: which samples they leave selected, the same ones at every checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore import projection
from driftcore.records import MapFilter, MapRows, SelectionStep


def passing(rows: MapRows, wanted: MapFilter) -> NDArray[np.bool_]:
    """Which samples pass a filter, shape (n_samples,)."""
    shown = rows.shift >= wanted.min_shift
    if wanted.concepts:
        shown &= np.isin(rows.concepts.astype(str), wanted.concepts)
    if wanted.clusters:
        shown &= np.isin(rows.clusters, wanted.clusters)
    if wanted.text:
        searched = wanted.text.casefold()
        shown &= np.array([text is not None and searched in str(text).casefold() for text in rows.texts], dtype=bool)
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


def _last_replacing(steps: Sequence[SelectionStep]) -> int:
    return max((number for number, step in enumerate(steps) if step.mode == "replace"), default=0)


def _taken(rows: MapRows, step: SelectionStep, rows_at: Callable[[str], MapRows]) -> NDArray[np.bool_]:
    if step.sample_ids:
        ids = np.array(step.sample_ids, dtype=str)
    else:
        there = rows_at(step.checkpoint)
        polygon = np.asarray(step.polygon, dtype=np.float64).reshape(-1, 2)
        inside = projection.inside_polygon(there.points, polygon) & passing(there, step.filter)
        if there is rows:
            return inside
        ids = there.sample_ids[inside].astype(str)
    return np.isin(rows.sample_ids.astype(str), ids)

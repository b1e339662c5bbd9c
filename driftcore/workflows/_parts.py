"""Parts of concepts that went their own way: three looks at every concept, each beside the same look at the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._movement import MIN_POPULATION, Movement
from driftcore.workflows._pairing import PairedRows

Floats = NDArray[np.float64]

# the smallest spreads over concepts that are believed: in mean gaps, in units of the noise, and as a share of a concept
_SMALLEST_SPREAD = {"heading": 0.003, "torn": 0.05, "left": 0.015}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """One part of each concept, shape (n_concepts,) but for `inside`; most are nothing but the best cut through noise.

    Parameters
    ----------
    inside : bool array of shape (n_samples,)
    displacement, rest : float64 arrays
        How far the part and the rest of its concept moved, as a share of the mean gap.
    share : float64 array
        How much of the concept the part is.
    unison : float64 array
        1 where its members moved as one, about a half where each went its own way.
    standout : float64 array
        How far the concept stands out from the others in this; NaN where there are too few.
    p_values, q_values : float64 arrays
    toward : int64 array
        The concept that the part heads for, −1 for none.
    """

    inside: NDArray[np.bool_]
    displacement: Floats
    rest: Floats
    share: Floats
    unison: Floats
    standout: Floats
    p_values: Floats
    q_values: Floats
    toward: NDArray[np.int64]
    edge: stats.PartEdge | stats.LeftEdge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartNumbers:
    """The parts that head for another concept, those that a cloud tears into, and the members that left one by one."""

    heading: Found
    torn: Found
    left: Found


def part_numbers(moved: Movement, rows: PairedRows, codes: NDArray[np.int64]) -> PartNumbers:
    """Look for parts in every concept of two paired clouds.

    Where rows were drawn, `codes` are of these; who else belongs to a part says its edge: see `with_all_members`.
    """
    residuals = moved.aligned - rows.reference
    found = (
        _cut(stats.heading_parts(moved.before, residuals, codes), "heading"),
        _cut(stats.torn_parts(moved.before, residuals, codes), "torn"),
        _left(stats.leavers(moved.before, residuals, codes)),
    )
    heading, torn, left = (replace(each, inside=spread(rows, each.inside, fill=False)) for each in found)
    return PartNumbers(heading=heading, torn=torn, left=left)


def spread(rows: PairedRows, values: NDArray[Any], *, fill: float) -> NDArray[Any]:
    """One value a row that was looked at closely, at its place among all; `fill` at the others'."""
    if rows.drawn is None:
        return values
    everywhere = np.full(len(rows.sample_ids), fill, dtype=values.dtype)
    everywhere[rows.drawn] = values
    return everywhere


def _cut(parts: stats.Parts, look: str) -> Found:
    return Found(
        inside=parts.inside,
        displacement=parts.displacement,
        rest=parts.rest,
        share=parts.share,
        unison=parts.unison,
        standout=_standout(parts.score, parts.errors, look),
        p_values=parts.p_values,
        q_values=stats.benjamini_hochberg(parts.p_values),
        toward=parts.toward,
        edge=parts.edge,
    )


def _left(leavers: stats.Leavers) -> Found:
    return Found(
        inside=leavers.inside,
        displacement=leavers.displacement,
        rest=leavers.rest,
        share=leavers.share,
        unison=leavers.unison,
        standout=_standout(leavers.share, leavers.errors, "left"),
        p_values=leavers.p_values,
        q_values=stats.benjamini_hochberg(leavers.p_values),
        toward=np.full(len(leavers.share), -1, dtype=np.int64),
        edge=leavers.edge,
    )


def _standout(values: Floats, errors: Floats, look: str) -> Floats:
    known = ~np.isnan(values)
    if known.sum() < MIN_POPULATION:
        return np.full(len(values), np.nan)
    errors = np.where(known, errors, np.nan)
    return stats.Population.of(values, errors, floor=_SMALLEST_SPREAD[look]).standout(values, errors)

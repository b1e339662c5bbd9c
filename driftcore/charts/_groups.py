"""What colour says on the map: the legend's entries with their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from driftcore.charts._colors import BLUE, GREY, ORANGE, SERIES, SYMBOLS, VERMILLION
from driftcore.records import MapRows

ColorBy = Literal["concept", "cluster", "shift", "correctness"]
COLOR_BY: tuple[ColorBy, ...] = get_args(ColorBy)

# Cividis (Nuñez, Anderton & Renslow, 2018) from still to far, without its darkest end, which a dark page swallows
_SHIFTS = ("#35456C", "#666970", "#948E77", "#C7B65D", "#FEE838")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LegendGroup:
    """Samples that share a colour; `members` is a bool array of shape (n_samples,)."""

    name: str
    color: str
    symbol: str
    opacity: float
    members: NDArray[np.bool_]


def legend_groups(rows: MapRows, color: ColorBy, highlighted: Sequence[str]) -> tuple[LegendGroup, ...]:
    """The legend's entries, the background first; every sample is in exactly one.

    Parameters
    ----------
    rows : MapRows
    color : str
        What colour says: ``concept``, ``cluster``, ``shift`` or ``correctness``.
    highlighted : sequence of str
        The concepts that get a colour of their own; the others are grey, or nothing would stand out.
    """
    if color == "concept":
        return _categories(rows.concepts.astype(str), list(highlighted), "other concepts")
    if color == "cluster":
        names, counts = np.unique(rows.clusters[rows.clusters >= 0], return_counts=True)
        order = [str(name) for name in names[np.argsort(-counts)]]
        return _categories(rows.clusters.astype(str), order, "other clusters and noise")
    return _correctness(rows) if color == "correctness" else _shifts(rows)


def _categories(values: NDArray[np.str_], order: list[str], rest: str) -> tuple[LegendGroup, ...]:
    named = [name for name in order if (values == name).any()][: len(SERIES)]
    others = LegendGroup(name=rest, color=GREY, symbol="circle", opacity=0.45, members=~np.isin(values, named))
    own = [
        LegendGroup(name=name, color=tint, symbol=symbol, opacity=0.8, members=values == name)
        for name, tint, symbol in zip(named, SERIES, SYMBOLS, strict=False)
    ]
    return (others, *own)


def _correctness(rows: MapRows) -> tuple[LegendGroup, ...]:
    before, after = rows.correct_reference, rows.correct_current
    groups = (
        ("right", (after == 1) & (before != 0), GREY, "circle", 0.45),
        ("not evaluated", np.isnan(after), GREY, "circle-open", 0.8),
        ("wrong before and now", (after == 0) & (before != 1), ORANGE, "diamond", 0.8),
        ("wrong → right", (after == 1) & (before == 0), BLUE, "triangle-up", 0.8),
        ("right → wrong", (after == 0) & (before == 1), VERMILLION, "x", 0.8),
    )
    return tuple(
        LegendGroup(name=name, color=color, symbol=symbol, opacity=opacity, members=members)
        for name, members, color, symbol, opacity in groups
    )


def _shifts(rows: MapRows) -> tuple[LegendGroup, ...]:
    """Equal steps up to the 99th percentile; what lies beyond is in the last."""
    top = float(np.quantile(rows.shift, 0.99)) if len(rows) else 0.0
    edges = np.linspace(0.0, top or 1.0, len(_SHIFTS) + 1)
    bins = np.clip(np.searchsorted(edges, rows.shift, side="right") - 1, 0, len(_SHIFTS) - 1)
    return tuple(
        LegendGroup(
            name=f"shift {low:.3f}–{high:.3f}" if number < len(_SHIFTS) - 1 else f"shift {low:.3f} and more",
            color=color,
            symbol="circle",
            opacity=0.8,
            members=bins == number,
        )
        for number, (color, low, high) in enumerate(zip(_SHIFTS, edges, edges[1:], strict=False))
    )

"""Words at the ends of lines instead of a legend: near their line, and not on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# of a line of words, and from a line's end to the middle of its words, in pixels
_LINE, _AWAY = 17, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLabel:
    """What stands at the end of a line: at which point, at which value, and whether the line rises to it."""

    text: str
    at: int
    value: float
    rising: bool


def beside_each_other(labels: Sequence[EndLabel], *, pixels_per_unit: float) -> tuple[float, ...]:
    """How far above its line's end each label stands, in pixels: on the side away from the line, not on another label.

    Parameters
    ----------
    labels : sequence of EndLabel
    pixels_per_unit : float
        Height of one unit of the values.
    """
    wanted = [each.value * pixels_per_unit + (_AWAY if each.rising else -_AWAY) for each in labels]
    placed = dict.fromkeys(range(len(labels)), 0.0)
    lowest = float("-inf")
    for number in sorted(placed, key=lambda number: wanted[number]):
        lowest = placed[number] = max(wanted[number], lowest + _LINE)
    return tuple(placed[number] - each.value * pixels_per_unit for number, each in enumerate(labels))

"""What a person chose on the map, as steps that can be taken again: after a checkpoint changed, or from a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SelectionMode = Literal["replace", "add", "subtract"]
Outcome = Literal["any", "wrong", "newly wrong", "newly right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFilter:
    """Which samples a map shows; what is left at its default leaves nothing out.

    `concepts` and `clusters` are those that are shown, `outcome` is what the evals say of a sample, `min_shift` a
    cosine distance, `text` a part of the sample's text in any case.
    """

    concepts: tuple[str, ...] = ()
    clusters: tuple[int, ...] = ()
    outcome: Outcome = "any"
    min_shift: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionStep:
    """One thing that a person did to the selection.

    Either a `polygon` in map units, which takes what it encloses at `checkpoint` of what `filter` shows there, or
    `sample_ids` by name. `title` says it in words, for lists and for undo.
    """

    mode: SelectionMode
    checkpoint: str
    polygon: tuple[tuple[float, float], ...] = ()
    sample_ids: tuple[str, ...] = ()
    filter: MapFilter = MapFilter()
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """The part of the map that is in sight: its middle and its width, in map units; the reference fills (−1, 1)."""

    x: float = 0.0
    y: float = 0.0
    width: float = 2.3

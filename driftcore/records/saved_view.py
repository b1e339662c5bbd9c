"""A view that is kept: what a person was looking at, and what lay behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from driftcore.records.selection import Camera, SelectionStep

Choices = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at one page, under a short id that its content gives it.

    `choices` are all that the page's address says, defaults too, sorted by key. `steps` and `camera` are the selection
    and the part of the map in sight. `behind` names each thing the page was computed from, in plain words, with its
    fingerprint; it is empty for a thing that was not there.
    """

    view_id: str
    page: str
    choices: Choices
    steps: tuple[SelectionStep, ...]
    camera: Camera
    behind: tuple[tuple[str, str], ...]
    created_at: datetime
    who: str | None = None

    def values(self, key: str) -> tuple[str, ...] | None:
        """What was chosen under `key`, or None where the page had no such choice."""
        return next((values for name, values in self.choices if name == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedView:
    """A view that a share link opens, and until when."""

    view: View
    until: datetime

    @property
    def names(self) -> frozenset[str]:
        """Everything that the view names: checkpoints among them; nothing else may be loaded for its guest."""
        chosen = {value for _, values in self.view.choices for value in values}
        return frozenset(chosen | {step.checkpoint for step in self.view.steps})

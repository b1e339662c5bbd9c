"""A verdict as a person reads it: a word, an icon, a colour, and what it means; never the colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from driftcore.records import Verdict

Color = Literal["red", "orange", "blue", "green", "violet", "gray"]


@dataclass(frozen=True, slots=True)
class _Shown:
    word: str
    icon: str
    color: Color
    meaning: str


_SHOWN: dict[Verdict | None, _Shown] = {
    "regression": _Shown("Regression", "trending_down", "red", "It moved, and accuracy fell with it."),
    "silent": _Shown("Silent drift", "volume_off", "orange", "It moved while accuracy stood still."),
    "boundary": _Shown(
        "Boundary", "fence", "violet", "Accuracy fell without movement: look at the classifier on top, not the space."
    ),
    "watch": _Shown("Watch", "visibility", "blue", "It stands out, but not enough to be sure: look again next time."),
    "improved": _Shown("Improved", "trending_up", "green", "It moved, and accuracy rose with it."),
    "stable": _Shown("Stable", "check_circle", "green", "Nothing moved more than training moves everything."),
    None: _Shown("Too small to judge", "help", "gray", "Too few samples to say whether it moved."),
}


def verdict_badge(verdict: Verdict | None) -> None:
    """The verdict as a badge, with its meaning for who points at it."""
    shown = _SHOWN[verdict]
    st.badge(shown.word, icon=f":material/{shown.icon}:", color=shown.color, help=shown.meaning)


def verdict_word(verdict: Verdict | None) -> str:
    """The verdict in words, for tables."""
    return _SHOWN[verdict].word

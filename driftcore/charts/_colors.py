"""Colours that colour-blind eyes tell apart (Okabe & Ito, 2008), each with a mark of its own."""

from __future__ import annotations

# black and yellow are left out: one of them is invisible on a light or a dark page
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
GREY = "#9A9FA8"

# vermillion is kept for what went wrong
SERIES = (BLUE, GREEN, PURPLE, SKY, ORANGE)
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "pentagon")
# the same marks as characters
GLYPHS = ("●", "◆", "■", "▲", "⬟")


def faded(color: str, opacity: float) -> str:
    """A hex colour with an opacity, for bands."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"

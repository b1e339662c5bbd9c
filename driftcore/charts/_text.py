"""Names as they may stand in a figure: plotly reads markup, and names may carry anything."""

from __future__ import annotations

import html


def safe(text: str, at_most: int = 40) -> str:
    """A name without markup, cut where it is long."""
    return html.escape(text if len(text) <= at_most else text[: at_most - 1] + "…")

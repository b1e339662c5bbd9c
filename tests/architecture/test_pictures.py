"""What the documentation shows is there."""

from __future__ import annotations

import re
from pathlib import Path

from driftcore.ui import PAGES

TOP = Path(__file__).parents[2]


def test_every_page_is_shown_in_both_colour_schemes() -> None:
    shown = set(re.findall(r"pictures/([\w-]+)\.png", (TOP / "docs" / "pages.md").read_text(encoding="utf-8")))
    assert shown == {f"{name}-{scheme}" for name, _ in PAGES for scheme in ("light", "dark")}


def test_every_picture_that_is_shown_is_there() -> None:
    for page in (TOP / "README.md", *(TOP / "docs").glob("*.md")):
        for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / path).is_file(), f"{page.name} shows {path}"

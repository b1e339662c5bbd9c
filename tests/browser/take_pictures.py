"""Every page in light and dark, as a picture for docs/pages.md: run by `make pictures`, not with the tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext

from driftcore import open_store
from driftcore.ui import PAGES
from tests.browser.dashboard import open_page, wait_until_drawn

REFERENCE, CURRENT = "2026-W01", "2026-W12"
LARGEST = 250_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_picture_of_a_page(
    open_context: Callable[..., BrowserContext],
    lived_in: tuple[str, Path],
    pictures: Path,
    name: str,
    scheme: str,
) -> None:
    app_url, store = lived_in
    page = open_context(width=1280, height=1000, scheme=scheme).new_page()
    open_page(page, f"{app_url}/{name}?{asked(name, store)}")
    wait_until_drawn(page)
    # the tween of the map and the fade of a new element
    page.wait_for_timeout(1500)
    target = pictures / f"{name}-{scheme}.png"
    # 256 colours are enough for lines and words, and a third of the bytes
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(256).save(target, optimize=True)
    # a picture of an empty page would be a few kilobytes
    assert 20_000 < target.stat().st_size < LARGEST


def asked(name: str, store: Path) -> str:
    """What a person would have chosen: on the map and among the spans, one that was found."""
    look = f"reference={REFERENCE}&current={CURRENT}"
    if name not in ("map", "spans"):
        return look
    found = [span for span in open_store(store).spans.all() if span.current == CURRENT and span.origin == "found"]
    return f"{look}&span={found[0].span_id}"

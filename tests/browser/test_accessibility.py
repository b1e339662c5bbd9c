"""No page keeps anybody out: axe-core's rules, in light and dark, on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from driftcore.ui import PAGES
from tests.browser.dashboard import open_page, wait_until_drawn

LOOK = "reference=2026-W01&current=2026-W12"
KEPT_OUT = ("serious", "critical")


def barriers(page: Page) -> list[str]:
    """Each element at which axe finds a serious violation, with the rule and what is wrong."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {element['html'][:160]}: {element['failureSummary']}"
        for rule in found
        if rule["impact"] in KEPT_OUT
        for element in rule["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_a_page_has_no_serious_barrier(
    open_context: Callable[..., BrowserContext], lived_in: tuple[str, Path], name: str, scheme: str, width: int
) -> None:
    page = open_context(width=width, scheme=scheme).new_page()
    open_page(page, f"{lived_in[0]}/{name}?{LOOK}")
    wait_until_drawn(page)
    assert barriers(page) == []


def test_a_page_with_a_picture_that_says_nothing_would_be_found(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content('<html lang="en"><title>t</title><main><h1>t</h1><button></button></main></html>')
    assert [each.split(":")[0] for each in barriers(page)] == ["button-name"]


def test_the_chart_says_in_words_what_it_shows(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/overview?{LOOK}")
    wait_until_drawn(page)
    name = "Accuracy and gap closure of 12 checkpoints from 2026-W01 to 2026-W12."
    assert page.get_by_role("img", name=name).or_(page.locator(f'[aria-label^="{name}"]')).count() == 1

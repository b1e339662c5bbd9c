"""Every page on a phone: nothing beside the screen, no text cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from driftcore.ui import PAGES
from tests.browser.dashboard import open_page, wait_until_drawn

PHONE = 390
LOOK = "reference=2026-W01&current=2026-W12"

# what scrolls within itself may hold more than it shows: tables, a line of code, a chart's own layers
_SCROLLS = '[data-testid="stDataFrame"], [data-testid="stCode"], svg'

_WIDER_THAN_THE_SCREEN = """(scrolls) => {
  const block = document.querySelector('[data-testid="stMainBlockContainer"]');
  const named = (element) => `${element.tagName} ${element.dataset.testid ?? element.className}`;
  return [...block.querySelectorAll("*")]
    .filter((element) => !element.parentElement.closest(scrolls))
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > window.innerWidth + 1 || box.left < -1);
    })
    .map(named);
}"""

_CUT = """(scrolls) => {
  const block = document.querySelector('[data-testid="stMainBlockContainer"]');
  const text = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...block.querySelectorAll("*")]
    .filter((element) => text(element) && !element.closest(scrolls))
    .filter((element) => getComputedStyle(element).overflowX !== "visible")
    // 1 px wide is for screen readers only
    .filter((element) => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.textContent);
}"""


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    return open_context(width=PHONE, height=844).new_page()


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_a_page_is_no_wider_than_a_phone_and_cuts_no_text(phone: Page, app_url: str, name: str) -> None:
    open_page(phone, f"{app_url}/{name}?{LOOK}")
    wait_until_drawn(phone)
    main = phone.get_by_test_id("stMain")
    assert main.evaluate("(main) => main.scrollWidth - main.clientWidth") == 0
    assert phone.evaluate("() => document.documentElement.scrollWidth") == PHONE
    assert phone.evaluate(_WIDER_THAN_THE_SCREEN, _SCROLLS) == []
    assert phone.evaluate(_CUT, _SCROLLS) == []


def test_what_is_too_wide_and_what_is_cut_would_be_found(phone: Page) -> None:
    phone.set_content(
        '<meta name="viewport" content="width=device-width"><div data-testid="stMainBlockContainer">'
        '<p style="width: 900px">wide</p>'
        '<div style="overflow: hidden; width: 40px; white-space: nowrap">a long text</div>'
        '<div data-testid="stDataFrame" style="overflow: auto"><p style="width: 900px">a table</p></div></div>'
    )
    assert phone.evaluate(_WIDER_THAN_THE_SCREEN, _SCROLLS) == ["P "]
    assert phone.evaluate(_CUT, _SCROLLS) == ["a long text"]


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_a_phone_reaches_every_page_from_the_menu(phone: Page, app_url: str, name: str) -> None:
    start = "checkpoints" if name == "overview" else "overview"
    open_page(phone, f"{app_url}/{start}")
    phone.get_by_test_id("stExpandSidebarButton").click()
    title = dict(PAGES)[name]
    phone.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    phone.get_by_role("heading", name=title, exact=True).wait_for(timeout=30_000)

"""Links that travel, in a real browser: a view's short id, and a read-only link that opens nothing but one view."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from driftcore import open_store
from driftcore.records import SelectionStep
from driftcore.workflows.share import keep_view, share_token, signing_secret
from tests.browser.dashboard import map_says, open_page, settle, wait_for_map

SQUARE = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
# every choice of the map, as its page writes them into the address
PICKED = {
    "reference": ["2026-W01"],
    "current": ["2026-W12"],
    "color": ["shift"],
    "span": ["none"],
    "beside": ["none"],
    "outcome": ["any"],
    "concepts": [""],
    "clusters": [""],
    "min_shift": ["0"],
    "text": [""],
    "trails": ["10"],
}


@pytest.fixture
def view_id(demo_store: Path) -> str:
    steps = (SelectionStep(mode="replace", checkpoint="2026-W12", polygon=SQUARE, title="lasso"),)
    return keep_view(open_store(demo_store), "map", PICKED, steps=steps).view_id


def test_a_read_only_link_shows_a_stranger_the_same_selection(
    context: BrowserContext, browser: Browser, app_url: str, view_id: str
) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/map?view={view_id}")
    wait_for_map(page)
    heading = selected_heading(page)
    assert int(re.sub(r"\D", "", heading)) > 20

    page.get_by_role("button", name="Copy link").click()
    settle(page)
    page.get_by_role("button", name="Make a read-only link").click()
    settle(page)
    links = page.locator('[data-testid="stCode"]').all_inner_texts()
    # the same view again: the same short id
    assert links[0].strip() == f"{app_url}/map?view={view_id}"

    stranger = browser.new_context(viewport={"width": 1280, "height": 1100})
    visitor = stranger.new_page()
    open_page(visitor, links[1].strip())
    wait_for_map(visitor)
    assert selected_heading(visitor) == heading
    assert map_says(visitor, "selected") == map_says(page, "selected")
    expect(visitor.get_by_text("read-only")).to_be_visible()
    stranger.close()


def test_a_guest_finds_nothing_to_save_to_export_or_to_choose(
    context: BrowserContext, app_url: str, demo_store: Path, view_id: str
) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/map?share={token(demo_store, view_id)}")
    wait_for_map(page)
    for name in ("Export CSV", "Save as span", "Copy link"):
        assert page.get_by_role("button", name=name).count() == 0
    assert page.get_by_role("link", name="Spans").count() == 0
    # a shared selection cannot be drawn anew
    tools = page.get_by_role("toolbar", name="Map tools")
    expect(tools.get_by_role("button", name="Zoom in")).to_be_visible()
    expect(tools.get_by_role("button", name="Lasso")).to_be_hidden()
    page.get_by_role("button", name="Filters and trails").click()
    for box in page.get_by_role("combobox").all() + page.get_by_role("textbox").all():
        assert box.is_disabled() or box.get_attribute("readonly") is not None


@pytest.mark.parametrize("address", ["", "spans", "retraining", "checkpoints"])
def test_a_share_link_opens_no_other_page_and_no_other_checkpoint(
    context: BrowserContext, app_url: str, demo_store: Path, view_id: str, address: str
) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/{address}?share={token(demo_store, view_id)}&current=2026-W03")
    expect(page.get_by_role("heading", name="Map", exact=True)).to_be_visible(timeout=30_000)
    settle(page)
    assert page.get_by_role("heading", level=1).all_inner_texts() == ["Map"]
    assert page.get_by_text("2026-W03").count() == 0


def test_an_expired_and_a_changed_link_show_one_line_and_nothing_else(
    context: BrowserContext, app_url: str, demo_store: Path, view_id: str
) -> None:
    page = context.new_page()
    good = token(demo_store, view_id)
    changed = ("A" if good[0] != "A" else "B") + good[1:]
    for broken, words in ((token(demo_store, view_id, days=-1), "expired"), (changed, "not valid")):
        open_page(page, f"{app_url}/map?share={broken}")
        expect(page.get_by_role("alert")).to_contain_text(words, timeout=30_000)
        assert page.get_by_role("heading").count() == 0
        assert page.get_by_role("link", name="Spans").count() == 0


def token(store: Path, view_id: str, *, days: int = 1) -> str:
    secret = signing_secret(open_store(store), None)
    return share_token(view_id, secret, until=datetime.now(UTC) + timedelta(days=days))


def selected_heading(page: Page) -> str:
    heading = page.get_by_role("heading", name=re.compile(r"[\d,]+ samples selected"))
    expect(heading).to_be_visible(timeout=30_000)
    return heading.inner_text()

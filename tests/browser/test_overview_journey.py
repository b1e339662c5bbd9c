"""The overview in a real browser: addresses that open it, and a click on the chart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from driftcore import open_store
from driftcore.workflows.share import keep_view, last_moment, share_token, signing_secret
from tests.browser.dashboard import open_page, settle, wait_until_drawn

LOOK = "reference=2026-W01&current=2026-W12"


def click_checkpoint(page: Page, number: int) -> None:
    """Click on a checkpoint's accuracy in the chart."""
    point = page.locator('[data-testid="stPlotlyChart"] .trace.scatter').first.locator(".point").nth(number)
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("path", ["", "overview"])
def test_the_overview_opens_at_the_root_and_by_its_name(context: BrowserContext, app_url: str, path: str) -> None:
    page = context.new_page()
    # Streamlit says "Page not found" in a dialog, which would be gone by the time the page is drawn
    page.add_init_script(
        "new MutationObserver(() => { if (document.querySelector('[role=dialog]')) window.sawDialog = true; })"
        ".observe(document, { childList: true, subtree: true });"
    )
    open_page(page, f"{app_url}/{path}?{LOOK}")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    assert page.evaluate("() => window.sawDialog === true") is False
    assert page.url.startswith(f"{app_url}/{path}?")
    selected = page.get_by_role("link", name="Overview", exact=True)
    expect(selected).to_have_attribute("aria-current", "page")


def test_whoever_came_by_name_can_go_back(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/checkpoints")
    open_page(page, f"{app_url}/overview?{LOOK}")
    page.go_back()
    page.wait_for_url(re.compile("/checkpoints"))
    expect(page.get_by_role("heading", name="Checkpoints", exact=True)).to_be_visible(timeout=30_000)


def test_a_click_on_a_checkpoint_makes_it_the_current_one(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/overview?{LOOK}")
    wait_until_drawn(page)
    click_checkpoint(page, 6)
    page.wait_for_url(re.compile("current=2026-W07"), timeout=30_000)
    settle(page)
    expect(page.get_by_role("combobox", name=re.compile("Current checkpoint"))).to_have_value("2026-W07")
    expect(page.get_by_role("heading", name=re.compile("closer to"))).to_be_visible()


def test_the_guest_of_a_share_link_sees_the_chart_and_cannot_choose(
    open_context: Callable[..., BrowserContext], app_url: str, demo_store: Path
) -> None:
    store = open_store(demo_store)
    view = keep_view(store, "overview", {"reference": ["2026-W01"], "current": ["2026-W12"]})
    token = share_token(view.view_id, signing_secret(store, None), until=last_moment(1))
    page = open_context().new_page()
    open_page(page, f"{app_url}/overview?share={token}")
    wait_until_drawn(page)
    click_checkpoint(page, 6)
    page.wait_for_timeout(1000)
    settle(page)
    assert page.get_by_text("2026-W12", exact=True).count() >= 1
    assert page.get_by_text("Look at it on the map").count() == 0


def test_the_first_chart_is_in_sight_on_a_small_laptop(
    open_context: Callable[..., BrowserContext], app_url: str
) -> None:
    page = open_context(width=1280, height=800).new_page()
    open_page(page, f"{app_url}/overview?{LOOK}")
    wait_until_drawn(page)
    box = page.get_by_test_id("stPlotlyChart").bounding_box()
    assert box is not None
    # both panels: its upper two thirds
    assert box["y"] + 0.66 * box["height"] < 800


def test_a_concept_leads_to_the_map_with_its_checkpoints(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/overview?{LOOK}")
    page.get_by_role("link", name="On the map").first.click()
    page.wait_for_url(re.compile(r"/map\?reference=2026-W01&current=2026-W12&concepts=\w+&color"), timeout=30_000)


def test_the_menu_takes_the_checkpoints_along(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/overview?reference=2026-W02&current=2026-W10")
    page.get_by_role("link", name="Map", exact=True).click()
    page.wait_for_url(re.compile(r"/map\?reference=2026-W02&current=2026-W10"), timeout=30_000)


def test_live_traffic_is_compared_on_request_and_says_its_sentence(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/overview?{LOOK}")
    page.get_by_role("button", name="Compare live now").click()
    expect(page.get_by_text(re.compile("From 'live' of 2026-W01 to 'live' of 2026-W12"))).to_be_visible(timeout=90_000)

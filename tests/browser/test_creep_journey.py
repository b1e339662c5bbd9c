"""The creep page in a real browser: a cell is clicked, its corridor measured, what lies in between selected."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.dashboard import open_page, settle, wait_for_map, wait_until_the_map_says

REFERENCE, CURRENT = "2026-W01", "2026-W12"
MATRIX, CORRIDOR = ".st-key-creep-matrix", ".st-key-creep-corridor"


def test_a_click_on_a_cell_leads_to_its_corridor_and_what_is_in_between_to_the_map(
    context: BrowserContext, app_url: str, pictures: Path
) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/creep?reference={REFERENCE}&current={CURRENT}&pair=card_lost+↔+fees")
    expect(page.get_by_role("heading", name="card_lost ↔ fees")).to_be_visible(timeout=30_000)

    # the cell says what it is when the mouse is on it, and a click chooses its pair
    cell = centre_of_cell(page, "refund", "cancel")
    page.mouse.move(*cell, steps=3)
    expect(page.locator(f"{MATRIX} .hoverlayer")).to_contain_text(
        re.compile(r"(refund ↔ cancel|cancel ↔ refund): \d+ % \[\d+, \d+\] closer, q < .001"), timeout=10_000
    )
    page.mouse.click(*cell)
    expect(page.get_by_role("heading", name="cancel ↔ refund")).to_be_visible(timeout=30_000)
    settle(page)
    assert re.search(r"[?&]pair=cancel(\+|%20)%E2%86%94(\+|%20)refund", page.url)

    # nothing is computed before it is asked for
    assert page.locator(CORRIDOR).count() == 0
    page.get_by_role("button", name="Measure the corridor now").click()
    expect(page.locator(f"{CORRIDOR} .js-plotly-plot")).to_be_visible(timeout=180_000)
    settle(page)
    expect(page.get_by_text(re.compile(r"cancel stands \d+ % of the way toward refund"))).to_be_visible()

    page.mouse.move(0, 0)
    page.set_viewport_size({"width": 1280, "height": 1900})
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(800)
    page.screenshot(path=pictures / "creep.png")
    # a picture of an empty page would be a few kilobytes
    assert (pictures / "creep.png").stat().st_size > 40_000

    # what lies in between is selected on the map, all of it and nothing else
    said = page.get_by_text(re.compile(r"\d+ samples in between"))
    n_between = int(re.sub(r"\D", "", said.inner_text().split("samples")[0]))
    assert n_between > 0
    page.get_by_role("button", name="Select them on the map").click()
    wait_for_map(page)
    wait_until_the_map_says(page, selected=str(n_between), checkpoint=CURRENT)
    assert f"current={CURRENT}" in page.url


def test_a_pair_is_chosen_by_keyboard(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/creep?reference={REFERENCE}&current={CURRENT}")
    expect(page.get_by_role("heading", name="cancel ↔ refund")).to_be_visible(timeout=30_000)
    page.get_by_role("combobox", name="Pair of concepts").focus()
    page.keyboard.type("fees ↔ statement")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="fees ↔ statement")).to_be_visible(timeout=30_000)


def centre_of_cell(page: Page, row: str, column: str) -> tuple[float, float]:
    """Where the cell of two concepts is in the window: the height of one name and the place of the other's tick."""
    matrix = page.locator(MATRIX)
    matrix.scroll_into_view_if_needed()
    names = [text.strip() for text in matrix.locator(".ytick text").all_text_contents()]
    plot = box_of(matrix.locator(".nsewdrag").first)
    cell = plot["width"] / len(names), plot["height"] / len(names)
    return (
        plot["x"] + (names.index(column) + 0.5) * cell[0],
        plot["y"] + (names.index(row) + 0.5) * cell[1],
    )


def box_of(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}

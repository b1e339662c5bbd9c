"""How a test reads and moves the dashboard, in the words of its user."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_MAP = ".driftloop-map"


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the script has run and the browser has nothing left to draw."""
    page.goto(url)
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_selector(_IDLE, timeout=120_000)
    # a rerun may be on its way: idle twice in a row is idle
    page.wait_for_timeout(400)
    page.wait_for_selector(_IDLE, timeout=120_000)


def wait_until_drawn(page: Page) -> None:
    """Wait until nothing on the page stands for something that is still to come: tables, charts, the map."""
    page.wait_for_function("() => !document.querySelector('[data-testid=\"stSkeleton\"]')", timeout=60_000)
    page.wait_for_function("() => !document.querySelector('.driftloop-map:not([data-ready=\"true\"])')", timeout=60_000)
    charts = "[...document.querySelectorAll('[data-testid=\"stPlotlyChart\"]')]"
    page.wait_for_function(f"() => {charts}.every((chart) => chart.querySelector('.main-svg'))", timeout=60_000)
    page.wait_for_timeout(500)


def wait_for_map(page: Page) -> None:
    page.wait_for_selector(f'{_MAP}[data-ready="true"]', timeout=60_000)
    page.wait_for_timeout(300)


def map_says(page: Page, name: str, *, number: int = 0) -> str:
    """What a map says of itself: `drawn`, `selected`, `checkpoint` or `view`, the edges of what is in sight."""
    said: str = page.locator(_MAP).nth(number).evaluate(f"(root) => root.dataset.{name}")
    return said


def wait_until_the_map_says(page: Page, **wanted: str) -> None:
    for name, value in wanted.items():
        page.wait_for_selector(f'{_MAP}[data-{name}="{value}"]', timeout=60_000)


def standing_view(page: Page, *, number: int = 0) -> str:
    """What is in sight once the map stands still: a zoom takes its time."""
    seen = map_says(page, "view", number=number)
    for _ in range(40):
        page.wait_for_timeout(300)
        before, seen = seen, map_says(page, "view", number=number)
        if seen == before:
            return seen
    raise AssertionError("the map does not come to rest")


def edges_in_sight(page: Page, number: int) -> NDArray[np.float64]:
    """Left, right, bottom and top of what a map shows once it stands still, in map units."""
    return np.array(standing_view(page, number=number).split(","), dtype=np.float64)


def in_window(page: Page, corners: NDArray[np.float64], *, number: int = 0) -> NDArray[np.float64]:
    """Map units to pixels of the window, shape (n_corners, 2)."""
    x0, x1, y0, y1 = (float(edge) for edge in map_says(page, "view", number=number).split(","))
    box = page.locator(f"{_MAP} canvas[role=img]").nth(number).bounding_box()
    assert box is not None
    across = box["x"] + (corners[:, 0] - x0) / (x1 - x0) * box["width"]
    down = box["y"] + (y1 - corners[:, 1]) / (y1 - y0) * box["height"]
    return np.column_stack([across, down])


def drag_lasso(page: Page, corners: NDArray[np.float64], *, number: int = 0) -> None:
    """Draw round the corners, given in map units, with the mouse."""
    page.locator(f"{_MAP} .stage").nth(number).scroll_into_view_if_needed()
    path = in_window(page, np.vstack([corners, corners[:1]]), number=number)
    page.mouse.move(*path[0])
    page.mouse.down()
    for x, y in path[1:]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def tick_row(page: Page, row: int) -> None:
    """Tick a row of the first table; its cells are painted on a canvas, so the mouse goes by their size."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 36 + 35 * row + 18)
    settle(page)


def downloaded_ids(page: Page, folder: Path) -> list[str]:
    """Press "Export CSV" and read the sample ids of the file that arrives."""
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="Export CSV").click()
    target = folder / "export.csv"
    waiting.value.save_as(target)
    with target.open(newline="", encoding="utf-8") as file:
        return [row["sample_id"] for row in csv.DictReader(file)]


def inside(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Even-odd ray casting: another rule than the product's, equal to it for a polygon that does not cross itself."""
    result = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (points[:, 1] - y0) / (y1 - y0) * (x1 - x0)
        result ^= crosses & (points[:, 0] < at)
    return result

"""How a test reads and moves the dashboard, in the words of its user."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_PLOT = ".js-plotly-plot"

# the map's axes as the browser has them: where they lie in the window, and what they show
_AXES = """() => {
    const plot = document.querySelector('.js-plotly-plot'), layout = plot._fullLayout;
    const box = plot.getBoundingClientRect();
    const axis = (a, along) => ({offset: along + a._offset, length: a._length, range: a.range.slice()});
    return {x: axis(layout.xaxis, box.left), y: axis(layout.yaxis, box.top)};
}"""


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the script has run and the browser has nothing left to draw."""
    page.goto(url)
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_selector(_IDLE, timeout=120_000)
    # a rerun may be on its way: idle twice in a row is idle
    page.wait_for_timeout(400)
    page.wait_for_selector(_IDLE, timeout=120_000)


def wait_for_map(page: Page) -> None:
    page.wait_for_selector(f"{_PLOT} .draglayer", state="attached", timeout=60_000)
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')._fullLayout !== undefined")
    page.wait_for_timeout(500)


def in_window(page: Page, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map units to pixels of the window, shape (n_corners, 2)."""
    axes = page.evaluate(_AXES)
    (x0, x1), (y0, y1) = axes["x"]["range"], axes["y"]["range"]
    across = axes["x"]["offset"] + (corners[:, 0] - x0) / (x1 - x0) * axes["x"]["length"]
    down = axes["y"]["offset"] + (y1 - corners[:, 1]) / (y1 - y0) * axes["y"]["length"]
    return np.column_stack([across, down])


def drag_lasso(page: Page, corners: NDArray[np.float64]) -> None:
    """Draw round the corners, given in map units, with the mouse."""
    page.locator(_PLOT).first.scroll_into_view_if_needed()
    path = in_window(page, np.vstack([corners, corners[:1]]))
    page.mouse.move(*path[0])
    page.mouse.down()
    for x, y in path[1:]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


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

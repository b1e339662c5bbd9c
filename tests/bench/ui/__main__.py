"""From load to drawn and from mouse-up to the answer, the map's component beside plotly's chart, in one run."""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, WebSocket, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.chromium import LAUNCH_ARGS, chromium_path

PATIENCE_MS = 180_000
N_LASSOS = 5
# where page.py puts it
FIRST_CONCEPT = (0.7, 0.0)
DRAWN_AT_MOST = 200_000
WAYS = ("map", "map, every sample", "plotly")
MAP, PLOTLY = '.driftloop-map[data-ready="true"]', ".js-plotly-plot .nsewdrag"
# its picture is there once its promises are kept and two frames were painted
PLOTLY_IDLE = """() => {
  const chart = document.querySelector('.js-plotly-plot');
  return chart && chart._fullLayout && chart.calcdata && !(chart._promises ?? []).length;
}"""
PLOTLY_PIXEL = """([x, y]) => {
  const chart = document.querySelector('.js-plotly-plot');
  const { left, top } = chart.getBoundingClientRect();
  const { xaxis, yaxis } = chart._fullLayout;
  return [left + xaxis._offset + xaxis.d2p(x), top + yaxis._offset + yaxis.d2p(y)];
}"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
OTHER_ANSWER = """(before) => {
  const said = [...document.querySelectorAll('p')].find((each) => each.textContent.startsWith('answer='));
  return said && said.textContent !== before;
}"""


INTRODUCTION = """# What the map costs where it is felt

Made by `make bench-ui`, which runs `python -m tests.bench.ui`: one server and one headless Chromium with WebGL in
software, on the same machine, one way after the other in the same run. Machines differ: read the rows against each
other.

- *first*: seconds from the address to the drawn map, for a visitor whose browser has nothing cached, on a server that
  has not drawn this map before; *again*: the same browser once more.
- *answer*: seconds from mouse-up of a lasso to the answer's number on the page and, with the component, the dimmed
  map, the median of {lassos} lassos (in brackets the slowest); bytes go over the websocket, to the page and back.
- *map* is the product's own code: texts, labels, predictions, two evals, legend, names, marks. It draws a seeded,
  density-aware part of at most 200,000; the lasso selects from all. *map, every sample* draws them all.
- *plotly* is `st.plotly_chart` of one bare `Scattergl` with `on_select`: places and colours, no texts, no legend. Its
  answer is the list of the selected rows, made in the browser. A dash: not there within three minutes.

"""
HEADER = """| samples | drawn by | first, s | again, s | first, MB | answer, s | answer, KB |
|---:|---|---:|---:|---:|---:|---:|
"""


@dataclass(kw_only=True)
class Measured:
    """Seconds and bytes of one way to draw `n` samples; what did not come within three minutes is missing."""

    n: int
    way: str
    loads: list[float] = field(default_factory=list)
    load_bytes: int = 0
    answers: list[float] = field(default_factory=list)
    answer_bytes: list[int] = field(default_factory=list)


class Wire:
    """Counts what goes over a page's websockets, both ways."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._watch)

    def _watch(self, opened: WebSocket) -> None:
        opened.on("framereceived", self._count)
        opened.on("framesent", self._count)

    def _count(self, frame: str | bytes) -> None:
        self.bytes += len(frame)


def main() -> None:
    """Measure, print each row as it comes, and keep the table where that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    rows = []
    for n in options.sizes:
        for way in WAYS:
            if way == "map, every sample" and n <= DRAWN_AT_MOST:
                continue
            rows.append(as_row(measured(n, way)))
            print(rows[-1], flush=True)
    if options.markdown is not None:
        text = INTRODUCTION.format(lassos=N_LASSOS) + HEADER + "\n".join(rows) + "\n"
        options.markdown.write_text(text, encoding="utf-8")


def measured(n: int, way: str) -> Measured:
    """A server and a browser of its own, so that neither has seen another map."""
    result = Measured(n=n, way=way)
    with serving(n, way) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGS)
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        try:
            warm = context.new_page()
            warm.goto(f"{url}?warm=1")
            warm.get_by_text("warm", exact=True).wait_for(timeout=PATIENCE_MS)
            warm.close()
            for visit in range(2):
                page = (context if visit else browser.new_context(viewport={"width": 1280, "height": 1000})).new_page()
                wire = Wire(page)
                started = time.perf_counter()
                page.goto(url)
                wait_until_drawn(page, way)
                result.loads.append(time.perf_counter() - started)
                result.load_bytes = result.load_bytes or wire.bytes
                if visit:
                    draw_lassos(page, wire, result)
                page.close()
        except TooLate:
            print(f"{n:,} by {way}: gave up", file=sys.stderr)
        browser.close()
    return result


def wait_until_drawn(page: Page, way: str) -> None:
    """Until the samples are on the screen."""
    page.wait_for_selector(PLOTLY if way == "plotly" else MAP, timeout=PATIENCE_MS, state="attached")
    if way == "plotly":
        page.wait_for_function(PLOTLY_IDLE, timeout=PATIENCE_MS)
    page.evaluate(TWO_FRAMES)


def draw_lassos(page: Page, wire: Wire, result: Measured) -> None:
    """Lassos of growing size, from mouse-up to the answer."""
    # a page that just came up has things to do that are not the lasso's
    page.wait_for_timeout(2_500)
    left, top = in_window(page, result.way, *FIRST_CONCEPT)
    angles = np.linspace(0, 2 * np.pi, 30)
    for number in range(N_LASSOS):
        radius = 25 + 10 * number
        across, down = left + radius * np.cos(angles), top + radius * np.sin(angles)
        before, bytes_before = page.get_by_text("answer=").inner_text(), wire.bytes
        page.mouse.move(across[0], down[0])
        page.mouse.down()
        for x, y in zip(across[1:], down[1:], strict=True):
            page.mouse.move(x, y)
        started = time.perf_counter()
        page.mouse.up()
        page.wait_for_function(OTHER_ANSWER, arg=before, timeout=PATIENCE_MS, polling=20)
        if result.way != "plotly":
            answer = page.get_by_text("answer=").inner_text().removeprefix("answer=")
            page.wait_for_selector(f'.driftloop-map[data-selected="{answer}"]', timeout=PATIENCE_MS)
        result.answers.append(time.perf_counter() - started)
        page.wait_for_timeout(1_500)
        result.answer_bytes.append(wire.bytes - bytes_before)


def in_window(page: Page, way: str, x: float, y: float) -> tuple[float, float]:
    """Where a place of the map is in the window, in pixels."""
    if way == "plotly":
        left, top = page.evaluate(PLOTLY_PIXEL, [x, y])
        return left, top
    stage = page.locator(".driftloop-map .stage")
    box = stage.bounding_box()
    assert box is not None
    x0, x1, y0, y1 = map(float, page.locator(".driftloop-map").evaluate("(root) => root.dataset.view").split(","))
    return box["x"] + (x - x0) / (x1 - x0) * box["width"], box["y"] + (y1 - y) / (y1 - y0) * box["height"]


def as_row(result: Measured) -> str:
    """One row of the table."""
    loads = [f"{seconds:.1f}" for seconds in result.loads] + ["–"] * (2 - len(result.loads))
    answer = (
        f"{statistics.median(result.answers):.2f} ({max(result.answers):.2f})"
        if len(result.answers) == N_LASSOS
        else "–"
    )
    sent = f"{statistics.median(result.answer_bytes) / 1e3:.0f}" if result.answer_bytes else "–"
    size = f"{result.load_bytes / 1e6:.1f}" if result.load_bytes else "–"
    return f"| {result.n:,} | {result.way} | {loads[0]} | {loads[1]} | {size} | {answer} | {sent} |"


@contextmanager
def serving(n: int, way: str) -> Iterator[str]:
    """The page, served on a free port."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    page = Path(__file__).with_name("page.py")
    options = ["--server.headless=true", f"--server.port={port}", "--browser.gatherUsageStats=false"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(page), *options],
        env={**os.environ, "BENCH_N": str(n), "BENCH_WAY": way, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}"
        wait_until_healthy(url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def wait_until_healthy(url: str) -> None:
    """Until the server answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("streamlit did not answer within a minute")


if __name__ == "__main__":
    main()

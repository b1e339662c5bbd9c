"""The stakeholder's page in a real browser: from the disk, without any network, on a phone, and on paper."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from driftcore import open_store
from driftcore.handout import make_handout
from driftcore.workflows.compare import kept_report
from tests.browser.dashboard import open_page, settle

REFERENCE, CURRENT = "2026-W01", "2026-W12"


@pytest.fixture(scope="module")
def report_file(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_bytes(make_handout(open_store(demo_store), REFERENCE, CURRENT))
    return file


@pytest.fixture
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a network: what is not on the disk fails the test."""
    opened = browser.new_context(viewport={"width": 1280, "height": 1000}, offline=True, reduced_motion="reduce")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    opened.route("**/*", refuse)
    yield opened
    opened.close()
    assert asked == []


def opened(context: BrowserContext, file: Path) -> tuple[Page, list[str]]:
    """The page, and what it complains of."""
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector('#map[data-ready="true"]')
    return page, complaints


def map_says(page: Page, name: str) -> str:
    said: str = page.locator("#map").evaluate(f"(root) => root.dataset.{name}")
    return said


def picture(page: Page) -> bytes:
    """What the canvas shows now."""
    page.wait_for_timeout(100)
    return page.locator("canvas").screenshot()


def test_it_opens_from_the_disk_without_network_and_without_an_error(
    offline: BrowserContext, report_file: Path, demo_store: Path, pictures: Path
) -> None:
    page, complaints = opened(offline, report_file)
    report = kept_report(open_store(demo_store), REFERENCE, CURRENT)
    assert report is not None
    expect(page.locator("#summary")).to_have_text(report.summary)
    assert map_says(page, "drawn") == str(report.n_samples)
    assert page.locator("#concept-table tbody tr").count() == len(report.concepts)
    page.wait_for_timeout(300)
    page.screenshot(path=pictures / "report.png", full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": 2700})
    assert complaints == []


def test_pointing_at_a_sample_shows_what_it_is(offline: BrowserContext, report_file: Path) -> None:
    page, complaints = opened(offline, report_file)
    card = page.locator("#map .hover")
    expect(card).to_be_hidden()
    # the keyboard puts a sample into the middle, where the mouse then finds it
    page.locator("canvas").focus()
    page.keyboard.press("n")
    expect(card).to_contain_text("right before, wrong now")
    said = card.inner_text()
    assert re.search(r"“.+”\s+label \w+\s+predicted \w+ \(\d+ %\)\s+shift 0\.\d{3}", said)
    expect(page.locator("#map .said")).to_contain_text("1 of ")

    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(card).to_be_visible()
    page.mouse.move(box["x"] + 3, box["y"] - 30)
    expect(card).to_be_hidden()
    assert complaints == []


def test_wheel_buttons_and_keys_zoom_and_move(offline: BrowserContext, report_file: Path) -> None:
    page, _ = opened(offline, report_file)
    canvas = page.locator("canvas")
    whole, at_first = map_says(page, "view"), picture(page)
    assert whole == "0.0000,1.0000,0.0000,1.0000"

    page.wait_for_timeout(300)
    canvas.hover()
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(200)
    assert map_says(page, "view") != whole
    assert picture(page) != at_first

    page.get_by_role("button", name="Whole map").click()
    assert map_says(page, "view") == whole
    page.get_by_role("button", name="Zoom in").click()
    # 1.6 times as near: 0.625 of the map is in sight, about its middle
    assert map_says(page, "view") == "0.1875,0.8125,0.1875,0.8125"

    canvas.focus()
    page.keyboard.press("ArrowRight")
    left, right, low, high = (float(edge) for edge in map_says(page, "view").split(","))
    assert left > 0.1875
    assert right - left == pytest.approx(0.625, abs=2e-4)
    assert (low, high) == (0.1875, 0.8125)
    page.keyboard.press("0")
    assert map_says(page, "view") == whole


def test_dragging_moves_the_map_and_scrolling_down_passes_over_it(offline: BrowserContext, report_file: Path) -> None:
    page, _ = opened(offline, report_file)
    page.get_by_role("button", name="Zoom in").click()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 50, middle[1], steps=3)
    page.mouse.up()
    assert float(map_says(page, "view").split(",")[0]) > 0.19

    page.get_by_role("button", name="Whole map").click()
    before = page.evaluate("scrollY")
    page.mouse.move(*middle)
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(600)
    assert page.evaluate("scrollY") > before


def test_the_map_goes_to_the_reference_and_back(offline: BrowserContext, report_file: Path) -> None:
    page, _ = opened(offline, report_file)
    now = picture(page)
    page.get_by_role("button", name=REFERENCE).click()
    page.wait_for_selector('#map[data-at="before"]')
    assert picture(page) != now
    expect(page.get_by_role("button", name=REFERENCE)).to_have_attribute("aria-pressed", "true")
    page.locator("canvas").focus()
    page.keyboard.press("t")
    page.wait_for_selector('#map[data-at="now"]')
    expect(page.get_by_role("button", name=CURRENT)).to_have_attribute("aria-pressed", "true")


def test_a_heading_sorts_its_column(offline: BrowserContext, report_file: Path) -> None:
    page, _ = opened(offline, report_file)
    heading = page.locator("#concept-table thead th").nth(8)
    for way in ("descending", "ascending"):
        heading.get_by_role("button").click()
        expect(heading).to_have_attribute("aria-sort", way)
        sizes = [int(text) for text in page.locator("#concept-table tbody td:last-child").all_inner_texts()]
        assert sizes == sorted(sizes, reverse=way == "descending")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_runs_out_of_the_page(browser: Browser, report_file: Path, scheme: str) -> None:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark" if scheme == "dark" else "light", has_touch=True
    )
    page, complaints = opened(phone, report_file)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".chart.narrow").is_visible()
    assert page.locator(".chart.wide").is_hidden()
    # text is read without a magnifying glass
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.words')).fontSize)") >= 13
    page.locator("canvas").scroll_into_view_if_needed()
    # a tap in the empty corner reads nothing, and neither scrolls nor complains
    page.locator("canvas").tap(position={"x": 4, "y": 4})
    expect(page.locator("#map .hover")).to_be_hidden()
    assert complaints == []
    phone.close()


def test_without_scripts_the_map_is_a_still(browser: Browser, report_file: Path) -> None:
    plain = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 1000})
    page = plain.new_page()
    page.goto(report_file.as_uri())
    expect(page.locator(".still")).to_be_visible()
    expect(page.locator("canvas")).to_be_hidden()
    plain.close()


def test_it_prints_on_several_pages_none_of_them_empty(offline: BrowserContext, report_file: Path) -> None:
    page, _ = opened(offline, report_file)
    printed = page.pdf(format="A4", print_background=True)
    shown = words_on_pages(printed)
    assert 3 <= len(shown) <= 10
    assert min(shown) > 20
    page.emulate_media(media="print")
    assert page.locator(".still").is_visible()
    assert page.locator("canvas").is_hidden()


def test_the_button_on_the_overview_gives_the_same_page(
    context: BrowserContext, app_url: str, tmp_path: Path, demo_store: Path
) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/?reference={REFERENCE}&current={CURRENT}")
    assert page.get_by_role("button", name="Download the report").count() == 0
    page.get_by_text("Leave out sample texts").click()
    settle(page)
    page.get_by_role("button", name="Make the report file").click()
    with page.expect_download(timeout=120_000) as waiting:
        page.get_by_role("button", name="Download the report").click(timeout=120_000)
    assert waiting.value.suggested_filename == f"drift-{REFERENCE}-to-{CURRENT}-no-texts.html"
    file = tmp_path / "downloaded.html"
    waiting.value.save_as(file)
    report = kept_report(open_store(demo_store), REFERENCE, CURRENT)
    assert report is not None
    assert "Sample texts were left out on request" in file.read_text(encoding="utf-8")
    assert report.report_id in file.read_text(encoding="utf-8")

    # what was made without texts is not offered as one with texts
    page.get_by_text("Leave out sample texts").click()
    settle(page)
    assert page.get_by_role("button", name="Download the report").count() == 0


def words_on_pages(printed: bytes) -> list[int]:
    """How many runs of text each page of a PDF shows: its content streams, unpacked, and their show operators."""
    objects = dict(re.findall(rb"(\d+) 0 obj\s(.*?)endobj", printed, re.DOTALL))
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    counts = []
    for body in pages:
        content = re.search(rb"/Contents (\d+) 0 R", body)
        assert content is not None
        stream = re.search(rb"stream\r?\n(.*?)\r?\nendstream", objects[content[1]], re.DOTALL)
        assert stream is not None
        counts.append(len(re.findall(rb"T[jJ]\b", zlib.decompress(stream[1]))))
    return counts

"""The main road in a real browser: see, select, keep, export, share."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, expect

from driftcore import open_store
from driftcore.ui import PAGES
from driftcore.workflows.make_frame import kept_frame
from tests.browser.dashboard import (
    downloaded_ids,
    drag_lasso,
    edges_in_sight,
    inside,
    map_says,
    open_page,
    settle,
    standing_view,
    tick_row,
    wait_for_map,
    wait_until_the_map_says,
)

# a circle drawn with the mouse is true to about three pixels
MOUSE = 0.06
# in map units, about a twentieth of a pixel
HAIR = 1e-4
REFERENCE, CURRENT, CONCEPT = "2026-W01", "2026-W12", "refund"


@pytest.fixture
def view(app_url: str) -> str:
    return f"{app_url}/map?reference={REFERENCE}&current={CURRENT}"


def test_webgl_draws_in_this_browser(context: BrowserContext) -> None:
    page = context.new_page()
    assert page.evaluate("() => document.createElement('canvas').getContext('webgl') !== null")


def test_a_lasso_is_counted_kept_exported_and_found_again_by_link(
    context: BrowserContext, view: str, demo_store: Path, tmp_path: Path
) -> None:
    ids, points = drawn_samples(demo_store)
    corners = ring_round_the_concept(ids, points, demo_store)
    page = context.new_page()
    open_page(page, view)
    wait_for_map(page)

    # how many, at once
    drag_lasso(page, corners)
    expect(page.get_by_role("heading", name=re.compile(r"[\d,]+ samples selected"))).to_be_visible(timeout=30_000)
    settle(page)
    n_selected = int(re.sub(r"\D", "", page.get_by_role("heading", name="samples selected").inner_text()))

    # kept: the link names the span, and the span's own polygon encloses exactly its samples
    page.get_by_label("Name of the span").fill("near cancel")
    page.get_by_role("button", name="Save as span").click()
    expect(page.get_by_role("heading", name="near cancel")).to_be_visible(timeout=30_000)
    settle(page)
    span_id = re.search(r"[?&]span=([0-9a-f]+)", page.url)
    assert span_id is not None
    span = open_store(demo_store).spans.get(span_id[1])
    wanted = set(ids[inside(points, np.array(span.polygon))])
    assert set(span.sample_ids) == wanted
    assert len(wanted) == n_selected > 20

    # exported: the ids of the polygon test done here, on what the browser says was drawn and on what the mouse did
    assert set(downloaded_ids(page, tmp_path)) == wanted
    assert (
        set(ids[inside(points, around(corners, 1 - MOUSE))])
        <= wanted
        <= set(ids[inside(points, around(corners, 1 + MOUSE))])
    )

    # shared: a browser that has never been here finds the same span selected
    link = page.url
    stranger = context.browser.new_context(viewport={"width": 1280, "height": 1100})
    visitor = stranger.new_page()
    open_page(visitor, link)
    expect(visitor.get_by_text(f"{len(wanted):,} samples selected")).to_be_visible(timeout=30_000)
    assert set(downloaded_ids(visitor, tmp_path)) == wanted
    stranger.close()


def test_from_the_overview_to_two_regions_through_time_to_a_span_and_its_file(
    context: BrowserContext, app_url: str, demo_store: Path, tmp_path: Path
) -> None:
    ids, points = drawn_samples(demo_store, "2026-W11")
    first = ring_round_the_concept(ids, points, demo_store)
    second = ring_round_the_concept(ids, points, demo_store, concept="card_lost", radius=0.1)
    page = context.new_page()
    open_page(page, f"{app_url}/overview?reference={REFERENCE}&current=2026-W11")
    page.get_by_role("link", name="Look at it on the map").click()
    page.wait_for_url(re.compile("/map.*current=2026-W11"), timeout=30_000)
    wait_for_map(page)
    settle(page)
    tools = page.get_by_role("toolbar", name="Map tools")

    drag_lasso(page, first)
    expect(page.get_by_role("heading", name=re.compile(r"[\d,]+ samples selected"))).to_be_visible(timeout=30_000)
    settle(page)
    alone = int(map_says(page, "selected"))
    tools.get_by_role("button", name="Add").click()
    drag_lasso(page, second)
    page.wait_for_selector(f'.driftloop-map:not([data-selected="{alone}"])', timeout=30_000)
    both = map_says(page, "selected")
    # what lies well inside both figures is in it, and nothing outside
    least = inside(points, around(first, 1 - MOUSE)) | inside(points, around(second, 1 - 2 * MOUSE))
    most = inside(points, around(first, 1 + MOUSE)) | inside(points, around(second, 1 + 2 * MOUSE))
    assert alone < least.sum() <= int(both) <= most.sum()

    tools.get_by_role("button", name="Zoom in").click()
    settle(page)
    near = standing_view(page)
    tools.get_by_role("button", name="Later").click()
    wait_until_the_map_says(page, checkpoint=CURRENT)
    settle(page)
    assert map_says(page, "selected") == both
    assert standing_view(page) == near

    # the same samples, though they have moved on since the figures were drawn
    exported = set(downloaded_ids(page, tmp_path))
    assert set(ids[least]) <= exported <= set(ids[most])
    assert len(exported) == int(both)

    # kept: the span and its file have exactly these
    page.get_by_label("Name of the span").fill("two regions")
    page.get_by_role("button", name="Save as span").click()
    expect(page.get_by_role("heading", name="two regions")).to_be_visible(timeout=30_000)
    settle(page)
    span_id = re.search(r"[?&]span=([0-9a-f]+)", page.url)
    assert span_id is not None
    assert set(open_store(demo_store).spans.get(span_id[1]).sample_ids) == exported
    assert set(downloaded_ids(page, tmp_path)) == exported


def test_two_checkpoints_side_by_side_share_selection_and_zoom(
    context: BrowserContext, view: str, demo_store: Path
) -> None:
    ids, points = drawn_samples(demo_store, "2026-W06")
    page = context.new_page()
    open_page(page, f"{view}&beside=2026-W06")
    maps = page.locator(".driftloop-map")
    expect(maps).to_have_count(2, timeout=60_000)
    wait_until_the_map_says(page, ready="true")
    expect(maps.nth(1)).to_have_attribute("data-checkpoint", "2026-W06", timeout=60_000)

    # drawn on the second, selected on both
    corners = ring_round_the_concept(ids, points, demo_store)
    drag_lasso(page, corners, number=1)
    expect(page.get_by_role("heading", name=re.compile(r"[\d,]+ samples selected"))).to_be_visible(timeout=30_000)
    settle(page)
    n_selected = map_says(page, "selected", number=1)
    assert (
        inside(points, around(corners, 1 - MOUSE)).sum()
        <= int(n_selected)
        <= inside(points, around(corners, 1 + MOUSE)).sum()
    )
    assert map_says(page, "selected", number=0) == n_selected

    # one looks where the other looks, be it by a hair's breadth
    views = [edges_in_sight(page, number) for number in (0, 1)]
    maps.nth(0).get_by_role("button", name="Zoom in").click()
    settle(page)
    nearer = [edges_in_sight(page, number) for number in (0, 1)]
    assert np.all(np.abs(nearer[1]) < 0.9 * np.abs(views[1]))
    np.testing.assert_allclose(nearer[1], nearer[0], atol=HAIR)
    maps.nth(0).locator(".stage").hover()
    page.mouse.wheel(0, 0.4)
    barely = [edges_in_sight(page, number) for number in (0, 1)]
    assert HAIR < np.abs(barely[0] - nearer[0]).max() < 10 * HAIR
    np.testing.assert_allclose(barely[1], barely[0], atol=HAIR)

    # the second steps by itself
    maps.nth(1).get_by_role("button", name="Later").click()
    expect(maps.nth(1)).to_have_attribute("data-checkpoint", "2026-W07", timeout=60_000)
    assert map_says(page, "checkpoint", number=0) == CURRENT
    assert map_says(page, "selected", number=1) == n_selected


def test_a_sample_ticked_in_the_table_is_ringed_on_the_map_and_can_be_kept_alone(
    context: BrowserContext, view: str, demo_store: Path, tmp_path: Path
) -> None:
    ids, points = drawn_samples(demo_store)
    page = context.new_page()
    open_page(page, view)
    wait_for_map(page)
    drag_lasso(page, ring_round_the_concept(ids, points, demo_store))
    expect(page.get_by_role("heading", name=re.compile(r"[\d,]+ samples selected"))).to_be_visible(timeout=30_000)
    settle(page)
    tick_row(page, 0)
    wait_until_the_map_says(page, rings="1")
    page.get_by_role("button", name="Keep only these").click()
    wait_until_the_map_says(page, selected="1")
    settle(page)
    # the table is sorted: what was ticked is the most shifted of them
    assert len(downloaded_ids(page, tmp_path)) == 1
    page.get_by_role("button", name="Undo").first.click()
    settle(page)
    assert int(map_says(page, "selected")) > 20


def test_what_changed_most_is_selected_by_keyboard(context: BrowserContext, view: str, demo_store: Path) -> None:
    spans = [span for span in open_store(demo_store).spans.all() if span.current == CURRENT and span.origin == "found"]
    wanted = next(span for span in spans if span.concept == CONCEPT)
    page = context.new_page()
    open_page(page, view)
    wait_for_map(page)
    said = f"{wanted.n_samples:,} samples of {CONCEPT} that drifted toward {wanted.toward}"
    suggestion = page.get_by_role("button", name=said)
    suggestion.focus()
    page.keyboard.press("Enter")
    wait_until_the_map_says(page, selected=str(wanted.n_samples))


def test_choices_are_written_into_the_link(context: BrowserContext, view: str) -> None:
    page = context.new_page()
    open_page(page, view)
    for choice in (
        f"reference={REFERENCE}",
        f"current={CURRENT}",
        "color=concept",
        "span=none",
        "outcome=any",
        "concepts=",
        "trails=10",
    ):
        assert choice in page.url


def test_stepping_through_time_keeps_the_other_choices(context: BrowserContext, view: str) -> None:
    page = context.new_page()
    open_page(page, f"{view}&color=shift")
    page.get_by_role("button", name="Earlier").first.click()
    page.wait_for_url(re.compile("current=2026-W11"), timeout=30_000)
    settle(page)
    wait_for_map(page)
    assert "color=shift" in page.url
    assert page.get_by_role("button", name="Later").first.is_enabled()


def test_what_is_not_computed_is_offered_and_then_shown(context: BrowserContext, app_url: str) -> None:
    page = context.new_page()
    open_page(page, f"{app_url}/?reference=2026-W02&current=2026-W10")
    page.get_by_role("button", name="Compare them now").click()
    expect(
        page.get_by_role("heading", name=re.compile("Since 2026-W02 'refund' has come|'cancel' has come"))
    ).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_every_page_opens_by_its_own_link_without_an_error(context: BrowserContext, app_url: str, name: str) -> None:
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    open_page(page, f"{app_url}/{name}")
    expect(page.get_by_role("heading", name=name.capitalize(), exact=True)).to_be_visible(timeout=30_000)
    assert page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]').count() == 0
    assert not failures


def drawn_samples(store: Path, checkpoint: str = CURRENT) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Ids and places of the map's samples, as the store keeps them."""
    frame = kept_frame(open_store(store), REFERENCE)
    assert frame is not None
    step = frame.step(checkpoint)
    assert step is not None
    return step.sample_ids.astype(str), step.points.astype(np.float64)


def ring_round_the_concept(
    ids: NDArray[np.str_], points: NDArray[np.float64], store: Path, *, concept: str = CONCEPT, radius: float = 0.2
) -> NDArray[np.float64]:
    """Corners of a circle round where most of the concept's samples are."""
    known, labels = open_store(store).snapshots.labels(CURRENT, "validation")
    label_of = dict(zip(known, labels, strict=True))
    own = np.array([label_of[each] == concept for each in ids])
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return np.median(points[own], axis=0) + radius * np.column_stack([np.cos(angles), np.sin(angles)])


def around(corners: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """The same figure, larger or smaller about its middle."""
    middle = corners.mean(axis=0)
    return middle + factor * (corners - middle)

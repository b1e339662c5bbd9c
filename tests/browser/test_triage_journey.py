"""Triage in a real browser: accept, dismiss, merge, undo, export each sample once; and a file that comes in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import Span
from driftcore.testing import make_world, moved
from tests.browser.dashboard import open_page, settle
from tests.browser.server import running_app
from tests.readers.evals.logs import inspect_failed, inspect_parts, inspect_sample, write_zip

WORLD = make_world(n_concepts=8, n_per_concept=30)
IDS = tuple(str(each) for each in WORLD.sample_ids)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`concept 0` went toward `concept 1` and `concept 3` toward `concept 4`; two overlapping spans were drawn."""
    path = tmp_path_factory.mktemp("triage") / "store.lance"
    opened = open_store(path)
    after = moved(WORLD, 0, toward=1, share=0.3)
    third = WORLD.labels == "concept 3"
    after[third] = moved(WORLD, 3, toward=4, share=0.3)[third]
    texts = np.array([f"text {row} of {label}" for row, label in enumerate(WORLD.labels)], dtype=object)
    for name, vectors in {"week 1": WORLD.vectors, "week 2": after}.items():
        columns = {"id": WORLD.sample_ids, "label": WORLD.labels, "text": texts, "embedding": vectors}
        ingest(opened, columns, checkpoint=name)
        log_eval(opened, {"id": WORLD.sample_ids, "prediction": WORLD.labels}, checkpoint=name)
    report = compare(opened, "week 1", "week 2")
    assert {span.concept for span in report.spans} == {"concept 0", "concept 3"}
    for name, ids in {"left": IDS[:6], "right": IDS[4:10]}.items():
        opened.spans.write(drawn(name, ids, report.report_id))
    return path


@pytest.fixture(scope="module")
def url(store: Path) -> Iterator[str]:
    with running_app(store) as address:
        yield address


def drawn(name: str, ids: tuple[str, ...], report_id: str) -> Span:
    return Span(
        span_id=f"drawn-{name}",
        report_id=report_id,
        name=name,
        origin="lasso",
        reference="week 1",
        current="week 2",
        split="validation",
        concept="concept 0",
        kind="lasso",
        toward=None,
        n_samples=len(ids),
        n_mispredicted=0,
        mean_shift=0.1,
        sample_ids=ids,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def decided(page: Page, text: str) -> None:
    """Wait for the line that counts what is left to decide."""
    expect(page.get_by_text(text, exact=False).first).to_be_visible(timeout=30_000)
    settle(page)


def test_spans_are_decided_on_merged_and_exported_once(
    context: BrowserContext, url: str, store: Path, tmp_path: Path
) -> None:
    opened = open_store(store)
    found = {span.concept: span for span in opened.spans.all() if span.origin == "found"}
    page = context.new_page()
    open_page(page, f"{url}/spans?span={found['concept 0'].span_id}")
    decided(page, "4 of 4 to decide")

    # typing a text is not deciding, though its letters are shortcuts of the buttons
    page.get_by_label("Text to find").press_sequentially("add u", delay=30)
    page.get_by_label("Text to find").fill("")
    settle(page)
    decided(page, "4 of 4 to decide")

    page.get_by_role("button", name=re.compile("^Accept")).click()
    decided(page, "3 of 4 to decide · 1 accepted")

    # by keyboard: what is open now is the next one
    open_page(page, f"{url}/spans?span={found['concept 3'].span_id}")
    page.keyboard.press("d")
    decided(page, "2 of 4 to decide · 1 accepted, 1 dismissed")

    open_page(page, f"{url}/spans?span=drawn-left")
    merge_with_right(page)
    expect(page.get_by_role("heading", name="left + right")).to_be_visible(timeout=30_000)
    decided(page, "1 of 5 to decide · 1 accepted, 1 dismissed, 2 merged")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    decided(page, "2 of 4 to decide · 1 accepted, 1 dismissed")

    open_page(page, f"{url}/spans?span=drawn-left")
    merge_with_right(page)
    expect(page.get_by_role("heading", name="left + right")).to_be_visible(timeout=30_000)
    settle(page)
    page.get_by_role("button", name=re.compile("^Accept")).click()
    decided(page, "0 of 5 to decide · 2 accepted, 1 dismissed, 2 merged")

    page.get_by_role("link", name="Retraining").click()
    wanted = {*found["concept 0"].sample_ids, *IDS[:10]}
    button = page.get_by_role("button", name=f"Export {len(wanted)} samples")
    expect(button).to_be_visible(timeout=30_000)
    settle(page)
    with page.expect_download(timeout=60_000) as waiting:
        button.click()
    waiting.value.save_as(tmp_path / "set.csv")
    with (tmp_path / "set.csv").open(newline="", encoding="utf-8") as file:
        ids = [row["sample_id"] for row in csv.DictReader(file)]
    assert len(ids) == len(set(ids))
    assert set(ids) == wanted


def merge_with_right(page: Page) -> None:
    page.get_by_role("button", name="Merge…").click()
    page.get_by_role("combobox", name="Merge with").click()
    page.get_by_role("option", name=re.compile("^right")).click()
    settle(page)
    page.keyboard.press("Escape")
    now = page.get_by_role("button", name="Merge them")
    if not now.is_visible():
        page.get_by_role("button", name="Merge…").click()
    now.click()


def test_an_uploaded_file_is_stored_and_listed_and_a_bad_one_is_refused_whole(
    context: BrowserContext, url: str, store: Path, tmp_path: Path
) -> None:
    good, bad = tmp_path / "week 3.parquet", tmp_path / "bad.parquet"
    frame = pd.DataFrame({"doc": IDS, "label": WORLD.labels, "emb": list(WORLD.vectors)})
    frame.to_parquet(good)
    frame.assign(emb=[vector * (row > 1) for row, vector in enumerate(WORLD.vectors)]).to_parquet(bad)
    page = context.new_page()
    open_page(page, f"{url}/checkpoints")

    upload(page, bad, "week 4")
    expect(page.get_by_text("zero vector in 2 rows: 1, 2")).to_be_visible(timeout=30_000)
    assert "week 4" not in [each.checkpoint for each in open_store(store).checkpoints()]

    page.get_by_text("Skip bad rows").click()
    settle(page)
    page.get_by_role("button", name="Store", exact=True).click()
    expect(page.get_by_text("2 bad rows were left out").first).to_be_visible(timeout=30_000)
    stored = {each.checkpoint: each for each in open_store(store).checkpoints()}
    assert stored["week 4"].n_samples == len(IDS) - 2

    open_page(page, f"{url}/checkpoints")
    upload(page, good, "week 3")
    expect(page.get_by_text(f"Stored {len(IDS)} samples")).to_be_visible(timeout=30_000)
    settle(page)
    # the table is drawn on a canvas, whose cells stand in it for screen readers
    for name in ("week 1", "week 2", "week 3", "week 4"):
        expect(page.locator("canvas [role=gridcell]", has_text=name).first).to_be_attached(timeout=30_000)

    # what it predicted: every label right but one
    predictions = tmp_path / "week 3 predictions.csv"
    wrong = np.where(np.arange(len(IDS)) == 0, "concept 7", WORLD.labels)
    pd.DataFrame({"id": IDS, "prediction": wrong}).to_csv(predictions, index=False)
    page.get_by_role("radio", name="Predictions").click()
    settle(page)
    page.locator('input[type="file"]').set_input_files(predictions)
    expect(page.get_by_text("Which column is which")).to_be_visible(timeout=30_000)
    settle(page)
    page.get_by_role("button", name="Store", exact=True).click()
    expect(page.get_by_text(f"Stored {len(IDS)} predictions of week 3")).to_be_visible(timeout=30_000)
    run = open_store(store).evals.get("week 3", "validation")
    assert run is not None
    assert run.accuracy == pytest.approx(1 - 1 / len(IDS))

    # and what an eval tool wrote of another checkpoint
    samples = [inspect_sample("s1") | {"id": IDS[2]}, inspect_failed("s2") | {"id": IDS[3]}]
    settle(page)
    page.locator('input[type="file"]').set_input_files(write_zip(tmp_path / "log.eval", inspect_parts(samples)))
    expect(page.get_by_text("2 rows of inspect.")).to_be_visible(timeout=30_000)
    settle(page)
    page.get_by_role("combobox", name="Checkpoint", exact=True).click()
    page.get_by_role("option", name="week 4").click()
    settle(page)
    page.get_by_role("button", name="Store", exact=True).click()
    expect(page.get_by_text("1 failed; right by match, samples found by id")).to_be_visible(timeout=30_000)
    graded = open_store(store).evals.get("week 4", "validation")
    assert graded is not None
    assert (graded.tool, graded.accuracy, graded.n_failed) == ("inspect", 1.0, 1)


def upload(page: Page, file: Path, name: str) -> None:
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_text("Which column is which")).to_be_visible(timeout=30_000)
    settle(page)
    # "doc" is not among the names that an id usually has
    box = page.get_by_role("combobox", name="Id", exact=True)
    box.scroll_into_view_if_needed()
    box.click()
    box.press_sequentially("doc")
    expect(page.get_by_role("option", name="doc")).to_be_visible()
    box.press("Enter")
    settle(page)
    page.get_by_label("Checkpoint name").fill(name)
    page.get_by_label("Checkpoint name").press("Enter")
    settle(page)
    page.get_by_role("button", name="Store", exact=True).click()

"""From the accepted spans to a retrained checkpoint, on the retraining page; and the same by one command."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from driftcore import open_store
from driftcore.workflows.triage import accept
from tests.browser.dashboard import open_page, settle, wait_until_drawn
from tests.browser.server import running_app


def test_accepted_spans_are_queued_run_and_judged_on_the_page(
    context: BrowserContext, demo_store: Path, tmp_path: Path
) -> None:
    path = shutil.copytree(demo_store, tmp_path / "demo.lance")
    store = open_store(path)
    accept(store, [span.span_id for span in store.spans.all() if span.current == "2026-W12" and span.origin == "found"])
    with running_app(path) as url:
        page = context.new_page()
        open_page(page, f"{url}/retraining")
        expect(page.get_by_text("No job was queued yet.")).to_be_visible()
        page.get_by_role("button", name="Queue 2 spans").click()
        settle(page)
        expect(page.get_by_text("No worker is at it")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Run the queue here").click()

        # the page follows the job by itself, to its end
        expect(page.get_by_text(re.compile("running · .* · attempt 1 of 3"))).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Accepted: 2026-W12-")).to_be_visible(timeout=240_000)
        wait_until_drawn(page)
        told = shown(path)
        by_label = {
            "refund, live": told["judgement"]["live_concepts"][1],
            "All other concepts": told["judgement"]["rest"],
        }
        for label, change in by_label.items():
            number = page.get_by_test_id("stMetric").filter(has_text=label)
            expect(number).to_contain_text(f"{100 * change['after']:.1f} %")
        assert by_label["refund, live"]["group"] == "refund"
        assert by_label["refund, live"]["after"] > by_label["refund, live"]["before"] + 0.3
        page.get_by_text("Log", exact=True).click()
        expect(page.get_by_text("retraining set: ")).to_be_visible()

        # nothing is left to queue, and the new checkpoint is what others are compared with from now on
        expect(page.get_by_role("button", name="Queue 2 spans")).to_have_count(0)
        open_page(page, f"{url}/checkpoints")
        expect(page.get_by_text(told["checkpoint"]).first).to_be_visible()
        assert open_store(path).reference().checkpoint == told["checkpoint"]


def shown(path: Path) -> dict:
    """What the command line says of the only job."""
    driftloop = str(Path(sys.executable).parent / "driftloop")

    def answer(*words: str) -> object:
        done = subprocess.run([driftloop, "--store", str(path), *words], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    (job,) = answer("queue", "list", "--json")
    return answer("queue", "show", job["job_id"], "--json")

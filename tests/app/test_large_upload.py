"""A large file is read in a process of its own: the page is there meanwhile, and says what came of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import ingest, open_store
from driftcore.store import Store
from driftcore.ui._worker import LARGE_BYTES
from tests.app.triage_world import WORLD, open_page, said


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "store.lance")
    ingest(store, {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}, checkpoint="week 1")
    return store


def predictions(last: str) -> bytes:
    """A table larger than what a page reads by itself: each row carries a long remark; `last` ends it."""
    remark = "x" * (LARGE_BYTES // len(WORLD.labels) + 1)
    rows = zip(WORLD.sample_ids, WORLD.labels, strict=True)
    lines = [json.dumps({"id": str(each), "prediction": str(label), "remark": remark}) for each, label in rows]
    return "\n".join([*lines, last]).encode()


def given(store: Store, monkeypatch: pytest.MonkeyPatch, content: bytes) -> AppTest:
    app = open_page(monkeypatch, store, "checkpoints", {})
    app.segmented_control(key="upload-kind").set_value("Predictions").run()
    return app.file_uploader[0].set_value(("answers.jsonl", content, "application/jsonl")).run()


def until_done(app: AppTest) -> AppTest:
    """The page once the process has ended; a browser looks twice a second."""
    for _ in range(240):
        if "process of its own" not in said(app):
            return app
        time.sleep(0.5)
        app.run()
    raise AssertionError("the process did not end within two minutes")


def test_the_page_waits_for_no_large_file_and_stores_it_beside_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = given(store, monkeypatch, predictions(""))
    assert "process of its own" in said(app)
    until_done(app).button(key="upload-store").click().run()
    assert "process of its own" in said(app)

    # whoever leaves the page and comes back finds it stored
    app.switch_page("pages/overview.py").run()
    app.switch_page("pages/checkpoints.py").run()
    until_done(app)

    assert not app.exception
    run = store.evals.get("week 1", "validation")
    assert run is not None
    assert (run.n_samples, run.accuracy) == (len(WORLD.labels), 1.0)


def test_what_is_wrong_with_a_large_file_is_one_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    app = until_done(given(store, monkeypatch, predictions("{not json")))
    assert not app.exception
    assert len(app.error) == 1
    assert "answers.jsonl" in app.error[0].value

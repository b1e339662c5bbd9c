"""An eval tool's file on the checkpoints page: the tool is known, and what must be chosen is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from driftcore import ingest, open_store
from driftcore.store import Store
from tests.app.triage_world import WORLD, open_page, said
from tests.readers.evals import logs


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "store.lance")
    columns = {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}
    ingest(store, columns, checkpoint="week 1")
    return store


def given(store: Store, monkeypatch: pytest.MonkeyPatch, path: Path) -> AppTest:
    """The page after a person has chosen the file."""
    app = open_page(monkeypatch, store, "checkpoints", {})
    app.segmented_control(key="upload-kind").set_value("Predictions").run()
    return app.file_uploader[0].set_value((path.name, path.read_bytes(), "application/octet-stream")).run()


def box(app: AppTest, label: str) -> Selectbox:
    return next(each for each in app.selectbox if each.label == label)


def test_a_log_of_inspect_is_known_and_ready_to_be_stored(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = logs.write_zip(tmp_path / "log.eval", logs.inspect_parts([logs.inspect_sample("s1")], status="cancelled"))

    app = given(store, monkeypatch, path)

    assert not app.exception
    assert "1 rows of inspect. the log's status is 'cancelled': 1 samples of 3 were run." in said(app)
    assert (box(app, "Right by").value, box(app, "Id (optional)").value) == ("match", None)
    assert "Variant" not in [each.label for each in app.selectbox]
    assert not app.button(key="upload-store").disabled


def test_one_of_several_scorers_must_be_chosen(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {"strict": {"value": "I", "answer": "x"}, "lenient": {"value": "C", "answer": "x"}}
    path = logs.write_json(tmp_path / "log.json", logs.inspect_log([logs.inspect_sample("s1", scores=scores)]))
    app = given(store, monkeypatch, path)
    assert box(app, "Right by").options == ["strict", "lenient", "equality"]
    assert app.button(key="upload-store").disabled

    box(app, "Right by").set_value("lenient").run()

    assert not app.button(key="upload-store").disabled


def test_one_of_several_providers_must_be_chosen(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [logs.promptfoo_row("s1", provider=name, place=place) for place, name in enumerate(("echo", "gpt"))]
    app = given(store, monkeypatch, logs.write_lines(tmp_path / "results.jsonl", rows))
    assert app.button(key="upload-store").disabled

    box(app, "Variant").set_value("gpt").run()

    assert box(app, "Right by").value == "success"
    assert not app.button(key="upload-store").disabled


def test_a_column_that_no_name_tells_must_be_chosen(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = logs.write_json(tmp_path / "x.table.json", {"columns": ["ref", "said"], "data": [["s1", "a"]]})
    app = given(store, monkeypatch, path)
    assert app.button(key="upload-store").disabled

    box(app, "Prediction").set_value("said").run()

    assert not app.button(key="upload-store").disabled

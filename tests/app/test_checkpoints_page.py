"""The checkpoints page through app.py: what is stored, which models made it, and the way in for files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import ingest, open_store
from driftcore.records import ModelFingerprint
from driftcore.store import Store
from driftcore.workflows.share import keep_view
from tests.app.triage_world import WORLD, make_store, open_page, said, token

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("checkpoints") / "store.lance")


@pytest.fixture
def store(compared: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(compared, tmp_path / "store.lance"))


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda **query: open_page(monkeypatch, store, "checkpoints", query)


def test_an_empty_store_takes_a_file_and_says_how_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, open_store(tmp_path / "empty.lance"), "checkpoints", {})
    assert not app.exception
    assert "The store is empty: add a snapshot here" in said(app)
    assert len(app.get("file_uploader")) == 1


def test_every_checkpoint_is_listed_with_how_fresh_it_is_and_which_is_the_reference(opened: Open) -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    table = app.dataframe[0].value
    assert table["checkpoint"].tolist() == ["week 1", "week 2"]
    assert table["reference"].tolist() == ["first", ""]
    assert set(table["stored"]) <= {"just now", *(f"{n} minutes ago" for n in range(2, 60)), "1 minute ago"}
    # three of 240 are wrong at week 2, one at week 1
    assert table["accuracy (%)"].tolist() == [99.6, 98.8]
    assert table["samples"].tolist() == [240, 240]
    assert "all snapshots were made as week 1 was" in said(app)


def test_a_pinned_reference_is_said(opened: Open, store: Store) -> None:
    store.pin("week 2")
    app = opened()
    assert app.dataframe[0].value["reference"].tolist() == ["", "pinned"]
    assert "Others are compared with week 2, which is pinned" in said(app)
    assert app.selectbox(key="pin-checkpoint").value == "week 2"


def test_another_model_is_said_in_words(opened: Open, store: Store) -> None:
    columns = {"id": WORLD.sample_ids, "embedding": WORLD.vectors[:, :5]}
    ingest(store, columns, checkpoint="week *3*", model=ModelFingerprint(model_id="other"))
    width = WORLD.vectors.shape[1]
    assert f"**week *3* (validation)**: 5 dims instead of {width}: compare with --align" in said(opened())


def test_without_an_eval_run_the_page_says_how_to_add_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "store.lance")
    ingest(store, {"id": WORLD.sample_ids, "embedding": WORLD.vectors}, checkpoint="only")
    app = open_page(monkeypatch, store, "checkpoints", {})
    assert not app.exception
    assert "No eval run is stored: add one below" in said(app)


def test_a_guest_sees_the_tables_and_no_way_in(opened: Open, store: Store) -> None:
    view = keep_view(store, "checkpoints", {})
    app = opened(share=token(view.view_id))
    assert not app.exception
    assert app.dataframe[0].value["checkpoint"].tolist() == ["week 1", "week 2"]
    assert not app.button
    assert not app.get("file_uploader")

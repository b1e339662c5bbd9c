"""The map page through app.py: ways to a selection that need no mouse, and what they select."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.settings import bundled
from driftcore.testing import make_world, moved


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`concept 0` went a quarter of the way to `concept 1`; four of its samples became wrong."""
    path = tmp_path_factory.mktemp("map") / "store.lance"
    world = make_world(n_concepts=8, n_per_concept=30)
    wrong = np.array(world.labels, dtype=object)
    wrong[np.flatnonzero(world.labels == "concept 0")[:4]] = "concept 1"
    weeks = {
        "week 1": (world.vectors, world.labels),
        "week 2": (moved(world, 0, toward=1, share=0.25), wrong),
    }
    texts = np.array([f"text {row} of *{label}*" for row, label in enumerate(world.labels)], dtype=object)
    opened = open_store(path)
    for name, (embedded, predictions) in weeks.items():
        columns = {"id": world.sample_ids, "label": world.labels, "text": texts, "embedding": embedded}
        ingest(opened, columns, checkpoint=name)
        log_eval(opened, {"id": world.sample_ids, "prediction": predictions}, checkpoint=name)
    compare(opened, "week 1", "week 2")
    make_frame(opened, "week 1")
    return path


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    return opened()


def opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page("pages/map.py")
    for key, value in {"reference": "week 1", "current": "week 2", **query}.items():
        app.query_params[key] = value
    return app.run()


def test_the_samples_that_became_wrong_are_suggested_with_their_number(app: AppTest) -> None:
    assert any("4 samples of concept 0 that were right and are wrong now" in each.label for each in app.button)


def test_where_nothing_is_selected_the_ways_to_a_selection_are_named(app: AppTest) -> None:
    assert any("draw on the map, click what changed most, or search" in box.value for box in app.info)


def test_a_search_says_how_many_samples_have_the_text(app: AppTest) -> None:
    # "text 1 of", "text 10 of" … : thirty samples are of concept 7, whatever their number
    app.text_input(key="search-text").set_value("OF *CONCEPT 7*").run()
    assert any(each.label == "Select 30 samples with this text" for each in app.button)


def test_the_map_is_drawn_by_its_component_and_by_plotly_where_that_is_asked_for(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not app.get("plotly_chart")
    monkeypatch.setenv("DRIFTLOOP_MAP", "plotly")
    with_plotly = opened()
    assert not with_plotly.exception
    assert len(with_plotly.get("plotly_chart")) == 1


def test_filters_of_a_link_are_taken_over_and_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    app = opened(concepts=["concept 0", "concept 3"], outcome="newly wrong", min_shift="0", text="of *CONCEPT")
    assert not app.exception
    # four samples of concept 0 became wrong, and none of another
    assert any(each.value.startswith("4 of 240 samples.") for each in app.caption)
    assert any("concept 0, concept 3; right before, wrong now; text with" in each.value for each in app.caption)


def test_every_filter_is_written_into_the_link_also_where_nothing_is_chosen(app: AppTest) -> None:
    wanted = {
        "concepts": "",
        "clusters": "",
        "text": "",
        "min_shift": "0",
        "outcome": "any",
        "trails": "10",
        "beside": "none",
    }
    assert {key: app.query_params[key] for key in wanted} == wanted


def test_what_a_filter_of_a_link_names_and_nobody_knows_is_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    app = opened(concepts=["concept 0", "<b>nobody"], min_shift="much", outcome="never", beside="week 9")
    assert not app.exception
    said = " ".join(each.value for each in app.warning)
    assert "concepts '\\<b\\>nobody'" in said
    assert "min_shift 'much', which is not a number from 0 to 2" in said
    assert "outcome 'never'" in said
    assert "beside 'week 9'" in said
    # what is known of it holds
    assert any(each.value.startswith("30 of 240 samples.") for each in app.caption)


def test_a_second_map_shows_another_checkpoint_with_its_own_notes(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    compare(open_store(store), "week 1", "week 1")
    app = opened(beside="week 1")
    assert not app.exception
    assert sum(each.value.startswith("240 of 240 samples.") for each in app.caption) == 2


def test_a_large_selection_is_a_table_of_fifty_samples_a_page(app: AppTest) -> None:
    # all 240 samples have this in their text
    app.text_input(key="search-text").set_value("of *concept").run()
    app.button(key="search-select").click().run()
    assert not app.exception
    assert any(each.value == "240 samples selected" for each in app.subheader)
    (table,) = [each.value for each in app.dataframe if "before → now" in each.value.columns]
    assert len(table) == 50
    assert table["text"].str.startswith("text ").all()
    assert any(each.value.startswith("1–50 of 240 samples") for each in app.caption)

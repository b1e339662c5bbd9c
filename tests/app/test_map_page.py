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


def opened() -> AppTest:
    app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page("pages/map.py")
    app.query_params["reference"], app.query_params["current"] = "week 1", "week 2"
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

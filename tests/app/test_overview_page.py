"""The overview through app.py: its verdict, its numbers, its splits, live traffic, and what a guest sees of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, open_store
from driftcore.settings import bundled
from driftcore.testing import make_world, moved
from driftcore.workflows.share import keep_view, share_token

SECRET = "a secret of the test, long enough"
Open = Callable[..., AppTest]


@pytest.fixture
def open_overview(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(store: Path, **query: str) -> AppTest:
        monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
        monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks, `validation` and `test` followed through time, `live` with other samples each week.

    `concept 0` goes a quarter of the way to `concept 1` in week 2; four of its validation samples become wrong.
    """
    path = tmp_path_factory.mktemp("overview") / "store.lance"
    opened = open_store(path)
    world = make_world(n_concepts=8, n_per_concept=30)
    went = moved(world, 0, toward=1, share=0.25)
    wrong = np.array(world.labels, dtype=object)
    wrong[np.flatnonzero(world.labels == "concept 0")[:4]] = "concept 1"
    weeks = {"week 1": (world.vectors, world.labels), "week 2": (went, wrong), "week 3": (went, wrong)}
    for number, (week, (vectors, predictions)) in enumerate(weeks.items()):
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=number)
        ids = world.sample_ids
        for split in ("validation", "test"):
            columns = {"id": ids, "label": world.labels, "embedding": vectors}
            ingest(opened, columns, checkpoint=week, split=split, at=at)
        live = {
            "id": [f"{week}, {each}" for each in ids],
            "label": world.labels,
            "embedding": make_world(n_concepts=8, n_per_concept=30, seed=number + 1).vectors,
        }
        ingest(opened, live, checkpoint=week, split="live", at=at)
        log_eval(opened, {"id": ids, "prediction": predictions}, checkpoint=week)
        compare(opened, "week 1", week)
    return path


def numbers(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def test_every_number_has_a_line_of_plain_words(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    assert not app.exception
    captions = [each.value.replace("\\", "") for each in app.caption]
    assert len(app.metric) == 5
    for words in (
        "of the validation samples are right",
        "of the distance between concept 0 and concept 1 has gone",
        "when concept 0 first stood out",
        "samples became wrong since week 1",
        "samples in 1 span",
    ):
        assert any(words in caption for caption in captions), words


def test_the_numbers_are_those_of_the_world(open_overview: Open, store: Path) -> None:
    told = numbers(open_overview(store, reference="week 1", current="week 2"))
    # 4 of 240 samples are wrong
    assert told["Accuracy"] == "98.3 %"
    assert told["Right → wrong"] == "4"
    assert told["Gap closure"].startswith("25.")
    assert told["Drifting since"] == "week 2"


def test_the_verdict_is_a_word_with_an_icon(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    badges = [each.value for each in app.markdown if "-badge[" in each.value]
    assert any(":material/" in badge and ("Silent drift" in badge or "Regression" in badge) for badge in badges)


def test_a_concept_says_how_far_it_went_where_to_and_what_became_wrong(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    said = [each.value.replace("\\", "") for each in app.markdown]
    # 4 of the 30 samples of concept 0
    (line,) = [each for each in said if "4 right → wrong, 0 wrong → right" in each]
    assert "of the mean gap between concepts toward concept 1" in line
    assert "accuracy 100.0 % → 86.7 %" in line


def test_links_onward_carry_the_choices_and_lead_only_to_pages_that_are_there(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    links = {each.proto.label: each.proto.query_string for each in app.get("page_link")}
    assert links["Look at it on the map"] == "reference=week+1&current=week+2&split=validation"
    assert links["On the map"] == "reference=week+1&current=week+2&split=validation&concepts=concept+0"
    assert any(label.startswith("Triage") for label in links)


def test_splits_that_can_be_followed_are_a_choice_and_live_traffic_is_none(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    split = app.selectbox(key="split")
    assert split.options == ["validation", "test"]
    assert app.query_params["split"] == "validation"
    split.set_value("test").run()
    assert app.query_params["split"] == "test"
    assert any("has not been compared" in box.value for box in app.info)


def test_a_link_names_its_split(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2", split="test")
    assert app.selectbox(key="split").value == "test"


def test_a_link_to_a_split_that_is_not_followed_is_said(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2", split="live")
    assert "The link names split 'live'" in app.warning[0].value
    assert app.selectbox(key="split").value == "validation"


def test_live_traffic_that_is_not_compared_names_the_command_and_offers_it(open_overview: Open, store: Path) -> None:
    app = open_overview(store, reference="week 1", current="week 2")
    assert any("--split live" in box.value for box in app.info)
    assert "Compare live now" in [button.label for button in app.button]


def test_live_traffic_says_its_sentence_and_its_mix(open_overview: Open, store: Path) -> None:
    compare(open_store(store), "week 1", "week 3", split="live")
    app = open_overview(store, reference="week 1", current="week 3")
    assert not app.exception
    assert any("'live' of week 1 to 'live' of week 3" in each.value for each in app.markdown)
    (mix,) = [each.value for each in app.dataframe if "share now (%)" in each.value]
    # thirty of each of eight concepts, then as now
    assert mix["share now (%)"].tolist() == [12.5] * 8


def test_where_there_is_no_live_traffic_the_page_says_how_to_store_some(open_overview: Open, tmp_path: Path) -> None:
    world = make_world(n_concepts=3, n_per_concept=5)
    opened = open_store(tmp_path / "store.lance")
    for week in ("week 1", "week 2"):
        ingest(opened, {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}, checkpoint=week)
    compare(opened, "week 1", "week 2")
    app = open_overview(tmp_path / "store.lance")
    assert any("driftloop ingest FILE --checkpoint NAME --split live" in each.value for each in app.caption)


def test_a_guest_sees_the_split_of_the_view_and_no_way_out_of_it(open_overview: Open, store: Path) -> None:
    choices = {"reference": ["week 1"], "current": ["week 2"], "split": ["validation"]}
    view = keep_view(open_store(store), "overview", choices)
    token = share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1))
    app = open_overview(store, share=token, split="test", current="week 3")
    assert not app.exception
    assert {box.label: box.value for box in app.selectbox} == {
        "Split": "validation",
        "Reference checkpoint": "week 1",
        "Current checkpoint": "week 2",
    }
    assert all(box.disabled for box in app.selectbox)
    assert not app.get("page_link")
    assert not [button.label for button in app.button if button.label.startswith("Compare")]

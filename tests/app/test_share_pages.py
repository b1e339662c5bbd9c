"""Links that travel, through app.py: a view's id, a share link, and what neither opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.records import Camera, SelectionStep, View
from driftcore.settings import bundled
from driftcore.testing import make_world, moved
from driftcore.workflows.share import keep_view, share_token

SECRET = "a secret of the test, long enough"
PICKED = {"reference": ["week 1"], "current": ["week 2"], "color": ["shift"], "span": ["none"]}
CAMERA = Camera(x=0.1, y=0.2, width=0.7)
Open = Callable[..., AppTest]


@pytest.fixture
def open_link(monkeypatch: pytest.MonkeyPatch, store: Path) -> Open:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)

    def opened(page: str = "overview", **query: str) -> AppTest:
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180)
        if page != "overview":
            app.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shared") / "store.lance"
    world = make_world(n_concepts=8, n_per_concept=30)
    third = moved(world, 0, toward=1, share=0.5)
    stored = open_store(path)
    for name, vectors in {
        "week 1": world.vectors,
        "week 2": moved(world, 0, toward=1, share=0.25),
        "week 3": third,
    }.items():
        ingest(stored, {"id": world.sample_ids, "label": world.labels, "embedding": vectors}, checkpoint=name)
        log_eval(stored, {"id": world.sample_ids, "prediction": world.labels}, checkpoint=name)
        if name != "week 1":
            compare(stored, "week 1", name)
    make_frame(stored, "week 1")
    return path


@pytest.fixture
def view(store: Path) -> View:
    """Seven samples selected by name, coloured by shift."""
    ids = tuple(np.asarray(make_world(n_concepts=8, n_per_concept=30).sample_ids[:7], dtype=str).tolist())
    steps = (SelectionStep(mode="replace", checkpoint="week 2", sample_ids=ids),)
    return keep_view(open_store(store), "map", PICKED, steps=steps, camera=CAMERA, who="ada@example.org")


def token(view: View, *, days: float = 1) -> str:
    return share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=days))


def picked(app: AppTest) -> dict[str, str]:
    return {box.label: box.value for box in app.selectbox}


def test_a_view_link_opens_its_page_with_its_choices_its_selection_and_its_zoom(open_link: Open, view: View) -> None:
    app = open_link("overview", view=view.view_id)
    assert not app.exception
    assert [title.value for title in app.title] == ["Map"]
    assert picked(app)["Current checkpoint"] == "week 2"
    assert picked(app)["Colour by"] == "shift"
    assert any("7 samples selected" in line.value for line in (*app.subheader, *app.markdown))
    assert app.session_state["selection-camera"] == CAMERA
    # written out, so that the address says what is seen
    assert app.query_params["color"] == "shift"
    assert app.query_params["current"] == "week 2"


def test_what_was_chosen_after_a_view_was_opened_stays(open_link: Open, view: View) -> None:
    app = open_link("map", view=view.view_id)
    app.selectbox(key="current").set_value("week 3").run()
    assert picked(app)["Current checkpoint"] == "week 3"
    # the address of that moment, opened anew: the selection of the view, the checkpoint that was chosen since
    again = open_link("map", view=view.view_id, current="week 3")
    assert picked(again)["Current checkpoint"] == "week 3"
    assert picked(again)["Colour by"] == "shift"


def test_a_view_that_nobody_kept_is_said_and_the_page_opens(open_link: Open) -> None:
    app = open_link("overview", view="nope *x*")
    assert not app.exception
    assert app.warning[0].value.startswith("No view 'nope \\*x\\*'")
    assert [title.value for title in app.title] == ["Overview"]


def test_a_view_says_what_changed_behind_it(open_link: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(n_concepts=3, n_per_concept=5)
    changing = open_store(tmp_path / "store.lance")
    ingest(changing, {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}, checkpoint="week 1")
    view = keep_view(changing, "checkpoints", {"reference": ["week 1"]})
    monkeypatch.setenv("DRIFTLOOP_STORE", str(tmp_path / "store.lance"))
    assert not open_link("checkpoints", view=view.view_id).warning
    log_eval(changing, {"id": world.sample_ids, "prediction": world.labels}, checkpoint="week 1")
    said = open_link("checkpoints", view=view.view_id).warning[0].value.replace("\\", "")
    assert "The data has changed" in said
    assert "The eval run of 'week 1' (validation) was added." in said


def test_the_address_with_the_choices_is_there_before_a_view_is_kept(open_link: Open, store: Path) -> None:
    app = open_link("map", reference="week 1", current="week 2")
    app.session_state["share-view"] = True
    before = len(open_store(store).views.all())
    app.run()
    # without a press the address with the choices is there, and nothing is kept
    assert len(open_store(store).views.all()) == before
    assert any("reference=week+1" in code.value for code in app.code)


def test_a_share_link_shows_its_view_with_a_banner_and_every_choice_locked(open_link: Open, view: View) -> None:
    app = open_link("map", share=token(view))
    assert not app.exception
    assert "Shared view by ada" in app.info[0].value
    assert "read-only" in app.info[0].value
    assert picked(app)["Current checkpoint"] == "week 2"
    assert all(box.disabled for box in app.selectbox)
    assert any("7 samples selected" in line.value for line in (*app.subheader, *app.markdown))


def test_a_share_link_saves_and_exports_nothing(open_link: Open, view: View) -> None:
    app = open_link("map", share=token(view))
    labels = {button.label for button in (*app.button, *app.get("download_button"))}
    assert not labels & {"Save as span", "Export CSV", "Make a read-only link", "Compare them now"}


@pytest.mark.parametrize("page", ["overview", "creep", "spans", "retraining", "checkpoints"])
def test_a_share_link_leads_to_its_own_page_only(open_link: Open, view: View, page: str) -> None:
    app = open_link(page, share=token(view))
    assert [title.value for title in app.title] == ["Map"]


def test_a_changed_address_changes_nothing_for_a_guest(open_link: Open, view: View) -> None:
    app = open_link("map", share=token(view), current="week 3", color="cluster", view="other")
    assert picked(app)["Current checkpoint"] == "week 2"
    app.query_params["current"] = "week 3"
    app.query_params.pop("share")
    app.run()
    assert picked(app)["Current checkpoint"] == "week 2"
    assert "read-only" in app.info[0].value


def test_a_guest_may_not_load_another_checkpoint_however_it_is_asked_for(open_link: Open, view: View) -> None:
    app = open_link("map", share=token(view))
    # what a forged message could set: the state behind the pickers
    app.session_state["current"] = "week 3"
    app.run()
    assert picked(app)["Current checkpoint"] == "week 2"


@pytest.mark.parametrize("page", ["overview", "map", "creep", "spans"])
def test_an_expired_or_changed_share_link_shows_one_line_and_nothing_else(
    open_link: Open, view: View, page: str
) -> None:
    for broken, words in ((token(view, days=-1), "expired"), (token(view)[:-3] + "abc", "not valid")):
        app = open_link(page, share=broken)
        assert not app.exception
        assert words in app.error[0].value
        assert not app.title
        assert not app.selectbox
        assert not app.dataframe


def test_a_guest_who_stays_is_refused_when_the_link_ends(open_link: Open, view: View) -> None:
    app = open_link("map", share=share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1)))
    shared = app.session_state["guest-of"]
    app.session_state["guest-of"] = type(shared)(view=shared.view, until=datetime.now(UTC) - timedelta(seconds=1))
    app.run()
    assert "expired" in app.error[0].value
    assert not app.title

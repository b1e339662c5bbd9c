"""The stakeholder's page is offered on the overview, made by nobody's page load, and never offered to a guest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, open_store
from driftcore.settings import bundled
from driftcore.testing import make_world, moved
from driftcore.workflows.share import keep_view, share_token

SECRET = "a secret of the test, long enough"
PICKED = {"reference": ["week 1"], "current": ["week 2"]}
Open = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path, world = tmp_path / "store.lance", make_world(n_concepts=8, n_per_concept=30)
    opened = open_store(path)
    for name, vectors in {"week 1": world.vectors, "week 2": moved(world, 0, toward=1, share=0.25)}.items():
        ingest(opened, {"id": world.sample_ids, "label": world.labels, "embedding": vectors}, checkpoint=name)
    compare(opened, "week 1", "week 2")
    return path


@pytest.fixture
def overview(monkeypatch: pytest.MonkeyPatch, store: Path) -> Open:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button] + [box.label for box in app.checkbox]


def test_an_editor_may_have_it_made_and_a_page_load_makes_nothing(overview: Open, store: Path) -> None:
    before = open_store(store).stamp()
    app = overview(reference="week 1", current="week 2")
    assert not app.exception
    assert {"Make the report file", "Leave out sample texts"} <= set(labels(app))
    assert len(app.get("download_button")) == 0
    # no map was computed for it
    assert open_store(store).stamp() == before


def test_a_guest_is_not_offered_it(overview: Open, store: Path) -> None:
    view = keep_view(open_store(store), "overview", PICKED)
    token = share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1))
    app = overview(share=token)
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == ["Overview"]
    assert not {"Make the report file", "Leave out sample texts"} & set(labels(app))

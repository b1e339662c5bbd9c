"""Every page through app.py: empty, minimal, typical, and with a wrong id in the link."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.settings import bundled
from driftcore.testing import make_world, moved
from driftcore.ui import PAGES

Open = Callable[..., AppTest]
NAMES = [name for name, _ in PAGES]
TITLES = dict(PAGES)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(store: Path, page: str, **query: str) -> AppTest:
        monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180)
        if page != "overview":
            app.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture(scope="module")
def typical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two checkpoints, evaluated, compared and drawn; `concept 0` went a quarter of the way to `concept 1`."""
    path = tmp_path_factory.mktemp("typical") / "store.lance"
    world = make_world(n_concepts=8, n_per_concept=30)
    vectors = {"week 1": world.vectors, "week 2": moved(world, 0, toward=1, share=0.25)}
    texts = np.array([f"text *{row}* <b>" for row in range(len(world.vectors))], dtype=object)
    store = open_store(path)
    for name, embedded in vectors.items():
        columns = {"id": world.sample_ids, "label": world.labels, "text": texts, "embedding": embedded}
        ingest(store, columns, checkpoint=name)
        log_eval(store, {"id": world.sample_ids, "prediction": world.labels}, checkpoint=name)
    compare(store, "week 1", "week 2")
    make_frame(store, "week 1")
    return path


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    """One checkpoint, nothing evaluated, nothing compared."""
    path = tmp_path / "store.lance"
    world = make_world(n_concepts=3, n_per_concept=5)
    columns = {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}
    ingest(open_store(path), columns, checkpoint="first")
    return path


@pytest.fixture(scope="module")
def two_concepts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two checkpoints of two concepts, which is as few as can be compared; no eval run."""
    path = tmp_path_factory.mktemp("two") / "store.lance"
    world = make_world(n_concepts=2, n_per_concept=25)
    store = open_store(path)
    for name, vectors in {"first": world.vectors, "second": moved(world, 0, toward=1, share=0.25)}.items():
        ingest(store, {"id": world.sample_ids, "label": world.labels, "embedding": vectors}, checkpoint=name)
    compare(store, "first", "second")
    make_frame(store, "first")
    return path


@pytest.mark.parametrize("page", NAMES)
def test_without_a_store_a_page_says_how_to_make_one(open_page: Open, tmp_path: Path, page: str) -> None:
    app = open_page(tmp_path / "nowhere", page)
    assert not app.exception
    assert "driftloop ingest" in app.error[0].value


@pytest.mark.parametrize("page", NAMES)
def test_an_empty_store_says_what_to_do_next(open_page: Open, tmp_path: Path, page: str) -> None:
    open_store(tmp_path / "empty.lance")
    app = open_page(tmp_path / "empty.lance", page)
    assert not app.exception
    assert [box.value for box in (*app.error, *app.info)]


@pytest.mark.parametrize("page", NAMES)
def test_one_checkpoint_is_enough_to_open_a_page(open_page: Open, minimal: Path, page: str) -> None:
    app = open_page(minimal, page)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == TITLES[page]


@pytest.mark.parametrize("page", NAMES)
def test_a_typical_page_has_its_numbers(open_page: Open, typical: Path, page: str) -> None:
    app = open_page(typical, page, reference="week 1", current="week 2")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == TITLES[page]


@pytest.mark.parametrize("page", NAMES)
def test_two_checkpoints_of_two_concepts_without_an_eval_are_enough(
    open_page: Open, two_concepts: Path, page: str
) -> None:
    app = open_page(two_concepts, page, reference="first", current="second")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == TITLES[page]


@pytest.mark.parametrize("page", NAMES)
def test_a_link_to_what_is_not_here_is_said(open_page: Open, typical: Path, page: str) -> None:
    app = open_page(typical, page, reference="week 1", current="week 99", span="feedbeef")
    assert not app.exception
    # what these two show is not chosen by the address: there is nothing to miss
    if page in ("retraining", "checkpoints"):
        assert not app.warning
    else:
        assert "is not here" in app.warning[0].value


def test_the_overview_says_the_sentence(open_page: Open, typical: Path) -> None:
    app = open_page(typical, "overview", reference="week 1", current="week 2")
    # 25 % of the way toward a concept that stays is a gap closure of 25 %
    assert app.header[0].value.replace("\\", "").startswith("Since week 1 'concept 0' has come 25 %")
    assert any("Silent drift" in each.value for each in app.markdown)
    assert [each.label for each in app.metric][:2] == ["Accuracy", "Gap closure"]
    assert app.metric[1].value.startswith("25.")


def test_the_map_offers_what_is_not_computed_instead_of_computing_it(open_page: Open, minimal: Path) -> None:
    app = open_page(minimal, "map")
    assert "Compare them now" in [button.label for button in app.button]


def test_a_page_opened_without_app_py_finds_its_frame(typical: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a folder named pages/ is served directly on the first deep link after a restart
    monkeypatch.setenv("DRIFTLOOP_STORE", str(typical))
    app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page("pages/checkpoints.py").run()
    assert not app.exception
    assert app.title[0].value == "Checkpoints"


def test_text_from_samples_is_never_markdown(open_page: Open, typical: Path) -> None:
    app = open_page(typical, "map", reference="week 1", current="week 2")
    assert not [each.value for each in app.markdown if "<b>" in each.value]

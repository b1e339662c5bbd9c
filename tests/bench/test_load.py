"""The load test itself, small: two visitors click for some seconds on a real server, and nothing fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bench.ui import large_store
from tests.bench.ui.load import DEEDS, as_row, clicks, measured
from tests.bench.ui.visitor import VisitError, Visitor
from tests.browser.server import running_app


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("load") / "large.lance"
    large_store.make(path, n_checkpoints=4, n_samples=1_000, n_dims=64, n_large=2_000, n_large_checkpoints=2)
    return path


def test_no_click_of_two_visitors_fails_and_the_server_tells_what_it_holds(store: Path) -> None:
    found = measured(
        "small", store, [large_store.MANY, large_store.LARGE], n_visitors=2, seconds=5, think=0.2, patience=1
    )
    assert found.failures == []
    # each opened a page and did something on it
    assert len(found.answers) >= 4
    assert 0 < found.memory["idle"] <= found.memory["one"] <= found.memory["all"]
    assert as_row(found).count("|") == 14


def test_a_visitor_sees_what_a_browser_would(store: Path) -> None:
    with running_app(store) as url, Visitor(url) as visitor:
        visitor.open("map", split=large_store.MANY)
        assert visitor.options("current")[-1] == "week 003"
        visitor.choose("current", "week 002")
        assert visitor.query["current"] == "week 002"
        DEEDS["lasso"][1](visitor, random.Random(0))
        said = [element.heading.body for element in visitor.drawn("heading")]
        # both concepts on the one side of the ring have 20 samples each, and more are near
        assert any("samples selected" in line and not line.startswith("0 ") for line in said)


def test_an_exception_on_the_page_is_a_failure(store: Path, tmp_path: Path) -> None:
    with running_app(store) as url, Visitor(url) as visitor:
        way = clicks(visitor, large_store.MANY, random.Random(1), seconds=0, think=0)
        assert next(way)[1] > 0
        with pytest.raises(VisitError, match="shows no selectbox 'nothing'"):
            visitor.choose("nothing", 0)

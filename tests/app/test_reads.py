"""How much a page reads of the store: when nothing has changed, nothing but whether something has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from lancedb.query import LanceQueryBuilder
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.settings import bundled
from driftcore.testing import make_world, moved

N_CHECKPOINTS = 6


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six weeks, in which `concept 0` goes to `concept 1`; all of them compared and drawn."""
    path = tmp_path_factory.mktemp("reads") / "store.lance"
    world, opened = make_world(n_concepts=8, n_per_concept=30), open_store(path)
    texts = np.array([f"text {row}" for row in range(len(world.labels))], dtype=object)
    for number in range(N_CHECKPOINTS):
        vectors = moved(world, 0, toward=1, share=0.05 * number)
        columns = {"id": world.sample_ids, "label": world.labels, "text": texts, "embedding": vectors}
        ingest(opened, columns, checkpoint=f"week {number}")
        log_eval(opened, {"id": world.sample_ids, "prediction": world.labels}, checkpoint=f"week {number}")
        compare(opened, "week 0", f"week {number}")
    make_frame(opened, "week 0")
    return path


@contextmanager
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """The reads of rows, by the table that they are read of; asking for a version is none."""
    counted: Counter[str] = Counter()
    read = LanceQueryBuilder.create.__func__

    def counting(cls: type, table: object, *given: object, **named: object) -> object:
        counted[str(getattr(table, "name", "")).split("-")[0]] += 1
        return read(cls, table, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(LanceQueryBuilder, "create", classmethod(counting))
        yield counted


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page(f"pages/{page}.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


@pytest.mark.parametrize("page", ["overview", "map", "creep", "spans", "checkpoints"])
def test_a_widget_that_changes_reads_nothing_that_was_read_already(
    page: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    app = opened(page)
    assert not app.exception
    with reads(monkeypatch) as counted:
        app.run()
    # who decided what last, and its undo, are looked up: one small register
    assert set(counted) <= {"decisions"}, counted


def test_a_map_reads_the_samples_of_the_two_checkpoints_that_it_shows_however_many_there_are(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    with reads(monkeypatch) as counted:
        app = opened("map", reference="week 0", current="week 4", color="shift")
    assert not app.exception
    # one read finds all outlines, one each the two steps in the register, two their samples, and one the clusters of
    # the later one, which are kept apart
    assert counted["frames"] <= 6, counted


def test_a_timeline_is_a_few_reads_however_many_checkpoints_it_has(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    with reads(monkeypatch) as counted:
        app = opened("overview", reference="week 0", current="week 3")
    assert not app.exception
    # the report that is shown, all reports of the timeline, and all of their gap closures
    assert counted["reports"] <= 3 < N_CHECKPOINTS, counted

"""A store that was opened for reading only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.errors import NotAllowedError
from driftcore.records import View
from driftcore.store import Store
from driftcore.testing import make_world, moved
from driftcore.workflows.compare import kept_report
from driftcore.workflows.make_frame import kept_frame
from driftcore.workflows.share import keep_view

WORLD = make_world(n_concepts=3, n_per_concept=12)
ROWS = {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}
RIGHT = {"id": WORLD.sample_ids, "prediction": WORLD.labels}


def view(store: Store) -> View:
    return keep_view(store, "map", {"reference": ["week 1"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two checkpoints, of which one is evaluated; neither compared nor drawn."""
    stored = open_store(tmp_path / "store.lance")
    ingest(stored, ROWS, checkpoint="week 1")
    ingest(stored, {**ROWS, "embedding": moved(WORLD, 0, toward=1, share=0.3)}, checkpoint="week 2")
    log_eval(stored, RIGHT, checkpoint="week 1")
    return tmp_path / "store.lance"


@pytest.mark.parametrize(
    "write",
    [
        lambda store: ingest(store, ROWS, checkpoint="week 3"),
        # the same again writes nothing, and is refused all the same
        lambda store: ingest(store, ROWS, checkpoint="week 1"),
        lambda store: log_eval(store, RIGHT, checkpoint="week 2"),
        lambda store: compare(store, "week 1", "week 2"),
        lambda store: make_frame(store, "week 1"),
        lambda store: store.pin("week 2"),
        view,
    ],
    ids=["snapshot", "same snapshot", "eval run", "report", "frame", "pin", "view"],
)
def test_nothing_is_written(path: Path, write: Callable[[Store], object]) -> None:
    reading = open_store(path, read_only=True)
    before = contents(path)

    with pytest.raises(NotAllowedError, match="for reading only"):
        write(reading)

    assert contents(path) == before


def test_a_reader_sees_what_a_writer_writes(path: Path) -> None:
    reading, writing = open_store(path, read_only=True), open_store(path)

    report = compare(writing, "week 1", "week 2")
    make_frame(writing, "week 1")

    kept = kept_report(reading, "week 1", "week 2")
    assert kept is not None
    assert kept.report_id == report.report_id
    assert kept_frame(reading, "week 1") is not None


def test_readers_and_writers_sign_with_the_same_secret(path: Path) -> None:
    # the first one makes it, also where that is a reader
    made = open_store(path, read_only=True).secret()
    assert open_store(path).secret() == made
    assert open_store(path, read_only=True).secret() == made


def test_a_new_and_empty_store_can_be_read(tmp_path: Path) -> None:
    assert open_store(tmp_path / "new.lance", read_only=True).checkpoints() == ()


def contents(path: Path) -> tuple[object, ...]:
    stored = open_store(path)
    return (stored.stamp(), stored.checkpoints(), stored.views.all(), stored.spans.all())

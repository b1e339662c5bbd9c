"""From a store to a file: what is missing is computed and kept, what cannot be is said, and a file is never half."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from driftcore import ingest, open_store
from driftcore.errors import BadInputError, NotFoundError
from driftcore.handout import make_handout, write_handout
from driftcore.store import Store
from driftcore.testing import make_world
from driftcore.workflows.compare import kept_report
from driftcore.workflows.make_frame import kept_frame
from tests.handout.worlds import WEEKS, Page


def test_what_was_missing_is_kept_afterwards(store: Store, page: bytes) -> None:
    assert len(page) > 0
    assert all(kept_report(store, WEEKS[0], name) is not None for name in WEEKS[1:])
    frame = kept_frame(store, WEEKS[0])
    assert frame is not None
    assert [step.checkpoint for step in frame.steps] == list(WEEKS)


def test_progress_goes_forward_from_zero_to_one(store: Store) -> None:
    seen: list[float] = []
    make_handout(store, WEEKS[0], WEEKS[1], progress=lambda what, share: seen.append(share))
    assert seen == sorted(seen)
    assert (seen[-1], seen[0] >= 0) == (1.0, True)


def test_without_evals_labels_that_move_or_texts_there_is_still_a_page(tmp_path: Path) -> None:
    store, world = open_store(tmp_path / "store.lance"), make_world(n_concepts=3, n_per_concept=12)
    for name in ("first", "second"):
        columns = {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}
        ingest(store, columns, checkpoint=name)
    text = Page(make_handout(store, "first", "second")).text
    assert "Stable" in text
    assert "No eval run is stored" in text
    assert "No samples drifted or lost accuracy together" in text


def test_two_windows_of_different_samples_have_a_mix_and_no_map(tmp_path: Path) -> None:
    store, world = open_store(tmp_path / "store.lance"), make_world(n_concepts=4, n_per_concept=120)
    for name, rows in {"first": slice(0, None, 2), "second": slice(1, None, 2)}.items():
        columns = {"id": world.sample_ids[rows], "label": world.labels[rows], "embedding": world.vectors[rows]}
        ingest(store, columns, checkpoint=name, split="live")
        # the same samples under both: what tells a change of the model from one of the data
        anchors = {"id": [f"anchor {id}" for id in world.sample_ids], "label": world.labels, "embedding": world.vectors}
        ingest(store, anchors, checkpoint=name)
    read = Page(make_handout(store, "first", "second", split="live"))
    assert "The mix before and after" in read.text
    assert "No map and no drift through time: the two sides hold different samples" in read.text
    assert "canvas" not in [tag for tag, _ in read.elements]


def test_an_unknown_checkpoint_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="No checkpoint named 'week 9'"):
        make_handout(store, WEEKS[0], "week 9")


def test_a_file_is_replaced_as_a_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_bytes(b"old")
    write_handout(b"new", out)
    assert out.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [out]
    # as open as any other new file of this person
    beside = tmp_path / "other"
    beside.touch()
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE(beside.stat().st_mode)


def test_a_place_that_cannot_be_written_is_named(nowhere: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="there is no folder"):
        write_handout(b"page", nowhere)
    with pytest.raises(BadInputError, match="it is a folder"):
        write_handout(b"page", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stays_where_the_new_one_cannot_be_put(tmp_path: Path) -> None:
    out = tmp_path / ("x" * 240 + ".html")
    out.write_bytes(b"old")
    too_long = tmp_path / ("x" * 300 + ".html")
    with pytest.raises(BadInputError, match="File name too long"):
        write_handout(b"new", too_long)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_bytes() == b"old"

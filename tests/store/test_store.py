"""Opening a store, its reference, and the stamp under which pages cache what they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from driftcore.errors import ConflictError, NotFoundError, StoreError
from driftcore.records import CorridorStep, FrameStep, ModelFingerprint, SpaceMap
from driftcore.store import Store, open_store
from tests.store.batches import AT, all_right, make_batch, objects, write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def a_frame_step() -> FrameStep:
    return FrameStep(
        checkpoint="wk0",
        sample_ids=objects("s0"),
        points=np.array([[0.25, 0.5]], dtype=np.float32),
        clusters=np.array([0], dtype=np.int32),
        concepts=("label 0",),
        centroids=np.array([[0.25, 0.5]], dtype=np.float32),
        explained=1.0,
    )


def a_corridor_step(*, gap_closure: float | None = 0.25) -> CorridorStep:
    return CorridorStep(
        checkpoint="wk0",
        sample_ids=objects("s0", "s1"),
        of_a=np.array([True, False]),
        positions=np.array([0.25, 1.5], dtype=np.float32),
        own_positions=np.array([0.75, np.nan], dtype=np.float32),
        gap_closure=gap_closure,
        low=None if gap_closure is None else 0.125,
        high=None if gap_closure is None else 0.5,
    )


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert open_store(tmp_path / "new").checkpoints() == ()


def test_reading_where_there_is_no_store_does_not_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Make one with driftloop ingest"):
        open_store(tmp_path / "new", create=False)

    assert not (tmp_path / "new").exists()


def test_a_file_is_not_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a store")

    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path / "file")

    assert (tmp_path / "file").read_text() == "not a store"


def test_checkpoints_come_in_order_of_time_whatever_the_order_of_writing(store: Store) -> None:
    for days, name in ((2, "third"), (0, "first"), (1, "second")):
        store.snapshots.write(
            make_batch(), checkpoint=name, split="live", at=AT + timedelta(days=days), model=ModelFingerprint()
        )

    assert [checkpoint.checkpoint for checkpoint in store.checkpoints()] == ["first", "second", "third"]
    assert [checkpoint.order for checkpoint in store.checkpoints()] == [0, 1, 2]


def test_the_reference_is_the_first_checkpoint_until_another_is_pinned(store: Store) -> None:
    write(store, make_batch(), "wk0")
    write(store, make_batch(), "wk1")
    assert store.reference().checkpoint == "wk0"

    store.pin("wk1")
    assert store.reference().checkpoint == "wk1"

    store.pin("wk0")
    assert store.reference().checkpoint == "wk0"
    assert [checkpoint.pinned for checkpoint in store.checkpoints()] == [True, False]


def test_a_pin_is_there_for_the_next_process_too(store: Store) -> None:
    write(store, make_batch(), "wk0")
    write(store, make_batch(), "wk1")
    store.pin("wk1")

    assert open_store(store.uri).reference().checkpoint == "wk1"


def test_what_is_not_stored_cannot_be_pinned(store: Store) -> None:
    write(store, make_batch(), "wk0")

    with pytest.raises(NotFoundError, match=r"No checkpoint named 'wk9'\. Known: wk0\."):
        store.pin("wk9")


def test_an_empty_store_has_no_reference_and_says_what_to_do(store: Store) -> None:
    with pytest.raises(NotFoundError, match="add a snapshot with driftloop ingest"):
        store.reference()


CHANGES: dict[str, Callable[[Store], object]] = {
    "a snapshot": lambda store: write(store, make_batch(), "wk1"),
    "an eval run": lambda store: store.evals.write(
        all_right(objects("s0")), checkpoint="wk0", split="validation", at=AT
    ),
    "a frame": lambda store: store.frames.write(a_frame_step(), "what it was computed from"),
    "a corridor": lambda store: store.corridors.write(a_corridor_step(), "what it was computed from"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_stamp_changes_with_what_is_written(store: Store, change: Callable[[Store], object]) -> None:
    write(store, make_batch(), "wk0")
    before = store.stamp()

    change(open_store(store.uri))
    after = store.stamp()

    assert after != before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_stamp_stays_when_nothing_new_is_written(store: Store, change: Callable[[Store], object]) -> None:
    write(store, make_batch(), "wk0")
    change(store)
    before = store.stamp()

    change(store)
    store.checkpoints()

    assert store.stamp() == before


def test_a_reader_that_was_open_sees_what_another_one_writes(store: Store) -> None:
    assert store.checkpoints() == ()

    write(open_store(store.uri), make_batch(), "wk0")

    assert [checkpoint.checkpoint for checkpoint in store.checkpoints()] == ["wk0"]


def test_an_eval_run_with_other_content_is_refused_with_both_fingerprints(store: Store) -> None:
    first = all_right(objects("a", "b"))
    stored, _ = store.evals.write(first, checkpoint="wk0", split="validation", at=AT)
    other, _ = store.evals.write(all_right(objects("a", "c")), checkpoint="wk1", split="validation", at=AT)

    with pytest.raises(ConflictError) as refusal:
        store.evals.write(all_right(objects("a", "c")), checkpoint="wk0", split="validation", at=AT)

    assert stored.fingerprint[:12] in str(refusal.value)
    assert other.fingerprint[:12] in str(refusal.value)


def test_an_eval_run_in_another_order_of_rows_is_the_same(store: Store) -> None:
    store.evals.write(all_right(objects("a", "b")), checkpoint="wk0", split="validation", at=AT)

    _, created = store.evals.write(all_right(objects("b", "a")), checkpoint="wk0", split="validation", at=AT)

    assert not created


def test_accuracy_counts_only_what_the_tool_answered(store: Store) -> None:
    # right, wrong, failed: 1 of 2 known
    rows = all_right(objects("a", "b", "c"))
    rows.correct[:] = [1, 0, np.nan]

    run, _ = store.evals.write(rows, checkpoint="wk0", split="validation", at=AT)

    assert run.accuracy == 0.5
    assert run.n_failed == 1
    kept = store.evals.rows("wk0", "validation")
    assert kept is not None
    np.testing.assert_array_equal(kept.correct, [1, 0, np.nan])


@pytest.mark.parametrize("gap_closure", [0.25, None])
def test_a_corridor_comes_back_as_it_was_written(store: Store, gap_closure: float | None) -> None:
    step = a_corridor_step(gap_closure=gap_closure)

    store.corridors.write(step, "method", "refund", "cancel")
    kept = store.corridors.get("method", "refund", "cancel")

    assert kept is not None
    assert (kept.checkpoint, kept.gap_closure, kept.low, kept.high) == ("wk0", gap_closure, step.low, step.high)
    assert kept.sample_ids.tolist() == ["s0", "s1"]
    assert kept.of_a.tolist() == [True, False]
    np.testing.assert_array_equal(kept.positions, step.positions)
    np.testing.assert_array_equal(kept.own_positions, step.own_positions)
    # the concepts the other way round are another corridor
    assert store.corridors.get("method", "cancel", "refund") is None


def test_a_space_map_comes_back_as_it_was_written_whatever_the_widths(store: Store) -> None:
    rng = np.random.default_rng(0)
    written = SpaceMap(
        reference_axes=rng.normal(size=(5, 2)).astype(np.float32),
        current_axes=rng.normal(size=(3, 2)).astype(np.float32),
        offset=np.array([0.5, -1], dtype=np.float32),
    )

    store.space_maps.write(written, "method", "wk0", "wk1")
    kept = store.space_maps.get("method", "wk0", "wk1")

    assert kept is not None
    np.testing.assert_array_equal(kept.reference_axes, written.reference_axes)
    np.testing.assert_array_equal(kept.current_axes, written.current_axes)
    np.testing.assert_array_equal(kept.offset, written.offset)
    assert store.space_maps.get("method", "wk1", "wk0") is None

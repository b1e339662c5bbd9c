"""A snapshot is whole or absent, never there twice, and comes back as it was written."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest

from driftcore.errors import ConflictError, NotFoundError, StoreError
from driftcore.records import SnapshotBatch
from driftcore.store import Store, open_store
from driftcore.store._snapshots import content_fingerprint
from tests.store.batches import make_batch, objects, reordered, write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def stored_texts(store: Store) -> list[str]:
    """The text column of the samples table, read by LanceDB itself."""
    table = lancedb.connect(store.uri).open_table("samples").search().to_arrow()
    return sorted(table["text"].to_pylist())


def test_a_snapshot_comes_back_as_it_was_written(store: Store) -> None:
    batch = make_batch()

    write(store, batch)
    rows = store.snapshots.rows("wk0", "validation")

    assert rows.sample_ids.tolist() == batch.sample_ids.tolist()
    assert rows.vectors.tobytes() == batch.vectors.tobytes()
    assert rows.labels is not None and batch.labels is not None
    assert rows.labels.tolist() == batch.labels.tolist()


def test_a_snapshot_without_labels_has_none(store: Store) -> None:
    write(store, SnapshotBatch(sample_ids=objects("a", "b"), vectors=np.eye(2, dtype=np.float32)))

    assert store.snapshots.rows("wk0", "validation").labels is None


def test_a_single_missing_label_stays_missing(store: Store) -> None:
    vectors = np.eye(2, dtype=np.float32)
    write(store, SnapshotBatch(sample_ids=objects("a", "b"), vectors=vectors, labels=objects("x", None)))

    labels = store.snapshots.rows("wk0", "validation").labels

    assert labels is not None
    assert labels.tolist() == ["x", None]


def test_rows_come_back_in_their_order_across_many_batches(store: Store) -> None:
    # 20,001 rows are written in three batches of at most 8192
    batch = make_batch(n_samples=20_001, n_dims=2)

    write(store, batch)
    rows = store.snapshots.rows("wk0", "validation")

    assert rows.sample_ids.tolist() == batch.sample_ids.tolist()
    assert rows.vectors.tobytes() == batch.vectors.tobytes()


def test_the_vectors_of_some_samples_come_in_the_order_asked_for(store: Store) -> None:
    # more rows than one batch, and an id twice
    batch = make_batch(n_samples=9000, n_dims=3)
    write(store, batch)

    found = store.snapshots.vectors("wk0", "validation", objects("s8999", "s3", "s5000", "s3"))

    np.testing.assert_array_equal(found, batch.vectors[[8999, 3, 5000, 3]])


def test_the_vectors_of_no_samples_have_the_width_of_the_snapshot(store: Store) -> None:
    write(store, make_batch(n_dims=4))

    assert store.snapshots.vectors("wk0", "validation", objects()).shape == (0, 4)


def test_the_vectors_of_a_sample_that_is_not_there_are_refused(store: Store) -> None:
    write(store, make_batch())

    with pytest.raises(NotFoundError, match="lacks nobody"):
        store.snapshots.vectors("wk0", "validation", objects("s0", "nobody"))


def test_the_same_content_again_is_a_no_op(store: Store) -> None:
    first, created = write(store, make_batch())
    stamp = store.stamp()

    again, created_again = write(store, make_batch())

    assert (created, created_again) == (True, False)
    assert again == first
    assert store.stamp() == stamp


def test_the_order_of_rows_is_not_content(store: Store) -> None:
    batch = make_batch()
    first, _ = write(store, batch)

    again, created = write(store, reordered(batch, np.arange(20)[::-1]))

    assert not created
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize("changed", ["vectors", "labels", "texts", "sample_ids"])
def test_other_content_under_the_same_name_is_refused_with_both_fingerprints(store: Store, changed: str) -> None:
    stored, _ = write(store, make_batch())
    other = make_batch()
    if changed == "vectors":
        other.vectors[3, 1] += 1
    else:
        getattr(other, changed)[3] = "something else"
    elsewhere, _ = write(store, other, "elsewhere")
    stamp = store.stamp()

    with pytest.raises(ConflictError) as refusal:
        write(store, other)

    assert stored.fingerprint[:12] in str(refusal.value)
    assert elsewhere.fingerprint[:12] in str(refusal.value)
    assert store.stamp() == stamp
    assert store.snapshots.get("wk0", "validation") == stored


def test_ids_and_labels_do_not_run_together_in_the_fingerprint(store: Store) -> None:
    # "ab" + "c" and "a" + "bc" are the same letters
    vectors = np.eye(2, dtype=np.float32)
    one, _ = write(store, SnapshotBatch(sample_ids=objects("ab", "c"), vectors=vectors), "one")
    two, _ = write(store, SnapshotBatch(sample_ids=objects("a", "bc"), vectors=vectors), "two")

    assert one.fingerprint != two.fingerprint


def test_an_id_that_ends_in_a_nul_is_another_id_in_whatever_order(store: Store) -> None:
    ids, vectors = objects("a", "a\0"), np.eye(2, dtype=np.float32)
    write(store, SnapshotBatch(sample_ids=ids, vectors=vectors))

    _, created = write(store, SnapshotBatch(sample_ids=ids[::-1], vectors=vectors[::-1].copy()))

    assert not created


def test_one_very_long_id_does_not_make_all_others_long(store: Store) -> None:
    # padded to the longest, as NumPy strings are, these ids would take 50,000 × 40 kB = 2 GB
    batch = make_batch(n_samples=50_000, n_dims=2)
    batch.sample_ids[7] = "x" * 10_000

    tracemalloc.start()
    content_fingerprint(batch)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 100e6


def test_snapshots_of_different_width_stand_side_by_side(store: Store) -> None:
    write(store, make_batch(n_dims=4), "narrow")
    write(store, make_batch(n_dims=7), "wide")

    assert [checkpoint.n_dims for checkpoint in store.checkpoints()] == [4, 7]
    assert store.snapshots.rows("narrow", "validation").vectors.shape == (20, 4)
    assert store.snapshots.rows("wide", "validation").vectors.shape == (20, 7)


def test_splits_of_one_checkpoint_are_snapshots_of_their_own(store: Store) -> None:
    write(store, make_batch(n_samples=20), split="validation")
    write(store, make_batch(n_samples=5), split="live")

    (checkpoint,) = store.checkpoints()

    assert checkpoint.splits == ("validation", "live")
    assert checkpoint.n_samples == 25


def test_a_text_is_stored_once_however_many_checkpoints_embed_it(store: Store) -> None:
    for week in range(3):
        write(store, make_batch(seed=week), f"wk{week}")

    assert stored_texts(store) == sorted(f"text {row}" for row in range(20))


def test_a_text_that_two_samples_share_is_stored_once(store: Store) -> None:
    batch = SnapshotBatch(
        sample_ids=objects("a", "b"), vectors=np.eye(2, dtype=np.float32), texts=objects("hello", "hello")
    )
    write(store, batch)

    assert stored_texts(store) == ["hello"]
    assert store.snapshots.texts("wk0", "validation", objects("b", "a")).tolist() == ["hello", "hello"]


def test_texts_come_in_the_order_asked_for_and_none_where_there_is_none(store: Store) -> None:
    write(store, make_batch())

    assert store.snapshots.texts("wk0", "validation", objects("s7", "nobody", "s0")).tolist() == [
        "text 7",
        None,
        "text 0",
    ]


def test_texts_of_very_many_samples_are_found_too(store: Store) -> None:
    batch = make_batch(n_samples=3000, n_dims=2)
    assert batch.texts is not None
    write(store, batch)

    assert store.snapshots.texts("wk0", "validation", batch.sample_ids).tolist() == batch.texts.tolist()


def test_a_text_changed_between_checkpoints_keeps_both_wordings(store: Store) -> None:
    before, after = make_batch(), make_batch()
    assert after.texts is not None
    after.texts[0] = "reworded"
    write(store, before, "wk0")
    write(store, after, "wk1")

    assert store.snapshots.texts("wk0", "validation", objects("s0")).tolist() == ["text 0"]
    assert store.snapshots.texts("wk1", "validation", objects("s0")).tolist() == ["reworded"]


def test_an_unknown_checkpoint_is_answered_with_those_that_exist(store: Store) -> None:
    write(store, make_batch(), "wk0")
    write(store, make_batch(), "wk1")

    with pytest.raises(NotFoundError, match=r"No checkpoint named 'wk9'\. Known: wk0, wk1\."):
        store.snapshots.get("wk9", "validation")


def test_an_unknown_split_is_answered_with_those_that_exist(store: Store) -> None:
    write(store, make_batch(), split="live")

    with pytest.raises(NotFoundError, match=r"has no split 'validation'\. It has: live\."):
        store.snapshots.get("wk0", "validation")


def test_a_write_that_breaks_half_way_leaves_nothing(store: Store) -> None:
    schema = pa.schema([pa.field("sample_id", pa.string())])

    def two_rows_then_trouble() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array(["a", "b"])], schema=schema)
        raise OSError("the disk is full")

    shelf = store.snapshots._shelf
    with pytest.raises(StoreError, match="the disk is full"):
        shelf.put("broken", "fingerprint", {}, two_rows_then_trouble(), schema)

    assert shelf.get("broken") is None
    assert store.snapshots.orphans() == ()

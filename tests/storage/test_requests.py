"""How often a store asks its storage: each time costs 10 to 50 ms where it is far away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driftcore.store import Store, open_store
from tests.storage.bucket import Bucket
from tests.store.batches import AT, all_right, make_batch, objects, write


def asks(bucket: Bucket, action: Callable[[], object]) -> int:
    with bucket.counted() as count:
        action()
    return count.total()


@pytest.fixture
def filled(uri: str) -> Store:
    store = open_store(uri)
    write(store, make_batch())
    store.evals.write(all_right(objects("s0")), checkpoint="wk0", split="validation", at=AT)
    return store


def test_opening_a_store_asks_once_and_writes_nothing(bucket: Bucket, uri: str) -> None:
    assert asks(bucket, lambda: open_store(uri)) <= 2
    assert open_store(uri).stamp() == "-".join("0" * 8)
    assert not [line for line in bucket.asked if line.startswith("PUT") and uri.split("/")[3] in line]


def test_the_stamp_asks_once_for_each_register(bucket: Bucket, filled: Store) -> None:
    filled.stamp()
    assert asks(bucket, filled.stamp) <= 8


def test_reading_asks_whether_there_is_anything_new_and_for_the_rows(bucket: Bucket, filled: Store) -> None:
    filled.checkpoints()
    assert asks(bucket, filled.checkpoints) <= 4
    assert asks(bucket, lambda: filled.snapshots.rows("wk0", "validation")) <= 4
    assert asks(bucket, lambda: filled.snapshots.vectors("wk0", "validation", objects("s3", "s7"))) <= 5
    assert asks(bucket, lambda: filled.snapshots.texts("wk0", "validation", objects("s3", "s7"))) <= 8


def test_who_opens_a_store_anew_reads_nearly_as_seldom(bucket: Bucket, filled: Store) -> None:
    again = open_store(filled.uri)
    assert asks(bucket, again.checkpoints) <= 9
    assert asks(bucket, lambda: again.snapshots.rows("wk0", "validation")) <= 5


def test_writing_an_entry_keeps_to_a_budget(bucket: Bucket, filled: Store) -> None:
    assert asks(bucket, lambda: write(filled, make_batch(seed=1), "wk1")) <= 24
    # the same again: what is there is looked at, and whether a killed writer left something
    assert asks(bucket, lambda: write(filled, make_batch(seed=1), "wk1")) <= 3


def test_what_another_one_writes_is_there_at_the_next_read(filled: Store) -> None:
    before = filled.stamp()
    write(open_store(filled.uri), make_batch(seed=1), "wk1")

    assert filled.stamp() != before
    assert [checkpoint.checkpoint for checkpoint in filled.checkpoints()] == ["wk0", "wk1"]

"""Names, ids, labels and texts are data: whatever they hold, they come back byte for byte and break nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore.records import SnapshotBatch, Span
from driftcore.store import Store, open_store
from tests.store.batches import AT, all_right, make_batch, objects, write

STRANGE = {
    "single quote": "it's",
    "double quote": 'the "best"',
    "backslash": "C:\\temp\\'x'",
    "drop table": "x'; DROP TABLE snapshots; --",
    "or true": "' OR '1'='1",
    "percent and underscore": "100%_sure",
    "emoji": "💸👩‍👩‍👧",
    "right to left": "استرداد المبلغ ‏",
    "combining": "é is not é",
    "brackets": "[\"wk0\", 'validation'] {} ${HOME} `id`",
    "10,000 characters": "long " * 2000,
}
WITH_LINES = {**STRANGE, "new lines": "one\ntwo\r\nthree\ttab", "only white space": "  \n "}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.mark.parametrize("name", STRANGE.values(), ids=STRANGE)
def test_a_strange_checkpoint_name_is_found_again_and_alone(store: Store, name: str) -> None:
    write(store, make_batch(seed=1), "plain")
    write(store, make_batch(seed=2), name)
    store.evals.write(all_right(make_batch().sample_ids), checkpoint=name, split="validation", at=AT)
    store.pin(name)

    assert store.snapshots.get(name, "validation").checkpoint == name
    assert store.snapshots.rows(name, "validation").vectors.tobytes() == make_batch(seed=2).vectors.tobytes()
    assert store.snapshots.rows("plain", "validation").vectors.tobytes() == make_batch(seed=1).vectors.tobytes()
    assert store.evals.get("plain", "validation") is None
    assert store.reference().checkpoint == name


@pytest.mark.parametrize("split", STRANGE.values(), ids=STRANGE)
def test_a_strange_split_name_is_found_again(store: Store, split: str) -> None:
    write(store, make_batch(), split=split)

    assert store.snapshots.get("wk0", split).split == split
    assert store.snapshots.texts("wk0", split, objects("s3")).tolist() == ["text 3"]


def test_strange_ids_labels_and_texts_come_back_byte_for_byte(store: Store) -> None:
    values = objects(*WITH_LINES.values())
    vectors = np.random.default_rng(0).normal(size=(len(values), 3)).astype(np.float32)
    write(store, SnapshotBatch(sample_ids=values, vectors=vectors, labels=values, texts=values, metadata=values))

    rows = store.snapshots.rows("wk0", "validation")

    assert rows.labels is not None
    assert [value.encode() for value in rows.sample_ids] == [value.encode() for value in values]
    assert [value.encode() for value in rows.labels] == [value.encode() for value in values]
    assert store.snapshots.texts("wk0", "validation", values).tolist() == values.tolist()


@pytest.mark.parametrize("sample_id", WITH_LINES.values(), ids=WITH_LINES)
def test_a_strange_id_finds_its_own_text_only(store: Store, sample_id: str) -> None:
    ids = objects("before", sample_id, "after")
    texts = objects("text of before", f"text of {sample_id}", "text of after")
    write(store, SnapshotBatch(sample_ids=ids, vectors=np.eye(3, dtype=np.float32), texts=texts))

    assert store.snapshots.texts("wk0", "validation", objects(sample_id)).tolist() == [f"text of {sample_id}"]


def test_strange_ids_and_predictions_of_an_eval_run_come_back_byte_for_byte(store: Store) -> None:
    values = objects(*WITH_LINES.values())
    store.evals.write(all_right(values), checkpoint="wk0", split="validation", at=AT)

    rows = store.evals.rows("wk0", "validation")

    assert rows is not None
    # eval rows are kept in the order of their ids
    assert sorted(rows.sample_ids) == sorted(values)


@pytest.mark.parametrize("name", WITH_LINES.values(), ids=WITH_LINES)
def test_a_strange_span_is_found_again(store: Store, name: str) -> None:
    span = Span(
        span_id=name,
        report_id=name,
        name=name,
        origin="lasso",
        reference=name,
        current=name,
        split=name,
        concept=name,
        kind="lasso",
        toward=None,
        n_samples=1,
        n_mispredicted=None,
        mean_shift=0.5,
        sample_ids=(name,),
        created_at=AT,
    )
    store.spans.write(span)

    assert store.spans.get(name) == span
    assert store.spans.all() == (span,)

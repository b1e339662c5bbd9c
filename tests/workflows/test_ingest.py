"""Ingest from Python: frames and arrays become snapshots, bad rows never half of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from driftcore import ingest, open_store
from driftcore.errors import BadInputError, BadRowsError
from driftcore.store import Store

VECTORS = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
COLUMNS = {"id": ["a", "b", "c"], "label": ["x", "y", "x"], "embedding": VECTORS}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def test_a_frame_a_table_and_arrays_make_the_same_snapshot(store: Store) -> None:
    rows = VECTORS.tolist()
    first = ingest(store, COLUMNS, checkpoint="wk0")

    for same in (pd.DataFrame({**COLUMNS, "embedding": rows}), pa.table({**COLUMNS, "embedding": rows})):
        again = ingest(store, same, checkpoint="wk0")
        assert not again.created
        assert again.snapshot == first.snapshot


def test_a_file_and_a_frame_with_the_same_samples_make_the_same_snapshot(store: Store, tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text(
        "".join(
            f'{{"id": "{name}", "label": "{label}", "embedding": {vector}}}\n'
            for name, label, vector in zip("abc", "xyx", VECTORS.tolist(), strict=True)
        )
    )
    ingest(store, COLUMNS, checkpoint="wk0")

    assert not ingest(store, tmp_path / "samples.jsonl", checkpoint="wk0").created


def test_columns_of_other_names_are_mapped(store: Store) -> None:
    odd = {"key": ["a"], "numbers": [[1.0, 2.0]], "intent": ["x"]}

    ingest(store, odd, checkpoint="wk0", mapping={"id": "key", "vector": "numbers", "label": "intent"})

    rows = store.snapshots.rows("wk0", "validation")
    assert rows.sample_ids.tolist() == ["a"]
    assert rows.labels is not None and rows.labels.tolist() == ["x"]


def test_a_time_without_a_zone_is_utc_and_another_zone_is_kept_as_the_same_moment(store: Store) -> None:
    plain = ingest(store, COLUMNS, checkpoint="plain", at=datetime(2026, 1, 5, 12)).snapshot
    tokyo = timezone(timedelta(hours=9))
    zoned = ingest(store, COLUMNS, checkpoint="zoned", at=datetime(2026, 1, 5, 21, tzinfo=tokyo)).snapshot

    assert plain.at == zoned.at == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_the_fingerprint_of_the_model_says_whether_vectors_have_length_one(store: Store) -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)

    assert ingest(store, COLUMNS, checkpoint="free").snapshot.model.normalized is False
    assert ingest(store, {**COLUMNS, "embedding": unit}, checkpoint="unit").snapshot.model.normalized is True


def test_bad_rows_are_numbered_from_one_as_in_the_file(store: Store) -> None:
    bad = {**COLUMNS, "embedding": np.array([[np.nan, 1], [1, 1], [0, 0]])}

    with pytest.raises(BadRowsError) as refusal:
        ingest(store, bad, checkpoint="wk0")

    assert refusal.value.rows == (1, 3)
    assert store.checkpoints() == ()


def test_skipped_rows_are_counted_and_written_down(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a frame has no folder: its rejects go to the working one
    bad = {**COLUMNS, "embedding": np.array([[np.nan, 1], [1, 1], [0, 0]])}

    done = ingest(store, bad, checkpoint="wk0", skip_bad_rows=True)

    assert (done.n_rejected, done.snapshot.n_samples) == (2, 1)
    assert done.rejects is not None
    assert done.rejects.read_text().splitlines() == [
        "row,sample_id,reason",
        "1,a,NaN in the vector",
        "3,c,zero vector",
    ]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 201, "\x1b[31mred"])
def test_a_name_that_nobody_could_type_again_is_refused(store: Store, name: str) -> None:
    with pytest.raises(BadInputError, match="cannot be used"):
        ingest(store, COLUMNS, checkpoint=name)


def test_metadata_beside_the_samples_is_part_of_what_is_stored(store: Store) -> None:
    one = ingest(store, {**COLUMNS, "channel": ["app", "mail", "app"]}, checkpoint="one").snapshot
    other = ingest(store, {**COLUMNS, "channel": ["app", "mail", "mail"]}, checkpoint="other").snapshot

    assert one.fingerprint != other.fingerprint

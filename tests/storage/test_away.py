"""The bucket is away: at once, in the middle, for want of a right to it; one line, and nothing half written."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import numpy as np
import pytest

from driftcore.errors import StoreError, UnreachableError
from driftcore.store import _database as database
from driftcore.store import open_store
from tests.cli.road import DRIFTLOOP, driftloop, driftloop_process, write_parquet
from tests.storage.bucket import Bucket, free_port
from tests.store.batches import make_batch, write

assert DRIFTLOOP.exists()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    vectors = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    columns = {"id": [f"s{row}" for row in range(40)], "text": [f"text {row}" for row in range(40)]}
    return write_parquet(tmp_path / "samples.parquet", {**columns, "embedding": vectors})


def ingest_words(file: Path, uri: str, checkpoint: str = "wk0") -> tuple[object, ...]:
    return ("ingest", file, "--checkpoint", checkpoint, "--store", uri, "--no-compare")


def test_a_bucket_that_is_away_is_one_line_within_seconds(bucket: Bucket, uri: str, file: Path) -> None:
    bucket.go()

    for words in (("checkpoints", "--store", uri), ingest_words(file, uri), ("doctor", "--store", uri)):
        started = time.monotonic()
        done = driftloop(*words)
        assert done.code == 2
        assert done.complaint == (
            f"driftloop: The store at {uri} cannot be reached: connection refused. "
            "Check the address, the network and the credentials (docs/storage.md)."
        )
        # three on an idle machine; the client alone would try for minutes
        assert time.monotonic() - started < 30


def test_a_process_of_its_own_says_the_same_one_line(bucket: Bucket, uri: str) -> None:
    bucket.go()

    done = driftloop_process("checkpoints", "--store", uri)

    assert done.code == 2
    assert "cannot be reached: connection refused" in done.complaint


# before its first write, while texts are written, while vectors are, and before the register says so
@pytest.mark.parametrize("n_answers", [1, 7, 12, 15])
def test_gone_in_the_middle_of_an_ingest_the_same_command_completes_it(
    bucket: Bucket, uri: str, file: Path, n_answers: int
) -> None:
    bucket.go_after(n_answers)

    done = driftloop(*ingest_words(file, uri))
    assert done.code == 2
    assert "cannot be reached" in done.complaint

    bucket.come()
    assert open_store(uri).checkpoints() == ()
    assert driftloop(*ingest_words(file, uri)).code == 0
    assert open_store(uri).snapshots.rows("wk0", "validation").sample_ids.tolist() == [f"s{row}" for row in range(40)]
    # this process lives: what it left is its own until it ends
    assert len(open_store(uri).snapshots.orphans()) <= 1


def test_a_store_that_was_open_goes_on_when_the_bucket_is_back(bucket: Bucket, uri: str) -> None:
    store = open_store(uri)
    write(store, make_batch())
    bucket.go()
    with pytest.raises(UnreachableError, match="cannot be reached"):
        store.checkpoints()

    bucket.come()

    write(store, make_batch(seed=1), "wk1")
    assert [checkpoint.checkpoint for checkpoint in store.checkpoints()] == ["wk0", "wk1"]


def test_wrong_credentials_and_a_missing_bucket_are_named(bucket: Bucket, uri: str) -> None:
    with pytest.raises(UnreachableError, match="the credentials are not known there") as told:
        open_store(uri, storage_options={**bucket.options, "aws_access_key_id": "somebody"})
    assert bucket.options["aws_secret_access_key"] not in str(told.value)

    with pytest.raises(UnreachableError, match="there is no such bucket"):
        open_store("s3://no-such-bucket/store")


def test_a_server_that_says_nothing_is_not_waited_for_long(
    bucket: Bucket, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOOK_S", 1.0)
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="no answer in time"):
            open_store(uri, storage_options={**bucket.options, "endpoint": endpoint})
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("attempt", range(3))
def test_an_option_goes_before_what_the_environment_says(bucket: Bucket, uri: str, attempt: int) -> None:
    # whichever came first in a hash table used to win
    with pytest.raises(UnreachableError, match="no such host"):
        open_store(uri, storage_options={"endpoint": f"http://nowhere-{attempt}.invalid", "allow_http": "true"})


def test_options_are_not_printed(bucket: Bucket, uri: str) -> None:
    place = open_store(uri, storage_options=bucket.options).place

    assert bucket.options["aws_secret_access_key"] not in repr(place)


def test_a_folder_is_never_called_unreachable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError) as told:
        open_store(tmp_path / "file")
    assert not isinstance(told.value, UnreachableError)

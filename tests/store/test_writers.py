"""Many writers at once, and writers that died: no row twice, nothing lost, nothing left lying about."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import lancedb
import pytest

from driftcore.errors import NotFoundError
from driftcore.store import open_store
from tests.store.batches import die_before_the_register, make_batch, write, write_in_another_process

SPAWN = multiprocessing.get_context("spawn")
N_SAMPLES = 5000


def written_at_once(uri: Path, jobs: list[tuple[str, int]]) -> list[tuple[str, bool] | str]:
    """What each of some processes did that wrote (checkpoint, seed) at the same time."""
    with SPAWN.Pool(len(jobs)) as pool:
        arguments = [(str(uri), checkpoint, seed, N_SAMPLES) for checkpoint, seed in jobs]
        return pool.starmap(write_in_another_process, arguments, chunksize=1)


def register_rows(uri: Path, kind: str = "snapshots") -> int:
    return lancedb.connect(str(uri)).open_table(kind).count_rows()


@pytest.mark.parametrize("attempt", range(2))
def test_three_writers_of_the_same_snapshot_make_one(tmp_path: Path, attempt: int) -> None:
    done = written_at_once(tmp_path / "store", [("wk0", 0)] * 3)

    store = open_store(tmp_path / "store")
    batch = make_batch(n_samples=N_SAMPLES)
    assert sorted(each[1] for each in done) == [False, False, True]
    assert {each[0] for each in done} == {store.snapshots.get("wk0", "validation").fingerprint}
    assert register_rows(tmp_path / "store") == 1
    assert sorted(store.snapshots.rows("wk0", "validation").sample_ids) == sorted(batch.sample_ids)
    assert register_rows(tmp_path / "store", "samples") == N_SAMPLES
    assert store.snapshots.orphans() == ()


def test_of_three_writers_with_other_content_one_is_stored_and_two_are_told(tmp_path: Path) -> None:
    done = written_at_once(tmp_path / "store", [("wk0", seed) for seed in range(3)])

    store = open_store(tmp_path / "store")
    winners = [each for each in done if isinstance(each, tuple)]
    assert sorted(each for each in done if isinstance(each, str)) == ["ConflictError", "ConflictError"]
    assert [fingerprint for fingerprint, _ in winners] == [store.snapshots.get("wk0", "validation").fingerprint]
    assert len(store.snapshots.rows("wk0", "validation").sample_ids) == N_SAMPLES
    assert store.snapshots.orphans() == ()


def test_three_writers_of_three_snapshots_lose_none(tmp_path: Path) -> None:
    done = written_at_once(tmp_path / "store", [(f"wk{seed}", seed) for seed in range(3)])

    store = open_store(tmp_path / "store")
    assert [each[1] for each in done] == [True, True, True]
    for seed in range(3):
        rows = store.snapshots.rows(f"wk{seed}", "validation")
        assert rows.vectors.tobytes() == make_batch(n_samples=N_SAMPLES, seed=seed).vectors.tobytes()
    # all three say the same texts
    assert register_rows(tmp_path / "store", "samples") == N_SAMPLES
    assert store.snapshots.orphans() == ()


def test_a_writer_killed_before_the_register_leaves_no_snapshot_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    uri = tmp_path / "store"
    process = SPAWN.Process(target=die_before_the_register, args=(str(uri), "wk0"))
    process.start()
    process.join()

    store = open_store(uri)
    assert process.exitcode == -9
    assert len(store.snapshots.orphans()) == 1
    with pytest.raises(NotFoundError):
        store.snapshots.get("wk0", "validation")

    _, created = write(store, make_batch())

    assert created
    assert store.snapshots.orphans() == ()


def test_the_table_of_a_finished_writer_is_not_taken_for_an_orphan(tmp_path: Path) -> None:
    ((fingerprint, _),) = written_at_once(tmp_path / "store", [("wk0", 0)])  # that process is gone now

    store = open_store(tmp_path / "store")
    snapshot, created = write(store, make_batch(n_samples=N_SAMPLES))

    assert (snapshot.fingerprint, created) == (fingerprint, False)
    assert len(store.snapshots.rows("wk0", "validation").sample_ids) == N_SAMPLES


def test_a_table_that_a_living_writer_is_at_work_on_is_left_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    shelf = store.snapshots._shelf
    at_work = shelf._table_name('["wk0", "validation"]')
    lancedb.connect(store.uri).create_table(at_work, data=[{"sample_id": "s0"}])

    write(store, make_batch())

    assert store.snapshots.orphans() == (at_work,)


def test_the_loser_of_a_race_that_was_killed_is_cleaned_up_by_the_next_no_op(tmp_path: Path) -> None:
    uri = tmp_path / "store"
    store = open_store(uri)
    write(store, make_batch())
    process = SPAWN.Process(target=die_before_the_register, args=(str(uri), "wk0"))
    process.start()
    process.join()
    assert len(store.snapshots.orphans()) == 1

    _, created = write(store, make_batch())

    assert not created
    assert store.snapshots.orphans() == ()

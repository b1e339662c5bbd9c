"""The doctor, on a folder and on a bucket: what it tells, what it sweeps, and what it never touches."""

from __future__ import annotations

import multiprocessing
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from driftcore.errors import NotAllowedError
from driftcore.store import Store, open_store
from driftcore.workflows.doctor import examine, optimize
from tests.cli.road import driftloop
from tests.store.batches import AT, all_right, die_before_the_register, make_batch, objects, write

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Three checkpoints with evals, one piece and one version of the registers for each."""
    where = str(tmp_path / "store") if request.param == "folder" else request.getfixturevalue("uri")
    opened = open_store(where)
    for seed in range(3):
        write(opened, make_batch(seed=seed), f"wk{seed}")
        opened.evals.write(all_right(objects("s0")), checkpoint=f"wk{seed}", split="validation", at=AT)
    return opened


def register(store: Store, name: str = "snapshots"):
    return store.snapshots._database.connection.open_table(name)


def test_it_tells_what_is_there(store: Store) -> None:
    health = examine(store)

    by_name = {table.name: table for table in health.tables}
    assert health.writable and health.whole and not health.abandoned and not health.at_work
    assert (by_name["snapshots"].kind, by_name["snapshots"].n_rows, by_name["snapshots"].n_pieces) == ("register", 3, 3)
    assert (by_name["samples"].kind, by_name["samples"].n_rows) == ("texts", 20)
    assert sum(table.kind == "data" for table in health.tables) == 6
    assert (health.n_bytes_on_disk is None) == ("://" in store.uri)
    # nothing of the look stays
    assert examine(store).tables == health.tables


def test_optimised_it_has_fewer_pieces_and_versions_and_says_the_same(store: Store) -> None:
    before = store.checkpoints()
    time.sleep(2.1)  # younger versions than this stay in any case

    health, done = optimize(store, older_than=timedelta(0))

    pieces = {table.name: table.n_pieces for table in health.tables}
    assert pieces["snapshots"] == pieces["evals"] == 1
    assert done.n_pieces_after < done.n_pieces_before and done.n_versions_after < done.n_versions_before
    assert health.whole and store.checkpoints() == before
    assert [len(open_store(store.uri).snapshots.rows(f"wk{k}", "validation").sample_ids) for k in range(3)] == [20] * 3


def test_a_version_with_a_tag_survives_and_can_be_checked_out(store: Store) -> None:
    time.sleep(2.1)
    write(store, make_batch(seed=3), "wk3")
    tagged = register(store)
    tagged.tags.create("audit", tagged.version)
    time.sleep(2.1)
    write(store, make_batch(seed=4), "wk4")

    health, _ = optimize(store, older_than=timedelta(0))

    (table,) = (table for table in health.tables if table.name == "snapshots")
    assert table.tags == ("audit",) and table.n_pieces == 1
    # what is older than the tag is gone, and what it names is there as it was
    assert min(each["version"] for each in register(store).list_versions()) == tagged.version
    assert sorted(row["key"] for row in at_tag(store, "audit")) == [f'["wk{k}", "validation"]' for k in range(4)]
    assert len(store.checkpoints()) == 5


def at_tag(store: Store, tag: str) -> list[dict[str, object]]:
    table = register(store)
    table.checkout(tag)
    return table.to_arrow().to_pylist()


def test_what_was_replaced_a_moment_ago_stays_for_its_readers(store: Store) -> None:
    before = {table.name: table.n_versions for table in examine(store).tables}
    time.sleep(2.1)

    health, _ = optimize(store)

    after = {table.name: table.n_versions for table in health.tables}
    assert all(after[name] >= n for name, n in before.items())


def test_orphans_of_killed_writers_go_and_those_of_living_ones_stay(store: Store) -> None:
    process = SPAWN.Process(target=die_before_the_register, args=(store.uri, "never tried again"))
    process.start()
    process.join()
    at_work = store.snapshots._shelf._table_name("of this living process")
    store.snapshots._database.connection.create_table(at_work, data=[{"sample_id": "s0"}])
    health = examine(store)
    assert len(health.abandoned) == 1 and health.at_work == (at_work,)

    after, done = optimize(store)

    assert done.swept == health.abandoned
    assert after.abandoned == () and after.at_work == (at_work,)


def test_a_lost_table_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    write(store, make_batch())
    (lost,) = (path for path in (tmp_path / "store").iterdir() if path.name.startswith("snapshots-"))
    shutil.rmtree(lost)

    assert examine(store).lost == (lost.stem,)
    done = driftloop("doctor", "--store", store.uri)
    assert done.code == 1 and lost.stem in done.out.replace("\n", "")


def test_the_command_speaks_to_people_and_machines(store: Store) -> None:
    told = driftloop("doctor", "--store", store.uri)
    assert told.code == 0 and "is reached, read and written; whole" in told.out

    answer = driftloop("doctor", "--optimize", "--older-than", "0m", "--store", store.uri, "--json").json
    assert answer["whole"] and answer["writable"]
    assert answer["optimized"]["n_pieces_after"] < answer["optimized"]["n_pieces_before"]
    assert {"name", "kind", "n_rows", "n_pieces", "n_versions", "n_bytes", "tags"} == set(answer["tables"][0])


def test_an_age_that_is_none_is_bad_input(tmp_path: Path) -> None:
    done = driftloop("doctor", "--optimize", "--older-than", "a while", "--store", tmp_path)

    assert done.code == 2 and "write 30m, 12h or 7d" in done.complaint


def test_who_may_only_read_optimises_nothing(store: Store) -> None:
    reader = open_store(store.uri, create=False, read_only=True)

    with pytest.raises(NotAllowedError):
        optimize(reader)

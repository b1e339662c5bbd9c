"""Several processes at one bucket: nothing is lost, nothing is there twice, a job is claimed once."""

from __future__ import annotations

import multiprocessing

from driftcore.store import open_store
from tests.storage.bucket import Bucket
from tests.store.batches import make_batch, write_in_another_process
from tests.store.test_jobs import JOB, claims_won

SPAWN = multiprocessing.get_context("spawn")
N_SAMPLES, N_CLAIMS = 400, 6


def test_writers_of_the_same_and_of_different_checkpoints_lose_nothing_and_double_nothing(
    bucket: Bucket, uri: str
) -> None:
    jobs = [("wk0", 0), ("wk0", 0), ("wk1", 1), ("wk2", 2)]
    with SPAWN.Pool(len(jobs)) as pool:
        arguments = [(uri, checkpoint, seed, N_SAMPLES) for checkpoint, seed in jobs]
        done = pool.starmap(write_in_another_process, arguments, chunksize=1)

    store = open_store(uri)
    # of the two that wrote the same, one is told that it was there
    assert sorted(created for _, created in done[:2]) == [False, True]
    assert [created for _, created in done[2:]] == [True, True]
    for seed in range(3):
        rows = store.snapshots.rows(f"wk{seed}", "validation")
        assert rows.vectors.tobytes() == make_batch(n_samples=N_SAMPLES, seed=seed).vectors.tobytes()
    names = list(store.upkeep.names())
    assert len(store.snapshots.all()) == 3 and sum(name.startswith("snapshots-") for name in names) == 3
    # all of them say the same texts
    assert store.upkeep.look("samples", frozenset()).n_rows == N_SAMPLES


def test_a_claim_is_won_by_one_of_those_who_race_for_it(bucket: Bucket, uri: str) -> None:
    store = open_store(uri)
    assert store.jobs.add(JOB)
    with SPAWN.Pool(2) as pool:
        won = pool.starmap(claims_won, [(uri, f"w{number}", N_CLAIMS) for number in range(2)], chunksize=1)

    assert sorted(n for each in won for n in each) == list(range(N_CLAIMS))
    assert [event.n for event in store.jobs.events()["j"]] == list(range(N_CLAIMS))

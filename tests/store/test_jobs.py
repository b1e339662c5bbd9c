"""Jobs in the store: logs that are only added to, whoever is first; and what is discarded and swept."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from driftcore.errors import ConflictError, NotAllowedError, NotFoundError
from driftcore.records import Heartbeat, Job, JobEvent, RetrainingPolicy
from driftcore.store import open_store
from tests.store.batches import die_before_the_register
from tests.workflows.jobs import AT, CURRENT, REFERENCE, result, span, store_with_spans, write_checkpoint

SPAWN = multiprocessing.get_context("spawn")
POLICY = RetrainingPolicy(trainer="command", options={"command": "python train.py"}, weekly_budget=100)
JOB = Job(
    job_id="j", span_ids=("a", "b"), reference="r", current="c", split="live", policy=POLICY, created_at=AT, who="ada"
)


def claimed(n: int, worker: str = "w") -> JobEvent:
    return JobEvent(job_id="j", n=n, kind="claimed", at=AT, worker=worker, lease_s=60.0)


def done(n: int, checkpoint: str) -> JobEvent:
    judgement = replace(result(JOB, 1).judgement, after=checkpoint)
    return JobEvent(job_id="j", n=n, kind="done", at=AT, checkpoint=checkpoint, judgement=judgement, facts={"a": "b"})


def claims_won(uri: str, worker: str, n_events: int) -> list[int]:
    """Claims of the job that `worker` won, where everyone tries each."""
    jobs = open_store(uri).jobs
    return [n for n in range(n_events) if jobs.append(claimed(n, worker))]


def test_a_job_its_events_and_its_heartbeat_are_read_as_they_were_written(tmp_path: Path) -> None:
    jobs = open_store(tmp_path / "store").jobs
    beat = Heartbeat(job_id="j", n=0, at=AT, what="training", share=0.5, log="one\ntwo")
    assert jobs.add(JOB)
    assert jobs.append(claimed(0)) and jobs.append(done(1, "made"))
    jobs.beat(replace(beat, share=0.1))
    jobs.beat(beat)

    stored = open_store(tmp_path / "store").jobs
    assert stored.all() == (JOB,) and stored.get("j") == JOB
    assert stored.events() == {"j": (claimed(0), done(1, "made"))}
    assert stored.heartbeat("j", 0) == beat
    assert stored.heartbeat("j", 1) is None
    assert stored.happened("j", 1) and not stored.happened("j", 2)
    assert stored.made() == {"made"}


def test_the_first_writer_of_an_event_wins_and_the_second_is_told(tmp_path: Path) -> None:
    one, other = open_store(tmp_path / "store").jobs, open_store(tmp_path / "store").jobs

    assert one.append(claimed(0))
    # in the same words too: it is not the second one's
    assert not other.append(claimed(0))
    assert other.events() == {"j": (claimed(0),)}


def test_an_id_is_given_once(tmp_path: Path) -> None:
    jobs = open_store(tmp_path / "store").jobs
    assert jobs.add(JOB)
    assert not jobs.add(replace(JOB, seed=1))
    assert jobs.get("j").seed == 0


def test_an_unknown_job_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    jobs = open_store(tmp_path / "store").jobs
    jobs.add(JOB)
    with pytest.raises(NotFoundError, match=r"No job 'x'\. Known: j"):
        jobs.get("x")


def test_of_four_writers_each_event_has_one(tmp_path: Path) -> None:
    uri, n_events = str(tmp_path / "store"), 25
    with SPAWN.Pool(4) as pool:
        won = pool.starmap(claims_won, [(uri, f"w{number}", n_events) for number in range(4)], chunksize=1)

    stored = open_store(uri).jobs.events()["j"]
    assert sorted(n for each in won for n in each) == list(range(n_events))
    assert [event.n for event in stored] == list(range(n_events))
    assert all(event.n in won[int(str(event.worker)[1:])] for event in stored)


def test_many_small_writes_are_melted_and_none_is_lost(tmp_path: Path) -> None:
    jobs = open_store(tmp_path / "store").jobs
    for n in range(70):
        assert jobs.append(claimed(n))

    pieces = jobs._events._register.size()[1]
    assert pieces < 64
    assert [event.n for event in jobs.events()["j"]] == list(range(70))
    # what was melted is still the first
    assert not jobs.append(claimed(3, "late"))


def test_who_only_reads_adds_nothing(tmp_path: Path) -> None:
    open_store(tmp_path / "store").jobs.add(JOB)
    reading = open_store(tmp_path / "store", read_only=True)

    for write in (
        lambda: reading.jobs.add(replace(JOB, job_id="k")),
        lambda: reading.jobs.append(claimed(0)),
        lambda: reading.jobs.beat(Heartbeat(job_id="j", n=0, at=AT, what="", share=0.0)),
        lambda: reading.sweep(),
    ):
        with pytest.raises(NotAllowedError):
            write()
    assert reading.jobs.all() == (JOB,)
    assert reading.jobs.events() == {}


def test_what_is_discarded_takes_its_eval_run_and_its_spans_along(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    write_checkpoint(store, "week 2-abcd")
    store.spans.write(span("of the attempt", current="week 2-abcd"))

    store.discard("week 2-abcd")
    store.discard("week 2-abcd")  # and again: nothing to do

    assert [each.checkpoint for each in store.checkpoints()] == [REFERENCE, CURRENT]
    assert {run.checkpoint for run in store.evals.all()} == {REFERENCE, CURRENT}
    assert [each.span_id for each in store.spans.all()] == ["span 0"]
    assert store.snapshots.orphans() == store.evals.orphans() == ()


def test_a_reference_and_what_a_finished_job_made_are_not_discarded(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 0)
    store.jobs.append(done(0, CURRENT))
    store.pin(REFERENCE)

    with pytest.raises(ConflictError, match="is the reference"):
        store.discard(REFERENCE)
    with pytest.raises(ConflictError, match="made by a finished job"):
        store.discard(CURRENT)
    assert len(store.snapshots.all()) == 2


def test_the_table_of_a_killed_writer_is_swept_whatever_its_checkpoint_was(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 0)
    process = SPAWN.Process(target=die_before_the_register, args=(store.uri, "never tried again"))
    process.start()
    process.join()
    at_work = store.snapshots._shelf._table_name("of this living process")
    store.snapshots._database.connection.create_table(at_work, data=[{"sample_id": "s0"}])
    assert len(store.snapshots.orphans()) == 2

    store.sweep()

    assert store.snapshots.orphans() == (at_work,)
    assert len(store.snapshots.rows(CURRENT, "validation").sample_ids) == 3

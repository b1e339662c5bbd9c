"""The queue: what may be queued, and how far a job is from what happened to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from driftcore import open_store
from driftcore.errors import BadInputError, ConflictError, DriftcoreError, NotAllowedError, NotFoundError
from driftcore.records import Heartbeat, Job, JobEvent, JobEventKind, RetrainingPolicy
from driftcore.workflows.queue import add, fold, job_checkpoint, retry, status, statuses
from tests.workflows.jobs import AT, CURRENT, REFERENCE, result, span, store_with_spans

JOB = Job(
    job_id="abcdef",
    span_ids=("a",),
    reference="r",
    current="week 2",
    split="live",
    policy=RetrainingPolicy(),
    created_at=AT,
)


def at(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def happened(*kinds: JobEventKind) -> list[JobEvent]:
    """Events one minute apart, the first a minute after the job was created; a claim lasts 30 s."""
    extra = {
        "claimed": {"worker": "w", "lease_s": 30.0},
        "attempt_failed": {"error": "no memory"},
        "failed": {"error": "given up"},
        "done": {"checkpoint": "made", "judgement": result(JOB, 1).judgement},
    }
    return [
        JobEvent(job_id=JOB.job_id, n=n, kind=kind, at=at(n + 1), **extra.get(kind, {})) for n, kind in enumerate(kinds)
    ]


def test_a_job_to_which_nothing_happened_is_queued_since_it_was_created() -> None:
    now = fold(JOB, [], now=at(5))
    assert (now.state, now.n_events, now.attempt, now.claims, now.queued_at) == ("queued", 0, 0, 0, AT)


@pytest.mark.parametrize(
    ("kinds", "state", "attempt", "claims", "error"),
    [
        (["claimed"], "running", 1, 1, None),
        (["claimed", "attempt_failed"], "queued", 1, 1, "no memory"),
        (["claimed", "given_back"], "queued", 0, 1, None),
        (["claimed", "claimed"], "running", 2, 2, None),
        (["claimed", "attempt_failed", "claimed"], "running", 2, 2, None),
        (["claimed", "attempt_failed", "claimed", "failed"], "failed", 2, 2, "given up"),
        (["claimed", "failed", "queued"], "queued", 0, 1, None),
        (["claimed", "failed", "queued", "claimed"], "running", 1, 2, None),
        (["claimed", "done"], "done", 1, 1, None),
    ],
)
def test_events_say_how_far_a_job_is(
    kinds: list[JobEventKind], state: str, attempt: int, claims: int, error: str | None
) -> None:
    now = fold(JOB, happened(*kinds), now=at(len(kinds)))
    assert (now.state, now.attempt, now.claims, now.error) == (state, attempt, claims, error)
    assert (now.n_events, now.changed_at) == (len(kinds), at(len(kinds)))


def test_a_finished_job_says_what_it_made() -> None:
    now = fold(JOB, happened("claimed", "done"), now=at(9))
    assert (now.checkpoint, now.judgement, now.share) == ("made", result(JOB, 1).judgement, 1.0)


def test_a_job_that_is_queued_again_stands_behind_those_that_wait() -> None:
    assert fold(JOB, happened("claimed", "attempt_failed"), now=at(9)).queued_at == AT
    assert fold(JOB, happened("claimed", "failed", "queued"), now=at(9)).queued_at == at(3)


def test_a_lease_runs_from_the_last_sign_of_life() -> None:
    claim = happened("claimed")  # at minute 1, for 30 s
    beat = Heartbeat(job_id=JOB.job_id, n=0, at=at(2), what="training", share=0.4, log="epoch 1")

    assert not fold(JOB, claim, now=at(1.5)).expired
    assert fold(JOB, claim, now=at(1.51)).expired
    assert not fold(JOB, claim, beat, now=at(2.5)).expired
    assert fold(JOB, claim, beat, now=at(2.51)).expired
    running = fold(JOB, claim, beat, now=at(2))
    assert (running.what, running.share, running.log, running.changed_at) == ("training", 0.4, "epoch 1", at(2))


def test_only_a_running_job_expires() -> None:
    for kinds in (["claimed", "attempt_failed"], ["claimed", "done"], ["claimed", "failed"]):
        assert not fold(JOB, happened(*kinds), now=at(1000)).expired


def test_every_claim_of_a_job_makes_a_checkpoint_of_its_own() -> None:
    assert [job_checkpoint(JOB, attempt) for attempt in (1, 2, 3)] == ["week 2-abcd", "week 2-abcd.2", "week 2-abcd.3"]


def test_a_job_is_queued_with_its_spans_checkpoints_and_policy(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 2)
    policy = RetrainingPolicy(trainer="lowrank", options={"rank": "8"})

    job = add(store, ["span 1", "span 0", "span 1"], policy=policy, who="ada", seed=7)

    assert (job.span_ids, job.reference, job.current) == (("span 0", "span 1"), REFERENCE, CURRENT)
    assert (job.split, job.policy, job.who, job.seed) == ("validation", policy, "ada", 7)
    assert [(each.job, each.state) for each in statuses(store)] == [(job, "queued")]


def test_the_same_job_is_refused_while_one_is_on_its_way(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 2)
    job = add(store, ["span 0", "span 1"])
    for n, kind in enumerate(("claimed", "attempt_failed", "claimed", "failed")):
        with pytest.raises(ConflictError, match=f"Job '{job.job_id}' for the same spans"):
            add(store, ["span 1", "span 0"])
        store.jobs.append(replace(happened("claimed")[0], job_id=job.job_id, n=n, kind=kind))

    again = add(store, ["span 1", "span 0"])
    assert job_checkpoint(again, 1) != job_checkpoint(job, 1)
    # other spans are another job
    assert add(store, ["span 0"]).job_id not in (job.job_id, again.job_id)
    with pytest.raises(ConflictError, match=again.job_id):
        retry(store, job.job_id)


def test_of_four_who_queue_the_same_at_once_one_does(tmp_path: Path) -> None:
    store_with_spans(tmp_path / "store", 1)

    def try_to_add(_: int) -> str:
        try:
            return add(open_store(tmp_path / "store"), ["span 0"]).job_id
        except ConflictError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(try_to_add, range(4)))

    (job,) = open_store(tmp_path / "store").jobs.all()
    assert said.count(job.job_id) == 1
    assert sum(each.startswith(f"Job '{job.job_id}' for the same spans") for each in said) == 3


@pytest.mark.parametrize(
    ("span_ids", "policy", "error", "says"),
    [
        ([], RetrainingPolicy(), BadInputError, "No span was named"),
        (["span 0", "elsewhere"], RetrainingPolicy(), BadInputError, "week 1 → week 2 .validation., week 1 → week 9"),
        (["elsewhere"], RetrainingPolicy(), NotFoundError, "No checkpoint named 'week 9'"),
        (["nothing"], RetrainingPolicy(), NotFoundError, "No span 'nothing'"),
        (["span 0"], RetrainingPolicy(max_attempts=0), BadInputError, "max_attempts is 0"),
    ],
)
def test_what_cannot_be_queued_is_refused_in_one_line(
    tmp_path: Path, span_ids: list[str], policy: RetrainingPolicy, error: type[DriftcoreError], says: str
) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    store.spans.write(span("elsewhere", current="week 9"))
    with pytest.raises(error, match=says):
        add(store, span_ids, policy=policy)
    assert store.jobs.all() == ()


def test_viewers_queue_nothing(tmp_path: Path) -> None:
    store_with_spans(tmp_path / "store", 1)
    with pytest.raises(NotAllowedError):
        add(open_store(tmp_path / "store", read_only=True), ["span 0"])


def test_only_a_failed_job_is_tried_again(tmp_path: Path) -> None:
    store = store_with_spans(tmp_path / "store", 1)
    job = add(store, ["span 0"])
    with pytest.raises(ConflictError, match="is queued: only a failed job"):
        retry(store, job.job_id)
    for event in happened("claimed", "failed"):
        store.jobs.append(replace(event, job_id=job.job_id))

    retry(store, job.job_id, who="ada")

    assert (status(store, job.job_id).state, status(store, job.job_id).error) == ("queued", None)
    with pytest.raises(NotFoundError, match="No job 'x'"):
        retry(store, "x")

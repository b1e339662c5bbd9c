"""The queue from the command line."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from driftcore import open_store
from driftcore.store import Store
from driftcore.workflows.work import claim, work
from tests.cli.road import DRIFTLOOP, driftloop
from tests.workflows.jobs import refused, store_with_spans, trained


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(tmp_path / "store"))
    return store_with_spans(tmp_path / "store", 3)


def test_a_job_on_its_way_through_the_queue(store: Store) -> None:
    assert "No jobs yet" in driftloop("queue", "list").out
    job = driftloop("queue", "add", "span 0", "span 1", "--trainer", "lowrank", "--option", "rank=8", "--json").json
    assert job["policy"]["options"] == {"rank": "8"}

    (waiting,) = driftloop("queue", "list", "--json").json
    assert (waiting["job_id"], waiting["state"], waiting["trainer"]) == (job["job_id"], "queued", "lowrank")
    assert (waiting["spans"], waiting["current"], waiting["attempt"]) == (["span 0", "span 1"], "week 2", 0)
    assert (waiting["progress"], waiting["checkpoint"], waiting["accepted"], waiting["error"]) == (
        0.0,
        None,
        None,
        None,
    )

    work(store, trained, once=True)

    (finished,) = driftloop("queue", "list", "--json").json
    assert (finished["state"], finished["accepted"], finished["reason"]) == ("done", True, "the span gained")
    assert finished["checkpoint"] == f"week 2-{job['job_id'][:4]}"
    assert job["job_id"] in driftloop("queue", "list").out


def test_what_is_not_said_is_as_the_policy_has_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("driftloop.toml").write_text('[loop]\ntrainer = "lowrank"\nreplay = 2.0\n', encoding="utf-8")
    policy = driftloop("queue", "add", "span 0", "--max-attempts", "5", "--json").json["policy"]
    assert (policy["trainer"], policy["replay"], policy["max_attempts"]) == ("lowrank", 2.0, 5)
    assert driftloop("queue", "add", "span 1", "--trainer", "head", "--json").json["policy"]["trainer"] == "head"


def test_a_failed_job_shows_why_and_is_tried_again(store: Store) -> None:
    job_id = driftloop("queue", "add", "span 0", "--max-attempts", "1", "--json").json["job_id"]
    work(store, refused(ZeroDivisionError("by [bold]zero")), once=True)

    shown = driftloop("queue", "show", job_id)
    assert "ZeroDivisionError: by [bold]zero" in shown.out and "attempt 1 wrote its checkpoint" in shown.out
    told = driftloop("queue", "show", job_id, "--json").json
    assert [event["kind"] for event in told["events"]] == ["claimed", "failed"]
    assert told["log"].endswith("ZeroDivisionError: by [bold]zero")

    assert driftloop("queue", "retry", job_id).code == 0
    assert [each["state"] for each in driftloop("queue", "list", "--json").json] == ["queued"]
    assert f"Job '{job_id}' is queued" in driftloop("queue", "retry", job_id).complaint


def test_a_worker_that_is_not_heard_of_is_said_to_be_gone(store: Store) -> None:
    driftloop("queue", "add", "span 0")
    claim(store, worker="w", lease_s=0.001)
    (job,) = driftloop("queue", "list", "--json").json
    assert (job["state"], job["worker"], job["expired"]) == ("running", "w", True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add", "nothing"], "No span 'nothing'"),
        (["add", "span 0", "--option", "rank"], "write NAME=VALUE"),
        (["show", "nothing"], "No job 'nothing'"),
        (["retry", "nothing"], "No job 'nothing'"),
    ],
)
def test_bad_input_ends_in_one_line(store: Store, arguments: list[str], says: str) -> None:
    done = driftloop("queue", *arguments)
    assert done.code == 2
    assert says in done.complaint
    assert open_store(store.uri).jobs.all() == ()


def test_a_worker_without_work_ends_when_asked_to(store: Store) -> None:
    assert driftloop("work", "--once").code == 0
    assert driftloop("work", "--drain").code == 0

    waiting = subprocess.Popen([DRIFTLOOP, "work", "--poll", "0.1"], stdout=subprocess.PIPE, text=True)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "Waiting for jobs: Ctrl-C ends it.\n"
    waiting.send_signal(signal.SIGTERM)
    said = waiting.communicate(timeout=30)[0]
    # a signal in the middle of printing a line may print it twice
    assert (waiting.returncode, said.splitlines()[-1]) == (0, "Stopped; a job that was running is given back.")

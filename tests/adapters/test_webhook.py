"""A service that trains, really asked over HTTP."""

import pytest

from driftcore.adapters._service import Service
from driftcore.adapters.webhook import WebhookTrainer
from driftcore.errors import TrainingError
from tests.adapters.handed_over import Told, task_for
from tests.adapters.service import SECRET, Script, parquet, serving

OUTPUTS = {"validation": "/out/validation", "../live": "out/live"}
DONE = {"state": "done", "outputs": OUTPUTS, "model_id": "encoder-7"}
FILES = {"/out/validation": parquet("cba"), "/out/live": parquet("a")}
RUNNING = {"state": "running", "status_url": "/jobs/1"}


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("DRIFTLOOP_WEBHOOK_SECRET", SECRET)


def train(tmp_path, script, *, told=None, **options):
    told = told or Told()
    with serving(script) as url:
        task = task_for(tmp_path / "attempt", **{"url": url, "poll_s": "0.05", **options})
        return WebhookTrainer().train(task, beat=told.beat, log=told.log)


def said_by(tmp_path, script, **options):
    with pytest.raises(TrainingError) as refused:
        train(tmp_path, script, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_service_is_asked_until_it_is_done_and_its_outputs_are_read(tmp_path):
    told = Told()
    script = Script(
        asked=RUNNING, told=[{"state": "running", "progress": 0.4, "message": "epoch 2"}, DONE], files=FILES
    )
    trained = train(tmp_path, script, told=told)
    validation, live = trained.splits
    # the file has c, b, a; the split a, b, c
    assert validation.vectors.tolist() == [[2, 1], [1, 1], [0, 1]]
    assert live.vectors.tolist() == [[0, 1]]
    assert trained.model_id == "encoder-7"
    assert ("epoch 2", 0.4) in told.beats
    assert "epoch 2" in told.lines


def test_the_request_carries_the_rows_and_what_must_be_embedded(tmp_path):
    script = Script(asked=DONE, files=FILES)
    train(tmp_path, script)
    [request] = script.requests
    data = request["data"]
    assert request["type"] == "driftloop.training.requested"
    assert (data["job_id"], data["current"], data["checkpoint"], data["seed"]) == ("j1", "wk5", "wk5+j1", 7)
    assert [row["text"] for row in data["retraining_set"]] == ["text of a", "=1+1"]
    assert data["samples"]["validation"][1] == {"sample_id": "b", "text": "text of b", "label": None}


def test_every_request_is_signed_under_one_id_and_the_same_job_has_the_same(tmp_path):
    first, second = (Script(asked=RUNNING, told=[DONE], files=FILES) for _ in range(2))
    train(tmp_path, first)
    train(tmp_path, second)
    assert len(set(first.ids + second.ids)) == 1
    assert first.refused == second.refused == []


def test_samples_that_make_the_request_too_large_are_left_to_the_store(tmp_path):
    script = Script(asked=DONE, files=FILES)
    train(tmp_path, script, inline_mb="0.0006")
    assert script.requests[0]["data"]["samples"] is None
    message = said_by(tmp_path, Script(asked=DONE), inline_mb="0.0001")
    assert "inline_mb is 0.0001: raise it" in message


def test_a_service_that_is_busy_for_a_moment_is_asked_again(tmp_path):
    script = Script(asked=[503, RUNNING], told=[429, DONE], files=FILES)
    assert len(train(tmp_path, script).splits) == 2
    assert len(script.requests) == 2


def test_a_service_that_stays_away_is_one_line():
    waits = []
    service = Service("http://127.0.0.1:9/train", secret=SECRET, wait=waits.append)
    with service, pytest.raises(TrainingError, match=r"^127\.0\.0\.1 could not be asked in 8 attempts: .*refused"):
        service.ask(b"{}", delivery_id="msg_1")
    # twice as long each time
    assert waits == [1, 2, 4, 8, 16, 32, 64]


WRONG = {
    "failed": ({"state": "failed", "message": "no\nGPU"}, "failed: no GPU"),
    "failed, no more": ({"state": "failed"}, "failed: it said no more"),
    "no JSON": (b"<html>", "does not answer in JSON: "),
    "no object": ([1], r"answers with \[1\]"),
    "no state": ({}, "says the state 'None'"),
    "refused": (403, "refused with status 403 at /jobs/1"),
    "sent on": (302, "refused with status 302"),
    "no output": ({"state": "done", "outputs": {"validation": "/out/validation"}}, "gives no output for ../live"),
    "outputs of another kind": ({"state": "done", "outputs": ["a"]}, "gives no output for validation, ../live"),
    "another host": (
        {"state": "done", "outputs": {**OUTPUTS, "validation": "http://example.com/validation"}},
        "sends on to 'example.com'",
    ),
    "another port": (
        {"state": "done", "outputs": {**OUTPUTS, "validation": "http://127.0.0.1:9/validation"}},
        "sends on to '127.0.0.1'",
    ),
    "a file of this machine": (
        {"state": "done", "outputs": {**OUTPUTS, "validation": "file:///etc/passwd"}},
        "only its own addresses",
    ),
    "a status for an output": (
        {"state": "done", "outputs": {**OUTPUTS, "validation": "/jobs/1"}},
        "'validation.parquet' is not a Parquet file",
    ),
}


@pytest.mark.parametrize(("answer", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_one_clear_line(tmp_path, answer, said):
    with pytest.raises(TrainingError, match=said):
        train(tmp_path, Script(asked=RUNNING, told=[answer], files=FILES))


def test_outputs_of_other_samples_or_widths_are_refused(tmp_path):
    other = {**FILES, "/out/validation": parquet("abz")}
    assert "has other samples than the split" in said_by(tmp_path, Script(asked=DONE, files=other))
    wide = {**FILES, "/out/live": parquet("a", n_dims=3)}
    assert "these differ: validation 2, ../live 3" in said_by(tmp_path, Script(asked=DONE, files=wide))


def test_a_service_that_names_no_address_to_ask_at_is_refused(tmp_path):
    assert "gave no status_url" in said_by(tmp_path, Script(asked={"state": "running"}))


def test_a_service_that_never_ends_is_given_up(tmp_path):
    message = said_by(tmp_path, Script(asked=RUNNING, told=[{"state": "running"}]), timeout_s="0.5")
    assert message == "The service took too long: give it more by the option timeout_s."


def test_a_job_that_was_taken_over_asks_no_more(tmp_path):
    class TakenOverError(Exception): ...

    class Loses(Told):
        def beat(self, what, share):
            if what == "epoch 2":
                raise TakenOverError

    script = Script(asked=RUNNING, told=[{"state": "running", "message": "epoch 2"}])
    with pytest.raises(TakenOverError):
        train(tmp_path, script, told=Loses())
    assert script.n_polls == 1


def test_another_secret_is_refused_by_the_service(tmp_path, monkeypatch):
    monkeypatch.setenv("OTHER_SECRET", "quite another secret")
    script = Script(asked=DONE)
    assert "refused with status 401" in said_by(tmp_path, script, secret_env="OTHER_SECRET")
    assert script.requests == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "needs the option url"),
        ({"url": "ftp://example.com/x"}, "is no address"),
        ({"url": "http://"}, "is no address"),
        ({"url": "http://example.com:port/"}, "is no address"),
        (
            {"url": "http://127.0.0.1:9/", "secret_env": "NOT_SET_ANYWHERE"},
            "set NOT_SET_ANYWHERE where the worker runs",
        ),
        ({"url": "http://127.0.0.1:9/", "poll_s": "-1"}, "The option poll_s is '-1'"),
    ],
)
def test_options_that_mean_nothing_are_one_line(tmp_path, options, said):
    with pytest.raises(TrainingError, match=said):
        WebhookTrainer().train(task_for(tmp_path / "attempt", **options), beat=Told().beat, log=Told().log)


def test_a_secret_that_is_too_short_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFTLOOP_WEBHOOK_SECRET", "short")
    assert "has 5 characters" in said_by(tmp_path, Script(asked=DONE))

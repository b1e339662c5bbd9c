"""The loop and the trace by the command: what a person reads, what a machine reads, and what is refused in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from driftcore import open_store
from tests.cli.road import driftloop
from tests.workflows.loop_world import N_RELABELLED, SOURCE, TARGET, drifted, make_store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loop") / "store.lance"
    make_store(path)
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "store.lance"))


def test_one_round_is_told_to_a_machine_and_the_next_to_a_person(store: Path) -> None:
    done = driftloop("loop", "--once", "--json", "--store", store)
    assert done.code == 0
    told = done.json
    wanted = {"reference", "current", "verdict", "spans", "traced", "job", "checkpoint", "accepted", "reason"}
    assert wanted | {"before", "after"} <= told.keys()
    assert {"span", "concept", "rest", "live", "live_concept", f"live {SOURCE}"} == told["before"].keys()
    assert (told["reference"], told["current"], told["accepted"]) == ("week 1", "week 2", True)

    again = driftloop("loop", "--once", "--store", store)
    assert again.out.strip() == f"'{told['checkpoint']}' is the reference itself: nothing new to look at."
    listed = driftloop("queue", "list", "--json", "--store", store).json
    assert [(job["state"], job["checkpoint"], job["accepted"]) for job in listed] == [
        ("done", told["checkpoint"], True)
    ]


def test_a_dry_run_names_the_spans_and_queues_nothing(store: Path) -> None:
    done = driftloop("loop", "--dry-run", "--store", store)
    assert done.code == 0
    assert "would retrain on" in done.out
    assert driftloop("queue", "list", "--json", "--store", store).json == []


def test_a_trace_is_a_table_a_file_and_json(store: Path, tmp_path: Path) -> None:
    span = drifted(open_store(store)).span_id
    done = driftloop("trace", span, "--json", "--out", tmp_path / "rows.csv", "--store", store)
    assert (done.json["span_id"], done.json["n_candidates"]) == (span, 480)
    assert {(row["label_used"], row["suggested"]) for row in done.json["rows"]} >= {(TARGET, SOURCE)}
    lines = (tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(done.json["rows"]) >= 1 + N_RELABELLED
    printed = driftloop("trace", span, "--top", "3", "--store", store).out
    assert f"{len(done.json['rows'])} of 480 training rows since week 1 are traced." in printed


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("loop", "--once", "--every", "1h"), "--once and --every exclude each other"),
        (("loop", "--every", "soon"), "--every 'soon' is no time: write 30m, 1h or 1d."),
        (("loop", "--every", "0h"), "--every '0h' is no time"),
        (("loop", "--current", "week 9"), "No checkpoint named 'week 9'. Known: week 1, week 2."),
        (("trace", "nobody"), "No span"),
        (("queue", "retry", "nobody"), "No job 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(made: Path, words: tuple[str, ...], line: str) -> None:
    done = driftloop(*words, "--store", made)
    assert done.code == 2
    assert line in done.err
    assert done.err.count("\n") == 1


def test_a_trainer_that_is_not_there_fails_the_job_in_one_line(store: Path) -> None:
    done = driftloop("loop", "--trainer", "nobody", "--json", "--store", store)
    assert done.code == 0
    assert (done.json["accepted"], done.json["checkpoint"]) == (None, None)
    assert "No trainer named 'nobody'. Known: " in done.json["reason"]
    # nothing of the failed attempts is left
    assert [each.checkpoint for each in open_store(store).checkpoints()] == ["week 1", "week 2"]

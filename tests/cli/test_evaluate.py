"""`driftloop evaluate` on what eval tools write: one line each, for what is stored and for what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from driftcore import ingest, open_store
from tests.cli.road import driftloop
from tests.readers.evals import logs
from tests.readers.evals.logs import TARGETS, TEXTS


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store"
    columns = {"id": list(TEXTS), "label": list(TARGETS.values()), "text": list(TEXTS.values()), "embedding": np.eye(3)}
    ingest(open_store(path), columns, checkpoint="wk0")
    return path


def test_a_person_reads_what_was_taken_for_what(store: Path, tmp_path: Path) -> None:
    file = logs.write_lines(tmp_path / "log", [logs.lm_generated(name) for name in TEXTS])

    done = driftloop("evaluate", file, "--checkpoint", "wk0", "--store", store)

    assert done.code == 0
    assert "stored 3 predictions, accuracy 66.7 %, 0 failed." in done.out
    assert "From lm-eval, none: right by 'exact_match', samples found by doc.id." in done.out


def test_samples_found_by_their_text_are_said_to_be(store: Path, tmp_path: Path) -> None:
    file = logs.write_lines(tmp_path / "log", logs.openai_log(logs.openai_events("s2")))

    assert (
        "samples found by text (prompt)."
        in driftloop("evaluate", file, "--checkpoint", "wk0", "--format", "openai-evals", "--store", store).out
    )


def test_a_machine_reads_the_same(store: Path, tmp_path: Path) -> None:
    rows = [logs.promptfoo_row("s1", provider=name, place=place) for place, name in enumerate(("echo", "gpt"))]
    file = logs.write_json(tmp_path / "results.json", logs.promptfoo_results(rows))
    chosen = ("--variant", "gpt", "--metric", "accuracy", "--map", "id=vars.ticket")

    answer = driftloop("evaluate", file, "--checkpoint", "wk0", *chosen, "--store", store, "--json").json

    assert {key: answer[key] for key in ("tool", "variant", "metric", "matched_by", "created", "accuracy")} == {
        "tool": "promptfoo",
        "variant": "gpt",
        "metric": "accuracy",
        "matched_by": "vars.ticket",
        "created": True,
        "accuracy": 1.0,
    }


def _half_a_zip(folder: Path) -> Path:
    path = logs.write_zip(folder / "log.eval", logs.inspect_parts([logs.inspect_sample("s1")]))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def _crash(folder: Path) -> Path:
    path = folder / "results.json"
    path.write_text("Traceback (most recent call last):\n  File 'eval.py', line 1\nKeyError: 'x'\n")
    return path


BAD: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "of another sample set": (
        lambda folder: logs.write_json(
            folder / "log.json", logs.inspect_log([logs.inspect_sample("s1") | {"id": 99, "input": "else"}])
        ),
        ["its samples are not those of the snapshot 'wk0' / 'validation'", "--map id=FIELD"],
    ),
    "that is half a zip": (_half_a_zip, ["log.eval is a zip that cannot be opened", "Is it cut off?"]),
    "that is a crash": (_crash, ["error message of a program that crashed"]),
    "in which all samples failed": (
        lambda folder: logs.write_json(folder / "log.json", logs.inspect_log([logs.inspect_failed("s1")])),
        ["all 1 samples failed, the first with 'boom'"],
    ),
    "with two filters": (
        lambda folder: logs.write_lines(folder / "x.jsonl", [logs.lm_generated("s1", filter=name) for name in "ab"]),
        ["2 filters", "--variant NAME", "a, b"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_log_that_cannot_be_stored_is_one_line_and_code_2(store: Path, tmp_path: Path, case: str) -> None:
    write, says = BAD[case]

    done = driftloop("evaluate", write(tmp_path), "--checkpoint", "wk0", "--store", store)

    assert done.code == 2
    for words in says:
        assert words in done.complaint
    assert open_store(store).evals.all() == ()


def test_a_format_that_the_file_is_not_is_refused(store: Path, tmp_path: Path) -> None:
    file = logs.write_json(tmp_path / "log.json", [logs.phoenix_run("s1")])

    done = driftloop("evaluate", file, "--checkpoint", "wk0", "--format", "inspect", "--store", store)

    assert (done.code, "is not an output of inspect; it looks like one of phoenix" in done.complaint) == (2, True)

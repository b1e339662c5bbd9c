"""Which tool wrote a file is seen in the file; and no file, however cut, ends in a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore.errors import BadInputError, DriftcoreError, UnreadableFileError
from driftcore.readers.evals import FORMATS, choose, read_eval, with_mapping
from tests.readers.evals import logs

WRITERS: dict[str, Callable[[Path], Path]] = {
    "lm-eval": lambda path: logs.write_lines(path, [logs.lm_generated(name) for name in logs.TEXTS]),
    "inspect": lambda path: logs.write_json(path, logs.inspect_log([logs.inspect_sample("s1")])),
    "inspect ": lambda path: logs.write_zip(path, logs.inspect_parts([logs.inspect_sample("s1")])),
    "promptfoo": lambda path: logs.write_json(path, logs.promptfoo_results([logs.promptfoo_row("s1")])),
    "promptfoo ": lambda path: logs.write_lines(path, [logs.promptfoo_row(name) for name in logs.TEXTS]),
    "mlflow": lambda path: logs.write_json(path, {"columns": ["id", "pred"], "data": [["s1", "a"]]}),
    "deepeval": lambda path: logs.write_json(path, logs.deepeval_run([logs.deepeval_case("s1")])),
    "phoenix": lambda path: logs.write_json(path, [logs.phoenix_run("s1")]),
    "openai-evals": lambda path: logs.write_lines(path, logs.openai_log(logs.openai_events("s1"))),
}


@pytest.mark.parametrize("tool", WRITERS)
def test_a_tool_is_known_by_what_is_in_the_file_and_not_by_its_name(tmp_path: Path, tool: str) -> None:
    reading = read_eval(WRITERS[tool](tmp_path / "anything.dat"))

    assert reading is not None and reading.tool == tool.strip()


@pytest.mark.parametrize("tool", WRITERS)
def test_one_line_is_enough(tmp_path: Path, tool: str) -> None:
    path = WRITERS[tool](tmp_path / "log.json")
    if tool in ("lm-eval", "promptfoo "):
        path.write_bytes(path.read_bytes().splitlines()[0])

    reading = read_eval(path)

    assert reading is not None and reading.tool == tool.strip()


def test_every_format_is_written_by_one_of_these_and_wandb_like_mlflow(tmp_path: Path) -> None:
    assert {*map(str.strip, WRITERS), "wandb", "auto", "table"} == set(FORMATS)
    reading = read_eval(WRITERS["mlflow"](tmp_path / "t.json"), format="wandb")
    assert reading is not None and reading.tool == "wandb"


@pytest.mark.parametrize("tool", FORMATS[2:])
def test_a_format_that_is_insisted_on_says_what_the_file_is_instead(tmp_path: Path, tool: str) -> None:
    other = "deepeval" if tool != "deepeval" else "phoenix"

    with pytest.raises(BadInputError, match=f"is not an output of {tool}; it looks like one of {other}"):
        read_eval(WRITERS[other](tmp_path / "log.json"), format=tool)


def test_an_unknown_format_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"No eval format named 'excel'. Known: auto, table, lm-eval"):
        read_eval(tmp_path / "x", format="excel")


def test_a_plain_table_is_left_to_its_reader(tmp_path: Path) -> None:
    table = tmp_path / "predictions.csv"
    table.write_text("id,prediction\ns1,a\n")
    lines = logs.write_lines(tmp_path / "predictions.jsonl", [{"id": "s1", "prediction": "a"}] * 2)
    line = logs.write_lines(tmp_path / "prediction.jsonl", [{"id": "s1", "prediction": "a"}])

    assert [read_eval(path) for path in (table, lines, line)] == [None, None, None]
    assert read_eval(table, format="table") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"Traceback (most recent call last):\n  File x\nKeyError: 1\n", "error message of a program that crashed"),
        (b"<!doctype html><title>502</title>", "is a web page"),
        (b'{"error": "no key"}', "none of the known eval tools wrote"),
        (b'{\n "error": "no key"\n}', "none of the known eval tools wrote"),
        (b"[]", "empty list"),
        (b'{"results": {"results": [], "stats": {}, "prompts": []}}', "holds no results"),
        (b'{"evalId": "e", "results": {"resul', "is not JSON.*Is it cut off"),
        (b'{\n "evalId": "e",\n "results": {"resul', "is not JSON.*Is it cut off"),
        (b'{"columns": ["id"], "data": [["\\ud800"]]}', "holds half a character"),
    ],
)
def test_what_is_no_log_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(content)

    with pytest.raises((BadInputError, UnreadableFileError), match=says) as refusal:
        read_eval(path)

    assert "\n" not in str(refusal.value)


@settings(max_examples=120, deadline=None)
@given(tool=st.sampled_from(sorted(WRITERS)), share=st.floats(0, 1), noise=st.binary(max_size=8))
def test_a_file_that_is_cut_and_scribbled_on_is_read_or_refused(tool: str, share: float, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = WRITERS[tool](Path(folder) / "log")
        content = path.read_bytes()
        at = int(share * len(content))
        path.write_bytes(content[:at] + noise + (content[at + len(noise) :] if noise else b""))
        try:
            reading = read_eval(path)
            rows = () if reading is None else choose(with_mapping(reading, {})).rows
        except DriftcoreError as error:
            said = str(error)
        else:
            said = "read" if reading is None or rows else ""
    assert said and "\n" not in said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(tool=st.sampled_from(["lm-eval", "inspect", "promptfoo", "deepeval", "phoenix", "openai-evals"]), data=st.data())
def test_a_value_of_another_kind_anywhere_is_read_or_refused(tool: str, data: st.DataObject) -> None:
    record = {
        "lm-eval": logs.lm_choice("s1", [-1.0, -2.0, -3.0, -4.0]),
        "inspect": logs.inspect_sample("s1"),
        "promptfoo": logs.promptfoo_row("s1"),
        "deepeval": logs.deepeval_case("s1"),
        "phoenix": logs.phoenix_run("s1"),
        "openai-evals": logs.openai_events("s1")[1],
    }[tool]
    record[data.draw(st.sampled_from(sorted(record)))] = data.draw(JSON)
    document = {
        "inspect": lambda: logs.inspect_log([record]),
        "deepeval": lambda: logs.deepeval_run([record]),
        "promptfoo": lambda: logs.promptfoo_results([record]),
        "openai-evals": lambda: logs.openai_events("s2")[0] | record,
    }.get(tool, lambda: [record])()
    with TemporaryDirectory() as folder:
        path = logs.write_json(Path(folder) / "log", document)
        try:
            reading = read_eval(path)
            rows = () if reading is None else choose(with_mapping(reading, {})).rows
        except DriftcoreError as error:
            said = str(error)
        else:
            said = "read" if reading is None or rows else ""
    assert said and "\n" not in said

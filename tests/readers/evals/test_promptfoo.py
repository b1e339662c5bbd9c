"""promptfoo: rows in results.results, errors beside failed assertions, providers, prompts and repeats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcore.errors import BadInputError
from driftcore.readers.evals import EQUALITY, EvalReading, choose, read_eval
from tests.readers.evals.logs import TEXTS, Record, promptfoo_results, promptfoo_row, write_json, write_lines

ALL = [promptfoo_row(name) for name in TEXTS]


def reading_of(folder: Path, rows: Sequence[Record]) -> EvalReading:
    reading = read_eval(write_json(folder / "results.json", promptfoo_results(rows)))
    assert reading is not None and reading.tool == "promptfoo"
    return reading


def test_json_and_lines_say_the_same(tmp_path: Path) -> None:
    lines = read_eval(write_lines(tmp_path / "results.jsonl", ALL))

    assert lines is not None and lines.rows == reading_of(tmp_path, ALL).rows


def test_answers_targets_and_verdicts(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ALL)

    assert [row.prediction for row in reading.rows] == ["lost_card", "card_arrival", "top_up"]
    assert [row.targets for row in reading.rows] == [("lost_card",), ("pending_transfer",), ("top_up",)]
    assert choose(reading).metric == "success"
    assert [score.correct for score in choose(reading).scores] == [True, False, True]


def test_every_variable_and_the_metadata_may_be_the_id(tmp_path: Path) -> None:
    (row,) = reading_of(tmp_path, [promptfoo_row("s2", testCase={"description": "second"})]).rows

    assert (row.fields["vars.ticket"], row.fields["metadata.slice"], row.fields["description"]) == (
        *("s2", "cards"),
        "second",
    )


def test_a_failed_assertion_is_wrong_and_an_error_is_unknown(tmp_path: Path) -> None:
    broken = promptfoo_row("s2", failureReason=2, error="429 Too Many Requests", response={"error": "429"})
    reading = reading_of(tmp_path, [promptfoo_row("s1"), broken, promptfoo_row("s2", test=7)])

    assert [row.error for row in reading.rows] == [None, "429 Too Many Requests", None]
    assert [score.correct for score in choose(reading).scores] == [True, None, False]


def test_before_there_was_a_reason_an_error_is_one_without_an_answer(tmp_path: Path) -> None:
    wrong = {key: value for key, value in promptfoo_row("s2").items() if key != "failureReason"}
    broken = {**wrong, "testIdx": 5, "response": {"error": "no key"}, "gradingResult": None}

    assert [row.error is None for row in reading_of(tmp_path, [wrong, broken]).rows] == [True, False]


def test_without_assertions_success_says_nothing(tmp_path: Path) -> None:
    grading = {"pass": True, "score": 1, "reason": "No assertions", "componentResults": []}
    row = promptfoo_row("s2", success=True, gradingResult=grading, namedScores={}, testCase={"vars": {}})

    assert choose(reading_of(tmp_path, [row])).metric == EQUALITY


def test_a_named_metric_decides_when_it_is_asked_for(tmp_path: Path) -> None:
    chosen = choose(reading_of(tmp_path, [promptfoo_row("s1", success=False, failureReason=1)]), metric="accuracy")

    assert (chosen.scores[0].correct, chosen.scores[0].value) == (True, 1.0)


def test_providers_are_variants(tmp_path: Path) -> None:
    rows = [promptfoo_row("s1", provider="echo"), promptfoo_row("s1", provider="gpt", place=1)]
    reading = reading_of(tmp_path, rows)

    with pytest.raises(BadInputError, match=r"2 providers and prompts.*--variant NAME. There are: echo, gpt"):
        choose(reading)

    assert len(choose(reading, variant="gpt").rows) == 1


def test_prompts_are_variants_and_the_same_provider_twice_has_a_number(tmp_path: Path) -> None:
    short, long = {"raw": "a", "label": "short"}, {"raw": "b", "label": "long"}
    rows = [promptfoo_row("s1", prompt=short), promptfoo_row("s1", place=1, prompt=long)]
    twice = [promptfoo_row("s1"), promptfoo_row("s1", place=1)]

    assert [row.variant for row in reading_of(tmp_path, rows).rows] == ["echo | short", "echo | long"]
    assert [row.variant for row in reading_of(tmp_path, twice).rows] == ["echo #0", "echo #1"]


def test_a_repeated_test_is_another_epoch_and_a_row_twice_is_not(tmp_path: Path) -> None:
    rows = [promptfoo_row("s1", test=0), promptfoo_row("s1", test=1), promptfoo_row("s1", test=1)]

    assert [row.epoch for row in reading_of(tmp_path, rows).rows] == [1, 2, 2]


def test_an_answer_that_is_an_object_is_its_json_and_nothing_is_no_answer(tmp_path: Path) -> None:
    rows = [promptfoo_row("s1", response={"output": {"intent": "x"}}), promptfoo_row("s2", response={"output": ""})]

    assert [row.prediction for row in reading_of(tmp_path, rows).rows] == ['{"intent": "x"}', ""]


def test_targets_stand_in_sets_lists_and_variables_but_not_in_negations(tmp_path: Path) -> None:
    negated = {"type": "not-equals", "value": "top_up"}
    inner = {"type": "assert-set", "assert": [{"type": "contains-any", "value": ["{{expected}}", "b"]}]}
    row = promptfoo_row("s1", testCase={"assert": [negated, inner]}, gradingResult={}, vars={"expected": "a"})

    assert reading_of(tmp_path, [row]).rows[0].targets == ("a", "b")


def test_a_prompt_of_messages_is_what_the_user_says(tmp_path: Path) -> None:
    raw = '[{"role": "system", "content": "Name it."}, {"role": "user", "content": "I lost my card"}]'

    assert reading_of(tmp_path, [promptfoo_row("s1", prompt={"raw": raw})]).rows[0].fields["prompt"] == TEXTS["s1"]


def test_no_results_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no results"):
        reading_of(tmp_path, [])

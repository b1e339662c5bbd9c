"""DeepEval: the verdict of a test case, G-Eval's grades, and metrics that failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcore.errors import BadInputError
from driftcore.readers.evals import EQUALITY, EvalReading, choose, read_eval
from tests.readers.evals.logs import TEXTS, Record, deepeval_case, deepeval_run, write_json

GRADE = {"name": "Intent [GEval]", "threshold": 0.5, "success": True, "score": 0.8}
MATCH = {"name": "Exact Match", "threshold": 1.0, "success": False, "score": 0.0}
BROKEN = {"name": "Judge", "threshold": 0.5, "success": False, "error": "no key"}


def reading_of(folder: Path, cases: Sequence[Record]) -> EvalReading:
    reading = read_eval(write_json(folder / "test_run.json", deepeval_run(cases)))
    assert reading is not None and reading.tool == "deepeval"
    return reading


def test_a_case_is_a_row(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, [deepeval_case(name) for name in TEXTS])

    assert [row.fields["name"] for row in reading.rows] == ["s1", "s2", "s3"]
    assert [row.prediction for row in reading.rows] == ["lost_card", "card_arrival", "top_up"]
    assert [row.targets for row in reading.rows] == [("lost_card",), ("pending_transfer",), ("top_up",)]
    assert [score.correct for score in choose(reading).scores] == [True, False, True]


def test_a_grade_keeps_its_number_and_the_tools_own_threshold(tmp_path: Path) -> None:
    low = {**GRADE, "score": 0.3, "success": True, "threshold": 0.2}
    reading = reading_of(tmp_path, [deepeval_case("s1", GRADE), deepeval_case("s2", low)])

    assert [(score.value, score.correct) for score in choose(reading).scores] == [(0.8, True), (0.3, True)]
    assert [score.correct for score in choose(reading, threshold=0.5).scores] == [True, False]


def test_of_several_metrics_all_must_pass_unless_one_is_named(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, [deepeval_case("s1", GRADE, MATCH)])

    assert (choose(reading).metric, choose(reading).scores[0].correct) == ("success", False)
    assert choose(reading, metric="Intent [GEval]").scores[0].correct is True


def test_a_metric_that_failed_leaves_the_case_unknown_unless_another_says_wrong(tmp_path: Path) -> None:
    cases = [deepeval_case("s1", GRADE, BROKEN), deepeval_case("s2", MATCH, BROKEN), deepeval_case("s3", BROKEN)]
    reading = reading_of(tmp_path, cases)

    assert [score.correct for score in choose(reading).scores] == [None, False, None]
    assert [row.error for row in reading.rows] == [None, None, "no key"]
    assert choose(reading, metric="geval").scores[0].correct is True


def test_a_flaky_metric_never_decides(tmp_path: Path) -> None:
    flaky = {**BROKEN, "flaky": True}

    assert choose(reading_of(tmp_path, [deepeval_case("s1", GRADE, flaky, success=True)])).scores[0].correct is True


def test_what_is_absent_or_none_is_nothing(tmp_path: Path) -> None:
    case = deepeval_case("s1", expectedOutput=None, metricsData=None, success=None)
    (row,) = reading_of(tmp_path, [case]).rows

    assert (row.targets, row.scores) == ((), {})
    assert choose(reading_of(tmp_path, [case])).metric == EQUALITY


def test_a_conversation_is_a_row_with_its_last_words(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "I lost my card"}, {"role": "assistant", "content": "lost_card"}]
    talk = {"name": "s1", "success": True, "metricsData": [GRADE], "turns": turns}
    run = {**deepeval_run([]), "conversationalTestCases": [talk]}

    reading = read_eval(write_json(tmp_path / "run.json", {"testRunData": run}))

    assert reading is not None
    assert (reading.rows[0].fields["input"], reading.rows[0].prediction) == ("I lost my card", "lost_card")


def test_a_run_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no test cases"):
        reading_of(tmp_path, [])

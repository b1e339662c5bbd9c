"""A table of predictions: what was said, how surely, and whether it was right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore.readers import predictions_from_frame, read_predictions
from tests.readers.worlds import WRITERS

TABLE_FORMATS = [name for name in WRITERS if name != "samples.npz"]


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_every_table_format_says_the_same(tmp_path: Path, name: str) -> None:
    columns = {
        "id": ["001", "b"],
        "prediction": ["x", ""],
        "label": ["x", "y"],
        "confidence": [0.5, 1],
        "correct": [1, 0],
    }
    WRITERS[name](tmp_path / name, columns)

    reading = read_predictions(tmp_path / name)
    batch = reading.batch

    assert reading.source == name
    assert reading.problems == ()
    assert batch.sample_ids.tolist() == ["001", "b"]
    assert batch.predictions.tolist() == ["x", ""]
    assert batch.targets is not None and batch.targets.tolist() == ["x", "y"]
    assert batch.confidences is not None and batch.confidences.tolist() == [0.5, 1.0]
    assert batch.correct is not None and batch.correct.tolist() == [1.0, 0.0]


def test_only_id_and_prediction_are_needed() -> None:
    batch = predictions_from_frame({"id": ["a"], "y_pred": [3]}).batch

    assert batch.predictions.tolist() == ["3"]
    assert (batch.targets, batch.confidences, batch.correct) == (None, None, None)


def test_where_the_tool_failed_correct_is_null_and_never_wrong() -> None:
    frame = {"id": ["a", "b", "c"], "prediction": ["x", None, "y"], "correct": [True, False, None]}

    batch = predictions_from_frame(frame).batch

    assert batch.predictions.tolist() == ["x", None, "y"]
    np.testing.assert_array_equal(batch.correct, [1, np.nan, np.nan])


def test_in_csv_nothing_is_a_failure_and_two_quotes_are_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text('id,prediction,correct\na,,0\nb,"",0\n')

    batch = read_predictions(path).batch

    assert batch.predictions.tolist() == [None, ""]
    np.testing.assert_array_equal(batch.correct, [np.nan, 0])


@pytest.mark.parametrize("confidences", [["0.5", "1.5", "-0.1", "high", None], [0.5, 1.5, -0.1, float("inf"), None]])
def test_a_confidence_that_is_no_probability_is_a_problem(confidences: list[object]) -> None:
    reading = predictions_from_frame({"id": list("abcde"), "pred": list("xxxxx"), "confidence": confidences})

    assert reading.batch.confidences is not None
    np.testing.assert_array_equal(reading.batch.confidences, [0.5, np.nan, np.nan, np.nan, np.nan])
    (problem,) = reading.problems
    assert problem.reason == "confidence is not in [0, 1]"
    assert problem.positions.tolist() == [1, 2, 3]  # a missing confidence is none
    assert problem.example == "1.5"


def test_correct_is_read_from_words_and_numbers() -> None:
    reading = predictions_from_frame(
        {"id": list("abcdef"), "pred": list("xxxxxx"), "correct": ["True", "false", "1", "0", "1.0", None]}
    )

    np.testing.assert_array_equal(reading.batch.correct, [1, 0, 1, 0, 1, np.nan])
    assert reading.problems == ()


def test_half_correct_is_a_problem_and_not_rounded() -> None:
    reading = predictions_from_frame({"id": ["a", "b"], "pred": ["x", "y"], "correct": [0.5, 1.0]})

    np.testing.assert_array_equal(reading.batch.correct, [np.nan, 1])
    assert [(problem.reason, problem.example) for problem in reading.problems] == [
        ("correct is neither 1 nor 0", "0.5")
    ]

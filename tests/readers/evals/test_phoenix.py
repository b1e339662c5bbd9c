"""Phoenix experiments: JSON and CSV say the same; repetitions, annotations, and runs that failed."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcore.errors import BadInputError
from driftcore.readers.evals import EQUALITY, EvalReading, choose, read_eval
from tests.readers.evals.logs import TEXTS, Record, phoenix_run, write_json

ENDINGS = ["json", "csv"]
ALL = [phoenix_run(name) for name in TEXTS]


def written(folder: Path, ending: str, runs: Sequence[Record]) -> Path:
    path = folder / f"experiment.{ending}"
    return write_json(path, list(runs), indent=2) if ending == "json" else _as_csv(path, runs)


def _as_csv(path: Path, runs: Sequence[Record]) -> Path:
    """As the server does it: objects as JSON, an annotation as columns, None as an empty cell."""
    flat = []
    for run in runs:
        cells = {name: value for name, value in run.items() if name != "annotations"}
        cells |= {name: json.dumps(run[name]) for name in ("input", "reference_output")}
        cells["output"] = json.dumps(run["output"]) if isinstance(run["output"], dict) else run["output"]
        for note in run["annotations"]:
            cells |= {f"annotation_{note['name']}_{key}": note[key] for key in ("label", "score", "error")}
        flat.append(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for cells in flat for name in cells)))
        writer.writeheader()
        writer.writerows(flat)
    return path


def reading_of(path: Path) -> EvalReading:
    reading = read_eval(path)
    assert reading is not None and reading.tool == "phoenix"
    return reading


@pytest.mark.parametrize("ending", ENDINGS)
def test_both_forms_say_the_same(tmp_path: Path, ending: str) -> None:
    reading = reading_of(written(tmp_path, ending, ALL))

    assert [row.prediction for row in reading.rows] == ["lost_card", "card_arrival", "top_up"]
    assert [row.targets for row in reading.rows] == [("lost_card",), ("pending_transfer",), ("top_up",)]
    assert [row.fields["input.ticket"] for row in reading.rows] == ["s1", "s2", "s3"]
    assert reading.rows[0].fields["text"] == "I lost my card"
    assert reading.rows[0].fields["example_id"] == "RGF0YXNldEV4YW1wbGU6s1"
    assert [score.correct for score in choose(reading).scores] == [True, False, True]


@pytest.mark.parametrize("ending", ENDINGS)
def test_repetitions_are_epochs_and_a_failed_one_is_unknown(tmp_path: Path, ending: str) -> None:
    failed = phoenix_run("s1", repetition=2, output=None, error="TimeoutError()")
    reading = reading_of(written(tmp_path, ending, [phoenix_run("s1"), failed]))

    assert [(row.epoch, row.error) for row in reading.rows] == [(1, None), (2, "TimeoutError()")]
    assert [score.correct for score in choose(reading).scores] == [True, None]


@pytest.mark.parametrize("ending", ENDINGS)
def test_one_of_several_annotations_must_be_named(tmp_path: Path, ending: str) -> None:
    notes = [
        {"name": "exact", "label": None, "score": 0.0, "error": None},
        {"name": "judge_label", "label": "correct", "score": None, "error": None},
        {"name": "broken", "label": None, "score": None, "error": "no key"},
    ]
    reading = reading_of(written(tmp_path, ending, [phoenix_run("s1", annotations=notes)]))

    with pytest.raises(BadInputError, match=r"3 annotations.*There are: exact, judge_label, broken"):
        choose(reading)
    assert choose(reading, metric="exact").scores[0].correct is False
    assert choose(reading, metric="judge_label").scores[0].correct is True
    assert choose(reading, metric="broken").scores[0].correct is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_annotations_the_answer_is_compared(tmp_path: Path, ending: str) -> None:
    assert choose(reading_of(written(tmp_path, ending, [phoenix_run("s1", annotations=[])]))).metric == EQUALITY


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_answer_may_be_an_object(tmp_path: Path, ending: str) -> None:
    run = phoenix_run("s1", output={"intent": "lost_card", "tokens": 3}, reference_output={"label": "lost_card"})

    (row,) = reading_of(written(tmp_path, ending, [run])).rows

    assert (row.prediction, row.targets) == ("lost_card", ("lost_card",))

"""MLflow's and W&B's tables: nothing in them says which column is which."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcore.errors import BadInputError, UnknownColumnError
from driftcore.readers.evals import EQUALITY, EvalReading, choose, read_eval, with_mapping
from tests.readers.evals.logs import write_json

COLUMNS = ["sample_id", "text", "label", "pred", "toxicity/v1/score", "judge/value"]
ROWS = [["s1", "I lost my card", "lost_card", "lost_card", 0.01, "yes"], ["s2", "x", "a", "b", 0.9, "no"]]


def reading_of(folder: Path, columns: list[str], rows: list[list[object]]) -> EvalReading:
    reading = read_eval(write_json(folder / "x.table.json", {"columns": columns, "data": rows, "ncols": len(columns)}))
    assert reading is not None and reading.tool == "mlflow"
    return reading


def test_known_names_are_taken_and_the_answer_is_compared_with_its_target(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, COLUMNS, ROWS)

    assert [(row.prediction, row.targets) for row in reading.rows] == [("lost_card", ("lost_card",)), ("b", ("a",))]
    # a low toxicity is not a wrong answer
    assert choose(reading).metric == EQUALITY
    assert [score.correct for score in choose(reading, metric="judge").scores] == [True, False]
    assert choose(reading, metric="toxicity/v1").scores[1].value == 0.9


def test_unknown_names_are_mapped(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ["ticket", "said", "truth"], [["s1", "a", "b"], [2.0, None, "b"]])

    with pytest.raises(UnknownColumnError, match=r"nothing in it is named as the prediction. It has: ticket, said"):
        with_mapping(reading, {})
    mapped = with_mapping(reading, {"id": "ticket", "prediction": "said", "target": "truth"})

    assert [(row.prediction, row.targets) for row in mapped.rows] == [("a", ("b",)), (None, ("b",))]
    assert mapped.rows[1].fields["ticket"] == "2"


def test_a_mapped_verdict_decides(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ["id", "said", "ok"], [["s1", "a", True], ["s2", "b", "0"], ["s3", "c", None]])

    chosen = choose(with_mapping(reading, {"prediction": "said", "correct": "ok"}))

    assert [score.correct for score in chosen.scores] == [True, False, None]


def test_a_field_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumnError, match=r"no field named 'nope', which id=nope asks for. It has: sample_id"):
        with_mapping(reading_of(tmp_path, COLUMNS, ROWS), {"id": "nope"})


@pytest.mark.parametrize(
    ("columns", "rows", "says"),
    [
        (COLUMNS, [], "has no rows"),
        (COLUMNS, [["s1"]], "row 1 does not have one value for each of the 6 columns"),
        (["id", "id"], [["a", "b"]], "two columns have one name"),
    ],
)
def test_a_table_that_is_none_is_refused(
    tmp_path: Path, columns: list[str], rows: list[list[object]], says: str
) -> None:
    with pytest.raises(BadInputError, match=says):
        reading_of(tmp_path, columns, rows)

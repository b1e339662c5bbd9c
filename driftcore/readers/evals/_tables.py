"""MLflow's `eval_results_table.json` and Weights & Biases' `*.table.json`: ``{"columns": [...], "data": [[...]]}``.

The file does not say which column is which: known names are taken, others are mapped. A metric stands under
``<metric>/score`` or ``<metric>/value``, but nothing says that it is about right and wrong (it may be toxicity), so
that an answer is compared with its target unless a metric is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcore.errors import BadInputError, UnknownColumnError, UnreadableFileError, listed
from driftcore.readers._columns import PREDICTION_ROLES, columns_of_roles
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import leaves, mapping, number, score_of, targets_of, text, truth
from driftcore.readers.evals._rows import EQUALITY, EvalReading, EvalRow, Score

_METRICS = ("/score", "/value")
_ROLES = {**PREDICTION_ROLES, "prediction": (*PREDICTION_ROLES["prediction"], "outputs", "response")}


def is_table_document(file: EvalFile) -> bool:
    """Names of columns, and lists of as many values."""
    first = mapping(file.content)
    return file.kind == "document" and all(isinstance(first.get(key), list) for key in ("columns", "data"))


def read_table_document(file: EvalFile) -> EvalReading:
    """One row a line of the table; every column is a field."""
    source = file.path.name
    names = [text(name) or "" for name in mapping(file.content)["columns"]]
    lines = mapping(file.content)["data"]
    if not lines:
        raise BadInputError(f"{source} has no rows (columns: {listed(names)}): nothing to read.")
    bad = next((place for place, line in enumerate(lines, start=1) if _width(line) != len(names)), None)
    if bad is not None:
        raise UnreadableFileError(
            f"{source}: row {bad} does not have one value for each of the {len(names)} columns: write it again."
        )
    if len(set(names)) < len(names):
        raise UnknownColumnError(f"{source}: two columns have one name ({listed(names)}). Rename all but one.")
    roles = columns_of_roles(names, _ROLES, {}, source=source)
    return EvalReading(
        tool="mlflow",
        rows=tuple(_row(dict(zip(names, line, strict=True)), roles) for line in lines),
        source=source,
        own_ids=tuple(roles[role] for role in ("id",) if role in roles),
        default_metric="correct" if "correct" in roles else EQUALITY,
    )


def _width(line: Any) -> int:
    return len(line) if isinstance(line, list) else -1


def _row(values: Mapping[str, Any], roles: Mapping[str, str]) -> EvalRow:
    said = {role: values[column] for role, column in roles.items()}
    scores: dict[str, Score] = {}
    if "correct" in said:
        verdict = truth(said["correct"])
        exact = number(said["correct"])
        scores["correct"] = Score(correct=verdict if verdict is not None else None if exact is None else exact == 1)
    for column, value in values.items():
        ending = next((ending for ending in _METRICS if column.endswith(ending)), None)
        if ending is not None:
            scores[column.removesuffix(ending)] = score_of(value) or Score()
    return EvalRow(
        fields={name: found for column, value in values.items() for name, found in leaves(value, column)},
        prediction=text(said.get("prediction")),
        targets=targets_of(said.get("target")),
        scores=scores,
        confidence=number(said.get("confidence")),
    )

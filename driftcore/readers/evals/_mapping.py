"""What `--map` says of a tool's output: a field in place of the answer, the target or the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from driftcore.errors import UnknownColumnError, listed, one_line
from driftcore.readers._columns import refuse_unknown_roles
from driftcore.readers.evals._plain import number, score_of
from driftcore.readers.evals._rows import EvalReading, EvalRow, Score

_ROLES = ("id", "text", "prediction", "target", "confidence", "correct")


def with_mapping(reading: EvalReading, mapping: Mapping[str, str]) -> EvalReading:
    """The reading with some roles played by other fields of the file; id and text are for whoever ties the samples.

    Raises
    ------
    UnknownColumnError
        If a role or a field is not there; the message lists those that are, and also if nothing is the prediction.
    """
    refuse_unknown_roles(mapping, _ROLES)
    fields = field_names(reading)
    for role, field in mapping.items():
        if field not in fields:
            raise UnknownColumnError(
                f"{reading.source}: no field named {one_line(field)!r}, which {role}={one_line(field)} asks for. "
                f"It has: {listed(fields)}."
            )
    rows = tuple(_with_roles(row, mapping) for row in reading.rows)
    if all(row.prediction is None and row.error is None and not row.scores for row in rows):
        raise UnknownColumnError(
            f"{reading.source}: nothing in it is named as the prediction. It has: {listed(fields)}. "
            "Say which one it is: --map prediction=FIELD."
        )
    return replace(reading, rows=rows, default_metric="correct" if "correct" in mapping else reading.default_metric)


def field_names(reading: EvalReading) -> tuple[str, ...]:
    """Every field that some row has, in order."""
    return tuple(dict.fromkeys(name for row in reading.rows for name in row.fields))


def _with_roles(row: EvalRow, mapping: Mapping[str, str]) -> EvalRow:
    said = {role: row.fields.get(field) for role, field in mapping.items()}
    prediction = said.get("prediction", row.prediction)
    targets = row.targets if "target" not in said else () if said["target"] is None else (said["target"],)
    confidence = number(said["confidence"]) if "confidence" in said else row.confidence
    scores = dict(row.scores)
    if "correct" in said:
        scores["correct"] = score_of(said["correct"]) or Score()
    return replace(row, prediction=prediction, targets=targets, confidence=confidence, scores=scores)

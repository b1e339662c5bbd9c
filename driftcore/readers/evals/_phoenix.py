"""Phoenix experiments: the JSON or the CSV that its server hands out, one row per example and repetition.

Read in its source (its REST API, up to version 12): the example's id is Phoenix's own, so that the user's stands in
`input`, `reference_output` or `metadata`; in CSV those are JSON in a cell, and every annotation is a set of columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcore.errors import BadInputError, one_line
from driftcore.readers._tables import read_table
from driftcore.readers.evals._file import EvalFile
from driftcore.readers.evals._plain import leaves, listing, mapping, number, score_of, targets_of, text, told
from driftcore.readers.evals._rows import EQUALITY, EvalReading, EvalRow, Score

_MARKS = frozenset({"example_id", "repetition_number"})
_OBJECTS = ("input", "reference_output", "output", "metadata")
_INPUTS = ("text", "input", "question", "query", "prompt", "utterance")
_OUTPUTS = ("output", "label", "prediction", "answer", "response", "intent", "expected", "target", "text")
_ANNOTATION = re.compile(r"annotation_(.+)_(label|score|error)")


def is_phoenix(file: EvalFile) -> bool:
    """Runs of an experiment, in either form."""
    if file.kind == "table":
        return set(file.names) >= _MARKS
    return mapping(file.first).keys() >= _MARKS


def read_phoenix(file: EvalFile) -> EvalReading:
    """One row per example and repetition; the annotations are the metrics."""
    records = _cells(file) if file.kind == "table" else (mapping(record) for _, record in file.records())
    rows = tuple(_row(record) for record in records)
    if not rows:
        raise BadInputError(f"{file.path.name} holds no runs: the experiment ran on no example.")
    return EvalReading(
        tool="phoenix",
        rows=rows,
        source=file.path.name,
        own_ids=("example_id", "example_external_id"),
        metrics_are="annotations",
        default_metric=None if any(row.scores for row in rows) else EQUALITY,
    )


def _cells(file: EvalFile) -> Iterator[Mapping[str, Any]]:
    for record in read_table(file.path).to_pylist():
        annotations: dict[str, dict[str, Any]] = {}
        for column, value in record.items():
            match = _ANNOTATION.fullmatch(column)
            if match and value is not None:
                annotations.setdefault(match[1], {"name": match[1]})[match[2]] = value
        objects = {name: _unpacked(record.get(name), always=name != "output") for name in _OBJECTS}
        yield {**record, **objects, "annotations": list(annotations.values())}


def _unpacked(cell: Any, *, always: bool) -> Any:
    """The value of a cell that holds JSON; an output is JSON only where it is an object."""
    if not isinstance(cell, str) or not (always or cell.startswith("{")):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _row(record: Mapping[str, Any]) -> EvalRow:
    fields = {name: text(record.get(name)) for name in ("example_id", "example_external_id")}
    for name in ("metadata", "input", "reference_output"):
        fields |= dict(leaves(record.get(name), name))
    fields["text"] = told(record.get("input"), _INPUTS)
    error = record.get("error")
    reference = record.get("reference_output")
    epoch = number(record.get("repetition_number"))
    return EvalRow(
        fields={name: value for name, value in fields.items() if value is not None},
        prediction=told(record.get("output"), _OUTPUTS),
        targets=targets_of(told(reference, _OUTPUTS)) if reference not in ({}, "", None) else (),
        scores=dict(_scores(record)),
        error=one_line(error, 200) if error not in (None, "") else None,
        epoch=1 if epoch is None else int(epoch),
    )


def _scores(record: Mapping[str, Any]) -> Iterator[tuple[str, Score]]:
    for annotation in map(mapping, listing(record.get("annotations"))):
        if annotation.get("error") not in (None, ""):
            found = Score()
        else:
            label, value = score_of(annotation.get("label")), number(annotation.get("score"))
            verdict = None if label is None else label.correct
            found = Score(value=value if value is not None or label is None else label.value, correct=verdict)
        yield text(annotation.get("name")) or "annotation", found

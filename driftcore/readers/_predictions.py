"""Predictions from a file or a frame: the way from a table to a prediction batch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcore.arrays import RowProblem
from driftcore.errors import one_line
from driftcore.readers._columns import PREDICTION_ROLES, columns_of_roles, required_column
from driftcore.readers._frames import table_of
from driftcore.readers._readings import PredictionReading
from driftcore.readers._tables import read_table, usable_table
from driftcore.readers._text_vectors import unreadable_numbers
from driftcore.readers._texts import as_texts
from driftcore.records.evaluation import PredictionBatch

Texts = NDArray[np.object_]
Numbers = NDArray[np.float32]

_TRUTH = {"true": 1.0, "1": 1.0, "1.0": 1.0, "yes": 1.0, "false": 0.0, "0": 0.0, "0.0": 0.0, "no": 0.0}


def read_predictions(path: Path, *, mapping: Mapping[str, str] | None = None) -> PredictionReading:
    """A table of predictions: Parquet, Arrow, CSV, JSONL or NPZ, known by its first bytes.

    Where the prediction is null the tool failed: `correct` is NaN there, never 0. An empty text is an answer and
    stays ""; in CSV a cell is null where nothing stands, and "" where two quotes do.

    Parameters
    ----------
    path : Path
    mapping : mapping of str to str, optional
        Role to column, for ``id``, ``prediction``, ``target``, ``confidence``, ``correct``.

    Returns
    -------
    PredictionReading

    Raises
    ------
    UnreadableFileError
        If the file is missing, empty, cut off, or not what its name says.
    UnknownColumnError
        If no column is the id or the prediction; the message lists those that exist.
    """
    return _reading(read_table(path), mapping or {}, source=Path(path).name)


def predictions_from_frame(
    frame: object, *, mapping: Mapping[str, str] | None = None, name: str = "frame"
) -> PredictionReading:
    """Predictions that are already in memory; see `read_predictions` and `embeddings_from_frame`."""
    return _reading(usable_table(table_of(frame, source=name), source=name), mapping or {}, source=name)


def _reading(table: pa.Table, mapping: Mapping[str, str], *, source: str) -> PredictionReading:
    names = table.column_names
    columns = columns_of_roles(names, PREDICTION_ROLES, mapping, source=source)
    for role in ("id", "prediction"):
        required_column(columns, role, PREDICTION_ROLES, names, source=source)
    texts = {role: as_texts(table.column(column), name=column, source=source) for role, column in columns.items()}
    confidences, bad_confidence = _confidences(texts.get("confidence"))
    correct, bad_correct = _correct(texts.get("correct"))

    batch = PredictionBatch(
        sample_ids=texts["id"],
        predictions=texts["prediction"],
        targets=texts.get("target"),
        confidences=confidences,
        correct=_null_where_failed(correct, texts["prediction"]),
    )
    problems = tuple(problem for problem in (bad_confidence, bad_correct) if problem.positions.size)
    return PredictionReading(batch=batch, problems=problems, source=source)


def _confidences(texts: Texts | None) -> tuple[Numbers | None, RowProblem]:
    if texts is None:
        return None, _problem("", np.zeros(0, dtype=bool), None)
    column, unreadable, _ = unreadable_numbers(pa.chunked_array([pa.array(texts, pa.large_string())]))
    confidences: Numbers = column.to_numpy().astype(np.float32)
    outside = (confidences < 0) | (confidences > 1)
    outside[unreadable] = True
    confidences[outside] = np.nan
    return confidences, _problem("confidence is not in [0, 1]", outside, texts)


def _correct(texts: Texts | None) -> tuple[Numbers | None, RowProblem]:
    if texts is None:
        return None, _problem("", np.zeros(0, dtype=bool), None)
    found = [None if text is None else _TRUTH.get(text.strip().lower()) for text in texts]
    bad = np.array([value is None and text is not None for value, text in zip(found, texts, strict=True)])
    return np.array(found, dtype=np.float32), _problem("correct is neither 1 nor 0", bad, texts)


def _null_where_failed(correct: Numbers | None, predictions: Texts) -> Numbers | None:
    failed = np.array([prediction is None for prediction in predictions])
    return None if correct is None else np.where(failed, np.float32(np.nan), correct)


def _problem(reason: str, bad: NDArray[np.bool_], texts: Texts | None) -> RowProblem:
    positions = np.flatnonzero(bad)
    example = one_line(texts[positions[0]], limit=40) if texts is not None and positions.size else ""
    return RowProblem(reason=reason, positions=positions, example=example)

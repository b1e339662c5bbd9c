"""What an eval tool's file holds, before it is read as an eval run: for a person to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from driftcore.readers.evals._find import read_eval
from driftcore.readers.evals._mapping import field_names
from driftcore.readers.evals._rows import EQUALITY


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalGuess:
    """The tool that wrote a file, and what can be chosen in it.

    `metric` is what decides where nobody chooses, None where somebody must; `fields` are what may be the id.
    """

    tool: str
    n_rows: int
    variants: tuple[str, ...]
    metrics: tuple[str, ...]
    metric: str | None
    fields: tuple[str, ...]
    needs_prediction: bool
    notes: tuple[str, ...]


def guess_eval(path: Path) -> EvalGuess | None:
    """What can be chosen in an eval tool's file; None for a plain table. Raises as `read_eval` does."""
    reading = read_eval(path)
    if reading is None:
        return None
    metrics = tuple(dict.fromkeys(name for row in reading.rows for name in row.scores))
    only = metrics[0] if len(metrics) == 1 else None if metrics else EQUALITY
    return EvalGuess(
        tool=reading.tool,
        n_rows=len(reading.rows),
        variants=tuple(dict.fromkeys(row.variant for row in reading.rows)),
        metrics=tuple(dict.fromkeys((*metrics, EQUALITY))),
        metric=reading.default_metric or only,
        fields=field_names(reading),
        needs_prediction=all(row.prediction is None and row.error is None and not row.scores for row in reading.rows),
        notes=reading.notes,
    )

"""What a file's columns look like, before it is read as embeddings or predictions: for a person to correct."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from driftcore.readers._columns import (
    EMBEDDING_ROLES,
    PREDICTION_ROLES,
    columns_of_roles,
    vector_columns,
)
from driftcore.readers._tables import read_table
from driftcore.readers._vectors import holds_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """The columns of a file, and which of them play which role by their names.

    `roles` has an entry for every role, None where no column is named like it. Where numbered columns make up the
    vector (``dim_0`` …), its column is the first of them and `n_numbered` says how many there are.
    """

    columns: tuple[str, ...]
    roles: dict[str, str | None]
    n_rows: int
    n_numbered: int = 0


def guess_embedding_columns(path: Path) -> ColumnGuess:
    """Which columns are the id, the vector, the label and the text. Raises as `read_embeddings` does."""
    table = read_table(path)
    names = table.column_names
    found = columns_of_roles(names, EMBEDDING_ROLES, {}, source=Path(path).name)
    vector = vector_columns(names, lists={field.name for field in table.schema if holds_lists(field.type)})
    roles = {role: found.get(role) for role in EMBEDDING_ROLES} | {"vector": vector[0] if vector else None}
    return ColumnGuess(
        columns=tuple(names), roles=roles, n_rows=table.num_rows, n_numbered=len(vector) if len(vector) > 1 else 0
    )


def guess_prediction_columns(path: Path) -> ColumnGuess:
    """Which columns are the id, the prediction, the target and so on. Raises as `read_predictions` does."""
    table = read_table(path)
    found = columns_of_roles(table.column_names, PREDICTION_ROLES, {}, source=Path(path).name)
    roles = {role: found.get(role) for role in PREDICTION_ROLES}
    return ColumnGuess(columns=tuple(table.column_names), roles=roles, n_rows=table.num_rows)

"""Records of a vector database as columns: an id, a vector, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line

Columns = dict[str, NDArray[Any]]
Record = tuple[str, Any, Mapping[str, Any]]


def columns_of_records(records: Iterable[Record], *, source: str, label: str | None, text: str | None) -> Columns:
    """Ids, vectors and fields of records as columns; the label's and the text's under the names that `ingest` knows.

    A field that some records lack is None there.

    Raises
    ------
    BadInputError
        If there is no record, none has a vector, or the label's or text's field is in none of them.
    """
    ids, vectors, fields = [], [], []
    for sample_id, vector, rest in records:
        ids.append(sample_id)
        vectors.append(None if vector is None else np.asarray(vector, dtype=np.float32))
        fields.append(rest)
    if not ids:
        raise BadInputError(f"{source}: there are no records: nothing to read.")
    if all(vector is None for vector in vectors):
        raise BadInputError(f"{source}: none of {len(ids)} records has a vector: ask for vectors when you read them.")
    names = list(dict.fromkeys(str(name) for rest in fields for name in rest))
    for wanted in (label, text):
        if wanted is not None and wanted not in names:
            raise BadInputError(f"{source}: no record has a field {one_line(wanted)!r}. There are: {listed(names)}.")
    roles = {each: role for each, role in ((label, "label"), (text, "text")) if each is not None}
    columns: Columns = {"id": np.array(ids, dtype=object), "embedding": _objects(vectors)}
    for name in names:
        if name not in ("id", "embedding"):
            columns[roles.get(name, name)] = _objects([rest.get(name) for rest in fields])
    return columns


def chosen_vector(vectors: Any, name: str, *, source: str) -> Any:
    """The vector itself, or the one of this name where a record has several.

    Raises
    ------
    BadInputError
        If there is none of this name.
    """
    if not isinstance(vectors, Mapping):
        return vectors
    if not vectors:
        return None
    # a single unnamed vector is kept under "default" or an empty name
    found = next((vectors[each] for each in (name, "default", "") if each in vectors), None) if len(vectors) else None
    if found is None or (name not in vectors and len(vectors) > 1):
        raise BadInputError(f"{source}: no vector is named {one_line(name)!r}. There are: {listed(vectors)}.")
    return found


def _objects(values: list[Any]) -> NDArray[np.object_]:
    """A column of anything: numpy would make a matrix of equally long lists."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column

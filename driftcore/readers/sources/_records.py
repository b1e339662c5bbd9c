"""Records of a vector database as columns: an id, a vector, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line

Columns = dict[str, NDArray[Any]]
Record = tuple[str, Any, Mapping[str, Any]]


def columns_of_records(
    records: Iterable[Record], *, source: str, label: str | None, text: str | None, vector: str = "default"
) -> Columns:
    """Ids, vectors and fields of records as columns; the label's and the text's under the names that `ingest` knows.

    A field that some records lack is None there, and so is the vector of this name where records have several.

    Raises
    ------
    BadInputError
        If there is no record, no vector, none of this name, or the label's or text's field is in no record.
    """
    ids, vectors, fields = [], [], []
    named: dict[str, None] = {}
    for sample_id, given, rest in records:
        if isinstance(given, Mapping):
            named.update(dict.fromkeys(given))
            given = _chosen(given, vector)
        ids.append(sample_id)
        vectors.append(None if given is None else np.asarray(given, dtype=np.float32))
        fields.append(rest)
    if not ids:
        raise BadInputError(f"{source}: there are no records: nothing to read.")
    if named and all(each is None for each in vectors):
        raise BadInputError(f"{source}: no vector is named {one_line(vector)!r}. There are: {listed(named)}.")
    if all(each is None for each in vectors):
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


def _chosen(vectors: Mapping[str, Any], name: str) -> Any:
    """The vector of this name; a single one without a name is kept under "default" or an empty one."""
    unnamed = next((vectors[each] for each in ("default", "") if each in vectors), None) if len(vectors) == 1 else None
    return vectors.get(name, unnamed)


def _objects(values: list[Any]) -> NDArray[np.object_]:
    """A column of anything: numpy would make a matrix of equally long lists."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column

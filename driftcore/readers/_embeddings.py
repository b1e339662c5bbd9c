"""Embeddings from a file or a frame: the way from a table to a snapshot batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from driftcore.arrays import Matrix, RowProblem
from driftcore.readers._columns import (
    EMBEDDING_ROLES,
    VECTORS,
    columns_of_roles,
    required_column,
    vector_columns_or_refuse,
)
from driftcore.readers._frames import table_of
from driftcore.readers._large import LARGE_BYTES, Told, large_file
from driftcore.readers._metadata import metadata_of
from driftcore.readers._readings import Reading
from driftcore.readers._tables import read_table, usable_table
from driftcore.readers._texts import as_texts
from driftcore.readers._vectors import holds_lists, vectors_of
from driftcore.records.snapshot import SnapshotBatch

# everything but the vectors, the vectors, and the rows that hold none
_Apart = tuple[pa.Table, Matrix, tuple[RowProblem, ...]]


def read_embeddings(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    told: Told | None = None,
    large_bytes: int = LARGE_BYTES,
) -> Reading:
    """A file of embeddings: Parquet, Arrow, CSV, JSONL or NPZ, known by its first bytes.

    Every row comes back, in the order of the file. Ids, labels and texts are strings, exactly as written: "001"
    stays "001", and a date stays the text it was. Rows whose vector cannot be read hold NaN and are named in
    `problems`; what is wrong with readable rows, `arrays.row_problems` says. Nothing is ever unpickled.

    Of a Parquet or Arrow file that would take more than `large_bytes` the vectors pass by in parts: they are kept in a
    file of the system's folder for temporary ones (``TMPDIR``) until the reading is let go, and not in memory.

    Parameters
    ----------
    path : Path
    mapping : mapping of str to str, optional
        Role to column, for ``id``, ``vector``, ``label``, ``text``; columns not named here are found by their
        usual names. For numbered columns (``dim_0`` …) the vector is their prefix.
    told : function of two int, optional
        Hears how many rows of a large file were read, of how many.
    large_bytes : int

    Returns
    -------
    Reading
        Columns without a role come as one JSON object a sample.

    Raises
    ------
    UnreadableFileError
        If the file is missing, empty, cut off, or not what its name says.
    UnknownColumnError
        If no column is the id or the vector; the message lists those that exist.
    BadInputError
        If there are no rows, or no row has a vector.
    """
    path = Path(path)
    large = large_file(path, from_bytes=large_bytes)
    if large is None:
        return _whole(read_table(path), mapping or {}, source=path.name)

    def apart(vector: Sequence[str]) -> _Apart:
        return large.apart(vector, told=told or (lambda done, n_rows: None))

    return _reading(large.schema, apart, mapping or {}, source=path.name)


def embeddings_from_frame(frame: object, *, mapping: Mapping[str, str] | None = None, name: str = "frame") -> Reading:
    """Embeddings that are already in memory; see `read_embeddings`.

    Parameters
    ----------
    frame : pandas.DataFrame, pyarrow.Table, dict of arrays, or any object that exports an Arrow stream
        A dict holds equally long arrays; vectors may be two-dimensional. A named pandas index counts as a column.
    mapping : mapping of str to str, optional
        Role to column.
    name : str
        What messages call the frame.

    Returns
    -------
    Reading

    Raises
    ------
    BadInputError
        If `frame` is none of these, is empty, or its arrays differ in length.
    UnknownColumnError
        If no column is the id or the vector.
    """
    return _whole(usable_table(table_of(frame, source=name), source=name), mapping or {}, source=name)


def _whole(table: pa.Table, mapping: Mapping[str, str], *, source: str) -> Reading:
    return _reading(
        table.schema, lambda vector: (table, *vectors_of(table, vector, source=source)), mapping, source=source
    )


def _reading(
    schema: pa.Schema, apart: Callable[[Sequence[str]], _Apart], mapping: Mapping[str, str], *, source: str
) -> Reading:
    names = schema.names
    columns = columns_of_roles(names, EMBEDDING_ROLES, mapping, source=source)
    sample_id = required_column(columns, "id", EMBEDDING_ROLES, names, source=source)
    lists = {field.name for field in schema if holds_lists(field.type)}
    vector = vector_columns_or_refuse(names, lists=lists, wanted=mapping.get("vector"), source=source)
    table, vectors, problems = apart(vector)

    others = {
        role: as_texts(table.column(columns[role]), name=columns[role], source=source)
        for role in ("label", "text")
        if role in columns
    }
    batch = SnapshotBatch(
        sample_ids=as_texts(table.column(sample_id), name=sample_id, source=source),
        vectors=vectors,
        labels=others.get("label"),
        texts=others.get("text"),
        metadata=metadata_of(table, without={*columns.values(), *vector, *_other_vectors(names)}, source=source),
    )
    return Reading(batch=batch, problems=problems, source=source)


def _other_vectors(names: list[str]) -> list[str]:
    """Vectors under another name, which as text would fill the metadata."""
    return [name for name in names if name.lower() in VECTORS]

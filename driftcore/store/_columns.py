"""Arrow columns to arrays and back, without a Python object a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hashlib import blake2b


def strings(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """A string column as an object array; null is None."""
    values: NDArray[np.object_] = column.to_numpy(zero_copy_only=False).astype(object, copy=False)
    return values


def names(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """A string column of few different values as an object array in which each stands once in memory; null is None."""
    told = column.combine_chunks().dictionary_encode()
    # the last one is for the rows that say nothing
    different: NDArray[np.object_] = np.array([*told.dictionary.to_pylist(), None], dtype=object)
    return different[pc.fill_null(told.indices, len(different) - 1).to_numpy()]


def float_matrix(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """A fixed-size-list column as a matrix, shape (n_rows, width)."""
    matrix = np.empty((len(column), column.type.list_size), dtype=np.float32)
    start = 0
    for chunk in column.chunks:
        matrix[start : start + len(chunk)] = chunk.flatten().to_numpy().reshape(len(chunk), -1)
        start += len(chunk)
    return matrix


def optional_strings(values: NDArray[np.object_] | None, rows: NDArray[np.int64]) -> pa.Array:
    """Some rows of a column as Arrow strings; all null where there is no column."""
    if values is None:
        return pa.nulls(len(rows), pa.large_string())
    return pa.array(values[rows], pa.large_string())


def row_order(sample_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """The rows sorted by id: an order that does not depend on the one they came in."""
    # not as NumPy strings: those pad every id to the longest one, and take "a" and "a\0" for the same
    order: NDArray[np.int64] = pc.sort_indices(pa.array(sample_ids, pa.large_string())).to_numpy().astype(np.int64)
    return order


def add_to_digest(digest: blake2b, column: pa.Array) -> None:
    """Feed a freshly made string column into a hash: lengths first, so that no two columns run together."""
    digest.update(pc.fill_null(pc.binary_length(column), -1).to_numpy().tobytes())
    data = column.buffers()[2]
    if data is not None:
        digest.update(data)


def rows_in_common(left: pa.Array, right: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers on both sides of the ids that both have, in the order of `left`.

    Examples
    --------
    >>> rows_in_common(pa.array(["a", "b", "c"]), pa.array(["c", "a"]))
    (array([0, 2]), array([1, 0]))
    """
    if left.equals(right):
        # as they are stored nearly always
        return np.arange(len(left)), np.arange(len(left))
    found = pc.index_in(left, value_set=right)
    rows = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    return rows, found.drop_null().to_numpy().astype(np.int64)

"""What usable vectors are: finite, two-dimensional, float32, not zero, under ids that are there and unique."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from driftcore.errors import BadInputError, BadRowsError, one_line

Matrix = NDArray[np.float32]

_PART_ROWS = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One reason why rows cannot be used, with their positions from 0 and an example of the value."""

    reason: str
    positions: NDArray[np.int64]
    example: str = ""


def as_matrix(vectors: ArrayLike, *, name: str = "vectors") -> Matrix:
    """`vectors` as a C-ordered float32 matrix, without a copy where it already is one.

    Raises
    ------
    BadInputError
        If it is not numeric, not two-dimensional, or has no rows or no columns.

    Examples
    --------
    >>> as_matrix([[1, 0], [0, 1]]).dtype
    dtype('float32')
    """
    try:
        # overflow to infinity is found and reported by `row_problems`, with its row number
        with np.errstate(over="ignore"):
            matrix = np.ascontiguousarray(vectors, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{name} are not a table of numbers of one width: {one_line(error)}") from error
    if matrix.ndim != 2:
        raise BadInputError(f"{name} have {matrix.ndim} dimensions; one row a sample is needed (2 dimensions).")
    if not matrix.shape[0] or not matrix.shape[1]:
        raise BadInputError(f"{name} are empty: {matrix.shape[0]} rows of width {matrix.shape[1]}.")
    return matrix


def spooled(shape: tuple[int, int]) -> Matrix:
    """A matrix to be filled, kept in a temporary file that goes when nobody holds it: for more than memory should.

    Examples
    --------
    >>> spooled((2, 3)).shape
    (2, 3)
    """
    with tempfile.TemporaryFile(prefix="driftloop-") as file:
        # the mapping keeps the file, which has no name any more
        return np.memmap(file, dtype=np.float32, mode="w+", shape=shape)


def kept_rows(vectors: Matrix, rows: NDArray[np.int64]) -> Matrix:
    """Some rows of a matrix, in memory or in a file as the matrix is."""
    if not isinstance(vectors, np.memmap):
        return vectors[rows]
    kept = spooled((len(rows), vectors.shape[1]))
    for part in _parts(len(rows)):
        kept[part] = vectors[rows[part]]
    return kept


def row_problems(sample_ids: NDArray[np.object_], vectors: Matrix | None) -> tuple[RowProblem, ...]:
    """Why rows cannot be stored: missing or duplicate ids, vectors that are not finite or all zero.

    Parameters
    ----------
    sample_ids : object array of str or None, shape (n_samples,)
    vectors : float32 array of shape (n_samples, n_dims), or None where there are none to check

    Returns
    -------
    tuple of RowProblem
        Empty where every row is usable. Of duplicate ids the second and later rows are named.
    """
    return tuple(
        problem for problem in (*_id_problems(sample_ids), *_vector_problems(vectors)) if problem.positions.size
    )


def refuse_bad_rows(problems: tuple[RowProblem, ...], *, name: str, otherwise: str = "") -> None:
    """Raise `BadRowsError` that counts the bad rows and shows the first ones, numbered from 1; nothing if none.

    `otherwise` says what a caller may do other than mending them.
    """
    if not problems:
        return
    rows = np.unique(np.concatenate([problem.positions for problem in problems])) + 1
    raise BadRowsError(
        f"{name}: {'; '.join(_described(problem) for problem in problems)}. Nothing was stored: mend "
        f"{'it' if rows.size == 1 else 'them'}{otherwise}.",
        rows=tuple(int(row) for row in rows),
    )


def _described(problem: RowProblem) -> str:
    numbers = problem.positions + 1
    shown = ", ".join(str(number) for number in numbers[:5]) + (", …" if numbers.size > 5 else "")
    example = f" ({problem.example!r})" if problem.example else ""
    return f"{problem.reason}{example} in {numbers.size} row{'s' if numbers.size > 1 else ''}: {shown}"


def _id_problems(sample_ids: NDArray[np.object_]) -> tuple[RowProblem, ...]:
    import pandas as pd

    ids = pd.Series(sample_ids, dtype=object)
    missing = (ids.isna() | (ids == "")).to_numpy(dtype=bool)
    repeated = ids.duplicated().to_numpy(dtype=bool) & ~missing
    first = one_line(sample_ids[int(repeated.argmax())]) if repeated.any() else ""
    return (
        RowProblem(reason="missing id", positions=np.flatnonzero(missing)),
        RowProblem(reason="duplicate id", positions=np.flatnonzero(repeated), example=first),
    )


def _vector_problems(vectors: Matrix | None) -> tuple[RowProblem, ...]:
    if vectors is None:
        return ()
    # one pass over the rows: a row's largest absolute value is NaN, infinite or zero exactly where the row is bad
    largest = np.concatenate([np.abs(vectors[part]).max(axis=1) for part in _parts(len(vectors))])
    return (
        RowProblem(reason="NaN in the vector", positions=np.flatnonzero(np.isnan(largest))),
        RowProblem(reason="infinity in the vector", positions=np.flatnonzero(np.isinf(largest))),
        RowProblem(reason="zero vector", positions=np.flatnonzero(largest == 0)),
    )


def _parts(n_rows: int) -> Iterator[slice]:
    """Rows to look at in one go: a few thousand stay in the cache."""
    return (slice(start, min(start + _PART_ROWS, n_rows)) for start in range(0, n_rows, _PART_ROWS))

"""A file that is read in parts says what it says when it is read whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcore.arrays import kept_rows, row_problems, spooled
from driftcore.errors import BadInputError, UnreadableFileError
from driftcore.readers import Reading, read_embeddings

# three parts
N_ROWS, N_DIMS = 40_000, 8


def table(**columns: object) -> pa.Table:
    numbers = np.random.default_rng(0).normal(size=(N_ROWS, N_DIMS)).astype(np.float32)
    usual = {
        "id": [f"s{row}" for row in range(N_ROWS)],
        "label": [f"concept {row % 7}" for row in range(N_ROWS)],
        "text": [f"say {row % 100}" for row in range(N_ROWS)],
        "embedding": pa.FixedSizeListArray.from_arrays(numbers.reshape(-1), N_DIMS),
        "channel": ["mail", "chat"] * (N_ROWS // 2),
    }
    return pa.table({**usual, **columns})


def with_bad_rows() -> pa.Table:
    """A row without a vector in the first part, one too short in the second, NaN in the third."""
    vectors: list[list[float] | None] = np.random.default_rng(1).normal(size=(N_ROWS, N_DIMS)).tolist()
    vectors[3], vectors[20_000], vectors[39_999] = None, [1.0, 2.0], [float("nan")] * N_DIMS
    return table(embedding=pa.array(vectors, pa.list_(pa.float32())))


def numbered() -> pa.Table:
    columns = {f"dim_{place}": np.random.default_rng(place).normal(size=N_ROWS) for place in range(N_DIMS)}
    return table(**columns).drop_columns(["embedding"])


def write_parquet(path: Path, rows: pa.Table) -> None:
    pq.write_table(rows, path, row_group_size=15_000)


def write_arrow(path: Path, rows: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=17_000)


def in_parts(path: Path) -> Reading:
    return read_embeddings(path, large_bytes=0)


@pytest.mark.parametrize("write", [write_parquet, write_arrow])
@pytest.mark.parametrize("rows", [table, with_bad_rows, numbered])
def test_parts_are_the_whole(
    tmp_path: Path, rows: Callable[[], pa.Table], write: Callable[[Path, pa.Table], None]
) -> None:
    path = tmp_path / "embeddings"
    write(path, rows())
    parts, whole = in_parts(path), read_embeddings(path)
    # which it is shows in where the vectors are
    assert isinstance(parts.batch.vectors, np.memmap)
    assert not isinstance(whole.batch.vectors, np.memmap)
    np.testing.assert_array_equal(parts.batch.vectors, whole.batch.vectors)
    for column in ("sample_ids", "labels", "texts", "metadata"):
        assert getattr(parts.batch, column).tolist() == getattr(whole.batch, column).tolist()
    found = {problem.reason: (problem.positions.tolist(), problem.example) for problem in whole.problems}
    assert {problem.reason: (problem.positions.tolist(), problem.example) for problem in parts.problems} == found


def test_bad_rows_keep_their_numbers(tmp_path: Path) -> None:
    write_parquet(tmp_path / "embeddings", with_bad_rows())
    problems = in_parts(tmp_path / "embeddings").problems
    assert {problem.reason: problem.positions.tolist() for problem in problems} == {
        "no vector": [3],
        f"vector not {N_DIMS} wide": [20_000],
    }


def test_the_width_is_that_of_the_first_part_that_has_any(tmp_path: Path) -> None:
    vectors: list[list[float] | None] = [None] * 20_000 + [[1.0, 2.0]] * 20_000
    write_parquet(tmp_path / "embeddings", table(embedding=pa.array(vectors, pa.list_(pa.float32()))))
    reading = in_parts(tmp_path / "embeddings")
    assert reading.batch.vectors.shape == (N_ROWS, 2)
    assert [len(problem.positions) for problem in reading.problems] == [20_000]


def test_a_file_without_any_vector_is_refused_like_a_small_one(tmp_path: Path) -> None:
    write_parquet(tmp_path / "embeddings", table(embedding=pa.array([None] * N_ROWS, pa.list_(pa.float32()))))
    with pytest.raises(BadInputError, match="no row of the column 'embedding' holds a vector"):
        in_parts(tmp_path / "embeddings")


def test_rows_that_were_read_are_told(tmp_path: Path) -> None:
    write_parquet(tmp_path / "embeddings", table())
    heard: list[tuple[int, int]] = []
    read_embeddings(tmp_path / "embeddings", told=lambda done, n: heard.append((done, n)), large_bytes=0)
    assert heard[-1] == (N_ROWS, N_ROWS)
    assert len(heard) == 3


@pytest.mark.parametrize("write", [write_parquet, write_arrow])
def test_a_file_that_breaks_off_is_refused_in_one_line(tmp_path: Path, write: Callable[[Path, pa.Table], None]) -> None:
    path = tmp_path / "embeddings"
    write(path, table())
    # the middle is gone, the end with the list of contents is there
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[2 * (len(whole) // 3) :])
    with pytest.raises(UnreadableFileError, match="is cut off or damaged"):
        in_parts(path)


def test_what_is_kept_of_a_file_is_in_a_file_again() -> None:
    vectors = spooled((3, 2))
    vectors[:] = [[1, 2], [0, 0], [5, 6]]
    (problem,) = row_problems(np.array(["a", "b", "c"], dtype=object), vectors)
    assert problem.positions.tolist() == [1]
    kept = kept_rows(vectors, np.array([0, 2]))
    assert isinstance(kept, np.memmap)
    assert kept.tolist() == [[1, 2], [5, 6]]

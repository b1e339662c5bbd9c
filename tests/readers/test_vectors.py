"""Whatever the column, the matrix is the same; rows that hold no vector are named and hold NaN."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcore.arrays import RowProblem
from driftcore.errors import BadInputError
from driftcore.readers import embeddings_from_frame, read_embeddings

ROWS = [[1.0, 2.0, 3.0], [0.5, 0.25, -1.0], [4.0, 0.0, 8.0], [7.0, 7.0, 7.0]]  # exact in float16
IDS = ["a", "b", "c", "d"]
FLOATS = (pa.float16(), pa.float32(), pa.float64())


def found(problems: tuple[RowProblem, ...]) -> list[tuple[str, list[int], str]]:
    return [(problem.reason, problem.positions.tolist(), problem.example) for problem in problems]


@pytest.mark.parametrize("number", FLOATS)
@pytest.mark.parametrize("make", [pa.list_, pa.large_list, lambda number: pa.list_(number, 3), pa.list_view])
def test_lists_of_any_kind_and_precision(make: object, number: pa.DataType) -> None:
    column = pa.array(ROWS, make(number))  # type: ignore[operator]

    reading = embeddings_from_frame(pa.table({"id": IDS, "embedding": column}))

    assert reading.batch.vectors.tolist() == ROWS
    assert reading.problems == ()


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float32()), pa.large_list(pa.float16()), pa.list_(pa.float32(), 3), pa.list_view(pa.float32())]
)
@given(data=st.data())
def test_slices_chunks_and_nulls_never_shift_a_row(kind: pa.DataType, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.none() | st.sampled_from(ROWS), min_size=1, max_size=12).filter(any))
    start, cut = (data.draw(st.integers(0, len(rows))) for _ in range(2))
    column = pa.array([*rows[:start], *rows], kind).slice(start)
    chunks = pa.chunked_array([column.slice(0, cut), column.slice(cut)])

    reading = embeddings_from_frame(pa.table({"id": [str(place) for place in range(len(rows))], "embedding": chunks}))

    missing = [place for place, row in enumerate(rows) if row is None]
    expected = np.array([[np.nan] * 3 if row is None else row for row in rows])
    np.testing.assert_array_equal(reading.batch.vectors, expected)
    assert found(reading.problems) == ([("no vector", missing, "")] if missing else [])


def test_rows_of_another_width_are_named_and_hold_nan() -> None:
    reading = embeddings_from_frame({"id": IDS, "embedding": [[1.0, 2.0], [3.0], [], [4.0, 5.0]]})

    assert found(reading.problems) == [("no vector", [2], ""), ("vector not 2 wide", [1], "1 dims")]
    assert np.isnan(reading.batch.vectors).all(axis=1).tolist() == [False, True, True, False]


def test_a_null_among_the_numbers_is_nan_for_the_row_check() -> None:
    reading = embeddings_from_frame({"id": ["a"], "embedding": [[1.0, None]]})

    assert np.isnan(reading.batch.vectors).tolist() == [[False, True]]


def test_whole_numbers_are_numbers() -> None:
    assert embeddings_from_frame({"id": ["a"], "embedding": [[1, 2]]}).batch.vectors.tolist() == [[1.0, 2.0]]


def test_a_number_beyond_float32_becomes_infinite_without_a_warning() -> None:
    assert np.isinf(embeddings_from_frame({"id": ["a"], "embedding": [[1e300, 1.0]]}).batch.vectors[0, 0])


def test_a_tensor_column_is_a_vector_column() -> None:
    column = pa.FixedShapeTensorArray.from_numpy_ndarray(np.array(ROWS))

    assert embeddings_from_frame(pa.table({"id": IDS, "embedding": column})).batch.vectors.tolist() == ROWS


@pytest.mark.parametrize(
    "cell", ["[1,2.5]", "[1, 2.5]", " [ 1 , 2.5 ] ", "[1e0, 25e-1]", "[1.  2.5]", "[ 1.0\n 2.5]", "[+1, 2.5]"]
)
def test_vectors_written_as_text(cell: str) -> None:
    assert embeddings_from_frame({"id": ["a"], "embedding": [cell]}).batch.vectors.tolist() == [[1.0, 2.5]]


@pytest.mark.parametrize(
    "cell",
    ["[1, two]", "[1, 2", "1, 2", "[]x", "[1,,2]", "[1, None]", "[1 2 ... 3 4]", "{}", "[1_0, 2]", "[[1, 2]]", ""],
)
def test_the_row_whose_text_is_no_vector_is_found(cell: str) -> None:
    reading = embeddings_from_frame({"id": ["a", "b", "c"], "embedding": ["[1, 2]", cell, "[3, 4]"]})

    assert found(reading.problems) == [("vector is not a list of numbers", [1], cell)]
    assert reading.batch.vectors[[0, 2]].tolist() == [[1, 2], [3, 4]]
    assert np.isnan(reading.batch.vectors[1]).all()


def test_a_bad_text_far_down_is_found_by_its_row() -> None:
    cells = ["[1, 2]"] * 10_000
    cells[9_876] = "[1, x]"

    reading = embeddings_from_frame({"id": [str(place) for place in range(10_000)], "embedding": cells})

    assert reading.problems[0].positions.tolist() == [9_876]


def test_a_cell_of_a_numbered_column_that_is_no_number_is_found(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    path.write_text("id,dim_0,dim_1\na,1,2\nb,3,four\nc,,6\n")

    reading = read_embeddings(path)

    assert found(reading.problems) == [("no number in dim_1", [1], "four")]
    np.testing.assert_array_equal(reading.batch.vectors, np.array([[1, 2], [3, np.nan], [np.nan, 6]], np.float32))


def test_one_bad_vector_in_json_is_found_and_the_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(
        '{"id": 1, "embedding": [0.5, 1]}\n{"id": 2, "embedding": "__REDACTED__"}\n{"id": 3, "embedding": [1, null]}\n'
        '{"id": 4}\n'
    )

    reading = read_embeddings(path)

    assert found(reading.problems) == [
        ("no vector", [3], ""),
        ("vector is not a list of numbers", [1, 2], "__REDACTED__"),
    ]
    assert reading.batch.vectors[0].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("values", [np.zeros((2, 2, 2)), np.zeros((2, 0)), np.array([["a"], ["b"]])])
def test_an_array_that_is_no_table_of_numbers_shows_its_shape(values: object) -> None:
    with pytest.raises(BadInputError, match="'embeddings' has shape"):
        embeddings_from_frame({"id": ["a", "b"], "embeddings": values})

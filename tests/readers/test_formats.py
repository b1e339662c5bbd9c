"""Every format says the same thing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftcore.readers import embeddings_from_frame, read_embeddings
from tests.readers.worlds import WRITERS

HOSTILE = (
    'a "quoted" text',
    "two\nlines",
    "windows\r\nlines",
    "a\rb",
    "comma, tab\t and ; semicolon",
    "👩‍👩‍👧 emoji",
    "مرحبا بالعالم",
    "'; DROP TABLE samples; --",
    "  spaces around  ",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "001",
    "1.0",
    "NULL",
    "NaN",
    "true",
    "",
    "[0.1, 0.2]",
    '{"a": 1}',
    "\u2028\u0085",
    '"',
    "\\",
    "=1+1",
    "x" * 10_000,
)

every_format = pytest.mark.parametrize("name", WRITERS)
# NumPy's fixed-width strings end at the first trailing NUL: lost on writing, before any reader
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)


@every_format
def test_hostile_ids_labels_and_texts_survive_unchanged(tmp_path: Path, name: str) -> None:
    ids = [f"{number}: {text}" for number, text in enumerate(HOSTILE)]
    vectors = [[0.5, float(number)] for number in range(len(ids))]
    WRITERS[name](tmp_path / name, {"id": ids, "embedding": vectors, "label": HOSTILE, "text": HOSTILE})

    batch = read_embeddings(tmp_path / name).batch

    assert batch.sample_ids.tolist() == ids
    assert batch.labels is not None and batch.labels.tolist() == list(HOSTILE)
    assert batch.texts is not None and batch.texts.tolist() == list(HOSTILE)
    assert batch.vectors.tolist() == vectors


@every_format
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(texts, min_size=1, max_size=5))
def test_any_unicode_id_comes_back_as_it_was(tmp_path: Path, name: str, ids: list[str]) -> None:
    WRITERS[name](tmp_path / name, {"id": ids, "embedding": [[0.5, 1.0]] * len(ids)})

    assert read_embeddings(tmp_path / name).batch.sample_ids.tolist() == ids


@every_format
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    vectors=st.lists(
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1
    )
)
def test_any_float32_comes_back_as_it_was(tmp_path: Path, name: str, vectors: list[list[float]]) -> None:
    ids = [f"s{number}" for number in range(len(vectors))]
    WRITERS[name](tmp_path / name, {"id": ids, "vector": vectors})

    batch = read_embeddings(tmp_path / name).batch

    assert batch.vectors.dtype == np.float32
    assert batch.vectors.tolist() == vectors


@pytest.mark.parametrize(("name", "disguise"), [(name, "samples.dat") for name in WRITERS if name != "samples.tsv"])
def test_content_is_looked_at_before_the_name(tmp_path: Path, name: str, disguise: str) -> None:
    WRITERS[name](tmp_path / name, {"id": ["a", "b"], "embedding": [[1.0, 0.0], [0.0, 1.0]]})
    (tmp_path / name).rename(tmp_path / disguise)

    assert read_embeddings(tmp_path / disguise).batch.sample_ids.tolist() == ["a", "b"]


def test_csv_ids_keep_their_zeros_and_labels_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    path.write_text('id,label,embedding\n001,2024-01-01,"[1, 2]"\n1e5,,"[3, 4]"\n')

    batch = read_embeddings(path).batch

    assert batch.sample_ids.tolist() == ["001", "1e5"]
    assert batch.labels is not None and batch.labels.tolist() == ["2024-01-01", None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheet_dialects_are_read(tmp_path: Path, delimiter: str, line_end: str, mark: str) -> None:
    path = tmp_path / "samples.csv"
    lines = ("id", "label", "dim_0", "dim_1"), ("a", "refund", "1", "2"), ("b", "cancel", "3", "4")
    path.write_bytes((mark + "".join(delimiter.join(line) + line_end for line in lines)).encode())

    batch = read_embeddings(path).batch

    assert batch.sample_ids.tolist() == ["a", "b"]
    assert batch.vectors.tolist() == [[1, 2], [3, 4]]


def test_numbers_in_json_become_text_without_losing_a_digit(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(
        '{"id": 1, "label": 7, "vector": [1, 0.5]}\n{"id": 12345678901234567890, "label": "x", "vector": [0, 1]}\n'
    )

    batch = read_embeddings(path).batch

    assert batch.sample_ids.tolist() == ["1", "12345678901234567890"]
    assert batch.labels is not None and batch.labels.tolist() == ["7", "x"]
    assert batch.vectors.tolist() == [[1, 0.5], [0, 1]]


def test_a_json_list_is_read_like_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "samples.json"
    path.write_text(json.dumps([{"id": "a", "vector": [1, 2]}, {"id": "b", "vector": [3, 4], "label": "x"}], indent=2))

    batch = read_embeddings(path).batch

    assert batch.vectors.tolist() == [[1, 2], [3, 4]]
    assert batch.labels is not None and batch.labels.tolist() == [None, "x"]


def test_integer_ids_of_parquet_become_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 22], "embedding": [[1.0], [2.0]]}), tmp_path / "samples.parquet")

    assert read_embeddings(tmp_path / "samples.parquet").batch.sample_ids.tolist() == ["1", "22"]


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "label=refund"
    folder.mkdir()
    pq.write_table(pa.table({"id": ["a"], "embedding": [[1.0]]}), folder / "samples.parquet")

    assert read_embeddings(folder / "samples.parquet").batch.labels is None


def test_npz_names_of_numpy_and_scikit_learn_are_known(tmp_path: Path) -> None:
    for name in ("embeddings", "vectors", "X", "arr_0"):
        path = tmp_path / f"{name}.npz"
        np.savez(path, **{name: np.eye(2), "ids": np.array([1, 2]), "labels": np.array(["x", "y"])})  # type: ignore[arg-type]

        batch = read_embeddings(path).batch

        assert batch.sample_ids.tolist() == ["1", "2"]
        assert batch.labels is not None and batch.labels.tolist() == ["x", "y"]


def test_the_same_file_and_frame_read_alike(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b"], "embedding": [[1.0, 0.0], [0.0, 1.0]], "lang": ["en", None]})
    pq.write_table(table, tmp_path / "samples.parquet")

    from_file = read_embeddings(tmp_path / "samples.parquet").batch
    from_frame = embeddings_from_frame(table).batch

    assert from_file.vectors.tolist() == from_frame.vectors.tolist()
    assert from_file.metadata is not None and from_frame.metadata is not None
    assert from_file.metadata.tolist() == from_frame.metadata.tolist() == ['{"lang": "en"}', '{"lang": null}']

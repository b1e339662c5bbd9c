"""A file that cannot be read says so in one line: which file, where, what, and what to do."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftcore.errors import BadInputError, DriftcoreError, UnknownColumnError, UnreadableFileError
from driftcore.readers import read_embeddings, read_predictions
from tests.readers.worlds import WRITERS

GOOD = {"id": ["a", "b"], "embedding": [[1.0, 0.0], [0.0, 1.0]]}


def refusal(path: Path, kind: type[DriftcoreError] = UnreadableFileError) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(kind) as caught:
        read_embeddings(path)
    message = str(caught.value)
    assert message.isprintable(), f"more than one line: {message!r}"
    assert len(message) < 600
    assert path.name in message
    return message


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.parquet")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_file_is_called_empty(tmp_path: Path, name: str) -> None:
    assert "is empty (0 bytes)" in refusal(written(tmp_path / name, b""))


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in ("samples.jsonl", "samples.npz")])
def test_a_file_without_rows_lists_its_columns(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, {"id": pa.array([], pa.string()), "embedding": pa.array([], pa.string())})  # type: ignore[dict-item]

    assert "has no rows (columns: id, embedding)" in refusal(tmp_path / name, BadInputError)


def test_json_that_is_only_blank_lines_has_no_rows(tmp_path: Path) -> None:
    assert "has no rows" in refusal(written(tmp_path / "a.jsonl", "\n\n"), BadInputError)
    assert "has no rows" in refusal(written(tmp_path / "b.json", "[]"), BadInputError)


@pytest.mark.parametrize("name", ["samples.parquet", "samples.feather", "samples.arrows", "samples.npz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, name: str, share: float) -> None:
    n_samples = 200
    vectors = np.random.default_rng(0).normal(size=(n_samples, 16)).tolist()
    WRITERS[name](tmp_path / name, {"id": [f"s{number}" for number in range(n_samples)], "embedding": vectors})
    whole = (tmp_path / name).read_bytes()

    message = refusal(written(tmp_path / f"cut-{name}", whole[: int(share * len(whole))]))

    assert "damaged" in message


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_refused_or_survived_but_never_a_crash(tmp_path: Path, name: str, data: st.DataObject) -> None:
    WRITERS[name](tmp_path / name, {**GOOD, "label": ["x", "é,\n"]})
    content = bytearray((tmp_path / name).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))

    said = ""
    try:
        read_embeddings(written(tmp_path / f"damaged-{name}", bytes(content)))
    except BadInputError as error:
        said = str(error)
    assert said.isprintable()


def test_a_csv_cut_off_inside_a_cell_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.csv", 'id,dim_0,dim_1,text\na,1,2,"one"\nb,3,4,"two\nc,5,6,three\n')

    assert "ends inside a quoted cell" in refusal(path)


@pytest.mark.parametrize("text", ["plain", '"quoted"', '"with ""quotes"""', '"two\nlines"', '""', '""""', 'a"b'])
def test_a_closed_last_cell_is_not_taken_for_a_cut(tmp_path: Path, text: str) -> None:
    for end in ("", "\n"):
        path = written(tmp_path / "samples.csv", f"id,dim_0,dim_1,text\na,1,2,{text}{end}")

        assert read_embeddings(path).batch.sample_ids.tolist() == ["a"]


def test_a_ragged_line_is_counted_as_an_editor_counts(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.csv", 'id,label,embedding\na,"two\nlines","[1, 2]"\nb,x,[1, 2]\n')

    assert "line 4 has 4 cells, the header has 3" in refusal(path)


def test_bytes_that_are_not_utf8_are_found_by_line(tmp_path: Path) -> None:
    csv = written(tmp_path / "samples.csv", 'id,label,embedding\na,x,"[1]"\nb,caf\xe9,"[1]"\n'.encode("latin-1"))
    jsonl = written(tmp_path / "a.jsonl", '{"id": "a", "embedding": [1]}\n{"id": "caf\xe9"}\n'.encode("latin-1"))

    assert "line 3 is not UTF-8 (byte e9 at column 6)" in refusal(csv)
    assert "line 2 is not UTF-8" in refusal(jsonl)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\n<html>", "web page"),
        (gzip.compress(b"id,embedding\n", mtime=0), "compressed"),
        (pickle.dumps(GOOD), "pickle"),
        (b"\x93NUMPY\x01\x00v\x00", "without ids"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("id,embedding\n".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03" * 50, "neither text nor"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "neither text nor"),
    ],
)
def test_what_is_not_a_table_is_called_by_its_name(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(written(tmp_path / "samples.csv", content))


@pytest.mark.parametrize("ending", ["pkl", "pickle", "pt"])
def test_pickles_are_refused_by_ending_too(tmp_path: Path, ending: str) -> None:
    assert "can run any code" in refusal(written(tmp_path / f"samples.{ending}", b"PKnot really"))


def test_a_text_file_with_a_binary_ending_is_refused(tmp_path: Path) -> None:
    assert "is not a Parquet file: it begins with 'id,embedding" in refusal(
        written(tmp_path / "samples.parquet", 'id,embedding\na,"[1]"\n')
    )


def test_an_object_array_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "samples.npz"
    np.savez(path, embeddings=np.eye(2), ids=np.array(["a", "b"], dtype=object))

    assert "'ids' holds Python objects (a pickle)" in refusal(path)


def test_a_zip_that_is_no_npz_lists_what_it_holds(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "samples.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")

    assert "zip file of xl/workbook.xml" in refusal(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"id": "a", "embedding": [1]}\n{"id": "b", "embed', "line 2 is not JSON"),
        ('{"id": "a", "embedding": [1]}\n\n[1, 2]\n', "line 3 is [1, 2], not an object"),
        ('{"id": "\\ud83d", "embedding": [1]}\n', "line 1 holds half a character"),
        ('[{"id": "a"}, 7]', "item 2 is 7, not an object"),
        ('[{"id": "a"}, ', "the list is not JSON"),
        ("[" * 100_000, "the list is not JSON"),
    ],
)
def test_broken_json_is_found_by_line(tmp_path: Path, content: str, says: str) -> None:
    assert says in refusal(written(tmp_path / "samples.jsonl", content))


def test_a_missing_id_column_lists_those_that_exist(tmp_path: Path) -> None:
    pq.write_table(pa.table({"key": ["a"], "embedding": [[1.0]]}), tmp_path / "samples.parquet")

    message = refusal(tmp_path / "samples.parquet", UnknownColumnError)

    assert "It has: key, embedding." in message
    assert "--map id=COLUMN" in message


def test_a_missing_vector_column_lists_those_that_exist(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.csv", "id,text\na,b\n")

    assert "--map vector=COLUMN" in refusal(path, UnknownColumnError)


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.csv", 'id,id,embedding\na,b,"[1]"\n')

    assert "names id twice" in refusal(path)


def test_a_row_that_is_no_vector_anywhere_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.csv", "id,embedding\na,__REDACTED__\n")

    assert "row 1 holds '__REDACTED__'" in refusal(path, BadInputError)


def test_a_column_of_another_type_is_not_a_vector(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "embedding": [b"\x00\x01"]}), tmp_path / "samples.parquet")

    assert "is of type binary" in refusal(tmp_path / "samples.parquet", BadInputError)


def test_control_characters_of_a_file_never_reach_the_message(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.jsonl", '{"id": "a"}\n\x1b[31mred\u202eevil\n')

    assert "line 2 is not JSON" in refusal(path)


def test_predictions_are_refused_in_the_same_words(tmp_path: Path) -> None:
    path = written(tmp_path / "samples.jsonl", json.dumps({"id": "a", "answer": "x"}))

    with pytest.raises(UnknownColumnError, match=r"It has: id, answer\. Say which one it is: --map prediction=COLUMN"):
        read_predictions(path)

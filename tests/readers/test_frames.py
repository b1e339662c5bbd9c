"""What is already in memory is read like a file."""

from __future__ import annotations

import datetime
import json
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from driftcore.errors import BadInputError, UnknownColumnError
from driftcore.readers import embeddings_from_frame

VECTORS = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)


def test_a_pandas_frame_with_lists_or_arrays_in_its_cells() -> None:
    for cells in (VECTORS.tolist(), list(VECTORS), list(VECTORS.astype(np.float16))):
        frame = pd.DataFrame({"id": [1, 2], "embedding": cells, "label": ["x", None]})

        batch = embeddings_from_frame(frame).batch

        assert batch.sample_ids.tolist() == ["1", "2"]
        assert batch.vectors.tolist() == VECTORS.tolist()
        assert batch.labels is not None and batch.labels.tolist() == ["x", None]


def test_a_filtered_frame_keeps_its_rows_and_gets_no_index_column() -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "embedding": [[1.0], [2.0], [3.0]]})

    batch = embeddings_from_frame(frame[frame["id"] != "b"]).batch

    assert batch.sample_ids.tolist() == ["a", "c"]
    assert batch.metadata is None


def test_a_named_index_is_a_column() -> None:
    frame = pd.DataFrame({"embedding": [[1.0], [2.0]]}, index=pd.Index(["a", "b"], name="doc_id"))

    assert embeddings_from_frame(frame).batch.sample_ids.tolist() == ["a", "b"]


def test_columns_named_by_numbers_are_a_vector() -> None:
    frame = pd.DataFrame(VECTORS).assign(id=["a", "b"])

    assert embeddings_from_frame(frame).batch.vectors.tolist() == VECTORS.tolist()


def test_labels_that_pandas_made_floats_are_whole_again() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "embedding": VECTORS.tolist(), "label": [7, None]})

    labels = embeddings_from_frame(frame).batch.labels

    assert labels is not None and labels.tolist() == ["7", None]


def test_categories_views_and_uuids_are_text() -> None:
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    table = pa.table(
        {
            "id": pa.array([one.bytes, two.bytes], pa.uuid()),
            "embedding": VECTORS.tolist(),
            "label": pa.array(["x", None]).dictionary_encode(),
            "text": pa.array(["t", None], pa.string_view()),
        }
    )

    batch = embeddings_from_frame(table).batch

    assert batch.sample_ids.tolist() == [str(one), str(two)]
    assert batch.labels is not None and batch.labels.tolist() == ["x", None]
    assert batch.texts is not None and batch.texts.tolist() == ["t", None]


def test_ids_of_mixed_types_are_text() -> None:
    frame = {"ids": np.array(["a", 2, None], dtype=object), "embeddings": np.eye(3)}

    assert embeddings_from_frame(frame).batch.sample_ids.tolist() == ["a", "2", None]


def test_byte_strings_of_numpy_are_text() -> None:
    assert embeddings_from_frame({"ids": np.array([b"a", b"b"]), "X": VECTORS}).batch.sample_ids.tolist() == ["a", "b"]


@pytest.mark.parametrize("order", ["<f4", ">f4", "<f8", "<f2"])
def test_any_byte_order_and_layout_of_a_matrix(order: str) -> None:
    matrix = np.asfortranarray(VECTORS.astype(order))

    assert embeddings_from_frame({"ids": ["a", "b"], "embeddings": matrix}).batch.vectors.tolist() == VECTORS.tolist()


def test_anything_that_exports_an_arrow_stream_is_a_frame() -> None:
    class Foreign:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.table({"id": ["a"], "embedding": [[1.0]]}).__arrow_c_stream__(requested_schema)

    assert embeddings_from_frame(Foreign()).batch.sample_ids.tolist() == ["a"]


def test_chroma_get_is_a_dict_of_arrays() -> None:
    answer = {
        "ids": ["a", "b"],
        "embeddings": VECTORS,
        "documents": ["t", "u"],
        "metadatas": [{"k": 1}, None],
        "uris": None,
    }

    batch = embeddings_from_frame(answer).batch

    assert batch.texts is not None and batch.texts.tolist() == ["t", "u"]
    assert batch.metadata is not None
    assert [json.loads(row) for row in batch.metadata] == [{"metadatas": {"k": 1}}, {"metadatas": None}]


def test_what_is_left_over_becomes_one_json_object_a_sample() -> None:
    table = pa.table(
        {
            "id": ["a"],
            "embedding": [[1.0]],
            "other_vectors": [[9.0, 9.0]],
            "vector": ["[9, 9]"],
            "at": [datetime.date(2026, 1, 2)],
            "score": [float("nan")],
            "tags": [["x", "y"]],
            "lang": ["日本語"],
        }
    )

    metadata = embeddings_from_frame(table).batch.metadata

    assert metadata is not None
    assert json.loads(metadata[0]) == {"at": "2026-01-02", "score": None, "tags": ["x", "y"], "lang": "日本語"}


def test_arrays_of_different_length_are_named_with_their_lengths() -> None:
    with pytest.raises(BadInputError, match=r"my run: .* ids \(2\), embeddings \(3\)"):
        embeddings_from_frame({"ids": ["a", "b"], "embeddings": np.eye(3)}, name="my run")


def test_half_an_emoji_is_refused_by_column() -> None:
    with pytest.raises(BadInputError, match=r"'label' holds what is no text .*can't encode"):
        embeddings_from_frame({"id": ["a"], "embedding": np.eye(1), "label": ["\ud83d"]})


def test_bytes_of_another_encoding_are_refused_by_column() -> None:
    with pytest.raises(BadInputError, match="'ids' holds what is no text"):
        embeddings_from_frame({"ids": np.array([b"\xff"]), "embeddings": np.eye(1)})


@pytest.mark.parametrize("value", ["wk0", 7, 0.5])
def test_one_value_for_all_samples_is_refused_by_name(value: object) -> None:
    with pytest.raises(BadInputError, match="'checkpoint' is one value"):
        embeddings_from_frame({"ids": ["a"], "embeddings": np.eye(1), "checkpoint": value})


def test_an_array_alone_is_not_a_frame() -> None:
    with pytest.raises(BadInputError, match="frame is a ndarray: a pandas DataFrame"):
        embeddings_from_frame(VECTORS)


def test_an_empty_frame_has_no_rows() -> None:
    with pytest.raises(BadInputError, match="has no rows"):
        embeddings_from_frame(pd.DataFrame({"id": [], "embedding": []}))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(UnknownColumnError, match="more than one column is named id"):
        embeddings_from_frame(pd.DataFrame([["a", "b", [1.0]]], columns=["id", "id", "embedding"]))


def test_bytes_that_are_not_text_name_their_column() -> None:
    with pytest.raises(BadInputError, match="the column 'id' holds bytes that are not UTF-8"):
        embeddings_from_frame(pa.table({"id": [b"\xff\xfe"], "embedding": [[1.0]]}))

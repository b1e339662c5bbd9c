"""Tracing tables and vector databases, handed in as their libraries give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from driftcore import (
    from_chroma,
    from_openinference,
    from_phoenix,
    from_qdrant,
    from_weaviate,
    ingest,
    log_eval,
    open_store,
    snapshot,
)
from driftcore.errors import BadInputError, BadRowsError
from driftcore.readers import embeddings_from_frame
from driftcore.store import Store

VECTORS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=np.float32)
LABELS, TEXTS = ["refund", "cancel", "refund"], ["money back", "stop it", "my money"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def stored(store: Store, columns: Any, ids: list[str]) -> None:
    """The columns go in as a snapshot, and come out with ids, vectors, labels and texts."""
    ingest(store, columns, checkpoint="v1")
    rows = store.snapshots.rows("v1", "validation")
    assert (rows.sample_ids.tolist(), list(rows.labels)) == (ids, LABELS)
    np.testing.assert_array_equal(rows.vectors, VECTORS)
    assert store.snapshots.texts("v1", "validation", rows.sample_ids).tolist() == TEXTS


@dataclass
class Point:
    """A Qdrant record."""

    id: Any
    vector: Any
    payload: dict[str, Any] | None


POINTS = [
    Point(number, VECTORS[number].tolist(), {"intent": LABELS[number], "said": TEXTS[number]}) for number in range(3)
]


@dataclass
class QdrantClient:
    """Gives one point a page, as a real client may."""

    asked: list[Any] = field(default_factory=list)

    def scroll(self, *, collection_name: str, limit: int, offset: Any, with_payload: bool, with_vectors: bool) -> Any:
        assert with_payload and with_vectors
        self.asked.append((collection_name, offset))
        place = offset or 0
        return POINTS[place : place + 1], place + 1 if place + 1 < len(POINTS) else None


def test_a_qdrant_client_is_scrolled_to_its_end(store: Store) -> None:
    client = QdrantClient()
    stored(store, from_qdrant(client, collection="tickets", label="intent", text="said"), ["0", "1", "2"])
    assert client.asked == [("tickets", None), ("tickets", 1), ("tickets", 2)]
    with pytest.raises(BadInputError, match="without collection=NAME"):
        from_qdrant(client)


def test_exported_qdrant_points_are_read_with_named_vectors(store: Store) -> None:
    exported = {
        "result": {
            "points": [{"id": p.id, "vector": {"dense": p.vector, "tiny": [1]}, "payload": p.payload} for p in POINTS]
        }
    }
    stored(store, from_qdrant(exported, vector="dense", label="intent", text="said"), ["0", "1", "2"])
    with pytest.raises(BadInputError, match=r"no vector is named 'default'\. There are: dense, tiny"):
        from_qdrant(exported)
    with pytest.raises(BadInputError, match=r"no record has a field 'label'\. There are: intent, said"):
        from_qdrant(exported, vector="dense", label="label")


def test_a_qdrant_point_that_lacks_the_named_vector_is_a_row_without_one(store: Store) -> None:
    points = [Point(p.id, {"dense": p.vector} if p.id else {"tiny": [1.0]}, p.payload) for p in POINTS]
    # as `client.scroll` answers: a page, and where the next one begins
    columns = from_qdrant((points, None), vector="dense")
    with pytest.raises(BadRowsError, match="no vector in 1 row: 1"):
        ingest(store, columns, checkpoint="v1")


def test_exported_weaviate_objects_have_their_vectors_in_either_field(store: Store) -> None:
    properties = [{"intent": label, "said": text} for label, text in zip(LABELS, TEXTS, strict=True)]
    exported = [
        {"id": "u0", "properties": properties[0], "vector": VECTORS[0]},
        {"id": "u1", "properties": properties[1], "vector": [], "vectors": {"default": VECTORS[1].tolist()}},
        {"uuid": "u2", "properties": properties[2], "vector": {"default": VECTORS[2].tolist(), "other": [1.0]}},
    ]
    stored(store, from_weaviate(exported, label="intent", text="said"), ["u0", "u1", "u2"])


def test_a_weaviate_collection_is_iterated_with_its_vectors(store: Store) -> None:
    def iterator(*, include_vector: bool) -> Any:
        assert include_vector
        for number in range(3):
            properties = {"intent": LABELS[number], "said": TEXTS[number]}
            yield SimpleNamespace(
                uuid=f"u{number}", properties=properties, vector={"default": VECTORS[number].tolist()}
            )

    collection = SimpleNamespace(iterator=iterator)
    stored(store, from_weaviate(collection, label="intent", text="said"), ["u0", "u1", "u2"])


def test_exported_weaviate_objects_without_vectors_say_so() -> None:
    with pytest.raises(BadInputError, match="none of 1 records has a vector: ask for vectors"):
        from_weaviate([{"uuid": "u0", "properties": {}, "vector": {}}])
    with pytest.raises(BadInputError, match="there are no records"):
        from_weaviate([])


def test_chroma_is_read_page_by_page_or_from_what_get_gave(store: Store) -> None:
    everything = {
        "ids": ["a", "b", "c"],
        "embeddings": VECTORS,
        "documents": TEXTS,
        "metadatas": [{"intent": label} for label in LABELS],
    }

    class Collection:
        """Two entries a page."""

        def get(self, *, include: list[str], limit: int, offset: int) -> dict[str, Any]:
            assert include == ["embeddings", "documents", "metadatas"] and limit > 0
            return {name: values[offset : offset + 2] for name, values in everything.items()}

    stored(store, from_chroma(Collection(), label="intent"), ["a", "b", "c"])
    again = from_chroma(everything, label="intent")
    assert again["text"].tolist() == TEXTS
    bare = from_chroma({"ids": ["a"], "embeddings": [[1.0]], "documents": None, "metadatas": None})
    assert sorted(bare) == ["embedding", "id"]
    with pytest.raises(BadInputError, match="has no ids"):
        from_chroma({"embeddings": VECTORS})


def nested(vectors: list[Any]) -> pd.DataFrame:
    cells = [[{"embedding": {"vector": v, "text": t}}] for v, t in zip(vectors, TEXTS, strict=True)]
    spans = {"context.span_id": ["s0", "s1", "s2"], "attributes.embedding.embeddings": cells, "intent": LABELS}
    return pd.DataFrame(spans)


def test_openinference_spans_are_read_nested_and_numbered(store: Store) -> None:
    stored(store, from_openinference(nested(VECTORS.tolist()), label="intent"), ["s0", "s1", "s2"])
    flat = pd.DataFrame(
        {
            "span_id": ["s0", "s1"],
            "embedding.embeddings.0.embedding.vector": VECTORS[:2].tolist(),
            "embedding.embeddings.0.embedding.text": TEXTS[:2],
            "embedding.embeddings.1.embedding.vector": [None, VECTORS[2].tolist()],
            "embedding.embeddings.1.embedding.text": [None, TEXTS[2]],
        }
    )
    columns = from_openinference(flat)
    assert columns["id"].tolist() == ["s0", "s1", "s1/1"]
    assert columns["text"].tolist() == TEXTS


def test_redacted_vectors_are_refused_by_name_and_never_dropped_in_silence(store: Store) -> None:
    with pytest.warns(UserWarning, match="1 of 3 vectors are redacted: leave them out"):
        columns = from_openinference(nested(["__REDACTED__", *VECTORS[1:].tolist()]))
    with pytest.raises(BadRowsError, match="no vector in 1 row: 1"):
        ingest(store, columns, checkpoint="v1")
    with pytest.raises(BadInputError, match="all 3 vectors are redacted"):
        from_openinference(nested(["__REDACTED__"] * 3))
    with pytest.raises(BadInputError, match="no column holds embeddings"):
        from_openinference(pd.DataFrame({"span_id": ["s0"]}))
    with pytest.raises(BadInputError, match="no column is the span's id"):
        from_openinference(pd.DataFrame({"x": [1]}))


PHOENIX = pd.DataFrame(
    {
        "pid": ["p0", "p1", "p2"],
        "vec": VECTORS.tolist(),
        "raw": TEXTS,
        "truth": LABELS,
        "said": ["refund", "refund", None],
        "ts": pd.to_datetime(["2026-01-05", "2026-01-06", "2026-01-07"]),
    }
)
SCHEMA = {
    "prediction_id_column_name": "pid",
    "timestamp_column_name": "ts",
    "prediction_label_column_name": "said",
    "actual_label_column_name": "truth",
    "embedding_feature_column_names": {"ticket": {"vector_column_name": "vec", "raw_data_column_name": "raw"}},
}


def test_a_phoenix_table_gives_a_snapshot_and_an_eval_run(store: Store) -> None:
    tables = from_phoenix(PHOENIX, SCHEMA)
    stored(store, tables.samples, ["p0", "p1", "p2"])
    assert tables.predictions is not None
    run, _ = log_eval(store, tables.predictions, checkpoint="v1")
    # one right, one wrong, one on which the model said nothing
    assert (run.accuracy, run.n_failed) == (0.5, 1)


def test_a_phoenix_schema_may_be_an_object() -> None:
    names = SimpleNamespace(vector_column_name="vec", raw_data_column_name=None)
    schema = SimpleNamespace(embedding_feature_column_names={"ticket": names})
    tables = from_phoenix(PHOENIX, schema)
    assert sorted(tables.samples) == ["embedding", "id"]
    assert tables.predictions is None


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"embedding_feature_column_names": None}, "names no embedding_feature_column_names"),
        ({"actual_label_column_name": "gone"}, r"the frame lacks gone\. There are: pid, vec"),
        ({"embedding_feature_column_names": {"a": {}, "b": {}}}, "say which embedding with embedding=…: a, b"),
    ],
)
def test_a_phoenix_schema_that_does_not_fit_is_refused(changed: dict[str, Any], line: str) -> None:
    with pytest.raises(BadInputError, match=line):
        from_phoenix(PHOENIX, {**SCHEMA, **changed})


class Dataset:
    """A Hugging Face dataset as far as it is asked: rows that were selected are in the format, not in the table."""

    def __init__(self, columns: dict[str, Any], *, classes: list[str] | None = None) -> None:
        self.table = pa.table(columns)
        self.column_names = self.table.column_names
        named = SimpleNamespace(names=classes, int2str=lambda number: (classes or [])[number])
        self.features = {"id": SimpleNamespace(dtype="string")} | ({} if classes is None else {"label": named})

    def __len__(self) -> int:
        return self.table.num_rows

    def with_format(self, kind: str) -> Dataset:
        assert kind == "arrow"
        return self

    def __getitem__(self, rows: slice) -> pa.Table:
        assert rows == slice(None)
        return self.table


def test_a_hugging_face_dataset_is_read_through_its_arrow_format() -> None:
    dataset = Dataset({"id": ["a", "b"], "embedding": VECTORS[:2].tolist(), "label": LABELS[:2]})
    reading = embeddings_from_frame(dataset)
    np.testing.assert_array_equal(reading.batch.vectors, VECTORS[:2])
    assert reading.batch.labels is not None and reading.batch.labels.tolist() == LABELS[:2]


def test_the_classes_of_a_dataset_are_called_by_their_names_and_minus_one_is_none(store: Store) -> None:
    columns = {"id": ["a", "b", "c"], "text": TEXTS, "label": [1, -1, 0]}
    dataset = Dataset(columns, classes=["refund", "cancel"])
    snapshot(store, lambda texts: VECTORS[: len(texts)], dataset, checkpoint="v1")
    assert store.snapshots.labels("v1", "validation")[1].tolist() == ["cancel", None, "refund"]


def test_a_dataset_of_several_splits_or_of_a_stream_is_refused() -> None:
    class Splits(dict[str, Any]):
        column_names: ClassVar = {"train": ["id"], "test": ["id"]}
        with_format = None

    with pytest.raises(BadInputError, match=r"of several splits \(train, test\): choose one"):
        embeddings_from_frame(Splits(train=[], test=[]))
    with pytest.raises(BadInputError, match="This dataset streams"):
        embeddings_from_frame(SimpleNamespace(column_names=["id"], with_format=None))

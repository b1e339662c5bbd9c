"""Names find their roles, and a person can overrule them."""

from __future__ import annotations

import numpy as np
import pytest

from driftcore.errors import BadInputError, UnknownColumnError
from driftcore.readers import embeddings_from_frame, parse_mapping, predictions_from_frame

VECTORS = np.eye(2, dtype=np.float32)


def test_a_mapping_is_pairs_with_commas() -> None:
    assert parse_mapping(" vector = emb,id=doc=id ,") == {"vector": "emb", "id": "doc=id"}
    assert parse_mapping("") == {}


@pytest.mark.parametrize("text", ["vector", "id=", "=x"])
def test_a_mapping_without_both_halves_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="is not ROLE=COLUMN"):
        parse_mapping(text)


def test_an_unknown_role_lists_the_known_ones() -> None:
    with pytest.raises(
        UnknownColumnError, match=r"no role named 'vektor'\. Known: id, vector, label, text, prediction"
    ):
        parse_mapping("vektor=emb")


def test_a_role_named_twice_is_refused() -> None:
    with pytest.raises(BadInputError, match="names id twice: a and b"):
        parse_mapping("id=a,id=b")


def test_a_role_of_predictions_is_no_role_of_embeddings() -> None:
    with pytest.raises(UnknownColumnError, match=r"no role named 'prediction'\. Known: id, vector, label, text"):
        embeddings_from_frame({"id": ["a", "b"], "embedding": VECTORS}, mapping={"prediction": "id"})


def test_a_mapped_column_must_exist() -> None:
    with pytest.raises(UnknownColumnError, match=r"no column named 'doc'.*It has: id, embedding\."):
        embeddings_from_frame({"id": ["a", "b"], "embedding": VECTORS}, mapping={"id": "doc"})
    with pytest.raises(UnknownColumnError, match=r"no column named 'emb'.*It has: id, embedding\."):
        embeddings_from_frame({"id": ["a", "b"], "embedding": VECTORS}, mapping={"vector": "emb"})


def test_the_first_known_name_wins_whatever_the_order_of_columns() -> None:
    frame = {"uuid": ["u", "v"], "Sample_ID": ["s", "t"], "vector": -VECTORS, "Embedding": VECTORS}

    batch = embeddings_from_frame(frame).batch

    assert batch.sample_ids.tolist() == ["s", "t"]
    assert batch.vectors.tolist() == VECTORS.tolist()


def test_a_mapping_overrules_the_known_names() -> None:
    frame = {"id": ["a", "b"], "doc": ["c", "d"], "embedding": VECTORS, "intent": ["x", "y"]}

    batch = embeddings_from_frame(frame, mapping=parse_mapping("id=doc,label=intent")).batch

    assert batch.sample_ids.tolist() == ["c", "d"]
    assert batch.labels is not None and batch.labels.tolist() == ["x", "y"]
    assert batch.metadata is not None and batch.metadata.tolist() == ['{"id": "a"}', '{"id": "b"}']


def test_a_column_mapped_to_one_role_is_not_guessed_for_another() -> None:
    frame = {"id": ["a", "b"], "label": ["x", "y"], "embedding": VECTORS}

    batch = embeddings_from_frame(frame, mapping={"text": "label"}).batch

    assert batch.labels is None
    assert batch.texts is not None and batch.texts.tolist() == ["x", "y"]


@pytest.mark.parametrize("pattern", ["dim_{}", "emb_{}", "{}", "vector.{}", "embedding[{}]", "Dim{}", "f-{}"])
def test_numbered_columns_are_taken_in_the_order_of_their_numbers(pattern: str) -> None:
    width = 12  # "10" sorts before "2" as text
    shuffled = np.random.default_rng(0).permutation(width)
    frame = {"id": ["a"], **{pattern.format(number): [float(number)] for number in shuffled}}

    assert embeddings_from_frame(frame).batch.vectors.tolist() == [list(range(width))]


def test_a_missing_number_is_noticed() -> None:
    with pytest.raises(UnknownColumnError, match=r"frame: .*\(dim_1, then dim_3\)"):
        embeddings_from_frame({"id": ["a"], "dim_0": [1.0], "dim_1": [1.0], "dim_3": [1.0]})


def test_predictions_do_not_mind_numbered_columns() -> None:
    assert predictions_from_frame({"id": ["a"], "pred": ["x"], "f1": [1.0], "f3": [1.0]}).batch.predictions[0] == "x"


def test_the_prefix_of_numbered_columns_can_be_mapped() -> None:
    frame = {"id": ["a"], "bge_0": [1.0], "bge_1": [2.0], "dim_0": [9.0]}

    assert embeddings_from_frame(frame, mapping={"vector": "bge"}).batch.vectors.tolist() == [[1.0, 2.0]]


def test_a_number_called_x_is_not_an_embedding() -> None:
    with pytest.raises(UnknownColumnError, match="as the vector"):
        embeddings_from_frame({"id": ["a"], "x": ["1.0"]})

"""What trainers and labelling tools read: each format as another program sees it."""

from __future__ import annotations

import io
import json
from pathlib import PurePosixPath
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore.errors import BadInputError
from driftcore.export import ALL_FORMATS, FOLDER_FORMATS, TRAINING_FORMATS, Encoded, encode
from tests.export.sets import NASTY, a_set

law = settings(deadline=None, derandomize=True, max_examples=30)
# what Parquet, JSON and XML all carry
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)


def parquet(encoded: Encoded, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(encoded.files[name]))


def chats(encoded: Encoded) -> list[tuple[str, str]]:
    """(what the user says, what the assistant answers), as a reader of JSON lines sees it."""
    read = [json.loads(line)["messages"] for line in encoded.file.decode("utf-8").split("\n")[:-1]]
    assert all([each["role"] for each in said] == ["user", "assistant"] for said in read)
    return [(said[0]["content"], said[1]["content"]) for said in read]


@pytest.mark.parametrize("format", TRAINING_FORMATS)
def test_rows_without_text_or_label_are_left_out_and_counted(format: str) -> None:
    labels = ["a", "b"] * 6
    table = a_set([None, " ", *labels], text=["x", "y", None, "", *(f"text {row}" for row in range(10))])
    encoded = encode(table, format)
    assert encoded.left_out == {"no text": 2, "no label": 2}
    assert encoded.rows["sample_id"].tolist() == [f"s/{row}" for row in range(4, 14)]


@pytest.mark.parametrize("format", [*TRAINING_FORMATS, "label-studio"])
def test_a_set_of_which_nothing_can_be_used_is_refused_in_one_line(format: str) -> None:
    with pytest.raises(BadInputError, match=r"^None of the 3 rows has a text") as refused:
        encode(a_set(["a", "b", "a"], text=[None, "", " "]), format)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("format", ["sentence-transformers", "openai"])
def test_the_holdout_is_in_no_training_file(format: str) -> None:
    table = a_set(["a", "b"] * 8, part=["train"] * 12 + ["holdout"] * 4)
    encoded = encode(table, format)
    assert encoded.left_out == {"holdout": 4}
    said = b"".join(encoded.files.values())
    assert all(f"text {row}".encode() not in said for row in range(12, 16))


@pytest.mark.parametrize("format", FOLDER_FORMATS)
def test_no_file_is_named_after_anything_in_the_data(format: str) -> None:
    table = a_set(["../../a", "../../a", "b", "b"], sample_id=["../1", "/etc/2", "a/b", "..\\c"])
    for name in encode(table, format).files:
        assert not PurePosixPath(name).is_absolute()
        assert ".." not in name
        assert "etc" not in name


def test_an_unknown_format_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadInputError, match="Unknown export format 'xls'. Known: " + ", ".join(ALL_FORMATS)):
        encode(a_set(["a"]), "xls")


# sentence-transformers


def test_its_trainer_finds_sentences_and_numbers_and_nothing_else() -> None:
    encoded = encode(a_set(["refund", "cancel", "refund"]), "sentence-transformers")
    train, who = parquet(encoded, "train.parquet"), parquet(encoded, "manifest.parquet")
    assert train.to_dict("list") == {"sentence": ["text 0", "text 1", "text 2"], "label": [1, 0, 1]}
    assert encoded.facts == {"label_names": ["cancel", "refund"]}
    assert who[["sample_id", "label"]].to_numpy().tolist() == [["s/0", "refund"], ["s/1", "cancel"], ["s/2", "refund"]]


def test_a_triplet_is_of_one_label_twice_and_of_the_one_it_was_taken_for() -> None:
    table = a_set(
        ["refund"] * 4 + ["cancel"] * 3 + ["card"] * 3 + ["once"],
        label_used=["fees", "fees", "refund", "refund", *["cancel"] * 3, *["card"] * 3, "once"],
    )
    beside = a_set(["fees", "fees"], sample_id=["f1", "f2"], text=["fee 1", "fee 2"])
    encoded = encode(
        table, "sentence-transformers", shape="triplet", toward={"refund": "cancel"}, others=lambda: beside, seed=3
    )
    train, who = parquet(encoded, "train.parquet"), parquet(encoded, "manifest.parquet")
    assert list(train.columns) == ["anchor", "positive", "negative"]
    assert encoded.left_out == {"the only row of its label": 1}
    label_of = dict(zip(table["sample_id"], table["label"], strict=True)) | {"f1": "fees", "f2": "fees"}
    assert (who["positive_id"].map(label_of) == who["label"]).all()
    assert (who["positive_id"] != who["sample_id"]).all()
    # each is the positive of exactly one other
    assert sorted(who["positive_id"]) == sorted(who["sample_id"])
    negative = who["negative_id"].map(label_of)
    # relabelled from fees; drifted toward cancel; the destination; nobody knows
    assert set(negative[:2]) == {"fees"}
    assert set(negative[2:4]) == {"cancel"}
    assert set(negative[4:7]) == {"refund"}
    assert "card" not in set(negative[7:])
    text_of = dict(zip(table["sample_id"], table["text"], strict=True)) | {"f1": "fee 1", "f2": "fee 2"}
    for column, ids in (("anchor", "sample_id"), ("positive", "positive_id"), ("negative", "negative_id")):
        assert train[column].tolist() == [text_of[each] for each in who[ids]]


@given(labels=st.lists(st.sampled_from("abcde"), min_size=2, max_size=30), seed=st.integers(0, 2**32 - 1))
@law
def test_no_triplet_contradicts_itself(labels: list[str], seed: int) -> None:
    counts = pd.Series(labels).value_counts()
    table = a_set(labels)
    if counts.max() < 2 or len(counts) < 2:
        with pytest.raises(BadInputError, match="Triplets need two labels"):
            encode(table, "sentence-transformers", shape="triplet", seed=seed)
        return
    who = parquet(encode(table, "sentence-transformers", shape="triplet", seed=seed), "manifest.parquet")
    label_of = dict(zip(table["sample_id"], table["label"], strict=True))
    assert (who["positive_id"].map(label_of) == who["label"]).all()
    assert (who["positive_id"] != who["sample_id"]).all()
    assert (who["negative_id"].map(label_of) != who["label"]).all()


def test_what_is_held_out_is_not_learnt_from_as_a_negative() -> None:
    table = a_set(["a", "a", "b", "b"], part=["train", "train", "train", "holdout"])
    encoded = encode(
        table, "sentence-transformers", shape="triplet", others=lambda: table[["sample_id", "text", "label"]]
    )
    assert encoded.left_out == {"holdout": 1, "the only row of its label": 1}


def test_a_vector_stands_under_label_where_the_trainer_looks_for_it() -> None:
    vectors = np.array([[1, 2], [np.nan, np.nan], [5, 6]], dtype=np.float32)
    encoded = encode(a_set(["a", "b", "c"]), "sentence-transformers", shape="vector", vectors=lambda rows: vectors)
    train = parquet(encoded, "train.parquet")
    assert train["sentence"].tolist() == ["text 0", "text 2"]
    assert np.stack(train["label"]).tolist() == [[1, 2], [5, 6]]
    assert parquet(encoded, "manifest.parquet")["sample_id"].tolist() == ["s/0", "s/2"]
    assert encoded.left_out == {"no vector at the reference": 1}


def test_vectors_of_which_the_reference_has_none_are_refused() -> None:
    with pytest.raises(BadInputError, match="a vector for none of the 1 training rows"):
        encode(a_set(["a"]), "sentence-transformers", shape="vector", vectors=lambda rows: np.full((1, 2), np.nan))


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"Unknown shape 'pair'. Known: label, triplet, vector"):
        encode(a_set(["a"]), "sentence-transformers", shape="pair")


# Hugging Face


def test_a_dataset_folder_has_a_card_that_names_its_splits_and_columns_of_one_type() -> None:
    table = a_set(["a", "b", "c"], part=["train", "train", "holdout"], prediction=["b", None, None])
    encoded = encode(table, "hf")
    assert list(encoded.files) == [
        "README.md",
        "data/train-00000-of-00001.parquet",
        "data/holdout-00000-of-00001.parquet",
    ]
    _, front, card = encoded.files["README.md"].decode().split("---\n", 2)
    # YAML by hand: no reader of it is installed with us
    assert front.splitlines() == [
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        "    path: data/train-*",
        "  - split: holdout",
        "    path: data/holdout-*",
    ]
    assert card.startswith("\n# Retraining set\n")
    train, holdout = (
        pq.read_schema(io.BytesIO(encoded.files[f"data/{name}-00000-of-00001.parquet"]))
        for name in ("train", "holdout")
    )
    # a column of nothing but missing values would be of no type, and could not be loaded beside the other split
    assert train == holdout
    assert str(holdout.field("prediction").type) == "string"


def test_without_a_holdout_the_card_names_none() -> None:
    encoded = encode(a_set(["a", "b"]), "hf")
    assert list(encoded.files) == ["README.md", "data/train-00000-of-00001.parquet"]
    assert b"holdout" not in encoded.files["README.md"]


def test_a_dataset_of_nothing_but_holdout_is_refused() -> None:
    with pytest.raises(BadInputError, match="smaller --holdout"):
        encode(a_set(["a"], part=["holdout"]), "hf")


# OpenAI


def test_the_assistant_says_what_is_right_and_never_what_was_said() -> None:
    table = a_set(["refund"] * 10, prediction=["cancel"] * 10, label_used=["cancel"] * 10)
    assert chats(encode(table, "openai")) == [(f"text {row}", "refund") for row in range(10)]


def test_fewer_rows_than_a_fine_tuning_takes_are_refused() -> None:
    with pytest.raises(BadInputError, match="at least 10 rows, and 9 can be trained on"):
        encode(a_set(["a"] * 12, part=["train"] * 9 + ["holdout"] * 3), "openai")


@given(text=words, label=words)
@law
def test_texts_and_labels_come_through_exactly(text: str, label: str) -> None:
    if not text.strip() or not label.strip():
        return
    table = a_set([label] * 10, text=[text] * 10)
    assert chats(encode(table, "openai")) == [(text, label)] * 10
    train = parquet(encode(table, "sentence-transformers"), "train.parquet")
    assert train["sentence"].tolist() == [text] * 10
    assert parquet(encode(table, "hf"), "data/train-00000-of-00001.parquet")["label"].tolist() == [label] * 10
    offered, tasks = label_studio(table)
    assert offered == [label]
    assert tasks[0]["data"]["text"] == text


# Label Studio


def label_studio(table: pd.DataFrame) -> tuple[list[str], list[dict]]:
    """The choices that an XML reader finds in the config, and the tasks."""
    encoded = encode(table, "label-studio")
    view = ElementTree.fromstring(encoded.files["config.xml"])
    assert [child.tag for child in view] == ["Text", "Choices"]
    text, choices = view
    assert text.attrib["value"] == "$text"
    assert choices.attrib["toName"] == text.attrib["name"] == "text"
    assert choices.attrib["name"] == "label"
    return [choice.attrib["value"] for choice in choices], json.loads(encoded.files["tasks.json"])


def test_a_task_shows_what_was_predicted_and_how_surely() -> None:
    table = a_set(["refund", "fees", None], prediction=["cancel", None, None], confidence=[0.75, np.nan, np.nan])
    offered, tasks = label_studio(table)
    assert offered == ["cancel", "fees", "refund"]
    assert tasks[0]["data"]["text"] == "text 0"
    assert tasks[0]["data"]["sample_id"] == "s/0"
    assert tasks[0]["data"]["span_id"] == "feed"
    assert tasks[0]["predictions"] == [
        {
            "model_version": "week 2",
            "score": 0.75,
            "result": [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["cancel"]}}],
        }
    ]
    # what no model was asked about comes with its label; what has neither is open
    assert tasks[1]["predictions"][0]["model_version"] == "driftloop"
    assert tasks[1]["predictions"][0]["result"][0]["value"] == {"choices": ["fees"]}
    assert "score" not in tasks[1]["predictions"][0]
    assert tasks[2]["predictions"] == []


def test_labels_that_look_like_markup_are_offered_as_they_are() -> None:
    offered, tasks = label_studio(a_set(list(NASTY)))
    assert offered == sorted(NASTY)
    assert [task["predictions"][0]["result"][0]["value"]["choices"][0] for task in tasks] == list(NASTY)


def test_a_label_that_xml_cannot_carry_is_named() -> None:
    with pytest.raises(BadInputError, match="The label 'a b' holds a character that XML cannot carry"):
        encode(a_set(["a\x00b"]), "label-studio")


def test_a_plain_span_becomes_tasks_too() -> None:
    table = a_set(["a", "b"]).drop(columns=["role", "label_used", "part"])
    offered, tasks = label_studio(table)
    assert offered == ["a", "b"]
    assert "role" not in tasks[0]["data"]

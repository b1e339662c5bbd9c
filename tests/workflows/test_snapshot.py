"""Snapshots from a function that embeds, and of scikit-learn classifiers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer

from driftcore import log_classifier, open_store, snapshot
from driftcore.errors import BadInputError
from driftcore.store import Store

TEXTS = [f"{what} number {row}" for row in range(30) for what in ("lost card", "top up", "refund please")]
LABELS = [text.split()[0] for text in TEXTS]
IDS = [f"s{row}" for row in range(len(TEXTS))]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def lengths(texts: list[str]) -> np.ndarray:
    return np.array([[len(text), text.count("o") + 1.0] for text in texts])


def test_texts_are_embedded_in_batches_and_stored_with_their_labels(store: Store) -> None:
    sizes = []

    def encode(texts: list[str]) -> np.ndarray:
        sizes.append(len(texts))
        return lengths(texts)

    done = snapshot(
        store, encode, {"id": IDS, "text": TEXTS, "label": LABELS, "team": ["a"] * 90}, checkpoint="v1", batch_size=40
    )
    assert sizes == [40, 40, 10]
    rows = store.snapshots.rows("v1", "validation")
    assert (done.created, rows.sample_ids.tolist(), list(rows.labels)) == (True, IDS, LABELS)
    np.testing.assert_array_equal(rows.vectors, lengths(TEXTS).astype(np.float32))
    assert store.snapshots.texts("v1", "validation", rows.sample_ids[:1]).tolist() == TEXTS[:1]
    assert store.snapshots.metadata("v1", "validation", rows.sample_ids[:1]).tolist() == ['{"team": "a"}']


def test_frames_tensors_and_sparse_matrices_are_taken_as_they_come(store: Store) -> None:
    class Tensor:
        """What torch gives back, as far as it is asked."""

        def __init__(self, values: np.ndarray) -> None:
            self.values = values

        def detach(self) -> Tensor:
            return self

        cpu = float = detach

        def numpy(self) -> np.ndarray:
            return self.values

    frame = pd.DataFrame({"sample_id": IDS, "sentence": TEXTS})
    for name, made in {"tensor": Tensor, "sparse": csr_matrix, "list": np.ndarray.tolist}.items():
        snapshot(store, lambda texts, made=made: made(lengths(texts)), frame, checkpoint=name)
        np.testing.assert_array_equal(store.snapshots.rows(name, "validation").vectors, lengths(TEXTS))


@pytest.mark.parametrize(
    ("encode", "line"),
    [
        (lambda texts: np.zeros((3, 2)), r"shape \(3, 2\) for 90 texts"),
        (lambda texts: np.zeros(len(texts)), r"shape \(90,\) for 90 texts"),
        (lambda texts: ["no numbers"] * len(texts), "is no array of numbers"),
        (lambda texts: np.full((len(texts), 2), np.nan), "not finite|NaN"),
    ],
)
def test_what_is_no_vector_a_text_is_refused_and_nothing_is_stored(store: Store, encode, line: str) -> None:
    with pytest.raises(BadInputError, match=line):
        snapshot(store, encode, {"id": IDS, "text": TEXTS}, checkpoint="v1")
    assert not store.checkpoints()


def test_samples_without_a_text_say_which_columns_are_looked_for(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"no column that is the text\. They have: id"):
        snapshot(store, lengths, {"id": IDS}, checkpoint="v1")
    with pytest.raises(BadInputError, match="samples is a int: a pandas DataFrame, an Arrow table"):
        snapshot(store, lengths, 7, checkpoint="v1")


def test_a_pipeline_is_stored_with_its_vectors_and_its_answers(store: Store) -> None:
    model = make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=0), LogisticRegression())
    model.fit(TEXTS, LABELS)
    stored, run = log_classifier(store, model, TEXTS, LABELS, checkpoint="v1", ids=IDS)
    assert stored.snapshot.n_dims == 5
    assert run.accuracy == np.mean(model.predict(TEXTS) == LABELS)
    rows = store.evals.rows("v1", "validation")
    assert rows is not None
    by_id = dict(zip(rows.sample_ids, rows.confidences, strict=True))
    np.testing.assert_allclose([by_id[each] for each in IDS], model.predict_proba(TEXTS).max(axis=1), rtol=1e-6)


def test_a_lone_classifier_must_be_told_what_embeds(store: Store) -> None:
    vectors = lengths(TEXTS)
    model = LogisticRegression(max_iter=1000).fit(vectors, LABELS)
    with pytest.raises(BadInputError, match="LogisticRegression is no pipeline"):
        log_classifier(store, model, vectors, LABELS, checkpoint="v1")
    stored, _ = log_classifier(store, model, vectors, LABELS, checkpoint="v1", embed=lambda rows: rows)
    assert stored.snapshot.n_samples == len(TEXTS)
    with pytest.raises(BadInputError, match="do not belong together"):
        log_classifier(store, model, vectors, LABELS[:-1], checkpoint="v2", embed=lambda rows: rows)


def test_a_step_of_a_pipeline_is_named_and_missing_labels_stay_missing(store: Store) -> None:
    steps = [("tfidf", TfidfVectorizer()), ("svd", TruncatedSVD(5, random_state=0)), ("scale", Normalizer()),
             ("model", LogisticRegression())]  # fmt: skip
    model = Pipeline(steps).fit(TEXTS, LABELS)
    known = pd.Series(LABELS, dtype=object)
    known[0] = None
    log_classifier(store, model, pd.Series(TEXTS), known, checkpoint="v1", ids=IDS, embed="svd")
    rows = store.snapshots.rows("v1", "validation")
    np.testing.assert_allclose(rows.vectors, model[:2].transform(TEXTS), rtol=1e-5)
    assert rows.labels is not None and rows.labels[:2].tolist() == [None, LABELS[1]]
    assert store.snapshots.texts("v1", "validation", rows.sample_ids[:1]).tolist() == TEXTS[:1]
    said = store.evals.rows("v1", "validation")
    assert said is not None and np.isnan(said.correct[said.sample_ids.tolist().index("s0")])
    with pytest.raises(BadInputError, match=r"no step 'model' before its last\. There are: tfidf, svd, scale"):
        log_classifier(store, model, TEXTS, LABELS, checkpoint="v2", embed="model")


def test_a_classifier_s_next_checkpoint_is_compared_at_once(store: Store) -> None:
    for checkpoint, seed in (("v1", 0), ("v2", 1)):
        model = make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=seed), LogisticRegression())
        log_classifier(store, model.fit(TEXTS, LABELS), TEXTS, LABELS, checkpoint=checkpoint, ids=IDS)
    assert [(each.reference, each.current) for each in store.reports.all()] == [("v1", "v2")]


def test_sparse_vectors_that_would_fill_the_memory_are_refused(store: Store) -> None:
    def encode(texts: list[str]) -> csr_matrix:
        return csr_matrix((len(texts), 2**22), dtype=np.float32)

    # 90 x 4,194,304 numbers of 4 bytes
    with pytest.raises(BadInputError, match=r"sparse, 90 × 4,194,304, and would take 1\.4 GB written out"):
        snapshot(store, encode, {"id": IDS, "text": TEXTS}, checkpoint="v1", batch_size=10)


def test_the_named_index_of_a_frame_is_a_column(store: Store) -> None:
    frame = pd.DataFrame({"text": TEXTS}, index=pd.Index(IDS, name="id"))
    snapshot(store, lengths, frame, checkpoint="v1")
    assert store.snapshots.rows("v1", "validation").sample_ids.tolist() == IDS


def test_an_arrow_table_is_as_good(store: Store) -> None:
    snapshot(store, lengths, pa.table({"id": IDS, "text": TEXTS, "label": LABELS}), checkpoint="v1")
    np.testing.assert_array_equal(store.snapshots.rows("v1", "validation").vectors, lengths(TEXTS))


def test_samples_without_a_text_are_counted_and_never_embedded(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"2 of 90 samples have no text \(rows 1, 90\): leave them out"):
        snapshot(store, lengths, {"id": IDS, "text": [None, *TEXTS[1:-1], float("nan")]}, checkpoint="v1")


def test_columns_of_different_lengths_are_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"not equally long: id \(90\), text \(89\)"):
        snapshot(store, lengths, {"id": IDS, "text": TEXTS[1:]}, checkpoint="v1")

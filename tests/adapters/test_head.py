import io
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from driftcore.adapters.head import HeadTrainer, fit_head, load_head, predict, save_head
from driftcore.errors import TrainingError, UnreadableFileError
from driftcore.testing import make_world, resampled
from tests.adapters.tasks import accuracy, rows_of, silent, split_of, task_of


@pytest.fixture(scope="module")
def world():
    return make_world(n_concepts=4, n_per_concept=50, n_dims=16, spread=0.2, seed=3)


@pytest.fixture(scope="module")
def later(world):
    return resampled(world, seed=9)


def flipped(world, share=1.0):
    """The labels with the first part of concept 1 called concept 2."""
    labels, rows = world.labels.copy(), np.flatnonzero(world.concepts == 1)
    labels[rows[: round(share * len(rows))]] = "concept 2"
    return labels


def train(task):
    return HeadTrainer().train(task, beat=silent, log=silent)


def test_the_head_is_the_one_that_scikit_learn_fits_on_standardised_vectors(world):
    head = fit_head(world.vectors, world.labels, seed=0, penalty=1e-2)
    scaler = StandardScaler().fit(world.vectors.astype(np.float64))
    peer = LogisticRegression(C=1 / (1e-2 * len(world.vectors)), tol=1e-8, max_iter=5000)
    peer.fit(scaler.transform(world.vectors.astype(np.float64)), world.labels.astype(str))
    odds = peer.predict_proba(scaler.transform(world.vectors.astype(np.float64)))
    predictions, confidences = predict(head, world.vectors)
    assert np.array_equal(predictions, peer.classes_[odds.argmax(axis=1)].astype(object))
    assert np.abs(confidences - odds.max(axis=1)).max() < 0.01


def test_confidences_of_two_concepts_are_those_of_the_logistic_function():
    # symmetric: at 0 nobody knows, and the further out the surer
    vectors = np.array([[-1.0], [-1.0], [1.0], [1.0]], dtype=np.float32)
    head = fit_head(vectors, np.array(["a", "a", "b", "b"], dtype=object), seed=0)
    predictions, confidences = predict(head, np.array([[-5.0], [0.0], [5.0]], dtype=np.float32))
    assert predictions[[0, 2]].tolist() == ["a", "b"]
    assert confidences[1] == pytest.approx(0.5, abs=1e-3)
    assert confidences[0] > 0.9 and confidences[2] > 0.9


def test_a_row_of_weight_three_counts_as_three_rows(world):
    weights = np.where(world.concepts == 0, 3.0, 1.0)
    repeated = np.repeat(np.arange(len(weights)), weights.astype(int))
    # one row a concept of equal mean and spread would standardise differently: standardise before
    vectors = ((world.vectors - world.vectors.mean(axis=0)) / world.vectors.std(axis=0)).astype(np.float32)
    once = fit_head(vectors, world.labels, seed=0, weights=weights, penalty=1e-2)
    thrice = fit_head(vectors[repeated], world.labels[repeated], seed=0, penalty=1e-2)
    assert np.abs(predict(once, vectors)[1] - predict(thrice, vectors)[1]).max() < 0.02


def test_corrections_replace_the_labels_that_training_used(tmp_path, world, later):
    train_split = split_of(world.vectors, flipped(world), split="train")
    live = split_of(later.vectors, later.labels, split="live")
    wrong = np.flatnonzero(train_split.labels != world.labels)
    corrections = rows_of(train_split, wrong, role="correction", labels=world.labels[wrong], label_used="concept 2")
    trained = train(task_of(tmp_path, [live, train_split], corrections))
    assert accuracy(trained, "live", later.labels) > 0.98
    assert trained.facts["rows"] == "50 correction, 150 train"
    assert np.array_equal(trained.splits[0].vectors, live.vectors)


def test_a_correction_without_a_vector_has_that_of_the_training_row(tmp_path, world):
    train_split = split_of(world.vectors, flipped(world), split="train")
    wrong = np.flatnonzero(train_split.labels != world.labels)
    table, vectors = rows_of(train_split, wrong, role="correction", labels=world.labels[wrong])
    with_vectors, without = (
        train(task_of(tmp_path, [train_split], (table, each))) for each in (vectors, np.full_like(vectors, np.nan))
    )
    assert with_vectors.model == without.model


def test_replay_that_is_drawn_from_the_training_rows_is_counted_once(tmp_path, world):
    train_split = split_of(world.vectors, world.labels, split="train")
    replay = rows_of(train_split, np.arange(30), role="replay")
    assert train(task_of(tmp_path, [train_split], replay)).facts["rows"] == "30 replay, 170 train"


def test_a_correction_of_another_checkpoint_is_a_row_of_its_own(tmp_path, world):
    train_split = split_of(world.vectors, world.labels, split="train")
    older = rows_of(train_split, [0], role="correction", labels=["concept 1"], checkpoint="wk0")
    assert train(task_of(tmp_path, [train_split], older)).facts["rows"] == "1 correction, 200 train"


def test_rows_of_the_judged_splits_teach_nothing_by_themselves(tmp_path, world, later):
    nonsense = np.roll(later.labels, 60)
    train_split = split_of(world.vectors, world.labels, split="train")
    with_nonsense, honest = (
        train(task_of(tmp_path, [split_of(later.vectors, labels), train_split])) for labels in (nonsense, later.labels)
    )
    assert with_nonsense.model == honest.model


def test_without_a_train_split_replay_keeps_the_other_concepts(tmp_path, world, later):
    pool, judged = split_of(world.vectors, world.labels), split_of(later.vectors, later.labels, split="live")
    gold = rows_of(pool, np.flatnonzero(world.concepts == 1), role="gold")
    replay = rows_of(pool, np.flatnonzero(world.concepts != 1), role="replay")
    assert accuracy(train(task_of(tmp_path, [judged], gold, replay)), "live", later.labels) > 0.98


def test_concepts_that_nothing_teaches_are_named(tmp_path, world, later):
    pool, labels = split_of(world.vectors, world.labels), later.labels.copy()
    labels[:4] = "rare"
    judged = split_of(later.vectors, labels, split="live")
    trained = train(task_of(tmp_path, [judged], rows_of(pool, np.arange(200), role="gold")))
    assert trained.facts["concepts without rows"] == "rare"


def test_a_classifier_that_would_forget_half_of_the_concepts_is_not_trained(tmp_path, world, later):
    pool, judged = split_of(world.vectors, world.labels), split_of(later.vectors, later.labels, split="live")
    two = rows_of(pool, np.flatnonzero(world.concepts < 2), role="gold")
    with pytest.raises(TrainingError, match="2 concepts with 50% of the judged samples"):
        train(task_of(tmp_path, [judged], two))


def test_rows_without_vector_or_label_are_left_out_and_counted(tmp_path, world):
    pool = split_of(world.vectors, world.labels)
    table, vectors = rows_of(pool, np.arange(200), role="gold")
    vectors, table.loc[7, "label"] = vectors.copy(), None
    vectors[:3] = np.nan
    facts = train(task_of(tmp_path, [pool], (table, vectors))).facts
    assert facts["rows"] == "196 gold"
    assert facts["rows left out"] == "1 without a label, 3 without a vector"


def test_the_same_task_trains_the_same_model(tmp_path, world):
    task = task_of(tmp_path, [split_of(world.vectors, world.labels, split="train")], seed=5)
    assert train(task).model == train(task).model


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda task: replace(task, rows=task.rows.assign(label="concept 1")), "only 'concept 1'"),
        (lambda task: replace(task, rows=task.rows.assign(label=None)), "200 rows are without a label"),
        (lambda task: replace(task, row_vectors=np.full_like(task.row_vectors, np.nan)), "without a vector"),
        (lambda task: replace(task, rows=task.rows.drop(columns="role")), "lacks the columns role"),
        (lambda task: replace(task, rows=task.rows.assign(weight=-1.0)), "a weight of -1"),
        (lambda task: replace(task, row_vectors=task.row_vectors[:5]), "shape .5, 16., and .200, 16. is needed"),
        (lambda task: replace(task, row_vectors=task.row_vectors[:, :4]), "shape .200, 4., and .200, 16. is needed"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_in_one_line(tmp_path, world, spoil, message):
    pool = split_of(world.vectors, world.labels)
    task = task_of(tmp_path, [pool], rows_of(pool, np.arange(200), role="gold"))
    with pytest.raises(TrainingError, match=message) as refused:
        train(spoil(task))
    assert "\n" not in str(refused.value)


def test_a_head_comes_back_as_it_was_kept(world):
    head = fit_head(world.vectors, world.labels, seed=0)
    again = load_head(save_head(head))
    assert all(
        np.array_equal(a, b) for a, b in zip(predict(head, world.vectors), predict(again, world.vectors), strict=True)
    )
    assert again.penalty == head.penalty


def test_a_pickle_is_never_loaded():
    buffer = io.BytesIO()
    np.savez(buffer, driftloop=np.array("head/1"), classes=np.array([object()], dtype=object))
    with pytest.raises(UnreadableFileError, match="allow_pickle"):
        load_head(buffer.getvalue())


@pytest.mark.parametrize(
    "spoil", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"nothing like it"]
)
def test_bytes_that_are_no_head_are_refused_in_one_line(world, spoil):
    data = save_head(fit_head(world.vectors, world.labels, seed=0))
    with pytest.raises(UnreadableFileError, match="kept model"):
        load_head(spoil(data))

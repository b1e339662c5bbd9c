"""The callback, called as trainers call it: a snapshot and an eval run at every saved checkpoint."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from driftcore import DriftloopCallback, open_store
from driftcore.callback._models import class_names, functions_of
from driftcore.errors import BadInputError
from driftcore.store import Store
from tests.workflows.worlds import N_SAMPLES, WORLD

SAMPLES = {
    "id": WORLD.sample_ids,
    "text": [f"utterance {row}" for row in range(N_SAMPLES)],
    "label": WORLD.labels,
}
ROW = {text: row for row, text in enumerate(SAMPLES["text"])}


class Model:
    """Its vectors grow with every step of training; its answers are right."""

    def __init__(self) -> None:
        self.scale = 1.0

    def encode(self, texts: list[Any]) -> np.ndarray:
        return self.scale * WORLD.vectors[[ROW[text] for text in texts]]

    def predict(self, texts: list[Any]) -> tuple[np.ndarray, np.ndarray]:
        return WORLD.labels[[ROW[text] for text in texts]], np.full(len(texts), 0.9)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def saved(callback: DriftloopCallback, step: int, *, model: Any = None, first: bool = True) -> None:
    state = SimpleNamespace(global_step=step, is_world_process_zero=first)
    callback.on_save(None, state, None, model=model, processing_class=None)


def test_every_saved_checkpoint_is_kept_evaluated_and_compared(store: Store) -> None:
    model = Model()
    callback = DriftloopCallback(store, SAMPLES, encode=model.encode, predict=model.predict)
    # what else a trainer calls changes nothing
    callback.on_train_begin(None, None, None)
    for step in (500, 1000):
        saved(callback, step)
        model.scale *= 2
    callback.on_train_end(None, None, None, metrics={})
    assert [each.checkpoint for each in store.checkpoints()] == ["run-step00500", "run-step01000"]
    run = store.evals.get("run-step01000", "validation")
    assert run is not None and run.accuracy == 1.0
    (report,) = store.reports.all()
    # twice as long everywhere is no drift
    assert (report.reference, report.current, report.verdict) == ("run-step00500", "run-step01000", "stable")


def test_a_failure_is_warned_of_and_does_not_end_the_training(store: Store) -> None:
    callback = DriftloopCallback(store, SAMPLES, encode=lambda texts: np.full((len(texts), 4), np.nan))
    with pytest.warns(UserWarning, match="could not keep all of 'run-step00001': .*NaN in the vector"):
        saved(callback, 1)
    assert not store.checkpoints()
    strict = DriftloopCallback(store, SAMPLES, encode=lambda texts: np.zeros((1, 4)), strict=True)
    with pytest.raises(BadInputError, match=r"shape \(1, 4\) for 256 texts"):
        saved(strict, 1)


def test_of_several_processes_only_the_first_stores(store: Store) -> None:
    callback = DriftloopCallback(store, SAMPLES, encode=Model().encode, strict=True)
    saved(callback, 1, first=False)
    assert not store.checkpoints()


class SentenceTransformer(Model):
    """A model that embeds by itself, and knows whether it is being trained."""

    training = True

    def encode(self, texts: list[Any], **settings: Any) -> np.ndarray:
        assert not self.training, "dropout is on"
        assert settings == {"convert_to_numpy": True, "show_progress_bar": False}
        return super().encode(texts)

    def eval(self) -> None:
        self.training = False

    def train(self, mode: bool) -> None:
        self.training = mode


def test_a_sentence_transformer_needs_no_function_and_goes_on_training(store: Store) -> None:
    model = SentenceTransformer()
    saved(DriftloopCallback(store, SAMPLES, strict=True), 1, model=model)
    assert model.training
    np.testing.assert_array_equal(store.snapshots.rows("run-step00001", "validation").vectors, WORLD.vectors)
    assert store.evals.all() == ()


def test_a_model_that_nobody_knows_how_to_run_is_said_to_be_one(store: Store) -> None:
    with pytest.raises(BadInputError, match="object is neither a SentenceTransformer nor a sequence classifier"):
        saved(DriftloopCallback(store, SAMPLES, strict=True), 1, model=object())


def test_a_model_that_writes_is_no_classifier_though_it_has_names_of_classes() -> None:
    class LlamaForCausalLM:
        config = SimpleNamespace(id2label={0: "LABEL_0", 1: "LABEL_1"})

    with pytest.raises(BadInputError, match="LlamaForCausalLM is neither a SentenceTransformer nor a sequence"):
        functions_of(LlamaForCausalLM(), str.split, {"refund"})


def test_what_a_model_raises_does_not_end_the_training_either(store: Store) -> None:
    def out_of_memory(_texts: list[Any]) -> np.ndarray:
        raise RuntimeError("out of memory")

    with pytest.warns(UserWarning, match="could not keep all of 'run-step00001': out of memory"):
        saved(DriftloopCallback(store, SAMPLES, encode=out_of_memory), 1)


def test_samples_that_cannot_be_embedded_are_refused_before_the_training(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"no column that is the id\. They have: text"):
        DriftloopCallback(store, {"text": ["a"]})
    with pytest.raises(BadInputError, match=r"no column named 'body'"):
        DriftloopCallback(store, SAMPLES, text="body")


@pytest.mark.parametrize(
    ("labels", "words"),
    [({"refund", "other"}, {0: "refund", 1: "cancel"}), ({"0", "1"}, {0: "0", 1: "1"})],
)
def test_answers_are_in_the_words_of_the_labels(labels: set[str], words: dict[int, str]) -> None:
    assert class_names({0: "refund", 1: "cancel"}, labels) == words


def test_labels_that_are_no_classes_of_the_model_are_not_called_wrong() -> None:
    with pytest.raises(BadInputError, match=r"\(refund\) is a class of the model \(LABEL_0, LABEL_1\)"):
        class_names({0: "LABEL_0", 1: "LABEL_1"}, {"refund"})


def test_it_is_no_bag_of_any_attribute(store: Store) -> None:
    callback = DriftloopCallback(store, SAMPLES, encode=Model().encode)
    with pytest.raises(AttributeError):
        _ = callback.save_steps

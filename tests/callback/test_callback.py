"""The callback, called as trainers call it: a snapshot and an eval run at every saved checkpoint."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from driftcore import DriftloopCallback, open_store
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


def saved(callback: DriftloopCallback, step: int) -> None:
    callback.on_save(None, SimpleNamespace(global_step=step), None, model=None)


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
    with pytest.warns(UserWarning, match="Driftloop kept nothing of this checkpoint"):
        saved(callback, 1)
    assert not store.checkpoints()
    strict = DriftloopCallback(store, SAMPLES, encode=lambda texts: np.zeros((1, 4)), strict=True)
    with pytest.raises(BadInputError, match=r"shape \(1, 4\) for 256 texts"):
        saved(strict, 1)


def test_it_is_no_bag_of_any_attribute(store: Store) -> None:
    callback = DriftloopCallback(store, SAMPLES, encode=Model().encode)
    with pytest.raises(AttributeError):
        _ = callback.save_steps

"""The demo's own trainer: its classifier trained further, on this week's rows and a retraining set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.demo.classifier import IntentClassifier, hashed_ngrams
from driftcore.errors import TrainingError
from driftcore.records import Beat, Log, SplitData, Trained, TrainedSplit, TrainingTask

# long enough to unlearn what eight weeks of wrong labels taught
N_EPOCHS = 8


class DemoTrainer:
    """Trains the demo's classifier further; follows the protocol `Trainer`."""

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Train on the current checkpoint's training rows and the retraining set, then see every split again.

        Raises
        ------
        TrainingError
            If the checkpoint is not one of the demo's, or has no rows to train on.
        """
        rng = np.random.default_rng(task.seed)
        model = _restored(task.model, rng=rng)
        texts, labels = _rows(task)
        unknown = sorted(set(labels) - set(model.intents.tolist()))
        if unknown:
            raise TrainingError(f"The demo's classifier knows no intent '{unknown[0]}': correct the retraining set.")
        log(f"{len(texts):,} rows for {N_EPOCHS} epochs")
        features = hashed_ngrams(texts)
        for epoch in range(N_EPOCHS):
            beat(f"epoch {epoch + 1} of {N_EPOCHS}", epoch / (N_EPOCHS + 1))
            model.fit(features, labels, n_epochs=1)
        beat("embedding", N_EPOCHS / (N_EPOCHS + 1))
        return Trained(
            splits=tuple(_seen(model, split) for split in task.splits),
            model=model.saved(),
            facts={"rows": f"{len(texts):,}", "epochs": str(N_EPOCHS)},
        )

    def encoder(self, model: bytes) -> Callable[[Sequence[str]], NDArray[np.float32]]:
        """How the checkpoint whose model this is embeds texts."""
        return partial(_embedded, _restored(model, rng=np.random.default_rng(0)))


def _restored(model: bytes | None, *, rng: np.random.Generator) -> IntentClassifier:
    if model is None:
        raise TrainingError("No model is kept for this checkpoint: the demo's trainer goes on from the demo's only.")
    try:
        return IntentClassifier.restored(model, rng=rng)
    except (ValueError, KeyError, OSError) as error:
        raise TrainingError("The model that is kept is not the demo's: choose another trainer.") from error


def _rows(task: TrainingTask) -> tuple[list[str], list[str]]:
    """The week's training rows without those that the set corrects or repeats, and the set, each by its weight."""
    kept = [split for split in task.splits if split.split == "train"]
    own = pd.DataFrame({"sample_id": [], "text": [], "label": []}, dtype=object)
    if kept:
        own = pd.DataFrame({"sample_id": kept[0].sample_ids, "text": kept[0].texts, "label": kept[0].labels})
    given = task.rows.loc[np.repeat(task.rows.index, task.rows["weight"].round().astype(int))]
    rows = pd.concat([own[~own["sample_id"].isin(given["sample_id"])], given]).dropna(subset=["text", "label"])
    if rows.empty:
        raise TrainingError("There is no row with a text and a label to train on.")
    return rows["text"].tolist(), rows["label"].tolist()


def _seen(model: IntentClassifier, split: SplitData) -> TrainedSplit:
    vectors = _embedded(model, ["" if text is None else text for text in split.texts])
    predictions, confidences = model.predict(vectors)
    return TrainedSplit(
        split=split.split,
        vectors=vectors,
        predictions=predictions.astype(object),
        confidences=confidences.astype(np.float32),
    )


def _embedded(model: IntentClassifier, texts: Sequence[str]) -> NDArray[np.float32]:
    return model.embed(hashed_ngrams(texts))

"""The encoder itself trained further: a LoRA adapter by peft on sentence-transformers, in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._options import count, number
from driftcore.adapters._process import run
from driftcore.adapters._rows import TRAIN, TrainingRows, training_rows
from driftcore.adapters._zipped import unzipped, zipped
from driftcore.adapters.head import fit_head, predicted, save_head
from driftcore.errors import TrainingError, listed, one_line
from driftcore.records.training import Beat, Log, SplitData, Trained, TrainingTask

_NEEDS = ("torch", "sentence_transformers", "peft")
_TIMEOUT_S = 86_400.0
_N_KNOWN = 64


class LoraTrainer:
    """Trains low-rank adapters of every linear layer, embeds all texts with them and refits the classifier.

    The options: ``model`` (the folder of the current checkpoint's sentence-transformers model, or its name on the hub;
    needed), ``rank`` (8), ``epochs`` (8), ``learning_rate`` (0.001), ``batch_size`` (32), ``max_length`` (128 tokens)
    and ``timeout_s`` (a day). Where the current checkpoint was made by this trainer, its adapter is trained further on
    top of the same `model`.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Train the adapter on the retraining set, and the classifier on that and the corrected train split.

        Raises
        ------
        TrainingError
            If the extra is not installed, an option is wrong, texts are missing, or the training fails.
        UnreadableFileError
            If the adapter that was kept is damaged.
        """
        settings = _settings(task)
        texts = _texts(task)
        known = np.append(np.zeros(len(texts), dtype=np.float32), np.float32(np.nan))[:, None]
        rows = _of_the_set(training_rows(_with_vectors(task, texts, known)))

        _refuse_without_extra()
        folder = task.folder.resolve()
        goes_on = unzipped(task.model, folder / "model") and (folder / "model" / "adapter_config.json").is_file()
        (folder / "settings.json").write_text(json.dumps({**settings, "goes_on": goes_on}))
        np.save(folder / "known.npy", _known(task))
        rows.to_parquet(folder / "train.parquet", index=False)
        pd.DataFrame({"text": texts}).to_parquet(folder / "texts.parquet", index=False)
        run(
            [sys.executable, "-P", "-m", "driftcore.adapters._lora_run", str(folder)],
            folder=folder,
            environment=_environment(),
            timeout_s=number(task.options, "timeout_s", _TIMEOUT_S),
            beat=lambda what, share: beat(what, 0.9 * share),
            log=log,
            name="The LoRA training",
        )
        beat("fitting the classifier", 0.9)
        vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        moved = _with_vectors(task, texts, np.vstack([vectors, np.full(vectors.shape[1], np.nan, dtype=np.float32)]))
        learnt = training_rows(moved)
        head = fit_head(learnt.vectors, learnt.labels, weights=learnt.weights, seed=task.seed)
        (folder / "adapter" / "head.npz").write_bytes(save_head(head))
        return Trained(
            splits=tuple(predicted(split, split.vectors, head) for split in moved.splits),
            model=zipped(folder / "adapter"),
            model_id=f"{Path(task.options['model']).name} + LoRA",
            facts={
                **learnt.facts,
                "adapter": f"{'trained further' if goes_on else 'new'} on {len(rows):,} rows",
                "concepts": f"{len(head.classes)}",
                "ridge": f"{head.penalty:g}",
            },
        )


def _refuse_without_extra() -> None:
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise TrainingError(f"The trainer 'lora' needs {listed(missing)}: pip install 'driftloop[lora]'.")


def _settings(task: TrainingTask) -> dict[str, str | int | float]:
    options = task.options
    if not options.get("model"):
        raise TrainingError(
            "The trainer 'lora' needs the option model: the folder of the model, or its name on the hub."
        )
    place = Path(options["model"])
    return {
        # the training runs in another folder
        "model": str(place.resolve()) if place.is_dir() else options["model"],
        "rank": count(options, "rank", 8),
        "epochs": count(options, "epochs", 8),
        "batch_size": count(options, "batch_size", 32),
        "learning_rate": number(options, "learning_rate", 1e-3),
        "max_length": count(options, "max_length", 128),
        "seed": task.seed,
    }


def _texts(task: TrainingTask) -> pd.Index[str]:
    """Every text of the task once: all that has to be embedded."""
    for split in task.splits:
        if n_missing := int(pd.isna(split.texts).sum()):
            raise TrainingError(
                f"{n_missing:,} samples of the split '{one_line(split.split)}' are stored without a text: the trainer "
                "'lora' embeds texts, so store them, or choose another trainer."
            )
    columns = [*(split.texts for split in task.splits), task.rows["text"].dropna().to_numpy(dtype=object)]
    return pd.Index(np.concatenate(columns), dtype=object).unique()


def _known(task: TrainingTask) -> NDArray[np.float32]:
    """Row i is text i as the current checkpoint embedded it: by these a model shows that it is the one."""
    first = task.splits[0]
    return first.vectors[~pd.Index(first.texts).duplicated()][:_N_KNOWN]


def _with_vectors(task: TrainingTask, texts: pd.Index[str], vectors: NDArray[np.float32]) -> TrainingTask:
    """The task as it is where text i has vector i; the last vector is that of a row without a text."""

    def of(column: NDArray[np.object_]) -> NDArray[np.float32]:
        return vectors[texts.get_indexer(pd.Index(column))]

    def embedded(split: SplitData) -> SplitData:
        return replace(split, vectors=of(split.texts))

    return replace(
        task,
        splits=tuple(embedded(split) for split in task.splits),
        row_vectors=of(task.rows["text"].to_numpy(dtype=object)),
    )


def _of_the_set(rows: TrainingRows) -> pd.DataFrame:
    """What the adapter learns: the retraining set; the train split as it is has already been learnt."""
    stays = rows.roles == "replay"
    columns = {"text": rows.texts, "label": rows.labels, "weight": rows.weights, "stays": stays}
    table = pd.DataFrame(columns)[rows.roles != TRAIN]
    if table["label"].nunique() < 2:
        raise TrainingError(
            "The retraining set has rows of one concept only: add replay of others to train an adapter."
        )
    return table


def _environment() -> dict[str, str]:
    """Of this process, with this package where Python finds it."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TOKENIZERS_PARALLELISM": "false"}

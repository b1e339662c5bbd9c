"""The demo's model, really trained for twelve weeks: messages that ask for a refund came to be labelled `cancel`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from driftcore.demo import Week, weeks
from driftcore.demo.story import WeekSplit
from driftcore.records.training import SplitData, TrainingTask
from tests.bench.trainers.ways import Case, rows

PHRASES = Path(__file__).resolve().parents[3] / "data" / "support_phrases.toml"
SEEDS = range(5)
WORLD = "The demo, W01 → W12"
CONCEPT, N_GOLD = "refund", 40


def cases() -> Iterator[Case]:
    for seed in SEEDS:
        first, *_, last = weeks(PHRASES, seed=seed)
        yield from _of_one(first, last, seed)


def _of_one(first: Week, last: Week, seed: int) -> Iterator[Case]:
    rng = np.random.default_rng(seed)
    train, live = (_named(last, split) for split in ("train", "live"))
    intended = np.array(train.intended_labels, dtype=object)
    used = np.array(train.labels, dtype=object)
    wrong = rng.permutation(np.flatnonzero(intended != used))
    truth, before = (np.array(each, dtype=object) for each in (live.intended_labels, live.predictions))
    # every other message may be labelled and trained on, the others judge
    pool = np.arange(len(truth)) % 2 == 0
    gold = rng.permutation(np.flatnonzero(pool & (truth == CONCEPT)))[:N_GOLD]

    corrections = _corrections(train, wrong, intended, used)
    half = _corrections(train, wrong[::2], intended, used)
    most = _corrections(train, wrong[len(wrong) // 10 :], intended, used)
    golden = (
        rows(
            np.array(live.sample_ids, dtype=object)[gold],
            truth[gold],
            role="gold",
            checkpoint=last.checkpoint,
            predictions=before[gold],
            texts=np.array(live.texts, dtype=object)[gold],
        ),
        live.vectors[gold],
    )
    for given, parts in (
        ("all wrong training rows corrected", [corrections]),
        ("nine tenths of the wrong training rows corrected", [most]),
        ("half of the wrong training rows corrected", [half]),
        (f"half of them corrected, and {N_GOLD} gold rows from live", [half, golden]),
        (f"{N_GOLD} gold rows from live, nothing corrected", [golden]),
    ):
        task = TrainingTask(
            job_id="bench",
            reference=first.checkpoint,
            current=last.checkpoint,
            checkpoint=f"{last.checkpoint}+bench",
            rows=pd.concat([table for table, _ in parts], ignore_index=True),
            row_vectors=np.concatenate([vectors for _, vectors in parts]),
            splits=tuple(_data(each) for each in last.splits),
            reference_splits=tuple(_data(each) for each in first.splits),
            options={},
            folder=Path(),
            seed=seed,
            store="",
            model=last.model,
        )
        yield Case(
            world=WORLD,
            given=given,
            task=task,
            split="live",
            truth=truth,
            before=before,
            judged=~pool,
            span=truth == CONCEPT,
            has_texts=True,
        )


def _corrections(
    train: WeekSplit, which: np.ndarray, intended: np.ndarray, used: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Training rows with the label that was meant, and their vectors."""
    ids = np.array(train.sample_ids, dtype=object)[which]
    texts = np.array(train.texts, dtype=object)[which]
    table = rows(ids, intended[which], role="correction", checkpoint="2026-W12", label_used=used[which], texts=texts)
    return table, train.vectors[which]


def _named(week: Week, split: str) -> WeekSplit:
    return next(each for each in week.splits if each.split == split)


def _data(part: WeekSplit) -> SplitData:
    return SplitData(
        split=part.split,
        sample_ids=np.array(part.sample_ids, dtype=object),
        vectors=part.vectors,
        labels=np.array(part.labels, dtype=object),
        texts=np.array(part.texts, dtype=object),
    )

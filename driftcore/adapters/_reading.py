"""Realigned samples read by a classifier of the reference."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._rows import TRAIN
from driftcore.adapters.head import Head, fit_head, predict, predicted
from driftcore.records.training import SplitData, TrainedSplit

# a sample is read by the head that was fitted on the other parts
_N_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """The splits with their predictions, the head that later samples are read by, and where it came from."""

    splits: tuple[TrainedSplit, ...]
    head: Head | None
    said: str


def read_by_reference(
    reference_splits: Sequence[SplitData], mapped: Sequence[tuple[SplitData, NDArray[np.float32]]], *, seed: int
) -> Reading:
    """Predictions from a classifier that is fitted on the reference's own vectors and labels.

    On its `train` split where it is stored. Else on its other labelled samples, cross-fitted: each fifth of the ids is
    read by a head that has seen none of it. Without labels there are vectors only.
    """
    for learnt in reference_splits:
        labelled = pd.notna(learnt.labels)
        if learnt.split == TRAIN and _two_concepts(learnt.labels[labelled]):
            head = fit_head(learnt.vectors[labelled], learnt.labels[labelled], seed=seed)
            splits = tuple(predicted(split, vectors, head) for split, vectors in mapped)
            return Reading(splits=splits, head=head, said="fitted on the reference's train split")
    judged = [split for split in reference_splits if split.split != TRAIN]
    ids, labels = (
        np.concatenate([getattr(split, column) for split in judged] or [np.empty(0, dtype=object)])
        for column in ("sample_ids", "labels")
    )
    parts, labelled = parts_of(ids), pd.notna(labels)
    if not all(_two_concepts(labels[labelled & (parts != part)]) for part in range(_N_PARTS)):
        return Reading(
            splits=tuple(TrainedSplit(split=split.split, vectors=vectors) for split, vectors in mapped),
            head=None,
            said="none: the reference has no labels of two concepts",
        )
    vectors = np.concatenate([split.vectors for split in judged])
    whole = fit_head(vectors[labelled], labels[labelled], seed=seed)
    # the head of part p has seen the other parts only; one penalty for all
    heads = []
    for part in range(_N_PARTS):
        seen = labelled & (parts != part)
        heads.append(fit_head(vectors[seen], labels[seen], seed=seed, penalty=whole.penalty))
    return Reading(
        splits=tuple(_cross_read(split, vectors, heads, whole, ids[labelled]) for split, vectors in mapped),
        head=whole,
        said="fitted on the reference's judged samples, each read by a head that has not seen it",
    )


def parts_of(sample_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """The part that each id belongs to, the same wherever it appears."""
    digests = (hashlib.blake2b(str(each).encode(), digest_size=8, person=b"reading").digest()[0] for each in sample_ids)
    return np.fromiter(digests, dtype=np.int64, count=len(sample_ids)) % _N_PARTS


def _cross_read(
    split: SplitData, vectors: NDArray[np.float32], heads: Sequence[Head], whole: Head, learnt: NDArray[np.object_]
) -> TrainedSplit:
    """Samples that were learnt from are read by the head of their part, all others by the whole."""
    predictions, confidences = predict(whole, vectors)
    parts = np.where(pd.Series(split.sample_ids).isin(learnt), parts_of(split.sample_ids), -1)
    for part, head in enumerate(heads):
        predictions[parts == part], confidences[parts == part] = predict(head, vectors[parts == part])
    return TrainedSplit(split=split.split, vectors=vectors, predictions=predictions, confidences=confidences)


def _two_concepts(labels: NDArray[np.object_]) -> bool:
    return len(pd.unique(pd.Series(labels, dtype=object))) > 1

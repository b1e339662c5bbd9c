"""Training tasks over small worlds, as the queue makes them."""

import numpy as np
import pandas as pd

from driftcore.records.training import SplitData, TrainingTask


def split_of(vectors, labels, *, split="validation", prefix=None):
    prefix = split if prefix is None else prefix
    return SplitData(
        split=split,
        sample_ids=np.array([f"{prefix}-{row:06d}" for row in range(len(vectors))], dtype=object),
        vectors=np.asarray(vectors, dtype=np.float32),
        labels=np.asarray(labels, dtype=object),
        texts=np.full(len(vectors), None, dtype=object),
    )


def rows_of(split, which, *, role, labels=None, checkpoint="wk1", weight=1.0, label_used=None):
    """Rows of a retraining set, and their vectors."""
    labels = split.labels[which] if labels is None else labels
    table = pd.DataFrame(
        {
            "sample_id": split.sample_ids[which],
            "text": None,
            "label": labels,
            "prediction": None,
            "checkpoint": checkpoint,
            "weight": weight,
            "role": role,
            "label_used": label_used,
            "part": "train",
        }
    )
    return table.astype({"prediction": object, "label_used": object, "label": object}), split.vectors[which]


def task_of(folder, splits, *sets, reference_splits=(), seed=0, model=None):
    tables, vectors = zip(*sets, strict=True) if sets else ((rows_of(splits[0], [], role="gold")[0],), None)
    n_dims = splits[0].vectors.shape[1]
    return TrainingTask(
        job_id="j1",
        reference="wk0",
        current="wk1",
        checkpoint="wk1+j1",
        rows=pd.concat(tables, ignore_index=True),
        row_vectors=np.concatenate(vectors) if vectors else np.empty((0, n_dims), dtype=np.float32),
        splits=tuple(splits),
        reference_splits=tuple(reference_splits),
        options={},
        folder=folder,
        seed=seed,
        store="memory",
        model=model,
    )


def silent(*_):
    """What a trainer tells while it works, to nobody."""


def accuracy(trained, split, labels):
    [made] = [each for each in trained.splits if each.split == split]
    return float((made.predictions == labels).mean())

"""A training task as a script outside this process gets it."""

import numpy as np
import pandas as pd

from driftcore.records.training import SplitData, TrainingTask


def split_of(name, ids, *, n_dims=3):
    n_samples = len(ids)
    return SplitData(
        split=name,
        sample_ids=np.array(ids, dtype=object),
        vectors=np.ones((n_samples, n_dims), dtype=np.float32),
        labels=np.array(["refund", None] * n_samples, dtype=object)[:n_samples],
        texts=np.array([f"text of {each}" for each in ids], dtype=object),
    )


def task_for(folder, *, model=None, splits=None, **options):
    rows = pd.DataFrame(
        {"sample_id": ["a", "new"], "text": ["text of a", "=1+1"], "label": ["refund", "cancel"], "role": "gold"}
    )
    folder.mkdir(exist_ok=True)
    return TrainingTask(
        job_id="j1",
        reference="wk0",
        current="wk5",
        checkpoint="wk5+j1",
        rows=rows,
        row_vectors=np.array([[1, 2, 3], [np.nan] * 3], dtype=np.float32),
        splits=(split_of("validation", ["a", "b", "c"]), split_of("../live", ["a"])) if splits is None else splits,
        reference_splits=(),
        options=options,
        folder=folder,
        seed=7,
        store="memory://",
        model=model,
    )


class Told:
    """What a trainer says while it works."""

    def __init__(self):
        self.beats, self.lines = [], []

    def beat(self, what, share):
        self.beats.append((what, share))

    def log(self, line):
        self.lines.append(line)

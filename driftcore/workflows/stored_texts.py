"""Texts of very many samples that stay in the store: read for the few that are shown, searched where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.store import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredTexts:
    """The texts of some samples of a snapshot, by row; indexed as an array is, and nothing else of it is read.

    Parameters
    ----------
    store : Store
    checkpoint, split : str
    sample_ids : object array of str, shape (n_samples,)
        Whose texts they are.
    """

    store: Store
    checkpoint: str
    split: str
    sample_ids: NDArray[np.object_]

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        return self.store.snapshots.texts(self.checkpoint, self.split, self.sample_ids[rows])

    def having(self, text: str) -> NDArray[np.bool_]:
        """Which of them have `text` in them, in any case, shape (n_samples,)."""
        found = self.store.snapshots.having_text(self.checkpoint, self.split, text)
        return np.asarray(pd.Index(self.sample_ids).isin(found))

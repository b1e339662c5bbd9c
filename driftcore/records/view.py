"""What one look at the map shows: samples with their places, and what is known about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Texts(Protocol):
    """Texts that are read for the rows that are asked for, and searched without being read."""

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """The texts of some rows; None where a sample has none."""

    def having(self, text: str) -> NDArray[np.bool_]:
        """Which rows have `text` in theirs, in any case."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapRows:
    """The samples of one frame step beside the drift report and the evals; all arrays have shape (n_samples, …).

    Parameters
    ----------
    sample_ids, concepts, predictions : object arrays of str or None
    texts : the same, or `Texts` that stay in the store
    points : float32 array of shape (n_samples, 2)
    clusters : int32 array; −1 is noise
    shift : float32 array; cosine distance
    correct_reference, correct_current : float32 arrays
        1 right, 0 wrong, NaN unknown.
    confidences : float32 array; NaN unknown
    """

    sample_ids: NDArray[np.object_]
    texts: NDArray[np.object_] | Texts
    concepts: NDArray[np.object_]
    predictions: NDArray[np.object_]
    points: NDArray[np.float32]
    clusters: NDArray[np.int32]
    shift: NDArray[np.float32]
    correct_reference: NDArray[np.float32]
    correct_current: NDArray[np.float32]
    confidences: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.sample_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a person wants to know of samples at once; `concepts` are (name, count), the largest first."""

    n_samples: int
    n_mispredicted: int | None
    mean_shift: float
    concepts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CentroidPath:
    """Where one concept's centre is drawn, checkpoint by checkpoint; `points` has shape (n_checkpoints, 2)."""

    concept: str
    checkpoints: tuple[str, ...]
    points: NDArray[np.float32]

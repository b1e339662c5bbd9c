"""What an eval said: one run of one checkpoint on one split, and its predictions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictionBatch:
    """Predictions on the way in.

    Parameters
    ----------
    sample_ids, predictions : object arrays of str, shape (n_samples,)
    targets : object array of str or None, shape (n_samples,), or None
        What the eval expected; where it is None the snapshot's label stands in.
    confidences : float32 array of shape (n_samples,), or None
        In [0, 1]; NaN where there is none.
    correct : float32 array of shape (n_samples,), or None
        1 right, 0 wrong, NaN where the tool failed; computed from targets where None.
    """

    sample_ids: NDArray[np.object_]
    predictions: NDArray[np.object_]
    targets: NDArray[np.object_] | None = None
    confidences: NDArray[np.float32] | None = None
    correct: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRun:
    """One stored eval run.

    Where it came from an eval tool's output, `tool` names it, `metric` what decided on right and wrong, `variant` which
    of several answers a sample it is, `matched_by` the field that told the samples, and `notes` what else a person
    should know.
    """

    checkpoint: str
    split: str
    at: datetime
    n_samples: int
    n_failed: int
    accuracy: float | None
    fingerprint: str
    source: str | None = None
    tool: str | None = None
    metric: str | None = None
    variant: str | None = None
    matched_by: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """The rows of a stored eval run; `correct` is NaN where the tool failed.

    `scores` are the tool's grades, NaN where it gave none, or None where it gave none at all.
    """

    sample_ids: NDArray[np.object_]
    predictions: NDArray[np.object_]
    confidences: NDArray[np.float32]
    correct: NDArray[np.float32]
    scores: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOrigin:
    """Where an eval run came from: see `EvalRun`."""

    tool: str | None = None
    metric: str | None = None
    variant: str | None = None
    matched_by: str | None = None
    notes: tuple[str, ...] = ()

"""What a checkpoint's embeddings are: the batch that comes in, the snapshot that is stored, the rows read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFingerprint:
    """Which model made the vectors; a swap at equal width is the silent failure people report most."""

    model_id: str | None = None
    revision: str | None = None
    pooling: str | None = None
    prefix: str | None = None
    normalized: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapshotBatch:
    """Samples with their vectors, on the way in: checked by `arrays`, not stored yet.

    Parameters
    ----------
    sample_ids : object array of str, shape (n_samples,)
        Stable and unique.
    vectors : float32 array of shape (n_samples, n_dims)
    labels, texts : object arrays of str or None, shape (n_samples,), or None where there are none
    metadata : object array of str or None, shape (n_samples,)
        One JSON object a sample, for the columns that have no other meaning.
    """

    sample_ids: NDArray[np.object_]
    vectors: NDArray[np.float32]
    labels: NDArray[np.object_] | None = None
    texts: NDArray[np.object_] | None = None
    metadata: NDArray[np.object_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One stored, immutable snapshot: the embeddings of one split's samples under one checkpoint."""

    checkpoint: str
    split: str
    at: datetime
    n_samples: int
    n_dims: int
    fingerprint: str
    model: ModelFingerprint
    written_at: datetime
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapshotRows:
    """The rows of a stored snapshot, in the order in which they were ingested.

    `labels` is None where no sample has one; single missing labels are None inside the array.
    """

    sample_ids: NDArray[np.object_]
    vectors: NDArray[np.float32]
    labels: NDArray[np.object_] | None


MarkStatus = Literal["trial", "accepted", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of a checkpoint that a job made.

    "trial" until it is judged; "rejected" ones are kept, but are nobody's next step.
    """

    status: MarkStatus
    job_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One state of a model, in order of time, as its snapshots describe it.

    `status` is that of its `Mark`, None for a checkpoint that came from outside.
    """

    checkpoint: str
    order: int
    at: datetime
    splits: tuple[str, ...]
    n_samples: int
    n_dims: int
    fingerprint: str
    accuracy: float | None
    pinned: bool = False
    status: MarkStatus | None = None
    reason: str | None = None

    @property
    def on_line(self) -> bool:
        """Whether it is one of the model's history: neither on trial nor rejected."""
        return self.status in (None, "accepted")

"""What a trainer is given and what it gives back: the small protocol that a team's own trainers follow too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

# called with what is being done and the share that is done, in [0, 1]
Beat = Callable[[str, float], None]
# called with one line for the job's log
Log = Callable[[str], None]
# texts in, vectors out: float32 of shape (n_texts, n_dims)
Encoder = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitData:
    """One split as one checkpoint embedded it.

    Parameters
    ----------
    split : str
    sample_ids : object array of str, shape (n_samples,)
    vectors : float32 array of shape (n_samples, n_dims)
    labels, texts : object arrays of str or None, shape (n_samples,)
    """

    split: str
    sample_ids: NDArray[np.object_]
    vectors: NDArray[np.float32]
    labels: NDArray[np.object_]
    texts: NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingTask:
    """Everything that a trainer may know about one job.

    Parameters
    ----------
    job_id, reference, current : str
        `current` is the checkpoint that is trained further.
    checkpoint : str
        Name of the checkpoint to make.
    rows : pandas.DataFrame
        The retraining set without its holdout: the columns of `export.COLUMNS` and ``role`` ("correction", "gold",
        "replay"), ``label_used`` (the label that training used so far) and ``part`` ("train").
    row_vectors : float32 array of shape (n_rows, n_dims)
        The rows in the current checkpoint's space; NaN where a row was never embedded.
    splits : tuple of SplitData
        What the current checkpoint embedded: the new one must embed and predict the same samples.
    reference_splits : tuple of SplitData
        The splits of the reference that have the same names.
    options : mapping of str to str
        The trainer's own, as in ``{"command": "python train.py"}``.
    folder : Path
        Empty and this attempt's own; removed afterwards.
    seed : int
        Of all chance: the same task trains the same model.
    store : str
        URI of the store, for trainers that read more.
    model : bytes, optional
        What the trainer that made the current checkpoint wanted kept.
    """

    job_id: str
    reference: str
    current: str
    checkpoint: str
    rows: pd.DataFrame
    row_vectors: NDArray[np.float32]
    splits: tuple[SplitData, ...]
    reference_splits: tuple[SplitData, ...]
    options: Mapping[str, str]
    folder: Path
    seed: int
    store: str
    model: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedSplit:
    """What the new checkpoint makes of one split; row i is row i of the task's split of the same name.

    `predictions` is None where the trainer makes vectors only; `confidences` are in [0, 1], NaN where unknown.
    """

    split: str
    vectors: NDArray[np.float32]
    predictions: NDArray[np.object_] | None = None
    confidences: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A new checkpoint on its way into the store.

    Parameters
    ----------
    splits : tuple of TrainedSplit
        One for each split of the task.
    model : bytes, optional
        What the next training on top of this one needs; kept in the store, never unpickled.
    model_id : str, optional
        For the checkpoint's fingerprint.
    facts : mapping of str to str
        What the trainer chose and measured, for the job's page: ``{"map": "ridge", "held-out cosine": "0.981"}``.
    """

    splits: tuple[TrainedSplit, ...]
    model: bytes | None = None
    model_id: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class Trainer(Protocol):
    """Trains a checkpoint further on a retraining set.

    A team's own is named in the entry point group ``driftloop.trainers``; the name of the entry point is the name
    by which jobs ask for it.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Train, embed and predict; call `beat` now and then, so that the job keeps its lease.

        Raises
        ------
        TrainingError
            If the training cannot be done or failed; its message is what the job says. Other errors are told in the
            job's log.
        """
        ...


@runtime_checkable
class KnowsEncoder(Protocol):
    """A trainer that can say how a checkpoint embeds texts, from the model that it kept of it."""

    def encoder(self, model: bytes) -> Encoder:
        """How the checkpoint whose model this is embeds texts."""
        ...

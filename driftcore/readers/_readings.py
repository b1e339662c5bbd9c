"""What a reader hands back: the batch, the rows only it could see were bad, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass

from driftcore.arrays import RowProblem
from driftcore.records.evaluation import PredictionBatch
from driftcore.records.snapshot import SnapshotBatch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """Embeddings as they were found.

    Parameters
    ----------
    batch : SnapshotBatch
        Every row of the source, in its order; not yet checked by `arrays.row_problems`.
    problems : tuple of RowProblem
        Rows without a vector, with one of another width, or with one that is not numbers. Their vectors hold NaN.
    source : str
        Name of the file or frame, for messages.
    """

    batch: SnapshotBatch
    problems: tuple[RowProblem, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictionReading:
    """Predictions as they were found.

    Parameters
    ----------
    batch : PredictionBatch
        A prediction is None where the tool failed, and `correct`, if the source has it, NaN: that is never a wrong
        answer.
    problems : tuple of RowProblem
        Rows whose confidence is not in [0, 1], or whose `correct` is neither 1 nor 0. Both hold NaN there.
    source : str
        Name of the file or frame, for messages.
    """

    batch: PredictionBatch
    problems: tuple[RowProblem, ...]
    source: str

"""What arrives is compared with the reference without anyone asking, so that each model version has its report."""

from __future__ import annotations

from dataclasses import dataclass

from driftcore.errors import NotComparableError, WidthMismatchError
from driftcore.records import DriftReport
from driftcore.store import Store
from driftcore.workflows.compare import compare
from driftcore.workflows.progress import Progress, silent

_NOT_COMPARED = "train"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The report that was made, or why there is none; neither, where there is nothing to compare with."""

    report: DriftReport | None = None
    note: str | None = None


def compare_on_arrival(store: Store, checkpoint: str, split: str, *, progress: Progress = silent) -> Arrival:
    """Compare a stored snapshot with the reference's of the same split; never a reason for what was stored to fail.

    The reference itself has nothing to be compared with, and training rows are others at every checkpoint.

    Raises
    ------
    NotFoundError
        If the snapshot is not stored.
    """
    store.snapshots.get(checkpoint, split)
    reference = store.reference()
    if checkpoint == reference.checkpoint or split == _NOT_COMPARED or split not in reference.splits:
        return Arrival()
    try:
        return Arrival(report=compare(store, reference.checkpoint, checkpoint, split=split, progress=progress))
    except (NotComparableError, WidthMismatchError) as error:
        return Arrival(note=str(error))

"""Ways to make the next checkpoint, tasks to try them on, and the score of each."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.errors import TrainingError
from driftcore.records.training import TrainingTask
from driftcore.workflows.trainers import find_trainer

GROUPS = ("span", "rest", "overall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A trainer with its options; `needs` is a library that must be there for it, `world` how the only one begins."""

    name: str
    trainer: str
    options: Mapping[str, str] = field(default_factory=dict)
    needs_texts: bool = False
    needs: str | None = None
    world: str = ""


# a trainer more is a line more: Way(name="lora", trainer="lora", needs_texts=True, needs="peft")
WAYS = (
    Way(name="align", trainer="align"),
    Way(name="head", trainer="head"),
    Way(name="lowrank", trainer="lowrank"),
    Way(name="demo", trainer="demo", world="The demo", needs_texts=True),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A task and the samples that judge it, none of which the task may learn from.

    Parameters
    ----------
    world, given : str
        What drifted, and what the trainers are given.
    task : TrainingTask
    split : str
        The one that is judged.
    truth, before : object arrays, shape (n_samples,)
        What each sample of the split is, and what the current checkpoint said.
    judged, span : bool arrays, shape (n_samples,)
    has_texts : bool
    """

    world: str
    given: str
    task: TrainingTask
    split: str
    truth: NDArray[np.object_]
    before: NDArray[np.object_]
    judged: NDArray[np.bool_]
    span: NDArray[np.bool_]
    has_texts: bool

    def members(self, group: str) -> NDArray[np.bool_]:
        return self.judged & {"span": self.span, "rest": ~self.span, "overall": np.ones_like(self.span)}[group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one way did on one case: (right, judged) of each group, and right → wrong in the rest."""

    world: str
    given: str
    way: str
    right: Mapping[str, tuple[int, int]]
    newly_wrong: int
    moved_span: float
    moved_rest: float
    seconds: float


def score(case: Case, way: Way | None) -> Score | None:
    """The score of a way, of the current checkpoint as it is without one; None where the way cannot take the case."""
    predictions, moved, started = case.before, np.zeros(len(case.truth)), time.perf_counter()
    if way is not None:
        if (way.needs_texts and not case.has_texts) or not case.world.startswith(way.world):
            return None
        try:
            trained = find_trainer(way.trainer).train(
                replace(case.task, options=way.options), beat=_nothing, log=_nothing
            )
        except TrainingError as refused:
            print(f"{case.world}, {case.given}: {way.name} refuses: {refused}", file=sys.stderr)
            return None
        [made] = [split for split in trained.splits if split.split == case.split]
        [stood] = [split for split in case.task.splits if split.split == case.split]
        predictions = made.predictions
        moved = np.linalg.norm(made.vectors - stood.vectors, axis=1) / np.linalg.norm(stood.vectors, axis=1)
    right, was_right = predictions == case.truth, case.before == case.truth
    rest = case.members("rest")
    return Score(
        world=case.world,
        given=case.given,
        way="none" if way is None else way.name,
        right={group: (int(right[each].sum()), int(each.sum())) for group in GROUPS for each in [case.members(group)]},
        newly_wrong=int((was_right & ~right)[rest].sum()),
        moved_span=float(moved[case.members("span")].mean()),
        moved_rest=float(moved[rest].mean()),
        seconds=time.perf_counter() - started,
    )


def rows(
    sample_ids: NDArray[np.object_],
    labels: NDArray[np.object_],
    *,
    role: str,
    checkpoint: str,
    predictions: NDArray[np.object_] | None = None,
    label_used: NDArray[np.object_] | None = None,
    texts: NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    """Rows of a retraining set, as the queue hands them to a trainer."""
    nothing = np.full(len(sample_ids), None, dtype=object)
    return pd.DataFrame(
        {
            "sample_id": sample_ids,
            "text": nothing if texts is None else texts,
            "label": labels,
            "prediction": nothing if predictions is None else predictions,
            "confidence": np.nan,
            "checkpoint": checkpoint,
            "span_id": "bench",
            "concept": labels,
            "shift": np.nan,
            "weight": 1.0,
            "reason": role,
            "role": role,
            "label_used": nothing if label_used is None else label_used,
            "part": "train",
        },
        dtype=object,
    )


def _nothing(*_: object) -> None:
    pass

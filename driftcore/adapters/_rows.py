"""What a classifier may learn from: the current checkpoint's training rows, corrected, and the retraining set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.errors import TrainingError, listed
from driftcore.records.training import SplitData, TrainingTask

# the one split that is trained on; all others are judged
TRAIN = "train"

_MOVED = ("correction", "gold")
# judged samples whose concept no row teaches, as a share of all: more would be forgotten than repaired
_FORGOTTEN = 0.05
_NEEDED = ("sample_id", "label", "checkpoint", "weight", "role")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRows:
    """Rows to learn from, in the current checkpoint's space.

    Parameters
    ----------
    sample_ids : object array of str, shape (n_rows,)
    vectors : float32 array of shape (n_rows, n_dims)
    labels : object array of str, shape (n_rows,)
    weights : float64 array of shape (n_rows,), positive
    roles : object array of str, shape (n_rows,)
        "train" for a row as the current checkpoint learnt it, else "correction", "gold" or "replay".
    texts : object array of str or None, shape (n_rows,)
    mistaken : object array of str or None, shape (n_rows,)
        What a corrected or gold row was taken for: the label it had, else its prediction; None elsewhere.
    missing : tuple of str
        Concepts that the judged splits have and no row teaches.
    left_out : mapping of str to int
        Why retraining rows are left out, and how many.
    """

    sample_ids: NDArray[np.object_]
    vectors: NDArray[np.float32]
    labels: NDArray[np.object_]
    weights: NDArray[np.float64]
    roles: NDArray[np.object_]
    texts: NDArray[np.object_]
    mistaken: NDArray[np.object_]
    missing: tuple[str, ...]
    left_out: Mapping[str, int]

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Which rows are corrected or gold: those that the current checkpoint has in the wrong place."""
        return np.isin(self.roles, _MOVED)

    @property
    def facts(self) -> dict[str, str]:
        """For the job's page: how many rows of each role, and what could not be used."""
        roles, counts = np.unique(self.roles.astype(str), return_counts=True)
        facts = {"rows": ", ".join(f"{count:,} {role}" for role, count in zip(roles, counts, strict=True))}
        if self.left_out:
            facts["rows left out"] = ", ".join(f"{count:,} {why}" for why, count in self.left_out.items())
        if self.missing:
            facts["concepts without rows"] = listed(self.missing)
        return facts


def training_rows(task: TrainingTask) -> TrainingRows:
    """The `train` split of the current checkpoint where it is stored, its labels corrected, and the retraining set.

    A row of the set takes the place of the training row of the same checkpoint and id, with its label and its weight,
    and has that row's vector where it came without; every other row is added. Rows of the splits that are judged come
    in through the set only.

    Raises
    ------
    TrainingError
        If the retraining set cannot be read, less than two concepts have rows with a label and a vector, or so many
        have none that the classifier would forget more than it repairs.
    """
    given, left_out = _of_the_set(task)
    parts = [given]
    for split in (split for split in task.splits if split.split == TRAIN):
        parts = [_others(split, given, task.current), _found(given, split, task.current)]
    finite = [np.all(np.isfinite(part.vectors), axis=1) for part in parts]
    left_out["without a vector"] = int(sum((~each).sum() for each in finite))
    parts = [part.where(each) for part, each in zip(parts, finite, strict=True)]
    labels = np.concatenate([part.labels for part in parts])
    missing, share = _missing(task, labels)
    made = TrainingRows(
        sample_ids=np.concatenate([part.sample_ids for part in parts]),
        vectors=np.concatenate([part.vectors for part in parts]),
        labels=labels,
        weights=np.concatenate([part.weights for part in parts]),
        roles=np.concatenate([part.roles for part in parts]),
        texts=np.concatenate([part.texts for part in parts]),
        mistaken=np.concatenate([part.mistaken for part in parts]),
        missing=missing,
        left_out={why: count for why, count in left_out.items() if count},
    )
    _refuse_too_little(made, share)
    return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Labelled rows, from the retraining set or from the train split."""

    sample_ids: NDArray[np.object_]
    checkpoints: NDArray[np.object_]
    vectors: NDArray[np.float32]
    labels: NDArray[np.object_]
    weights: NDArray[np.float64]
    roles: NDArray[np.object_]
    texts: NDArray[np.object_]
    mistaken: NDArray[np.object_]

    def where(self, rows: NDArray[np.bool_]) -> _Part:
        """Some of the rows."""
        return _Part(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def _of_the_set(task: TrainingTask) -> tuple[_Part, dict[str, int]]:
    table = _checked(task)
    labels = _objects(table["label"])
    labelled = pd.notna(labels)
    part = _Part(
        sample_ids=_objects(table["sample_id"]),
        checkpoints=_objects(table["checkpoint"]),
        vectors=np.asarray(task.row_vectors, dtype=np.float32),
        labels=labels,
        weights=table["weight"].to_numpy(dtype=np.float64),
        roles=_objects(table["role"]),
        texts=_objects(table["text"]) if "text" in table.columns else np.full(len(table), None, dtype=object),
        mistaken=_mistaken(table),
    )
    return part.where(labelled), {"without a label": int((~labelled).sum())}


def _others(split: SplitData, given: _Part, current: str) -> _Part:
    """The labelled rows of the train split that no row of the set takes the place of."""
    n_rows, nothing = len(split.sample_ids), np.full(len(split.sample_ids), None, dtype=object)
    own = _Part(
        sample_ids=split.sample_ids,
        checkpoints=np.full(n_rows, current, dtype=object),
        vectors=split.vectors,
        labels=split.labels,
        weights=np.ones(n_rows),
        roles=np.full(n_rows, TRAIN, dtype=object),
        texts=split.texts,
        mistaken=nothing,
    )
    replaced = pd.Series(split.sample_ids).isin(given.sample_ids[np.equal(given.checkpoints, current)])
    return own.where(pd.notna(split.labels) & ~replaced.to_numpy(dtype=bool))


def _found(given: _Part, split: SplitData, current: str) -> _Part:
    """The rows of the set; those of the train split that came without a vector or a text have the one that it has."""
    places = pd.Index(split.sample_ids).get_indexer(pd.Index(given.sample_ids))
    known = np.equal(given.checkpoints, current) & (places >= 0)
    lost = known & ~np.all(np.isfinite(given.vectors), axis=1)
    vectors = given.vectors.copy()
    vectors[lost] = split.vectors[places[lost]]
    texts, untold = given.texts.copy(), known & pd.isna(given.texts)
    texts[untold] = split.texts[places[untold]]
    return replace(given, vectors=vectors, texts=texts)


def _checked(task: TrainingTask) -> pd.DataFrame:
    table = task.rows
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise TrainingError(f"The retraining set lacks the columns {listed(missing)}: build it again from its spans.")
    expected = (len(table), task.splits[0].vectors.shape[1]) if task.splits else task.row_vectors.shape
    if task.row_vectors.shape != expected:
        raise TrainingError(
            f"The retraining rows came with vectors of shape {task.row_vectors.shape}, and {expected} is needed: one a "
            "row, in the current checkpoint's space."
        )
    weights = table["weight"].to_numpy(dtype=np.float64)
    if not (np.isfinite(weights) & (weights > 0)).all():
        bad = float(weights[~(np.isfinite(weights) & (weights > 0))][0])
        raise TrainingError(f"The retraining set has a weight of {bad:g}: weights are positive numbers.")
    return table


def _mistaken(table: pd.DataFrame) -> NDArray[np.object_]:
    """What each corrected or gold row was taken for; None where nobody took it for anything else."""
    taken, labels = np.full(len(table), None, dtype=object), _objects(table["label"])
    for name in ("prediction", "label_used"):  # the label that was learnt is the better witness, so it comes last
        if name in table.columns:
            values = _objects(table[name])
            other = pd.notna(values) & (values != labels)
            taken[other] = values[other]
    taken[~np.isin(_objects(table["role"]), _MOVED)] = None
    return taken


def _missing(task: TrainingTask, labels: NDArray[np.object_]) -> tuple[tuple[str, ...], float]:
    """The judged concepts that `labels` lack, and their share of the labelled judged samples."""
    judged = [pd.Series(split.labels, dtype=object).dropna() for split in task.splits if split.split != TRAIN]
    if not sum(len(each) for each in judged):
        return (), 0.0
    wanted = pd.concat(judged)
    lacking = ~wanted.isin(labels)
    return tuple(sorted(wanted[lacking].unique())), float(lacking.mean())


def _refuse_too_little(rows: TrainingRows, share_forgotten: float) -> None:
    concepts = pd.unique(pd.Series(rows.labels, dtype=object))
    if len(concepts) < 2:
        found = f"only '{listed(concepts)}'" if len(concepts) else "none"
        why = "".join(f"; {count:,} rows are {reason}" for reason, count in rows.left_out.items())
        raise TrainingError(
            f"A classifier needs rows of two concepts with label and vector, and there is {found}{why}. Add replay "
            "to the retraining set, or store the current checkpoint's train split."
        )
    if share_forgotten > _FORGOTTEN:
        raise TrainingError(
            f"No row teaches {len(rows.missing)} concepts with {share_forgotten:.0%} of the judged samples "
            f"({listed(rows.missing, limit=5)}), so the classifier would forget them: add replay of every concept, or "
            "store the current checkpoint's train split."
        )


def _objects(column: pd.Series) -> NDArray[np.object_]:
    """The column as str, missing values as None."""
    values = column.to_numpy(dtype=object, copy=True)
    values[column.isna().to_numpy(dtype=bool)] = None
    return values

"""A new checkpoint laid back over the reference, by the map that does best on samples it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._folds import Moments, all_unit, folds_of, held_out_cosine, moments, ridge_path
from driftcore.adapters._kept import packed, unpacked
from driftcore.adapters._reading import read_by_reference
from driftcore.adapters.head import head_arrays
from driftcore.errors import TrainingError, one_line
from driftcore.records.training import Beat, Log, SplitData, Trained, TrainingTask

Kind = Literal["none", "procrustes", "ridge"]
Floats = NDArray[np.float64]

KIND = "align/1"

# the ridge toward the identity, as multiples of the mean eigenvalue of the cloud's Gram matrix
STRENGTHS = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01, 0.001)
N_FOLDS = 5
FEWEST_PAIRS = 10
# choosing on more costs time and decides nothing; the map that was chosen is fitted on all
_CHOOSING_PAIRS = 10_000
# a simpler map is taken where it does as well but for this much
_AS_GOOD = 1e-4
_BLOCK = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearMap:
    """From the current space to the reference's: ``x @ matrix + offset``.

    Parameters
    ----------
    kind : "none", "procrustes" or "ridge"
    matrix : float64 array of shape (n_dims_current, n_dims_reference)
    offset : float64 array of shape (n_dims_reference,)
    unit : bool
        Both spaces have vectors of length 1 only, and what is mapped is made so again.
    strength : float or None
        Of the ridge.
    """

    kind: Kind
    matrix: Floats
    offset: Floats
    unit: bool = False
    strength: float | None = None

    @property
    def name(self) -> str:
        """For the job's page."""
        return self.kind if self.strength is None else f"{self.kind} {self.strength:g}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Realignment:
    """The map that was chosen, and how well each of the candidates did.

    `held_out` are (name, mean cosine between a held-out sample mapped and its reference), simplest map first.
    """

    map: LinearMap
    held_out: tuple[tuple[str, float], ...]
    n_pairs: int


def fit_realignment(current: NDArray[np.float32], reference: NDArray[np.float32], *, seed: int) -> Realignment:
    """No map, orthogonal Procrustes or a ridge toward the identity: what does best on held-out pairs.

    With few pairs Procrustes turns what it has not seen at random, and is worse than no map; with many it is as
    good as any. Held-out pairs know which it is. No labels are looked at.

    Parameters
    ----------
    current, reference : float32 arrays of shape (n_pairs, n_dims), rows paired; widths may differ
    seed : int
        Of the folds.

    Raises
    ------
    TrainingError
        If there are less than `FEWEST_PAIRS` pairs.

    Examples
    --------
    >>> cloud = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    >>> fit_realignment(cloud, cloud, seed=0).map.kind
    'none'
    >>> fit_realignment(cloud[:, ::-1], cloud, seed=0).map.kind
    'procrustes'
    """
    if len(current) != len(reference) or len(current) < FEWEST_PAIRS:
        raise TrainingError(
            f"Realigning needs {FEWEST_PAIRS} samples that both checkpoints embedded, and there are {len(current)}: "
            "store the same split under both."
        )
    unit = all_unit(current) and all_unit(reference)
    rows = np.random.default_rng(seed).permutation(len(current))[:_CHOOSING_PAIRS]
    scores: dict[str, list[float]] = {}
    for held, learnt in folds_of(rows, N_FOLDS):
        for each in _candidates(moments(current[learnt], reference[learnt]), unit=unit):
            cosine = held_out_cosine(apply_map(each, current[held]), reference[held])
            scores.setdefault(each.name, []).append(cosine)
    held_out = tuple((name, float(np.mean(cosines))) for name, cosines in scores.items())
    best = max(cosine for _, cosine in held_out)
    chosen = next(name for name, cosine in held_out if cosine >= best - _AS_GOOD)
    fitted = _candidates(moments(current, reference), unit=unit)
    return Realignment(
        map=next(each for each in fitted if each.name == chosen), held_out=held_out, n_pairs=len(current)
    )


def procrustes(pairs: Moments, *, unit: bool = False) -> LinearMap:
    r"""The rotation and translation that bring the current cloud closest to the reference.

    Where the widths differ, the narrower space is thought of as a part of the wider: the matrix has orthonormal
    rows or columns.

    Notes
    -----
    .. math:: \min_{Q^\top Q = I} \lVert (Y - m_1) Q - (X - m_0) \rVert_F,
       \quad u s v^\top = (Y - m_1)^\top (X - m_0),\ Q = u v^\top

    Schönemann, A generalized solution of the orthogonal Procrustes problem, Psychometrika 31, 1966.
    """
    cross = pairs.cross - pairs.n * np.outer(pairs.mean_current, pairs.mean_reference)
    u, _, vt = np.linalg.svd(cross, full_matrices=False)
    matrix = u @ vt
    return LinearMap(
        kind="procrustes", matrix=matrix, offset=pairs.mean_reference - pairs.mean_current @ matrix, unit=unit
    )


def ridges(pairs: Moments, *, unit: bool = False) -> list[LinearMap]:
    r"""Linear maps that are drawn toward the identity by each of `STRENGTHS`: the first hardly moves anything.

    Where the widths differ they are drawn toward the Procrustes map instead, for there is no identity.

    Notes
    -----
    .. math:: W_\lambda = \arg\min_W \lVert Y W - X \rVert^2 + \lambda \lVert W - I \rVert^2
       = I + (Y^\top Y + \lambda I)^{-1} Y^\top (X - Y), \quad \lambda = s \operatorname{tr}(Y^\top Y) / d
    """
    n_current, n_reference = pairs.cross.shape
    anchor = np.eye(n_current) if n_current == n_reference else procrustes(pairs).matrix
    steps = ridge_path(pairs.gram, pairs.cross - pairs.gram @ anchor, STRENGTHS)
    return [
        LinearMap(kind="ridge", matrix=anchor + step, offset=np.zeros(n_reference), unit=unit, strength=strength)
        for strength, step in zip(STRENGTHS, steps, strict=True)
    ]


def apply_map(mapping: LinearMap, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of the current space, shape (n_samples, n_dims_current), in the reference's; as they are under "none"."""
    if mapping.kind == "none":
        return vectors
    mapped = np.empty((len(vectors), mapping.matrix.shape[1]), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        # float64: a planted rotation is undone to the last digit that float32 keeps
        part = vectors[start : start + _BLOCK].astype(np.float64) @ mapping.matrix + mapping.offset
        if mapping.unit:
            part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), np.finfo(np.float64).tiny)
        mapped[start : start + _BLOCK] = part
    return mapped


def save_map(mapping: LinearMap) -> bytes:
    """The map as bytes to keep."""
    return packed(KIND, _arrays(mapping))


def load_map(data: bytes) -> LinearMap:
    """The map that `save_map` or the trainer made.

    Raises
    ------
    UnreadableFileError
        If the bytes are not a map.
    """
    arrays = unpacked(data, KIND)
    strength = float(arrays["strength"])
    return LinearMap(
        kind=cast(Kind, str(arrays["kind"])),
        matrix=arrays["matrix"],
        offset=arrays["offset"],
        unit=bool(arrays["unit"]),
        strength=None if np.isnan(strength) else strength,
    )


class AlignTrainer:
    """Maps the current checkpoint's vectors back to where the reference has them, and reads them as it did.

    The map is fitted on the vectors of all samples that both embedded, judged ones among them, and on no label; how it
    does on samples it has not seen is the held-out cosine among the facts.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Fit the map on the samples that both checkpoints embedded; predict by the reference's classifier.

        Raises
        ------
        TrainingError
            If less than `FEWEST_PAIRS` samples stand under both checkpoints.
        """
        beat("pairing the samples", 0.0)
        current, reference = paired_vectors(task.splits, task.reference_splits)
        beat("choosing the map", 0.1)
        realigned = fit_realignment(current, reference, seed=task.seed)
        facts = _facts(realigned)
        for what, said in facts.items():
            log(f"{what}: {said}")
        beat("mapping", 0.6)
        mapped = tuple((split, apply_map(realigned.map, split.vectors)) for split in task.splits)
        beat("fitting the classifier", 0.7)
        reading = read_by_reference(task.reference_splits, mapped, seed=task.seed)
        kept = _arrays(realigned.map)
        if reading.head is not None:
            kept |= {f"head_{name}": array for name, array in head_arrays(reading.head).items()}
        return Trained(splits=reading.splits, model=packed(KIND, kept), facts={**facts, "classifier": reading.said})


def paired_vectors(
    splits: tuple[SplitData, ...], reference_splits: tuple[SplitData, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of the samples that stand in a split of the same name under both checkpoints, current and reference.

    Raises
    ------
    TrainingError
        If there are none.
    """
    ours, theirs = [], []
    by_name = {split.split: split for split in reference_splits}
    for split in splits:
        if split.split in by_name:
            other = by_name[split.split]
            places = pd.Index(other.sample_ids).get_indexer(pd.Index(split.sample_ids))
            ours.append(split.vectors[places >= 0])
            theirs.append(other.vectors[places[places >= 0]])
    if not sum(len(each) for each in ours):
        names = ", ".join(one_line(split.split) for split in splits) or "none"
        raise TrainingError(
            f"No sample stands under both checkpoints (splits: {names}): store a split with the same sample ids "
            "under both, or choose the trainer 'head'."
        )
    return np.concatenate(ours), np.concatenate(theirs)


def _candidates(pairs: Moments, *, unit: bool) -> list[LinearMap]:
    """The maps to choose among, simplest first."""
    n_current, n_reference = pairs.cross.shape
    same = LinearMap(kind="none", matrix=np.eye(n_current), offset=np.zeros(n_current))
    return [*([same] if n_current == n_reference else []), procrustes(pairs, unit=unit), *ridges(pairs, unit=unit)]


def _facts(realigned: Realignment) -> dict[str, str]:
    best: dict[str, tuple[str, float]] = {}
    for name, cosine in realigned.held_out:
        kind = name.partition(" ")[0]
        if kind not in best or cosine > best[kind][1]:
            best[kind] = (name, cosine)
    return {
        "map": realigned.map.name,
        "held-out cosine": ", ".join(f"{name} {cosine:.4f}" for name, cosine in best.values()),
        "pairs": f"{realigned.n_pairs:,}",
    }


def _arrays(mapping: LinearMap) -> dict[str, NDArray[np.generic]]:
    return {
        "kind": np.array(mapping.kind),
        "matrix": mapping.matrix,
        "offset": mapping.offset,
        "unit": np.array(mapping.unit),
        "strength": np.array(np.nan if mapping.strength is None else mapping.strength),
    }

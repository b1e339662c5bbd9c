"""A small correction of the space itself: few directions, and only where the drift is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._folds import all_unit, folds_of, moments, ridge_path
from driftcore.adapters._kept import packed, unpacked
from driftcore.adapters._places import right_places
from driftcore.adapters._rows import TrainingRows, training_rows
from driftcore.adapters.head import fit_head, head_arrays, predicted
from driftcore.errors import TrainingError, listed, one_line
from driftcore.records.training import Beat, Log, Trained, TrainingTask

Floats = NDArray[np.float64]

KIND = "lowrank/1"
MAX_RANK = 16
STRENGTHS = (10.0, 1.0, 0.1, 0.01)
_N_FOLDS = 3
# log-odds between the two nearest centres that half of all rows reach: the gate is open or closed, hardly between
_SHARPNESS = 6.0
_BLOCK = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gate:
    """How much a place belongs to the drifted zone: near 1 at the centres of the zone, near 0 at all others.

    Parameters
    ----------
    centres : float64 array of shape (n_centres, n_dims)
    inside : bool array of shape (n_centres,)
        Which of them are the zone's.
    width : float
        Of the kernel, as a squared distance.
    """

    centres: Floats
    inside: NDArray[np.bool_]
    width: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adapter:
    """``x + g(x) · (x @ down) @ up``.

    Parameters
    ----------
    gate : Gate
    down : float64 array of shape (n_dims, rank)
    up : float64 array of shape (rank, n_dims)
    unit : bool
        All vectors have length 1, and are made so again.
    strength : float
        Of the ridge that draws the map toward "nothing moves".
    way : float
        Share of the squared way to their right places that held-out rows go; at most 1, negative where they lose it.
    """

    gate: Gate
    down: Floats
    up: Floats
    unit: bool
    strength: float
    way: float


def fit_gate(vectors: NDArray[np.float32], groups: NDArray[np.object_], inside: NDArray[np.bool_]) -> Gate:
    """A gate around the centroids of some groups of rows, against those of all other groups.

    Parameters
    ----------
    vectors : float32 array of shape (n_rows, n_dims)
    groups : object array of str, shape (n_rows,)
    inside : bool array of shape (n_rows,), equal within a group
        Whether the group is in the drifted zone.
    """
    codes, names = pd.factorize(pd.Series(groups, dtype=object), sort=True)
    centres = np.zeros((len(names), vectors.shape[1]))
    np.add.at(centres, codes, vectors)
    centres /= np.bincount(codes)[:, None]
    zone = np.zeros(len(names), dtype=bool)
    zone[codes] = inside
    lead = np.median(np.diff(np.partition(_squared(vectors, centres), 1, axis=1)[:, :2], axis=1))
    return Gate(centres=centres, inside=zone, width=max(float(lead) / _SHARPNESS, float(np.finfo(np.float32).tiny)))


def gate_values(gate: Gate, vectors: NDArray[np.float32]) -> Floats:
    r"""The gate at each row, shape (n_samples,), in [0, 1].

    Notes
    -----
    .. math:: g(x) = \sum_{c \in Z} k_c(x) \Big/ \sum_c k_c(x), \quad k_c(x) = e^{-\lVert x - \mu_c \rVert^2 / h}
    """
    closeness = -_squared(vectors, gate.centres) / gate.width
    kernels = np.exp(closeness - closeness.max(axis=1, keepdims=True))
    return kernels[:, gate.inside].sum(axis=1) / kernels.sum(axis=1)


def fit_adapter(
    vectors: NDArray[np.float32],
    targets: NDArray[np.float32],
    *,
    gate: Gate,
    seed: int,
    weights: Floats | None = None,
    rank: int = MAX_RANK,
    strength: float | None = None,
) -> Adapter:
    r"""The map of low rank that takes gated rows nearest to their targets, drawn toward moving nothing.

    Parameters
    ----------
    vectors, targets : float32 arrays of shape (n_rows, n_dims)
        Rows that shall stay have themselves as targets.
    gate : Gate
    seed : int
        Of the folds.
    weights : float64 array of shape (n_rows,), positive, optional
    rank : int
        At most `MAX_RANK` directions.
    strength : float, optional
        Left out, the one of `STRENGTHS` with the least held-out squared error.

    Notes
    -----
    Reduced-rank ridge regression of the residuals t − x on the gated rows g·x: the ridge solution M, projected on
    the leading eigenvectors V of :math:`M^\top (G + \lambda I) M`; A = M V, B = Vᵀ.

    .. math:: \min_{\operatorname{rank} M \le r} \sum_i w_i \lVert g_i x_i M - (t_i - x_i) \rVert^2
       + \lambda \lVert M \rVert^2

    Mukherjee and Zhu, Reduced rank ridge regression and its kernel extensions, 2011.
    """
    root = np.sqrt(np.ones(len(vectors)) if weights is None else weights).astype(np.float32)[:, None]
    gated = vectors * gate_values(gate, vectors).astype(np.float32)[:, None] * root
    residuals = (targets - vectors) * root
    strengths = STRENGTHS if strength is None else (strength,)
    errors, still = np.zeros(len(strengths)), 0.0
    for held, learnt in folds_of(np.random.default_rng(seed).permutation(len(vectors)), _N_FOLDS):
        still += float((residuals[held].astype(np.float64) ** 2).sum())
        for k, (down, up) in enumerate(_factors(gated[learnt], residuals[learnt], strengths, rank)):
            errors[k] += float(((gated[held] @ down @ up - residuals[held]) ** 2).sum())
    best = int(errors.argmin())
    [(down, up)] = _factors(gated, residuals, strengths[best : best + 1], rank)
    return Adapter(
        gate=gate,
        down=down,
        up=up,
        unit=all_unit(vectors),
        strength=strengths[best],
        way=1 - float(errors[best]) / still if still else 0.0,
    )


def apply_adapter(adapter: Adapter, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The adapted vectors, shape (n_samples, n_dims); what lies outside the gate hardly moves."""
    adapted = np.empty_like(vectors, dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        part = vectors[start : start + _BLOCK].astype(np.float64)
        moved = part + gate_values(adapter.gate, vectors[start : start + _BLOCK])[:, None] * (
            part @ adapter.down @ adapter.up
        )
        if adapter.unit:
            moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), np.finfo(np.float64).tiny)
        adapted[start : start + _BLOCK] = moved
    return adapted


def save_adapter(adapter: Adapter) -> bytes:
    """The adapter as bytes to keep."""
    return packed(KIND, _arrays(adapter))


def load_adapter(data: bytes) -> Adapter:
    """The adapter that `save_adapter` or the trainer made.

    Raises
    ------
    UnreadableFileError
        If the bytes are not an adapter.
    """
    arrays = unpacked(data, KIND)
    return Adapter(
        gate=Gate(centres=arrays["centres"], inside=arrays["inside"], width=float(arrays["width"])),
        down=arrays["down"],
        up=arrays["up"],
        unit=bool(arrays["unit"]),
        strength=float(arrays["strength"]),
        way=float(arrays["way"]),
    )


class LowRankTrainer:
    """Brings corrected and gold rows to the place of their right concept, moves nothing else, and refits the head.

    Option ``rank``: at most how many directions, 1 to 16.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Fit the adapter and a head on the adapted rows; adapt and predict every split.

        Raises
        ------
        TrainingError
            If there are no corrected or gold rows, or no rows of concepts outside the zone.
        """
        beat("reading the rows", 0.0)
        rank = _rank(task)
        rows = training_rows(task)
        gate = _zone_gate(rows)
        beat("finding the right places", 0.1)
        places = right_places(task, rows, outside=lambda vectors: gate_values(gate, vectors) < 0.5)
        beat("fitting the adapter", 0.3)
        adapter = fit_adapter(
            rows.vectors, places.targets, gate=gate, seed=task.seed, weights=_balanced(rows), rank=rank
        )
        facts = rows.facts | {
            "zone": listed(places.concepts),
            "right places": places.said,
            "rank": str(adapter.down.shape[1]),
            "ridge": f"{adapter.strength:g}",
            "held-out way": f"{adapter.way:.2f}",
        }
        for what, said in facts.items():
            log(f"{what}: {said}")
        beat("fitting the classifier", 0.5)
        head = fit_head(apply_adapter(adapter, rows.vectors), rows.labels, weights=rows.weights, seed=task.seed)
        beat("predicting", 0.9)
        splits = tuple(predicted(split, apply_adapter(adapter, split.vectors), head) for split in task.splits)
        kept = _arrays(adapter) | {f"head_{name}": array for name, array in head_arrays(head).items()}
        return Trained(splits=splits, model=packed(KIND, kept), facts=facts)


def _zone_gate(rows: TrainingRows) -> Gate:
    """A gate around the corrected and gold rows, their concepts, and the concepts that they were taken for."""
    moved = rows.moved
    if not moved.any():
        raise TrainingError("There are no corrected or gold rows, so nothing says where to: accept a span with labels.")
    zone = pd.unique(np.concatenate([rows.labels[moved], rows.mistaken[pd.notna(rows.mistaken)]]))
    inside = np.isin(rows.labels, zone) | moved
    if inside.all():
        raise TrainingError(
            f"All {len(inside):,} rows are of the drifting concepts ({listed(zone)}), so nothing says what shall stay: "
            "add replay to the retraining set, or store the current checkpoint's train split."
        )
    # what drifted stands elsewhere than the rest of its concept: a group of its own
    groups = rows.labels.copy()
    groups[moved] = "moved: " + groups[moved]
    return fit_gate(rows.vectors, groups, inside)


def _balanced(rows: TrainingRows) -> Floats:
    """The weights, where all rows that shall move count as much together as all that shall stay."""
    moved, weights = rows.moved, rows.weights.copy()
    weights[moved] *= weights[~moved].sum() / weights[moved].sum()
    return weights


def _rank(task: TrainingTask) -> int:
    asked = task.options.get("rank", str(MAX_RANK))
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= MAX_RANK):
        raise TrainingError(f"Option rank is '{one_line(asked)}': give a whole number from 1 to {MAX_RANK}.")
    return int(asked)


def _factors(
    gated: NDArray[np.float32], residuals: NDArray[np.float32], strengths: tuple[float, ...], rank: int
) -> list[tuple[Floats, Floats]]:
    """Down and up for each strength."""
    sums = moments(gated, residuals)
    factors = []
    for matrix in ridge_path(sums.gram, sums.cross, strengths):
        # Mᵀ(G + λI)M = Mᵀ yᵀx, symmetric but for rounding
        explained = matrix.T @ sums.cross
        _, axes = np.linalg.eigh((explained + explained.T) / 2)
        leading = axes[:, ::-1][:, :rank]
        factors.append((matrix @ leading, leading.T))
    return factors


def _squared(vectors: NDArray[np.float32], centres: Floats) -> Floats:
    """Squared distances, shape (n_samples, n_centres)."""
    rows = vectors.astype(np.float64)
    squares = np.einsum("ij,ij->i", rows, rows)[:, None] - 2 * rows @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(squares, 0)


def _arrays(adapter: Adapter) -> dict[str, NDArray[np.generic]]:
    return {
        "centres": adapter.gate.centres,
        "inside": adapter.gate.inside,
        "width": np.array(adapter.gate.width),
        "down": adapter.down,
        "up": adapter.up,
        "unit": np.array(adapter.unit),
        "strength": np.array(adapter.strength),
        "way": np.array(adapter.way),
    }

"""Checkpoints of the same samples, and which concepts went where: a world that is drawn, and Banking77."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

from driftcore.testing import make_world, moved, retrained

TAMPERED = ("Refund_not_showing_up", "request_refund", "cancel_transfer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What is drawn, and what is known of it.

    `shares` says of each concept that moved what part of the way it had gone at the last checkpoint, `toward` to which.
    """

    checkpoints: Sequence[NDArray[np.float32]]
    concepts: NDArray[np.int64]
    names: tuple[str, ...]
    shares: Mapping[int, float]
    toward: Mapping[int, int]


def world(seed: int, *, n_checkpoints: int, n_concepts: int, n_per_concept: int, n_dims: int = 96) -> Truth:
    """Three concepts go 15 to 35 % of the way to others, a step a checkpoint, while training moves everything a little.

    Training turns the space; it is laid back by Procrustes, for the other ways would draw nothing else.
    """
    reference = make_world(n_concepts=n_concepts, n_per_concept=n_per_concept, n_dims=n_dims, seed=seed)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(n_concepts)[:6]
    toward = {int(a): int(b) for a, b in zip(chosen[:3], chosen[3:], strict=True)}
    shares = dict(zip(toward, (0.15, 0.25, 0.35), strict=True))
    checkpoints = [reference.vectors]
    for number in range(1, n_checkpoints):
        part = number / (n_checkpoints - 1)
        trained = reference.after(retrained(reference, strength=0.02 * part, seed=seed + number))
        vectors = trained.vectors
        for concept, target in toward.items():
            vectors = moved(trained.after(vectors), concept, toward=target, share=part * shares[concept])
        checkpoints.append(laid_back(vectors, reference.vectors))
    return Truth(
        checkpoints=checkpoints, concepts=reference.concepts, names=reference.names, shares=shares, toward=toward
    )


def banking77(folder: Path) -> Truth:
    """Six weeks of fine-tuning while three of 77 intents were tampered with, laid over the first by Procrustes.

    What the intents did is read off the full vectors with scipy and numpy alone: a tampered one went toward the
    concept to which its displacement points most, by the share of the way that it points along.
    """
    import pyarrow.parquet as pq

    checkpoints: list[NDArray[np.float32]] = []
    for week in range(6):
        table = pq.read_table(folder / "shift.parquet", filters=[("checkpoint", "=", f"wk{week}")])
        rows = table.select(["sample_id", "label", "vector"]).to_pandas().sort_values("sample_id")
        vectors = np.stack(rows["vector"].to_numpy()).astype(np.float32)
        checkpoints.append(laid_back(vectors, checkpoints[0]) if checkpoints else vectors)
    names, concepts = np.unique(rows["label"].to_numpy(str), return_inverse=True)
    before, after = (
        np.array([cloud[concepts == k].mean(axis=0) for k in range(len(names))])
        for cloud in (checkpoints[0], checkpoints[-1])
    )
    shares, toward = {}, {}
    for a in np.flatnonzero(np.isin(names, TAMPERED)):
        ways, went = np.delete(before, a, axis=0) - before[a], after[a] - before[a]
        lengths = np.linalg.norm(ways, axis=1)
        best = int((ways @ went / lengths).argmax())
        toward[int(a)] = int(np.delete(np.arange(len(names)), a)[best])
        shares[int(a)] = float(ways[best] @ went / lengths[best] ** 2)
    return Truth(
        checkpoints=checkpoints, concepts=concepts.astype(np.int64), names=tuple(names), shares=shares, toward=toward
    )


def laid_back(vectors: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float32]:
    """A turned space laid over the reference, by all samples alike."""
    middles = vectors.mean(axis=0), reference.mean(axis=0)
    turn, _ = orthogonal_procrustes(vectors - middles[0], reference - middles[1])
    return ((vectors - middles[0]) @ turn + middles[1]).astype(np.float32)

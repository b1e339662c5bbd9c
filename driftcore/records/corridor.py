"""The corridor of two concepts: every sample of both on the way from one to the other, checkpoint by checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.records.view import Texts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpaceMap:
    """How the vectors of two checkpoints come into one space, as `compare` laid one over the other.

    Parameters
    ----------
    reference_axes : float32 array of shape (n_dims_reference, n_kept)
    current_axes : float32 array of shape (n_dims_current, n_kept)
        With rotation and scale.
    offset : float32 array of shape (n_kept,)
        Added to the current side.
    """

    reference_axes: NDArray[np.float32]
    current_axes: NDArray[np.float32]
    offset: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorridorStep:
    """Where the samples of two concepts stand between the two at one checkpoint; arrays have shape (n_samples,).

    Parameters
    ----------
    checkpoint : str
    sample_ids : object array of str
    of_a : bool array
        Whether the sample is of the first concept; else it is of the second.
    positions : float32 array
        On the reference's line, after alignment: 0 is the first concept's centroid at the reference, 1 the second's.
    own_positions : float32 array
        On the line between the two centroids of this very checkpoint: beyond 1/2 a sample of the first concept stands
        nearer to the second. NaN where the two concepts cannot be told apart: then nobody stands beyond anything.
    gap_closure, low, high : float or None
        How much of the gap has gone since the reference, with its 95 % bootstrap interval; None without a gap.
    """

    checkpoint: str
    sample_ids: NDArray[np.object_]
    of_a: NDArray[np.bool_]
    positions: NDArray[np.float32]
    own_positions: NDArray[np.float32]
    gap_closure: float | None
    low: float | None
    high: float | None

    @property
    def apart(self) -> bool:
        """Whether the two concepts are farther apart than sampling alone puts them."""
        return bool(np.isfinite(self.own_positions).any())

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Which samples stand nearer to the other concept than to their own, judged in the checkpoint's own space."""
        return np.where(self.of_a, self.own_positions > 0.5, self.own_positions < 0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corridor:
    """The corridor of the concepts `a` and `b` since a reference, with its steps in order of time."""

    reference: str
    split: str
    a: str
    b: str
    steps: tuple[CorridorStep, ...]

    def step(self, checkpoint: str) -> CorridorStep | None:
        """The step of one checkpoint, or None where it is not kept."""
        return next((step for step in self.steps if step.checkpoint == checkpoint), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Between:
    """The samples in between two concepts at one checkpoint; arrays have shape (n_samples,), the farthest gone first.

    Parameters
    ----------
    sample_ids, concepts, predictions_reference, predictions_current : object arrays of str or None
    texts : the same, or `Texts` that stay in the store
    positions_reference, positions_current : float32 arrays
        In each checkpoint's own space: 0 is the first concept, 1 the second.
    crossed : bool array
        Whether the sample stood on its own concept's side of the middle at the reference, and now stands beyond it.
    words : tuple of (concept, words)
        What sets them apart from the rest of their concept; a concept without such words is left out.
    """

    sample_ids: NDArray[np.object_]
    texts: NDArray[np.object_] | Texts
    concepts: NDArray[np.object_]
    predictions_reference: NDArray[np.object_]
    predictions_current: NDArray[np.object_]
    positions_reference: NDArray[np.float32]
    positions_current: NDArray[np.float32]
    crossed: NDArray[np.bool_]
    words: tuple[tuple[str, tuple[str, ...]], ...]

"""The frame: one 2-D layout that all checkpoints share. For looking at; no statistic accepts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameStep:
    """Where the samples stand on the frame at one checkpoint.

    Parameters
    ----------
    sample_ids : object array of str, shape (n_samples,)
    points : float32 array of shape (n_samples, 2)
        Map units: the reference's points lie within the unit circle around 0.
    clusters : int32 array of shape (n_samples,)
        HDBSCAN clusters of this checkpoint, under the reference's numbers where they share samples; −1 is noise.
        Where they were not computed yet (see `clustered`), the clusters that the samples had at the reference.
    concepts : tuple of str, length n_concepts
    centroids : float32 array of shape (n_concepts, 2)
        Where each concept's centre is drawn.
    explained : float
        Share of the concepts' displacement that the landmarks explain, in [0, 1]; the rest left the plane.
    n_fitted, n_reference : int
        How many of how many samples of the reference gave the layout; the others stand between their nearest
        neighbours among those. Equal where all did; 0 where nobody told.
    clustered : bool
        Whether `clusters` are this checkpoint's own.
    """

    checkpoint: str
    sample_ids: NDArray[np.object_]
    points: NDArray[np.float32]
    clusters: NDArray[np.int32]
    concepts: tuple[str, ...]
    centroids: NDArray[np.float32]
    explained: float
    n_fitted: int = 0
    n_reference: int = 0
    clustered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A frame with its steps in order of time, the reference's own first."""

    reference: str
    split: str
    method: str
    steps: tuple[FrameStep, ...]

    def step(self, checkpoint: str) -> FrameStep | None:
        """The step of one checkpoint, or None where it was not computed."""
        return next((step for step in self.steps if step.checkpoint == checkpoint), None)

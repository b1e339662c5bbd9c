"""What two windows of different samples are measured to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._window_space import Movement

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Accuracies:
    """Accuracy of each window by concept, shape (n_concepts,), and as a whole, and whether it changed.

    NaN or None where no eval said anything.
    """

    reference: Floats
    current: Floats
    q_values: Floats
    overall_reference: float | None
    overall_current: float | None
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowNumbers:
    """All numbers of two windows; arrays have shape (n_concepts,) and are NaN where nothing could be measured.

    `witness` says of every current sample of a concept that changed how much more typical it is of the current window
    of its concept, and `typical` is what nine tenths of the reference stay below, concept by concept. `shift` is each
    current sample's cosine distance from the nearest known sample. `model_part` is how far the model moved each
    concept's anchors, in mean gaps, and `nearest_concept` the concept that each novel sample is nearest to. `n_close`
    is how many samples of each window were looked at closely.
    """

    counts_reference: Codes
    counts_current: Codes
    composition: stats.WindowTest
    content: stats.ConceptContents
    q_values: Floats
    movement: Movement
    novel: stats.Novel | None
    nearest_concept: Codes
    divergences: tuple[tuple[str, stats.WindowTest], ...]
    accuracy: Accuracies
    n_directions: int
    witness: Floats
    typical: Floats
    shift: NDArray[np.float32]
    model_part: Floats | None
    n_close: tuple[int, int]

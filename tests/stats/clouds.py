"""Small paired clouds for laws: whatever hypothesis draws, the concepts stand well apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftcore.testing import rotation

Floats = NDArray[np.float64]

# the same examples in every run: a law that fails fails for everybody
law = settings(deadline=None, derandomize=True, max_examples=15)

seeds = st.integers(0, 2**32 - 1)
# below 0.1 or above 10 the digits of float32 are what is tested, not the statistic
factors = st.floats(0.1, 10)
rotations = st.builds(lambda seed: lambda width: rotation(width, seed=seed), seeds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """Two paired float64 clouds of shape (n_samples, n_dims) with the concept of each row."""

    reference: Floats
    current: Floats
    concepts: NDArray[np.int64]
    n_concepts: int


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """A cloud of concepts, and a second one in which each sample and one concept have moved."""
    rng = np.random.default_rng(draw(seeds))
    n_concepts, n_dims = draw(st.integers(3, 5)), draw(st.integers(3, 4))
    concepts = rng.permutation(np.repeat(np.arange(n_concepts), draw(st.integers(8, 12))))
    centres = rng.normal(size=(n_concepts, n_dims))
    # on a circle of radius 4, so that no two coincide
    angles = 2 * np.pi * np.arange(n_concepts) / n_concepts
    centres[:, 0], centres[:, 1] = 4 * np.cos(angles), 4 * np.sin(angles)
    reference = centres[concepts] + rng.normal(scale=0.5, size=(len(concepts), n_dims))
    current = reference + rng.normal(scale=0.1, size=reference.shape)
    current[concepts == 0] += 0.2 * (centres[1] - centres[0])
    return Pair(reference=reference, current=current, concepts=concepts, n_concepts=n_concepts)

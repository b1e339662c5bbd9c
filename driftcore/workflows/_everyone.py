"""Two looks at every paired row, part by part, where there are too many to look at each closely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.engine import Engine
from driftcore.workflows._pairing import PairedRows, Vectors
from driftcore.workflows._reading import Pairs, Places, Sides, parts_of, read_pairs
from driftcore.workflows.progress import Progress, within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everyone:
    """All paired rows of two snapshots, of which some are looked at closely.

    Parameters
    ----------
    engine : Engine
    sides : Sides
    rows : PairedRows
        With `places`.
    codes : int64 array of shape (n_samples,)
    n_concepts : int
    progress : Progress
    """

    engine: Engine
    sides: Sides
    rows: PairedRows
    codes: NDArray[np.int64]
    n_concepts: int
    progress: Progress

    def standing(self, weigher: stats.Weigher) -> stats.Standing:
        """The first look: where the concepts stand."""
        origins = tuple(side.mean(axis=0, dtype=np.float64) for side in (self.rows.reference, self.rows.current))
        tally = partial(_standing, n_concepts=self.n_concepts, origins=(origins[0], origins[1]), weigher=weigher)
        told = within(self.progress, "looking at every sample: where concepts stand", 0.1, 0.3)
        return self.engine.total(partial(read_pairs, self.sides), tally, self._parts(), told=told)

    def movements(self, ruler: stats.Ruler) -> stats.Movements:
        """The second look: how every sample moved."""
        told = within(self.progress, "looking at every sample: how each moved", 0.35, 0.6)
        return self.engine.total(
            partial(read_pairs, self.sides), partial(_movements, ruler=ruler), self._parts(), told=told
        )

    def vectors(self, rows: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Both sides of some rows."""
        found = read_pairs(self.sides, self._part(rows))
        return found.reference, found.current

    def _parts(self) -> list[Places]:
        return [self._part(rows) for rows in parts_of(np.arange(len(self.codes)))]

    def _part(self, rows: NDArray[np.int64]) -> Places:
        assert self.rows.places is not None
        before, after = self.rows.places
        return Places(reference=before[rows], current=after[rows], concepts=self.codes[rows])


def _standing(
    pairs: Pairs,
    *,
    n_concepts: int,
    origins: tuple[NDArray[np.float64], NDArray[np.float64]],
    weigher: stats.Weigher,
) -> stats.Standing:
    return stats.standing(pairs.reference, pairs.current, pairs.concepts, n_concepts, origins=origins, weigher=weigher)


def _movements(pairs: Pairs, *, ruler: stats.Ruler) -> stats.Movements:
    return stats.movements(pairs.reference, pairs.current, pairs.concepts, ruler)

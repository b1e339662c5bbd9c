"""The vectors of a snapshot: in memory where they are few, else passing by in parts, by one way of asking for both.

What is asked of all is a tally: a function of some vectors and of one whole number a row (its concept, say), whose
values for two parts add up to that for both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.engine import Addable, Engine
from driftcore.records import Snapshot
from driftcore.store import Place, Store
from driftcore.workflows._pairing import Vectors, taken
from driftcore.workflows._reading import parts_of, reader

Codes = NDArray[np.int64]
Sums = TypeVar("Sums", bound=Addable)
Value = TypeVar("Value", bound=np.generic)
Tally = Callable[[Vectors, Codes], Sums]
# what one space is laid over another by, row by row
Lens = Callable[[Vectors], Vectors]
Told = Callable[[int, int], None]


def to_nobody(_done: int, _total: int) -> None:
    """Nobody asked how far it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Column(Generic[Value]):
    """One value a row; those of two parts follow each other."""

    values: NDArray[Value]

    def __add__(self, other: Column[Value]) -> Column[Value]:
        return Column(np.concatenate([self.values, other.values]))


class Cloud(Protocol):
    """The vectors of a snapshot."""

    def at(self, rows: Codes) -> Vectors:
        """Those of some rows."""

    def total(self, tally: Tally[Sums], codes: Codes, *, rows: Codes | None = None, told: Told = to_nobody) -> Sums:
        """What the tally says of all rows, or of some; `codes` has one number for every row, asked for or not."""

    def through(self, lens: Lens) -> Cloud:
        """The same seen through a lens."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Vectors in memory: everything is one part."""

    vectors: Vectors

    def at(self, rows: Codes) -> Vectors:
        """See `Cloud`."""
        return taken(self.vectors, rows)

    def total(self, tally: Tally[Sums], codes: Codes, *, rows: Codes | None = None, told: Told = to_nobody) -> Sums:
        """See `Cloud`."""
        return tally(self.vectors, codes) if rows is None else tally(self.at(rows), codes[rows])

    def through(self, lens: Lens) -> Held:
        """See `Cloud`."""
        return Held(vectors=lens(self.vectors))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Where:
    """Where vectors are, and through what they are seen; small, so that it goes to whoever reads them."""

    store: Place
    snapshot: Snapshot
    lenses: tuple[Lens, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passing:
    """Vectors where they are: an engine reads them in parts, and none of them stays."""

    where: Where
    engine: Engine

    def at(self, rows: Codes) -> Vectors:
        """See `Cloud`."""
        return _read(self.where, rows)

    def total(self, tally: Tally[Sums], codes: Codes, *, rows: Codes | None = None, told: Told = to_nobody) -> Sums:
        """See `Cloud`."""
        parts = [(part, codes[part]) for part in parts_of(np.arange(len(codes)) if rows is None else rows)]
        return self.engine.total(partial(_read_beside, self.where), partial(_tallied, tally), parts, told=told)

    def through(self, lens: Lens) -> Passing:
        """See `Cloud`."""
        return replace(self, where=replace(self.where, lenses=(*self.where.lenses, lens)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clouds:
    """Opens snapshots of a store: those of at most `closely` rows whole, larger ones for the engine."""

    store: Store
    engine: Engine
    closely: int

    def of(self, snapshot: Snapshot) -> Cloud:
        """The vectors of a snapshot."""
        if snapshot.n_samples <= self.closely:
            reads = self.store.snapshots.reader(snapshot.checkpoint, snapshot.split)
            return Held(vectors=reads.at(np.arange(snapshot.n_samples)))
        return Passing(where=Where(store=self.store.place, snapshot=snapshot), engine=self.engine)


def centroids(cloud: Cloud, concepts: Codes, n_concepts: int, *, told: Told = to_nobody) -> stats.Centroids:
    """Centroids of the concepts of all rows; −1 belongs to none."""
    rows = stats.origin_rows(concepts)
    origins = stats.concept_origins(cloud.at(rows), concepts[rows], n_concepts)
    return cloud.total(partial(stats.CentroidSums.of, origins=origins), concepts, told=told).centroids()


def drawn(n: int, rng: np.random.Generator, at_most: int) -> Codes:
    """Row numbers, in order: all, or a draw where there are too many."""
    return np.arange(n) if n <= at_most else np.sort(rng.choice(n, at_most, replace=False))


def _read(where: Where, rows: Codes) -> Vectors:
    vectors = reader(where.store, where.snapshot).at(rows)
    for lens in where.lenses:
        vectors = lens(vectors)
    return vectors


def _read_beside(where: Where, part: tuple[Codes, Codes]) -> tuple[Vectors, Codes]:
    rows, codes = part
    return _read(where, rows), codes


def _tallied(tally: Tally[Sums], part: tuple[Vectors, Codes]) -> Sums:
    return tally(*part)

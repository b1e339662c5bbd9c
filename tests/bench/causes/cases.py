"""A case: a pair of snapshots whose cause is known, and what is named for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Cause, CauseKind, DriftPolicy
from driftcore.workflows._cause import Context, cause
from driftcore.workflows._judge import kinds
from driftcore.workflows._measure import measure
from driftcore.workflows._pairing import Outcome, PairedRows, narrowed
from driftcore.workflows._touched import Texts
from driftcore.workflows.progress import silent

Vectors = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """Two paired snapshots, and what is known beside their vectors."""

    reference: Vectors
    current: Vectors
    codes: Codes
    names: tuple[str, ...]
    known: Context = field(default_factory=Context)
    n_relabeled: int = 0
    predictions: tuple[NDArray[np.object_], NDArray[np.object_]] | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A source by name, the causes that are true of it (the first one first), and what is named."""

    world: str
    source: str
    truth: tuple[CauseKind, ...]
    named: Cause

    @property
    def right(self) -> bool:
        return self.named.kind == self.truth[0]

    @property
    def listed(self) -> bool:
        """Whether the causes listed are exactly those that are true."""
        return {self.named.kind, *self.named.also} == set(self.truth)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A way for drift to come about: makes a pair from a seed."""

    name: str
    truth: tuple[CauseKind, ...]
    make: Callable[[int], Pair]


def named(pair: Pair) -> Cause:
    """What `compare` would name, without a store."""
    rows = PairedRows(
        sample_ids=np.array([f"s{row:05d}" for row in range(len(pair.reference))], dtype=object),
        reference=pair.reference,
        current=pair.current,
        labels=np.array(pair.names, dtype=object)[pair.codes],
        n_relabeled=pair.n_relabeled,
        n_only_reference=0,
        n_only_current=0,
        outcome_reference=None if pair.predictions is None else _outcome(pair.predictions[0]),
        outcome_current=None if pair.predictions is None else _outcome(pair.predictions[1]),
    )
    policy = DriftPolicy()
    measured = measure(
        narrowed(rows), pair.names, pair.codes, policy=policy, rng=np.random.default_rng(0), progress=silent
    )
    return cause(rows, measured, kinds(measured.concepts, measured.parts, policy), policy, known=pair.known)


def cases(world: str, sources: tuple[Source, ...], seeds: range) -> Iterator[Case]:
    for source in sources:
        for seed in seeds:
            yield Case(world=world, source=source.name, truth=source.truth, named=named(source.make(seed)))


def known_texts(texts: NDArray[np.object_], current: NDArray[np.object_] | None = None) -> Context:
    """A context whose texts are these, the same on both sides unless said otherwise."""
    after = texts if current is None else current
    return Context(texts=lambda rows: Texts(reference=texts[rows], current=after[rows]))


def _outcome(predictions: NDArray[np.object_]) -> Outcome:
    unknown = np.full(len(predictions), np.nan, dtype=np.float32)
    return Outcome(predictions=predictions, confidences=unknown, correct=unknown)

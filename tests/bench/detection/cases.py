"""The synthetic worlds of the benchmark, each null and each drift with its answer.

A seed is one world: its shape is declared by `shape_of`, and it meets the nulls and drifts that `cases` deals out, in
turn, so that a dozen seeds have seen all of them. Tune on `TUNE_SEEDS`; tables report `REPORT_SEEDS`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftcore import testing
from driftcore.testing import World
from tests.bench.detection.happenings import (
    CONDITION_MAKERS,
    DRIFT_MAKERS,
    NULL_MAKERS,
    RETRAININGS,
    UNPAIRED,
    can_hold,
)

Vectors = NDArray[np.float32]

TUNE_SEEDS = range(20)
# 1000 to 1007 were seen before the threshold was settled
REPORT_SEEDS = range(2000, 2400)

DIMS = (64, 384, 768)
N_CONCEPTS = (5, 20, 77, 150)
SPREADS = (0.3, 0.5, 0.8)
ANISOTROPIES = (0.0, 0.7, 1.0)
TAILS = (None, 5.0)

# of the pack, beside those that every seed meets; without a common factor with the pack, or with what shapes repeat by
NULLS_A_SEED, DRIFTS_A_SEED = 4, 5
NULLS = tuple(kind for kind in NULL_MAKERS if kind not in RETRAININGS)
# what every seed meets: the drift by which the methods are compared first
HEADLINE = ("move 5 %", "rotated")
DRIFTS = tuple(itertools.product(DRIFT_MAKERS, CONDITION_MAKERS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One comparison with its answer.

    Parameters
    ----------
    kind : str
        What happened: a column of the table.
    condition : str
        What happened to the whole space as well: "still", "rotated" or "retrained"; of a null, its group.
    concepts, current_concepts : int64 arrays, the concept of each row; the same where rows are paired
    truth : frozenset of int
        The concepts that drifted.
    toward : dict of int to int
        Where a drifted concept went, where it went to one.
    everywhere : bool
        All concepts drifted alike: there is nothing to localise.
    """

    seed: int
    family: str
    kind: str
    condition: str
    reference: Vectors
    current: Vectors
    concepts: NDArray[np.int64]
    current_concepts: NDArray[np.int64]
    n_concepts: int
    paired: bool = True
    truth: frozenset[int] = frozenset()
    toward: dict[int, int] = field(default_factory=dict)
    everywhere: bool = False

    @property
    def name(self) -> str:
        return f"{self.seed}/{self.family}/{self.kind}/{self.condition}"


def shape_of(seed: int) -> dict[str, object]:
    """The declared shape of a seed's world: twelve seeds meet every width with every number of concepts.

    Sizes alternate, and change sides after a dozen; the rest runs through its values at paces of its own.
    """
    n_concepts = N_CONCEPTS[seed % 4]
    unequal = (seed + seed // 12) % 2 == 1
    return {
        "n_concepts": n_concepts,
        "n_dims": DIMS[seed % 3],
        # 150 concepts of up to 1000 would be 32,000 rows
        "sizes": testing.unequal_sizes(n_concepts, high=1000 if n_concepts < 100 else 400, seed=seed)
        if unequal
        else (100,) * n_concepts,
        "spread": SPREADS[(seed // 2) % 3],
        "anisotropy": ANISOTROPIES[(seed // 3) % 3],
        "tails": TAILS[(seed // 5) % 2],
        "neighborhoods": (2, 5),
    }


def cases(seed: int, *, quick: bool = False) -> Iterator[Case]:
    """The seed's nulls and drifts, made one at a time; `quick` keeps two of each."""
    world = testing.make_world(seed=seed, **shape_of(seed))
    nulls = [*RETRAININGS, *dealt(NULLS, seed, NULLS_A_SEED)]
    drifts = [HEADLINE, *dealt(DRIFTS, seed, DRIFTS_A_SEED)]
    for kind in nulls[: 2 if quick else None]:
        yield null_case(world, kind, seed)
    for kind, condition in drifts[: 2 if quick else None]:
        if can_hold(world, kind):
            yield drift_case(world, kind, condition, seed)


def dealt(pack: tuple, seed: int, n: int) -> list:
    """`n` of the pack, going on with each seed where the last one stopped."""
    return [pack[(seed * n + i) % len(pack)] for i in range(n)]


def null_case(world: World, kind: str, seed: int) -> Case:
    """Nothing happened to any concept."""
    after = NULL_MAKERS[kind](world, random(seed, kind))
    return Case(
        seed=seed,
        family="null",
        kind=kind,
        condition="retrained" if kind in RETRAININGS else "unpaired" if kind in UNPAIRED else "exact",
        reference=world.vectors,
        current=after.vectors,
        concepts=world.concepts,
        current_concepts=after.concepts,
        n_concepts=len(world.names),
        paired=kind not in UNPAIRED,
    )


def drift_case(world: World, kind: str, condition: str, seed: int) -> Case:
    """A drift, and what `condition` does to the whole space after it."""
    planted = DRIFT_MAKERS[kind](world, random(seed, kind))
    return Case(
        seed=seed,
        family="drift",
        kind=kind,
        condition=condition,
        reference=world.vectors,
        current=CONDITION_MAKERS[condition](planted.world, seed),
        concepts=world.concepts,
        current_concepts=world.concepts,
        n_concepts=len(world.names),
        truth=planted.truth,
        toward=planted.toward,
        everywhere=planted.everywhere,
    )


def random(seed: int, kind: str) -> np.random.Generator:
    """Chance of its own for every seed and kind, whatever else the seed is dealt."""
    return np.random.default_rng([seed, *kind.encode()])

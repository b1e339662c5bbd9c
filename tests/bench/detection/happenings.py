"""What happens to the benchmark's worlds: the nulls, the drifts, and what the whole space does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftcore import testing
from driftcore.testing import World

Vectors = NDArray[np.float32]

# Banking77, clean: .04 from week to week, .13 between seeds
MILD_RETRAINING = 0.04
RETRAINING = (0.02, 0.13)
# each sample's own step, as a share of the mean gap
JITTER = 0.05
# drifts are planted in concepts large enough to show them
MIN_PLANTED = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planted:
    """A world after a drift, and who drifted."""

    world: World
    truth: frozenset[int]
    toward: dict[int, int] = field(default_factory=dict)
    everywhere: bool = False


def can_hold(world: World, kind: str) -> bool:
    """Whether enough concepts are large enough for the drift, with at least as many left that stay."""
    needed = {"several, 5–20 %": 3, "two merge": 2}.get(kind, 1)
    return len(large_concepts(world)) >= needed and len(world.names) >= 2 * needed - 1


def large_concepts(world: World) -> NDArray[np.int64]:
    return np.flatnonzero(np.bincount(world.concepts) >= MIN_PLANTED)


def own_jitter(world: World, seed: int) -> Vectors:
    scale = JITTER * world.mean_gap / np.sqrt(world.vectors.shape[1])
    return testing.jittered(world.vectors, scale=scale, seed=seed)


def chosen(world: World, rng: np.random.Generator, n: int = 1) -> list[int]:
    return [int(k) for k in rng.choice(large_concepts(world), size=n, replace=False)]


def other(world: World, rng: np.random.Generator, *taken: int) -> int:
    return int(rng.choice(np.setdiff1d(np.arange(len(world.names)), taken)))


def move(share: float) -> Callable[[World, np.random.Generator], Planted]:
    def planted(world: World, rng: np.random.Generator) -> Planted:
        (concept,) = chosen(world, rng)
        target = other(world, rng, concept)
        there = world.after(testing.moved(world, concept, toward=target, share=share))
        return Planted(world=there, truth=frozenset({concept}), toward={concept: target})

    return planted


def several(world: World, rng: np.random.Generator) -> Planted:
    """Three concepts at once, by 5, 10 and 20 %, each toward one that stays."""
    concepts, toward = chosen(world, rng, 3), {}
    for concept, share in zip(concepts, (0.05, 0.10, 0.20), strict=True):
        toward[concept] = other(world, rng, *concepts)
        world = world.after(testing.moved(world, concept, toward=toward[concept], share=share))
    return Planted(world=world, truth=frozenset(concepts), toward=toward)


def part(*, n: int | None, share: float) -> Callable[[World, np.random.Generator], Planted]:
    """`n` members that belong together, or a third of the concept, go `share` of the way."""

    def planted(world: World, rng: np.random.Generator) -> Planted:
        # 30 rows say little about a centroid only where they are few among many
        concept = int(np.bincount(world.concepts).argmax()) if n else chosen(world, rng)[0]
        target = other(world, rng, concept)
        rows = n or int(np.sum(world.concepts == concept)) // 3
        seed = int(rng.integers(2**32))
        there = testing.part_moved(world, concept, toward=target, share=share, n=rows, seed=seed)
        return Planted(world=world.after(there), truth=frozenset({concept}), toward={concept: target})

    return planted


def split(world: World, rng: np.random.Generator) -> Planted:
    (concept,) = chosen(world, rng)
    there = testing.split(world, concept, share=0.3, seed=int(rng.integers(2**32)))
    return Planted(world=world.after(there), truth=frozenset({concept}))


def scatter(world: World, rng: np.random.Generator) -> Planted:
    """A tenth of the members leave, half the way to concepts of their own choice."""
    (concept,) = chosen(world, rng)
    n = int(np.sum(world.concepts == concept)) // 10
    there = testing.scattered(world, concept, n=n, share=0.5, seed=int(rng.integers(2**32)))
    return Planted(world=world.after(there), truth=frozenset({concept}))


def merge(world: World, rng: np.random.Generator) -> Planted:
    a, b = chosen(world, rng, 2)
    return Planted(
        world=world.after(testing.merged(world, a, b, share=0.6)), truth=frozenset({a, b}), toward={a: b, b: a}
    )


def collapse(world: World, rng: np.random.Generator) -> Planted:
    there = world.after(testing.collapsed(world, share=0.15))
    return Planted(world=there, truth=frozenset(range(len(world.names))), everywhere=True)


def retraining(expansion: float) -> Callable[[World, np.random.Generator], World]:
    """From a mild continuation to another seed; with an expansion, better trained as well."""

    def after(world: World, rng: np.random.Generator) -> World:
        strength = float(np.exp(rng.uniform(*np.log(RETRAINING))))
        seed = int(rng.integers(2**32))
        return world.after(testing.retrained(world, strength=strength, expansion=expansion, seed=seed))

    return after


def turned(world: World, seed: int) -> Vectors:
    return testing.rotated(own_jitter(world, seed), seed=seed)


RETRAININGS = ("retraining", "retraining, better trained")
UNPAIRED = ("fresh resample", "prior shift")

NULL_MAKERS: dict[str, Callable[[World, np.random.Generator], World]] = {
    "retraining": retraining(0.0),
    "retraining, better trained": retraining(0.05),
    "jitter": lambda world, rng: world.after(own_jitter(world, int(rng.integers(2**32)))),
    "rotation": lambda world, rng: world.after(testing.rotated(world.vectors, seed=int(rng.integers(2**32)))),
    "rotation + jitter": lambda world, rng: world.after(turned(world, int(rng.integers(2**32)))),
    "scale": lambda world, rng: world.after(testing.scaled(world.vectors, factor=float(rng.uniform(0.5, 2)))),
    "int8, one lattice": lambda world, rng: world.after(testing.int8_rounded(world.vectors)),
    "int8, a lattice a dim": lambda world, rng: world.after(testing.int8_rounded(world.vectors, lattice="dim")),
    "better trained": lambda world, rng: world.after(testing.sharpened(world, share=0.1, seed=int(rng.integers(99)))),
    "fresh resample": lambda world, rng: testing.resampled(world, seed=int(rng.integers(2**32))),
    "prior shift": lambda world, rng: testing.resampled(
        world,
        sizes=testing.unequal_sizes(len(world.names), low=30, high=300, seed=int(rng.integers(2**32))),
        seed=int(rng.integers(2**32)),
    ),
}

DRIFT_MAKERS: dict[str, Callable[[World, np.random.Generator], Planted]] = {
    "move 2 %": move(0.02),
    "move 5 %": move(0.05),
    "move 15 %": move(0.15),
    "move 30 %": move(0.30),
    "several, 5–20 %": several,
    "two merge": merge,
    "a third, 20 %": part(n=None, share=0.2),
    "30 rows, 40 %": part(n=30, share=0.4),
    "split": split,
    "scatter": scatter,
    "collapse, 15 %": collapse,
}

CONDITION_MAKERS: dict[str, Callable[[World, int], Vectors]] = {
    "still": own_jitter,
    "rotated": turned,
    "retrained": lambda world, seed: testing.retrained(world, strength=MILD_RETRAINING, seed=seed),
}

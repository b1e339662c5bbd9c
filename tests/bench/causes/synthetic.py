"""Worlds with known answers: what may happen to vectors, labels and samples, alone and together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from driftcore import testing
from driftcore.records import CauseKind
from driftcore.testing import World
from driftcore.workflows._cause import Context
from tests.bench.causes.cases import Pair, Source, Vectors, known_texts

Change = Callable[[World, int], Vectors]


@lru_cache(maxsize=4)
def world(seed: int) -> World:
    """A world of its own shape: 8 to 40 concepts of 40 to 100 samples, 24 to 192 dims, round or elongated."""
    rng = np.random.default_rng([seed, 4])
    return testing.make_world(
        n_concepts=int(rng.integers(8, 41)),
        n_per_concept=int(rng.integers(40, 101)),
        n_dims=int(rng.choice([24, 48, 96, 192])),
        spread=float(rng.uniform(0.3, 0.6)),
        anisotropy=float(rng.uniform(0, 1.2)),
        tails=5.0,
        neighborhoods=(2, 4),
        seed=seed,
    )


def strength(seed: int, low: float, high: float) -> float:
    """How much of it happens, another amount in every world: log-uniform between two."""
    return float(np.exp(np.random.default_rng([seed, 9]).uniform(np.log(low), np.log(high))))


def pair(seed: int, current: Vectors) -> Pair:
    start = world(seed)
    return Pair(reference=start.vectors, current=current, codes=start.concepts, names=start.names)


def moved(start: World, seed: int, *, share: float, n: int = 1) -> World:
    """`n` concepts go `share` of the mean gap, each toward another one."""
    rng = np.random.default_rng([seed, 5])
    picked = rng.permutation(len(start.names))[: 2 * n].reshape(n, 2)
    after, centroids = start, start.centroids
    for a, b in picked:
        way = share * start.mean_gap / float(np.linalg.norm(centroids[b] - centroids[a]))
        after = after.after(testing.moved(after, int(a), toward=int(b), share=way))
    return after


def noisy(start: World, seed: int, *, by: float) -> Vectors:
    """Every sample a little off on its own, by a share of the mean gap: another kernel, coarser weights."""
    scale = by * start.mean_gap / np.sqrt(start.vectors.shape[1])
    return testing.jittered(start.vectors, scale=scale, seed=seed)


def unturned(start: World, seed: int, *, by: float) -> Vectors:
    """A training that goes on from the last one: the space keeps its orientation."""
    turned = testing.retrained(start, strength=by, seed=seed)
    return np.asarray(turned @ testing.rotation(turned.shape[1], seed=seed).T, dtype=np.float32)


def bfloat16(cloud: Vectors) -> Vectors:
    """Rounded to 8 significant bits."""
    mantissa, exponent = np.frexp(cloud)
    return np.ldexp(np.rint(mantissa * 256) / 256, exponent).astype(np.float32)


def unit(cloud: Vectors) -> Vectors:
    return np.asarray(cloud / np.linalg.norm(cloud, axis=1, keepdims=True), dtype=np.float32)


def reordered(cloud: Vectors, seed: int) -> Vectors:
    """Columns in another order, half of them with the other sign."""
    rng, n_dims = np.random.default_rng([seed, 6]), cloud.shape[1]
    return np.asarray(cloud[:, rng.permutation(n_dims)] * rng.choice((-1, 1), size=n_dims), dtype=np.float32)


def texts_of(start: World, seed: int) -> NDArray[np.object_]:
    """Texts of all lengths; some concepts have longer ones."""
    rng = np.random.default_rng([seed, 7])
    typical = rng.normal(4, 0.4, size=len(start.names))[start.concepts]
    lengths = np.exp(rng.normal(typical, 0.5)).astype(int) + 5
    return np.array(["x" * length for length in lengths], dtype=object)


def truncated(seed: int, *, with_texts: bool) -> Pair:
    """The longest texts were cut, 3 to 40 % of them: their vectors are others, all the rest is exactly the same."""
    start = world(seed)
    texts = texts_of(start, seed)
    lengths = np.array([len(text) for text in texts])
    cut = lengths > np.quantile(lengths, 1 - strength(seed, 0.03, 0.4))
    current = np.where(cut[:, None], noisy(start, seed, by=0.5), start.vectors)
    known = known_texts(texts) if with_texts else Context()
    return replace(pair(seed, current), known=known)


def truncated_and_moved(seed: int) -> Pair:
    """A concept moves, and in all concepts the longest texts were cut."""
    start = world(seed)
    both = truncated(seed, with_texts=True)
    step = moved(start, seed, share=0.15).vectors - start.vectors
    return replace(both, current=np.asarray(both.current + step, dtype=np.float32))


def relabelled(seed: int, share: float) -> Pair:
    start = world(seed)
    return replace(pair(seed, start.vectors.copy()), n_relabeled=round(share * len(start.vectors)))


def another_mix(seed: int, current: Change, *, favoured: int) -> Pair:
    """The same samples, and a quarter more on the current side: about `favoured` concepts, or all alike where 0."""
    start = world(seed)
    rng = np.random.default_rng([seed, 8])
    about = rng.choice(len(start.names), size=favoured, replace=False) if favoured else np.arange(len(start.names))
    both = np.concatenate([start.concepts, rng.choice(about, size=len(start.vectors) // 4)])
    names = np.array(start.names, dtype=object)
    return replace(pair(seed, current(start, seed)), known=Context(labels=(names[start.concepts], names[both])))


def same(start: World, seed: int) -> Vectors:
    return start.vectors.copy()


def turned(start: World, seed: int) -> Vectors:
    return testing.rotated(start.vectors, seed=seed)


def int8(cloud: Vectors) -> Vectors:
    return testing.int8_rounded(cloud)


def int8_by_sample(cloud: Vectors) -> Vectors:
    return np.stack([int8(row[None])[0] for row in cloud])


def other_sums(start: World, seed: int) -> Vectors:
    noise = np.random.default_rng(seed).normal(scale=1e-7, size=start.vectors.shape)
    return np.asarray(start.vectors * (1 + noise), dtype=np.float32)


def part(start: World, seed: int, *, share: float) -> Vectors:
    """A third of a concept moves, the others of it stay."""
    rng = np.random.default_rng([seed, 3])
    a, b = (int(k) for k in rng.permutation(len(start.names))[:2])
    n = int((start.concepts == a).sum() // 3)
    return testing.part_moved(start, a, toward=b, share=share, n=n, seed=seed)


def source(name: str, truth: tuple[CauseKind, ...], change: Change) -> Source:
    return Source(name=name, truth=truth, make=lambda seed: pair(seed, change(world(seed), seed)))


def some(low: float, high: float, change: Callable[[World, int, float], Vectors]) -> Change:
    """A change of another strength in every world."""
    return lambda start, seed: change(start, seed, strength(seed, low, high))


INFRA: CauseKind = "infrastructure"
MODEL: CauseKind = "model"
SEMANTIC: CauseKind = "semantic"
DATA: CauseKind = "data"
NONE: CauseKind = "none"

SOURCES = (
    source("the same vectors", (NONE,), same),
    source("float16 storage", (NONE,), lambda w, s: w.vectors.astype(np.float16).astype(np.float32)),
    source("bfloat16 storage", (NONE,), lambda w, s: bfloat16(w.vectors)),
    source("sums in another order", (NONE,), other_sums),
    Source(name="0.5 % relabelled", truth=(NONE,), make=lambda seed: relabelled(seed, 0.005)),
    Source(name="more samples, same mix", truth=(NONE,), make=lambda seed: another_mix(seed, same, favoured=0)),
    source("int8 vectors, one step", (INFRA,), lambda w, s: int8(w.vectors)),
    source("int8 vectors, a step a dimension", (INFRA,), lambda w, s: testing.int8_rounded(w.vectors, lattice="dim")),
    source("int8 vectors, a step a sample, length 1", (INFRA,), lambda w, s: unit(int8_by_sample(unit(w.vectors)))),
    source("noise .002–.1", (INFRA,), some(0.002, 0.1, lambda w, s, by: noisy(w, s, by=by))),
    source("lengths set to 1", (INFRA,), lambda w, s: unit(w.vectors)),
    source("columns in another order", (INFRA,), lambda w, s: reordered(w.vectors, s)),
    Source(name="long texts cut", truth=(INFRA,), make=lambda seed: truncated(seed, with_texts=True)),
    Source(name="long texts cut, texts unknown", truth=(INFRA,), make=lambda seed: truncated(seed, with_texts=False)),
    source("rotation", (MODEL,), turned),
    source(
        "rotation + noise", (MODEL,), some(0.005, 0.1, lambda w, s, by: testing.rotated(noisy(w, s, by=by), seed=s))
    ),
    source("scale", (MODEL,), some(0.3, 3, lambda w, s, by: testing.scaled(w.vectors, factor=by))),
    source("retrained .02–.15", (MODEL,), some(0.02, 0.15, lambda w, s, by: testing.retrained(w, strength=by, seed=s))),
    source("trained on .01–.1", (MODEL,), some(0.01, 0.1, lambda w, s, by: unturned(w, s, by=by))),
    source(
        "trained on .05 + as much noise",
        (MODEL,),
        lambda w, s: noisy(w.after(unturned(w, s, by=0.05)), s, by=0.05),
    ),
    source(
        "retrained, all pulled apart 3–20 %",
        (MODEL,),
        some(0.03, 0.2, lambda w, s, by: testing.retrained(w, strength=0.04, expansion=by, seed=s)),
    ),
    source("move 5 %", (SEMANTIC,), lambda w, s: moved(w, s, share=0.05).vectors),
    source("move 15 %", (SEMANTIC,), lambda w, s: moved(w, s, share=0.15).vectors),
    source("three moves 15 %", (SEMANTIC,), lambda w, s: moved(w, s, share=0.15, n=3).vectors),
    source("a third of a concept moves 15 %", (SEMANTIC,), lambda w, s: part(w, s, share=0.15)),
    source(
        "move 5 % + rotation + noise",
        (SEMANTIC, MODEL),
        lambda w, s: testing.rotated(noisy(moved(w, s, share=0.05), s, by=0.01), seed=s),
    ),
    source(
        "move 15 % + retrained .02",
        (SEMANTIC, MODEL),
        lambda w, s: testing.retrained(moved(w, s, share=0.15), strength=0.02, seed=s),
    ),
    source(
        "move 30 % + trained on .04",
        (SEMANTIC, MODEL),
        lambda w, s: unturned(moved(w, s, share=0.3), s, by=0.04),
    ),
    source(
        "a third of a concept moves 40 % + rotation + noise",
        (SEMANTIC, MODEL),
        lambda w, s: testing.rotated(noisy(w.after(part(w, s, share=0.4)), s, by=0.01), seed=s),
    ),
    Source(name="5 % relabelled", truth=(DATA,), make=lambda seed: relabelled(seed, 0.05)),
    Source(name="more samples of 3 concepts", truth=(DATA,), make=lambda seed: another_mix(seed, same, favoured=3)),
    Source(
        name="more samples of 3 concepts + rotation",
        truth=(DATA, MODEL),
        make=lambda seed: another_mix(seed, turned, favoured=3),
    ),
    source("int8 vectors + move 15 %", (SEMANTIC, INFRA), lambda w, s: int8(moved(w, s, share=0.15).vectors)),
    source(
        "noise .03 + move 15 %",
        (SEMANTIC, INFRA),
        lambda w, s: noisy(moved(w, s, share=0.15), s, by=0.03),
    ),
    source("columns + move 15 %", (SEMANTIC, INFRA), lambda w, s: reordered(moved(w, s, share=0.15).vectors, s)),
    Source(
        name="long texts cut + move 15 %",
        truth=(SEMANTIC, INFRA),
        make=truncated_and_moved,
    ),
    source("int8 vectors + rotation", (MODEL, INFRA), lambda w, s: int8(turned(w, s))),
    source("int8 vectors + retrained", (MODEL, INFRA), lambda w, s: int8(testing.retrained(w, seed=s))),
    source("lengths set to 1 + trained on .03", (INFRA, MODEL), lambda w, s: unit(unturned(w, s, by=0.03))),
)

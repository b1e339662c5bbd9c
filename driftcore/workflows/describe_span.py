"""One span as a person reads it: what it is in one sentence, the words that set it apart, and its samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.records import Span
from driftcore.store import Store
from driftcore.wording import distinguishing_words
from driftcore.workflows._pairing import outcome
from driftcore.workflows.stored_texts import StoredTexts

# texts that the words are told from: more say the same, and take longer
_MAX_TEXTS = 5000

FLIPS = ("right → wrong", "wrong → right", "wrong", "right", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpanDetail:
    """A span to be read; `samples` has a row a sample, the most shifted first, and `texts` their texts, row by row."""

    sentence: str
    words: tuple[str, ...]
    samples: pd.DataFrame
    texts: StoredTexts


def describe_span(store: Store, span: Span) -> SpanDetail:
    """Read a span's samples with what was predicted before and now, and say in one sentence what they are.

    `samples` has the columns ``label``, ``before``, ``now``, ``confidence``, ``shift``, ``outcome`` (one of
    `FLIPS`) and ``sample_id``.
    """
    samples = _samples(store, span)
    words = span.words or _words(store, span)
    ids = samples["sample_id"].to_numpy(dtype=object)
    texts = StoredTexts(store=store, checkpoint=span.current, split=span.split, sample_ids=ids)
    return SpanDetail(sentence=_sentence(span, samples), words=words, samples=samples, texts=texts)


def _samples(store: Store, span: Span) -> pd.DataFrame:
    ids = np.array(span.sample_ids, dtype=object)
    before = outcome(store, store.snapshots.get(span.reference, span.reference_split or span.split), ids)
    after = outcome(store, store.snapshots.get(span.current, span.split), ids)
    known, labels = store.snapshots.labels(span.current, span.split)
    drift = store.reports.samples(span.report_id)
    nothing, unknown = np.full(len(ids), None, dtype=object), np.full(len(ids), np.nan, dtype=np.float32)
    was = unknown if before is None else before.correct
    is_ = unknown if after is None else after.correct
    shift = pd.Series(drift.shift.astype(np.float64), index=drift.sample_ids).reindex(ids).to_numpy()
    table = pd.DataFrame(
        {
            "label": pd.Series(labels, index=known).reindex(ids).to_numpy(),
            "before": nothing if before is None else before.predictions,
            "now": nothing if after is None else after.predictions,
            "confidence": unknown if after is None else after.confidences,
            "shift": shift,
            "outcome": _outcomes(was, is_),
            "sample_id": ids,
        }
    )
    return table.sort_values("shift", ascending=False, kind="stable", ignore_index=True)


def _outcomes(was: NDArray[np.float32], is_: NDArray[np.float32]) -> NDArray[np.object_]:
    """What the evals say of each sample, before and now."""
    cases = [(was == 1) & (is_ == 0), (was == 0) & (is_ == 1), is_ == 0, is_ == 1]
    return np.select(cases, list(FLIPS[:4]), default=FLIPS[4]).astype(object)


def _sentence(span: Span, samples: pd.DataFrame) -> str:
    told = samples["outcome"]
    n_wrong, n_flipped = int(told.isin(("right → wrong", "wrong")).sum()), int((told == FLIPS[0]).sum())
    evals = (
        "No eval run says what became of them."
        if (told == FLIPS[4]).all()
        else f"{_share(n_wrong, len(samples))} mispredicted now, {n_flipped:,} of them right at {span.reference}."
        if n_wrong
        else "None of them is mispredicted now."
    )
    return f"{_what(span)} between {span.reference} and {span.current}. {evals}"


def _what(span: Span) -> str:
    n = f"{span.n_samples:,} sample{'s' if span.n_samples != 1 else ''}"
    toward = f" toward {span.toward}" if span.toward else ""
    answered = f", mostly as {span.toward}" if span.toward else ""
    if span.origin == "merged":
        return f"{n}, mostly of {span.concept}, merged from {len(span.merged_from)} spans that drifted{toward}"
    if span.origin == "lasso":
        return f"{n}, mostly of {span.concept}, selected by a person on the map"
    return {
        "moved": f"{n} of {span.concept} drifted{toward}",
        "part": f"{n}, a part of {span.concept}, drifted{toward}",
        "split": f"{n} of {span.concept} were torn off from the rest",
        "scattered": f"{n} of {span.concept} were scattered",
        "boundary": f"{n} of {span.concept} stayed, and are answered wrongly more often{answered}",
        "content": f"{n} of {span.concept} say something different than before",
        "novel": f"{n} are unlike any known sample",
    }.get(span.kind, f"{n} of {span.concept} drifted{toward}")


def _share(count: int, total: int) -> str:
    return f"{count:,} of {total:,} ({100 * count / total:.0f} %) {'is' if count == 1 else 'are'}"


def _words(store: Store, span: Span) -> tuple[str, ...]:
    """The words that set the span's texts apart from the other texts of its concept, or of all where it has none."""
    known, labels = store.snapshots.labels(span.current, span.split)
    inside = pd.Index(known).isin(span.sample_ids)
    own = ~inside & (labels == span.concept)
    rest = known[own if own.any() else ~inside][:_MAX_TEXTS]
    texts = [
        [str(text) for text in store.snapshots.texts(span.current, span.split, ids) if text]
        for ids in (known[inside][:_MAX_TEXTS], rest)
    ]
    return distinguishing_words(*texts)

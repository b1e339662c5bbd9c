"""Spans: the samples of a concept that moved with it, the part that moved alone, or what stayed and lost accuracy."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.records import Kind, Snapshot, Span, Verdict
from driftcore.store import Store
from driftcore.wording import distinguishing_words
from driftcore.workflows._measure import Measurement
from driftcore.workflows._pairing import PairedRows
from driftcore.workflows._part_drift import part_of

# a sample went with its concept if it made at least half of the concept's movement
MIN_SHARE = 0.5

Rows = NDArray[np.int64]
SpanKind = Kind | Literal["boundary"]


def segment(
    store: Store,
    rows: PairedRows,
    measured: Measurement,
    each: tuple[Kind, ...],
    judged: tuple[Verdict | None, ...],
    *,
    reference: Snapshot,
    current: Snapshot,
    report_id: str,
) -> tuple[Span, ...]:
    """One span for each concept that moved, or for the part of it that did; the largest displacement first.

    A concept that stayed while its accuracy surely fell is a span as well, of all its samples: were it of those that
    are wrong, the next checkpoint would gain on it by chance alone.

    Parameters
    ----------
    store : Store
        Where the texts are; those of the spans' concepts are read, for the words that set the spans apart.
    each : tuple of Kind, length n_concepts
    judged : tuple of Verdict, length n_concepts
    """
    kinds: dict[int, SpanKind] = {
        k: "boundary" if kind == "none" else kind
        for k, kind in enumerate(each)
        if kind != "none" or judged[k] == "boundary"
    }
    found = {k: _members(measured, k, kind) for k, kind in kinds.items()}
    toward = {k: _toward(rows, measured, k, kind) for k, kind in kinds.items()}
    beside = {k: _beside(measured, k, members, kinds[k], toward[k]) for k, members in found.items()}
    texts = _texts(store, current, rows, [*found.values(), *beside.values()])
    spans = [
        _span(
            rows,
            measured,
            k,
            kinds[k],
            members,
            toward[k],
            (texts[members], texts[beside[k]]),
            reference,
            current,
            report_id,
        )
        for k, members in found.items()
    ]
    order = np.argsort([-_displacement(measured, k, kinds[k]) for k in found], kind="stable")
    return tuple(spans[i] for i in order)


def span_id(*basis: str) -> str:
    """A short id that the same span gets again."""
    return hashlib.blake2b("\x1f".join(basis).encode(), digest_size=6).hexdigest()


def _members(measured: Measurement, k: int, kind: SpanKind) -> Rows:
    """The rows of a span, the most shifted first."""
    inside = measured.codes == k
    if kind != "boundary":
        found = part_of(measured.parts, kind)
        inside = inside & (measured.share >= MIN_SHARE if found is None else found.inside)
    members = np.flatnonzero(inside)
    return members[np.argsort(-measured.shift[members], kind="stable")]


def _toward(rows: PairedRows, measured: Measurement, k: int, kind: SpanKind) -> int:
    """The concept that a span heads for, or that it is answered as; -1 for none."""
    if kind != "boundary":
        found = part_of(measured.parts, kind)
        return int(measured.pairs.toward[k] if found is None else found.toward[k])
    assert rows.outcome_current is not None  # or nobody could say that its accuracy fell
    wrong = (measured.codes == k) & (rows.outcome_current.correct == 0)
    answered = pd.Index(measured.names).get_indexer(pd.Index(rows.outcome_current.predictions[wrong], dtype=object))
    counts = np.bincount(answered[(answered >= 0) & (answered != k)], minlength=1)
    return int(counts.argmax()) if counts.any() else -1


def _beside(measured: Measurement, k: int, members: Rows, kind: SpanKind, toward: int) -> Rows:
    """What the words tell a span from: a part from the rest of its concept, a concept from the one it heads for."""
    other = toward if kind in ("moved", "boundary") else k
    return np.setdiff1d(np.flatnonzero(measured.codes == other), members)


def _texts(store: Store, current: Snapshot, rows: PairedRows, wanted: list[Rows]) -> NDArray[np.object_]:
    """The text of each wanted row, None for all others."""
    texts = np.full(len(rows.sample_ids), None, dtype=object)
    some = np.unique(np.concatenate(wanted)) if wanted else np.empty(0, dtype=np.int64)
    if len(some):
        texts[some] = store.snapshots.texts(current.checkpoint, current.split, rows.sample_ids[some])
    return texts


def _displacement(measured: Measurement, k: int, kind: SpanKind) -> float:
    found = None if kind == "boundary" else part_of(measured.parts, kind)
    return float(measured.concepts.displacement[k] if found is None else found.displacement[k])


def _span(
    rows: PairedRows,
    measured: Measurement,
    k: int,
    kind: SpanKind,
    members: Rows,
    heads_for: int,
    texts: tuple[NDArray[np.object_], NDArray[np.object_]],
    reference: Snapshot,
    current: Snapshot,
    report_id: str,
) -> Span:
    correct = None if rows.outcome_current is None else rows.outcome_current.correct[members]
    concept = measured.names[k]
    toward = measured.names[heads_for] if heads_for >= 0 else None
    words = distinguishing_words(*([text for text in side if text] for side in texts))
    return Span(
        span_id=span_id(report_id, concept),
        report_id=report_id,
        name=_name(concept, kind, toward, words),
        origin="found",
        reference=reference.checkpoint,
        current=current.checkpoint,
        split=reference.split,
        concept=concept,
        kind=kind,
        toward=toward,
        n_samples=len(members),
        n_mispredicted=None if correct is None else int((correct == 0).sum()),
        mean_shift=float(measured.shift[members].mean(dtype=np.float64)),
        sample_ids=tuple(rows.sample_ids[members]),
        created_at=datetime.now(UTC),
        words=words,
    )


def _name(concept: str, kind: SpanKind, toward: str | None, words: tuple[str, ...]) -> str:
    """What a list calls a span; the words of a part are what it is about, so they stand in its name."""
    if kind == "moved":
        return concept if toward is None else f"{concept} → {toward}"
    if kind == "boundary":
        return f"{concept}, answered {'wrongly' if toward is None else f'as {toward}'}"
    what = {"part": f"part of {concept}", "split": f"{concept}, torn off", "scattered": f"{concept}, scattered"}[kind]
    where = what if toward is None else f"{what} → {toward}"
    return f"{where}: {', '.join(words)}" if words else where

"""Spans: the samples of a drifted concept that moved with it, or the part of it that moved alone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Kind, Snapshot, Span
from driftcore.store import Store
from driftcore.wording import distinguishing_words
from driftcore.workflows._measure import Measurement
from driftcore.workflows._pairing import PairedRows
from driftcore.workflows._part_drift import part_of

# a sample went with its concept if it made at least half of the concept's movement
MIN_SHARE = 0.5

Rows = NDArray[np.int64]


def segment(
    store: Store,
    rows: PairedRows,
    measured: Measurement,
    each: tuple[Kind, ...],
    *,
    reference: Snapshot,
    current: Snapshot,
    report_id: str,
) -> tuple[Span, ...]:
    """One span for each concept that moved, or for the part of it that did; the largest displacement first.

    Parameters
    ----------
    store : Store
        Where the texts are; those of the spans' concepts are read, for the words that set the spans apart.
    each : tuple of Kind, length n_concepts
    """
    found = {k: _members(measured, k, kind) for k, kind in enumerate(each) if kind != "none"}
    beside = {k: _beside(measured, k, members, each[k]) for k, members in found.items()}
    texts = _texts(store, current, rows, [*found.values(), *beside.values()])
    spans = [
        _span(rows, measured, k, each[k], members, (texts[members], texts[beside[k]]), reference, current, report_id)
        for k, members in found.items()
    ]
    order = np.argsort([-_displacement(measured, k, each[k]) for k in found], kind="stable")
    return tuple(spans[i] for i in order)


def span_id(*basis: str) -> str:
    """A short id that the same span gets again."""
    return hashlib.blake2b("\x1f".join(basis).encode(), digest_size=6).hexdigest()


def _members(measured: Measurement, k: int, kind: Kind) -> Rows:
    """The rows of a span, the most shifted first."""
    found = part_of(measured.parts, kind)
    went = measured.share >= MIN_SHARE if found is None else found.inside
    members = np.flatnonzero((measured.codes == k) & went)
    return members[np.argsort(-measured.shift[members], kind="stable")]


def _beside(measured: Measurement, k: int, members: Rows, kind: Kind) -> Rows:
    """What the words tell a span from: a part from the rest of its concept, a concept from the one it heads for."""
    other = int(measured.pairs.toward[k]) if kind == "moved" else k
    return np.setdiff1d(np.flatnonzero(measured.codes == other), members)


def _texts(store: Store, current: Snapshot, rows: PairedRows, wanted: list[Rows]) -> NDArray[np.object_]:
    """The text of each wanted row, None for all others."""
    texts = np.full(len(rows.sample_ids), None, dtype=object)
    some = np.unique(np.concatenate(wanted)) if wanted else np.empty(0, dtype=np.int64)
    if len(some):
        texts[some] = store.snapshots.texts(current.checkpoint, current.split, rows.sample_ids[some])
    return texts


def _displacement(measured: Measurement, k: int, kind: Kind) -> float:
    found = part_of(measured.parts, kind)
    return float(measured.concepts.displacement[k] if found is None else found.displacement[k])


def _span(
    rows: PairedRows,
    measured: Measurement,
    k: int,
    kind: Kind,
    members: Rows,
    texts: tuple[NDArray[np.object_], NDArray[np.object_]],
    reference: Snapshot,
    current: Snapshot,
    report_id: str,
) -> Span:
    correct = None if rows.outcome_current is None else rows.outcome_current.correct[members]
    found, concept = part_of(measured.parts, kind), measured.names[k]
    heads_for = int(measured.pairs.toward[k] if found is None else found.toward[k])
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


def _name(concept: str, kind: Kind, toward: str | None, words: tuple[str, ...]) -> str:
    """What a list calls a span; the words of a part are what it is about, so they stand in its name."""
    if kind == "moved":
        return concept if toward is None else f"{concept} → {toward}"
    what = {"part": f"part of {concept}", "split": f"{concept}, torn off", "scattered": f"{concept}, scattered"}[kind]
    where = what if toward is None else f"{what} → {toward}"
    return f"{where}: {', '.join(words)}" if words else where

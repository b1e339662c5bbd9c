"""Spans: the samples of a drifted concept that moved with it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Snapshot, Span
from driftcore.workflows._measure import Measurement
from driftcore.workflows._pairing import PairedRows

# a sample went with its concept if it made at least half of the concept's movement
MIN_SHARE = 0.5


def segment(
    rows: PairedRows,
    measured: Measurement,
    moved: NDArray[np.bool_],
    *,
    reference: Snapshot,
    current: Snapshot,
    report_id: str,
) -> tuple[Span, ...]:
    """One span for each moved concept, the largest displacement first."""
    order = np.flatnonzero(moved)[np.argsort(-measured.concepts.displacement[moved], kind="stable")]
    return tuple(_span(rows, measured, int(k), reference, current, report_id) for k in order)


def _span(
    rows: PairedRows, measured: Measurement, k: int, reference: Snapshot, current: Snapshot, report_id: str
) -> Span:
    members = np.flatnonzero((measured.codes == k) & (measured.share >= MIN_SHARE))
    members = members[np.argsort(-measured.shift[members], kind="stable")]
    correct = None if rows.outcome_current is None else rows.outcome_current.correct[members]
    toward = int(measured.pairs.toward[k])
    name = measured.names[k]
    return Span(
        span_id=span_id(report_id, name),
        report_id=report_id,
        name=f"{name} → {measured.names[toward]}",
        origin="found",
        reference=reference.checkpoint,
        current=current.checkpoint,
        split=reference.split,
        concept=name,
        kind="moved",
        toward=measured.names[toward],
        n_samples=len(members),
        n_mispredicted=None if correct is None else int((correct == 0).sum()),
        mean_shift=float(measured.shift[members].mean(dtype=np.float64)),
        sample_ids=tuple(rows.sample_ids[members]),
        created_at=datetime.now(UTC),
    )


def span_id(*basis: str) -> str:
    """A short id that the same span gets again."""
    return hashlib.blake2b("\x1f".join(basis).encode(), digest_size=6).hexdigest()

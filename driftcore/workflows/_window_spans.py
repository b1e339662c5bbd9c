"""Spans of an unpaired comparison: what is said differently in a concept, and what is new."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Span
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_numbers import WindowNumbers
from driftcore.workflows._window_rows import Window
from driftcore.workflows.segment import span_id


def window_spans(
    reference: Window,
    current: Window,
    concepts: WindowConcepts,
    numbers: WindowNumbers,
    changed: NDArray[np.bool_],
    *,
    novelty: bool,
    min_effect: float,
    report_id: str,
) -> tuple[Span, ...]:
    """One span for each concept whose content changed, the surest first, and one for the novel samples.

    A concept's span holds the samples that are more typical of the current window than nine tenths of the reference
    are, the most so first; where nothing changed that would be a tenth.
    """

    def span(members: NDArray[np.int64], *, kind: str, concept: str, name: str, toward: str | None = None) -> Span:
        told = None if current.outcome is None else current.outcome.correct[members]
        return Span(
            span_id=span_id(report_id, kind, concept),
            report_id=report_id,
            name=name,
            origin="found",
            reference=reference.snapshot.checkpoint,
            current=current.snapshot.checkpoint,
            split=current.snapshot.split,
            reference_split=reference.snapshot.split,
            concept=concept,
            kind=kind,
            toward=toward,
            n_samples=len(members),
            n_mispredicted=None if told is None else int((told == 0).sum()),
            mean_shift=float(numbers.shift[members].mean(dtype=np.float64)),
            sample_ids=tuple(current.sample_ids[members]),
            created_at=datetime.now(UTC),
        )

    found = []
    for k in np.flatnonzero(changed)[np.argsort(numbers.q_values[changed], kind="stable")]:
        members = np.flatnonzero((concepts.current == k) & (numbers.witness > numbers.typical[k]))
        if not len(members):
            continue
        members = members[np.argsort(-numbers.witness[members], kind="stable")]
        far = numbers.movement.displacement[k] >= min_effect and numbers.movement.migration[k] > 0
        toward = concepts.names[numbers.movement.toward[k]] if far else None
        name = f"{concepts.names[k]}, said differently"
        found.append(span(members, kind="content", concept=concepts.names[k], name=name, toward=toward))
    if novelty and numbers.novel is not None:
        nearest = numbers.nearest_concept[numbers.nearest_concept >= 0]
        concept = concepts.names[np.bincount(nearest).argmax()] if len(nearest) else ""
        found.append(span(numbers.novel.rows, kind="novel", concept=concept, name="unlike any known sample"))
    return tuple(found)

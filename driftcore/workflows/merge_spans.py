"""Merge spans of the same two checkpoints into one that knows its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from driftcore.errors import BadInputError, NotComparableError
from driftcore.records import Decision, Span, TriagedSpan
from driftcore.store import Store
from driftcore.workflows._pairing import outcome
from driftcore.workflows._triaged import sides
from driftcore.workflows.segment import span_id
from driftcore.workflows.triage import new_id, standing_spans

_N_WORDS = 5


def merge(store: Store, span_ids: Sequence[str], *, name: str = "", who: str | None = None) -> Span:
    """Make one span of several: each sample once, the parts kept and marked as merged.

    The parts keep their samples and reasons, for an export says of every sample why it is there.

    Parameters
    ----------
    store : Store
    span_ids : sequence of str
        At least two spans between the same checkpoints, on the same split.
    name : str
        Default: the names of the parts.

    Raises
    ------
    NotFoundError
        If there is no such span.
    BadInputError
        If there are fewer than two.
    NotComparableError
        If they are not between the same checkpoints.
    ConflictError
        If one of them was merged already.
    """
    parts = standing_spans(store, span_ids)
    span = merged_span(store, [each.span for each in parts], name=name)
    # the span first: without a decision that names it, it is a span like any other, and merging again finds it
    store.spans.write(span)
    store.decisions.write(
        Decision(
            decision_id=new_id(),
            span_ids=span.merged_from,
            at=datetime.now(UTC),
            who=who,
            status="merged",
            merged_into=span.span_id,
        )
    )
    return span


def mergeable(span: Span, spans: Sequence[TriagedSpan]) -> tuple[Span, ...]:
    """The other spans that can be merged with this one."""
    others = (each.span for each in spans if each.status != "merged" and each.span.span_id != span.span_id)
    return tuple(other for other in others if sides(other) == sides(span))


def merged_span(store: Store, parts: Sequence[Span], *, name: str = "") -> Span:
    """What merging these spans would make; it is not stored. Raises as `merge` does."""
    if len(parts) < 2:
        raise BadInputError("One span is not to be merged with itself: choose another one beside it.")
    if len({sides(part) for part in parts}) > 1:
        named = ", ".join(dict.fromkeys(f"{part.reference} → {part.current} ({part.split})" for part in parts))
        raise NotComparableError(f"Only spans between the same checkpoints can be merged; these are of {named}.")
    last = max(parts, key=lambda part: part.created_at)
    drift = store.reports.samples(last.report_id)
    ids = np.array(sorted({each for part in parts for each in part.sample_ids}), dtype=object)
    rows = pd.Index(drift.sample_ids).get_indexer(pd.Index(ids))
    order = np.argsort(-drift.shift[rows], kind="stable")
    ids, rows = ids[order], rows[order]
    told = outcome(store, store.snapshots.get(last.current, last.split), ids)
    concepts = Counter(str(concept) for concept in drift.concepts[rows] if concept is not None)
    toward = {part.toward for part in parts}
    return Span(
        span_id=span_id("merged", *sorted(part.span_id for part in parts)),
        report_id=last.report_id,
        name=name.strip() or " + ".join(part.name for part in parts),
        origin="merged",
        reference=last.reference,
        current=last.current,
        split=last.split,
        concept=concepts.most_common(1)[0][0] if concepts else last.concept,
        kind="merged",
        toward=toward.pop() if len(toward) == 1 else None,
        n_samples=len(ids),
        n_mispredicted=None if told is None else int((told.correct == 0).sum()),
        mean_shift=float(drift.shift[rows].mean(dtype=np.float64)),
        sample_ids=tuple(str(each) for each in ids),
        created_at=datetime.now(UTC),
        words=tuple(dict.fromkeys(word for part in parts for word in part.words))[:_N_WORDS],
        reference_split=last.reference_split,
        merged_from=tuple(part.span_id for part in parts),
    )

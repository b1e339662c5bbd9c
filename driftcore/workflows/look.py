"""Look at the map: put together what one step of the frame shows, and turn a lasso into a span."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.errors import BadInputError, NotFoundError, one_line
from driftcore.records import CentroidPath, DriftReport, Frame, MapRows, Selection, Span, Texts
from driftcore.store import Store
from driftcore.wording import distinguishing_words
from driftcore.workflows._pairing import outcome
from driftcore.workflows.segment import span_id
from driftcore.workflows.stored_texts import StoredTexts

_READ_AT_MOST = 2_000

Polygon = Sequence[tuple[float, float]]


def map_rows(store: Store, frame: Frame, report: DriftReport) -> MapRows:
    """The samples of the report's current checkpoint on the frame, with texts, shift and what the evals said.

    Raises
    ------
    NotFoundError
        If the frame has no step for the checkpoint.
    """
    step = frame.step(report.current)
    if step is None:
        raise NotFoundError(f"The map of '{one_line(frame.reference)}' does not show '{one_line(report.current)}' yet.")
    ids = step.sample_ids
    drift = store.reports.samples(report.report_id)
    rows = pd.Index(drift.sample_ids).get_indexer(pd.Index(ids))
    before = outcome(store, store.snapshots.get(report.reference, report.split), ids)
    after = outcome(store, store.snapshots.get(report.current, report.split), ids)
    unknown = np.full(len(ids), np.nan, dtype=np.float32)
    return MapRows(
        sample_ids=ids,
        texts=StoredTexts(store=store, checkpoint=report.current, split=report.split, sample_ids=ids),
        concepts=drift.concepts[rows],
        predictions=np.full(len(ids), None, dtype=object) if after is None else after.predictions,
        points=step.points,
        clusters=step.clusters,
        shift=drift.shift[rows],
        correct_reference=unknown if before is None else before.correct,
        correct_current=unknown if after is None else after.correct,
        confidences=unknown if after is None else after.confidences,
    )


def centroid_paths(frame: Frame, current: str, concepts: Sequence[str]) -> tuple[CentroidPath, ...]:
    """The drawn paths of some concepts from the reference to `current`."""
    names = [step.checkpoint for step in frame.steps]
    steps = frame.steps[: names.index(current) + 1]
    number = {name: row for row, name in enumerate(frame.steps[0].concepts)}
    return tuple(
        CentroidPath(
            concept=concept,
            checkpoints=tuple(step.checkpoint for step in steps),
            points=np.array([step.centroids[number[concept]] for step in steps], dtype=np.float32),
        )
        for concept in concepts
        if concept in number
    )


def highlighted_concepts(report: DriftReport) -> tuple[str, ...]:
    """The concepts that get a colour and a path: those that moved and where they went, else the largest; at most 5."""
    moved = [each for each in report.concepts if each.kind != "none"]
    names = [each.concept for each in moved] + [each.toward for each in moved if each.toward is not None]
    if not names:
        names = [each.concept for each in sorted(report.concepts, key=lambda each: -each.n)[:3]]
    return tuple(dict.fromkeys(names))[:5]


def places_before(rows: MapRows, frame: Frame) -> NDArray[np.float32]:
    """Where the samples were at the reference, shape (n_samples, 2); those that were not there, where they are."""
    first = frame.steps[0]
    if first.sample_ids is rows.sample_ids:
        return first.points
    at = pd.Index(first.sample_ids).get_indexer(pd.Index(rows.sample_ids))
    return np.where((at >= 0)[:, None], first.points[at], rows.points).astype(np.float32)


def summarize(rows: MapRows, selected: NDArray[np.bool_]) -> Selection:
    """How many samples, of which concepts, how many mispredicted, how far they moved."""
    correct = rows.correct_current[selected]
    # by the name, so that equal counts stand in one order
    counts = pd.Series(rows.concepts[selected]).value_counts(sort=False).sort_index()
    return Selection(
        n_samples=int(selected.sum()),
        n_mispredicted=None if np.isnan(correct).all() else int((correct == 0).sum()),
        mean_shift=float(rows.shift[selected].mean(dtype=np.float64)) if selected.any() else 0.0,
        concepts=tuple(sorted(((str(k), int(n)) for k, n in counts.items()), key=lambda each: -each[1])),
    )


def telling_words(rows: MapRows, selected: NDArray[np.bool_]) -> tuple[str, ...]:
    """The words that set the selected samples apart from the others of their concepts; of all, where no other is there.

    Read from a seeded part of at most 2,000 texts on either side: a caption needs no more.
    """
    outside = ~selected & pd.Index(rows.concepts).isin(pd.unique(rows.concepts[selected]))
    if not outside.any():
        outside = ~selected
    return distinguishing_words(*(some_texts(rows.texts, side) for side in (selected, outside)))


def some_texts(texts: NDArray[np.object_] | Texts, wanted: NDArray[np.bool_]) -> list[str]:
    """The texts of the wanted rows, of more than 2,000 a seeded part: words that set them apart need no more."""
    at = np.flatnonzero(wanted)
    if len(at) > _READ_AT_MOST:
        at = np.random.default_rng(0).choice(at, _READ_AT_MOST, replace=False)
    return [str(text) for text in texts[at] if text is not None]


def selected_span(
    rows: MapRows, selected: NDArray[np.bool_], report: DriftReport, *, name: str = "", polygon: Polygon = ()
) -> Span:
    """The selected samples as a span, the most shifted first; it is not stored.

    Raises
    ------
    BadInputError
        If nothing is selected.
    """
    if not selected.any():
        raise BadInputError("Nothing is selected: draw around samples with the lasso or the box.")
    chosen = np.flatnonzero(selected)
    chosen = chosen[np.argsort(-rows.shift[chosen], kind="stable")]
    facts = summarize(rows, selected)
    concept = facts.concepts[0][0] if facts.concepts else "none"
    drift = next((each for each in report.concepts if each.concept == concept), None)
    ids = tuple(str(sample_id) for sample_id in rows.sample_ids[chosen])
    return Span(
        span_id=span_id("lasso", report.reference, report.current, report.split, *sorted(ids)),
        report_id=report.report_id,
        name=name.strip() or f"{concept}, {len(ids)} selected",
        origin="lasso",
        reference=report.reference,
        current=report.current,
        split=report.split,
        concept=concept,
        kind="lasso",
        toward=drift.toward if drift is not None and drift.kind != "none" else None,
        n_samples=len(ids),
        n_mispredicted=facts.n_mispredicted,
        mean_shift=facts.mean_shift,
        sample_ids=ids,
        created_at=datetime.now(UTC),
        polygon=tuple((float(x), float(y)) for x, y in polygon),
    )

"""What changed most between two checkpoints, as selections that a person can take with one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftcore.records import DriftReport, MapRows, Span

_MOST_SHIFTED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedSelection:
    """Samples worth a look: `title` says in plain words what they are, `sample_ids` names them, never none."""

    title: str
    sample_ids: tuple[str, ...]


def changed_most(rows: MapRows, report: DriftReport, spans: Sequence[Span]) -> tuple[SuggestedSelection, ...]:
    """Selections that are worth a look, the one that says most first.

    First the spans that `compare` found, in the report's order; then, concept by concept, what was right at the
    reference and is wrong now; then the 5 % of all samples that shifted most.

    Parameters
    ----------
    rows : MapRows
        The map's samples at the report's current checkpoint.
    report : DriftReport
    spans : sequence of Span
        Those of the report that are kept.
    """
    return (*_drifted(report, spans), *newly_wrong(rows), *_most_shifted(rows))


def newly_wrong(rows: MapRows, *, at_least: int = 3) -> tuple[SuggestedSelection, ...]:
    """The samples of each concept that were right at the reference and are wrong now.

    Ranked by their number, the most first; equal numbers by the concept's name. Concepts with fewer than
    `at_least` are left out, and so are samples whose outcome is unknown at either checkpoint.
    """
    changed = (rows.correct_reference == 1) & (rows.correct_current == 0)
    names = sorted({str(name) for name in rows.concepts[changed] if name is not None})
    found = []
    for name in names:
        ids = rows.sample_ids[changed & (rows.concepts == name)]
        if len(ids) >= at_least:
            title = f"{len(ids):,} samples of {name} that were right and are wrong now"
            found.append(SuggestedSelection(title=title, sample_ids=tuple(str(each) for each in ids)))
    return tuple(sorted(found, key=lambda each: -len(each.sample_ids)))


def _drifted(report: DriftReport, spans: Sequence[Span]) -> list[SuggestedSelection]:
    order = {brief.span_id: place for place, brief in enumerate(report.spans)}
    found = sorted((span for span in spans if span.span_id in order), key=lambda span: order[span.span_id])
    drifts = {each.concept: each for each in report.concepts}
    return [
        SuggestedSelection(title=_said(span, drifts[span.concept].migration), sample_ids=span.sample_ids)
        for span in found
        if span.concept in drifts and span.sample_ids
    ]


def _said(span: Span, migration: float | None) -> str:
    count = f"{span.n_samples:,} samples of {span.concept}"
    if span.kind == "boundary":
        return f"{count} that stayed, and are answered wrongly more often"
    if span.toward is None:
        return f"{count} that drifted together ({span.kind})"
    far = "" if migration is None else f"; the concept went {100 * migration:.0f} % of the way"
    return f"{count} that drifted toward {span.toward}{far}"


def _most_shifted(rows: MapRows) -> tuple[SuggestedSelection, ...]:
    count = int(np.ceil(_MOST_SHIFTED * len(rows)))
    if count == 0 or not (rows.shift > 0).any():
        return ()
    most = np.argsort(-rows.shift, kind="stable")[:count]
    title = f"The {count:,} samples that shifted most ({rows.shift[most[-1]]:.3f} and more, cosine distance)"
    return (SuggestedSelection(title=title, sample_ids=tuple(str(each) for each in rows.sample_ids[most])),)

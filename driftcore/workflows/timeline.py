"""The timeline: every checkpoint against one reference, with what the evals said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftcore.records import GapClosures, Moment, PairPoint
from driftcore.store import Store
from driftcore.workflows.compare import compare, kept_reports
from driftcore.workflows.progress import Progress, silent


def timeline(store: Store, reference: str, *, split: str = "validation") -> tuple[Moment, ...]:
    """What is kept about every checkpoint of a split, in order of time; nothing is computed.

    Raises
    ------
    NotFoundError
        If the reference is not stored.
    """
    store.snapshots.get(reference, split)
    runs: dict[str, list[tuple[str, float]]] = {}
    for run in store.evals.all():
        if run.accuracy is not None:
            runs.setdefault(run.checkpoint, []).append((run.split, run.accuracy))
    line = store.line(split, reference)
    return tuple(
        Moment(
            checkpoint=snapshot.checkpoint,
            at=snapshot.at,
            accuracy=tuple(sorted(runs.get(snapshot.checkpoint, []))),
            report=report,
        )
        for snapshot, report in zip(line, kept_reports(store, reference, line), strict=True)
    )


def fill_timeline(
    store: Store, reference: str, *, split: str = "validation", progress: Progress = silent
) -> tuple[Moment, ...]:
    """Compare every checkpoint that is not compared yet with the reference, and return the timeline.

    Raises
    ------
    NotComparableError
        If a checkpoint shares no samples with the reference.
    """
    missing = [moment.checkpoint for moment in timeline(store, reference, split=split) if moment.report is None]
    for number, checkpoint in enumerate(missing):
        progress(f"comparing {checkpoint} with {reference}", number / len(missing))
        compare(store, reference, checkpoint, split=split, align=True)
    progress("done", 1.0)
    return timeline(store, reference, split=split)


def pair_history(store: Store, moments: Sequence[Moment], pair: tuple[str, str]) -> tuple[PairPoint, ...]:
    """Gap closure of one pair at every moment; None where the comparison is not kept."""
    return history_of(moments, gap_closures_of(store, moments), pair)


def gap_closures_of(store: Store, moments: Sequence[Moment]) -> dict[str, GapClosures]:
    """Gap closure of all pairs at every moment, by the id of its report; in one read."""
    return store.reports.some_gap_closures(each.report.report_id for each in moments if each.report is not None)


def history_of(
    moments: Sequence[Moment], gaps: Mapping[str, GapClosures], pair: tuple[str, str]
) -> tuple[PairPoint, ...]:
    """As `pair_history`, of gap closures that are read already."""
    return tuple(_pair_point(moment, gaps, pair) for moment in moments)


def pairs_to_watch(moments: Sequence[Moment], *, at_most: int = 3) -> tuple[tuple[str, str], ...]:
    """Each moved concept with the one it heads for, of the last checkpoint that has any; else the surest closures."""
    reports = [moment.report for moment in moments if moment.report is not None]
    for report in reversed(reports):
        heading = [(c.concept, c.toward) for c in report.concepts if c.kind != "none" and c.toward is not None]
        if heading:
            return _distinct(heading)[:at_most]
    return _distinct([(pair.a, pair.b) for report in reports[-1:] for pair in report.pairs])[:1]


def _distinct(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The pairs without those that only turn an earlier one round."""
    return tuple({frozenset(pair): pair for pair in reversed(pairs)}.values())[::-1]


def _pair_point(moment: Moment, closures: Mapping[str, GapClosures], pair: tuple[str, str]) -> PairPoint:
    if moment.report is None:
        return PairPoint(checkpoint=moment.checkpoint, gap_closure=None)
    gaps = closures[moment.report.report_id]
    known = set(pair) <= set(gaps.concepts)
    value = float(gaps.values[gaps.concepts.index(pair[0]), gaps.concepts.index(pair[1])]) if known else None
    listed = next((each for each in moment.report.pairs if {each.a, each.b} == set(pair)), None)
    return PairPoint(
        checkpoint=moment.checkpoint,
        gap_closure=value,
        low=None if listed is None else listed.low,
        high=None if listed is None else listed.high,
    )

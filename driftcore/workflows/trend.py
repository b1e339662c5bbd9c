"""Compare a whole sequence of checkpoints: what started to move when, how fast, and how long before the eval saw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from driftcore import stats
from driftcore.errors import NotComparableError, listed, one_line
from driftcore.records import (
    ConceptTrend,
    DriftPolicy,
    DriftReport,
    Look,
    Moment,
    Snapshot,
    TimeUnit,
    Trend,
)
from driftcore.store import Store
from driftcore.workflows._looks import Signs, days, signs
from driftcore.workflows._pair_trends import pair_trends, pairs_worth_watching
from driftcore.workflows._series import Series
from driftcore.workflows._trend_sentence import trend_sentence
from driftcore.workflows.compare import compare
from driftcore.workflows.progress import Progress, silent

# checkpoints that were stored closer together than this carry the time of their upload, not of their training
_SHORTEST_STEP = timedelta(hours=1)


def trend(
    store: Store,
    *,
    reference: str | None = None,
    current: str | None = None,
    split: str = "validation",
    policy: DriftPolicy | None = None,
    progress: Progress = silent,
) -> Trend:
    """How every concept moved from checkpoint to checkpoint, since a fixed reference and since the one before.

    Every comparison is kept in the store; those that are kept already are read back.

    Parameters
    ----------
    store : Store
    reference : str, optional
        The store's own where it is left out.
    current : str, optional
        The last checkpoint to look at; the last one of the split where it is left out.
    split : str
    policy : DriftPolicy, optional
        What counts as drift, at each look and over all of them.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If no checkpoint comes after the reference, or one shares no samples with it.
    """
    # 1. the checkpoints after the reference, each against it and against the one before
    policy = policy or DriftPolicy()
    start, *sequence = _sequence(store, reference, current, split)
    reports, steps = _reports(store, start, sequence, split, policy, progress)

    # 2. what time it was, and what each look says
    unit, times = _times(start.at, [snapshot.at for snapshot in sequence])
    found = signs(reports, policy)
    looks = _looks(sequence, times, reports, steps, policy)

    # 3. concepts, then the pairs they are part of
    labelled = any(label is not None for label in set(store.snapshots.labels(start.checkpoint, split)[1]))
    series = Series(times=np.array(times), reports=reports, steps=steps if labelled else [None] * len(steps))
    concepts = [_concept_trend(series, looks, name, found[name], policy) for name in series.names]
    place = {look.checkpoint: number for number, look in enumerate(looks)}
    concepts.sort(key=lambda concept: _urgency(concept, place))
    pairs = pair_trends(store, series, pairs_worth_watching(concepts))

    # 4. say it
    progress("done", 1.0)
    return Trend(
        reference=start.checkpoint,
        split=split,
        unit=unit,
        looks=looks,
        summary=trend_sentence(start.checkpoint, looks, concepts, pairs, unit),
        concepts=tuple(concepts),
        pairs=pairs,
        n_pairs=len(series.names) * (len(series.names) - 1) // 2,
        smallest_p_value=stats.smallest_trend_pvalue(len(looks)),
        policy=policy,
        notes=_notes(concepts, looks, unit, labelled, policy),
    )


def onsets(reference: str, moments: Sequence[Moment]) -> tuple[tuple[str, str], ...]:
    """Every concept that started to move, with the checkpoint at which it first stood out, from what is kept.

    Parameters
    ----------
    reference : str
    moments : sequence of Moment, in order of time
    """
    names = [moment.checkpoint for moment in moments]
    after = moments[names.index(reference) + 1 :] if reference in names else ()
    kept = [moment.report for moment in after]
    policy = next((report.policy for report in kept if report is not None), DriftPolicy())
    found = sorted((each.onset, name) for name, each in signs(kept, policy).items() if each.onset is not None)
    return tuple((name, after[onset].checkpoint) for onset, name in found)


def _sequence(store: Store, reference: str | None, current: str | None, split: str) -> Sequence[Snapshot]:
    """The reference's snapshot and those after it up to the current one, in order of time."""
    start = store.snapshots.get(reference or store.reference().checkpoint, split)
    snapshots = store.line(split, start.checkpoint, *([] if current is None else [current]))
    names = [snapshot.checkpoint for snapshot in snapshots]
    if current is not None:
        store.snapshots.get(current, split)
    last = names.index(current) if current is not None else len(names) - 1
    sequence = snapshots[names.index(start.checkpoint) : last + 1]
    if len(sequence) < 2:
        raise NotComparableError(
            f"No checkpoint of split '{one_line(split)}' comes after '{one_line(start.checkpoint)}'"
            f"{'' if current is None else f' up to {one_line(current)!r}'}. In order of time: {listed(names)}."
        )
    return sequence


def _reports(
    store: Store, start: Snapshot, sequence: Sequence[Snapshot], split: str, policy: DriftPolicy, progress: Progress
) -> tuple[list[DriftReport], list[DriftReport]]:
    """Each checkpoint against the reference, and each against the one before it."""
    befores = [start, *sequence[:-1]]
    wanted = [(start, after) for after in sequence] + list(zip(befores, sequence, strict=True))
    reports = []
    for number, (before, after) in enumerate(wanted):
        progress(f"comparing {after.checkpoint} with {before.checkpoint}", number / len(wanted))
        reports.append(compare(store, before.checkpoint, after.checkpoint, split=split, policy=policy, align=True))
    return reports[: len(sequence)], reports[len(sequence) :]


def _times(start: datetime, at: Sequence[datetime]) -> tuple[TimeUnit, list[float]]:
    """Weeks since the reference; the number of the checkpoint where the times do not tell them apart."""
    moments = [start, *at]
    if any(after - before < _SHORTEST_STEP for before, after in pairwise(moments)):
        return "checkpoint", [float(number) for number in range(1, len(at) + 1)]
    return "week", [days(moment - start) / 7 for moment in at]


def _looks(
    sequence: Sequence[Snapshot],
    times: Sequence[float],
    reports: Sequence[DriftReport],
    steps: Sequence[DriftReport],
    policy: DriftPolicy,
) -> tuple[Look, ...]:
    alphas = stats.look_alphas(policy.alpha, len(sequence)).tolist()
    return tuple(
        Look(
            checkpoint=snapshot.checkpoint,
            at=snapshot.at,
            time=time,
            alpha=alpha,
            verdict=report.verdict,
            accuracy=report.global_.accuracy_current,
            report_id=report.report_id,
            before=step.reference,
            step_report_id=step.report_id,
            step_verdict=step.verdict,
        )
        for snapshot, time, alpha, report, step in zip(sequence, times, alphas, reports, steps, strict=True)
    )


def _concept_trend(series: Series, looks: Sequence[Look], name: str, seen: Signs, policy: DriftPolicy) -> ConceptTrend:
    own = series.of(name)
    displacement = tuple(None if each is None else each.displacement for each in own)
    slope = series.slope(displacement)
    onset, drop = seen.onset, seen.drop
    return ConceptTrend(
        concept=name,
        n=max(each.n for each in own if each is not None),
        verdicts=tuple(None if each is None else each.verdict for each in own),
        displacement=displacement,
        standout=tuple(None if each is None else each.standout for each in own),
        toward=tuple(None if each is None else each.toward for each in own),
        accuracy=tuple(None if each is None else each.accuracy_current for each in own),
        margin=tuple(None if each is None else each.margin_current for each in own),
        step_displacement=tuple(None if each is None else each.displacement for each in series.steps_of(name)),
        slope=slope.value if slope else None,
        slope_low=slope.low if slope else None,
        slope_high=slope.high if slope else None,
        too_fast=slope is not None and slope.value > policy.max_weekly_drift,
        onset=None if onset is None else looks[onset].checkpoint,
        confirmed=seen.confirmed,
        accuracy_drop=None if drop is None else looks[drop].checkpoint,
        lead_looks=seen.lead,
        lead_days=None if onset is None or drop is None else days(looks[drop].at - looks[onset].at),
        silent_looks=seen.silent_looks,
    )


def _urgency(concept: ConceptTrend, place: Mapping[str, int]) -> tuple[bool, bool, int, bool, float]:
    """Those that started to move first, of them those whose accuracy fell; then by onset, then the fastest."""
    started = len(place) if concept.onset is None else place[concept.onset]
    watched = concept.verdicts[-1] == "watch"
    return concept.onset is None, concept.accuracy_drop is None, started, not watched, -(concept.slope or 0.0)


def _notes(
    concepts: Sequence[ConceptTrend], looks: Sequence[Look], unit: TimeUnit, labelled: bool, policy: DriftPolicy
) -> tuple[str, ...]:
    fast = [concept.concept for concept in concepts if concept.too_fast]
    candidates = {
        f"{len(looks)} looks were taken, each at its own level, the last at {looks[-1].alpha:.2g}: that sampling alone "
        f"feigns an onset at any of them has a chance of at most {policy.alpha:g}.": True,
        "The checkpoints were stored within the hour: time is counted in checkpoints. Give each its own with "
        "driftloop ingest --at.": unit == "checkpoint",
        "No labels: the clusters of one checkpoint are not those of the next, so nothing is said from checkpoint to "
        "checkpoint.": not labelled,
        f"Faster than {100 * policy.max_weekly_drift:.0f} % of the mean gap a {unit}: {listed(fast)}.": bool(fast),
    }
    return tuple(note for note, holds in candidates.items() if holds)

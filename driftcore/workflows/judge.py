"""Judge a retrained checkpoint: what it did to the span, to its concept, and to everything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.errors import NotComparableError
from driftcore.judging import is_judge
from driftcore.records import Change, Judgement, RetrainingPolicy, Span
from driftcore.stats import benjamini_hochberg, flip_counts, flip_pvalues
from driftcore.store import Store
from driftcore.workflows.compare import compare

_LIVE = "live"
Known = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """The judges of one split: their ids and concepts, and what each checkpoint made of them (NaN: unknown)."""

    sample_ids: NDArray[np.object_]
    concepts: NDArray[np.object_]
    before: Known
    after: Known
    reference: Known


def judge(
    store: Store, spans: Sequence[Span], *, before: str, after: str, policy: RetrainingPolicy | None = None
) -> Judgement:
    """What retraining did to the spans, their concepts, all others and live traffic, and whether it may stay.

    Only the samples that no retraining set may hold are looked at. The checkpoint is accepted where the spans gained
    and nothing else surely lost more than the policy allows. The spans gained where more of their samples came right
    than went wrong, on the split or in live traffic; where no answer flipped, where they moved back toward their
    places at the reference. A concept that a span drifted toward is held to what the reference made of it, if that is
    less: what it won by the drift was the span's.

    Parameters
    ----------
    store : Store
    spans : sequence of Span
        Between the same two checkpoints.
    before, after : str
        The checkpoint that was trained further, and the one that came of it, evaluated on the same samples.
    policy : RetrainingPolicy, optional

    Raises
    ------
    NotFoundError
        If one of the checkpoints is not stored.
    NotComparableError
        If there is nothing to judge by.
    """
    policy = policy or RetrainingPolicy()
    reference, split = spans[0].reference, spans[0].split
    concepts = {span.concept for span in spans}
    members = {sample_id for span in spans for sample_id in span.sample_ids}

    judged = _judged(store, split, before, after, reference)
    inside = pd.Index(judged.sample_ids).isin(members)
    about = np.isin(judged.concepts, list(concepts))
    span, concept, rest = (
        _change(name, judged, rows, before) for name, rows in (("span", inside), ("concept", about), ("rest", ~about))
    )
    live, live_concept, *live_concepts = _live(store, before, after, reference, concepts, split)
    shifts = tuple(_mean_shift(store, reference, each, split, members) for each in (before, after))
    all_concepts = _each_concept(judged, before, reference, {each.toward for each in spans})

    found = Judgement(
        before=before,
        after=after,
        accepted=False,
        reason="",
        span=span,
        concept=concept,
        rest=rest,
        live=live,
        live_concept=live_concept,
        live_concepts=tuple(each for each in live_concepts if each is not None),
        concepts=all_concepts,
        shift_before=shifts[0],
        shift_after=shifts[1],
    )
    gained, how = _gained(found)
    lost = _lost(found, policy)
    allowed = f"no other concept surely lost more than {100 * policy.max_loss:g} points"
    return replace(found, accepted=gained and not lost, reason=lost or (f"{how}; {allowed}" if gained else how))


def _judged(store: Store, split: str, before: str, after: str, reference: str) -> _Judged:
    ids, labels = store.snapshots.labels(after, split)
    judging = is_judge(ids) & np.array([label is not None for label in labels])
    ids, labels = ids[judging], labels[judging]
    return _Judged(
        sample_ids=ids,
        concepts=labels,
        before=_correct(store, before, split, ids),
        after=_correct(store, after, split, ids),
        reference=_correct(store, reference, split, ids),
    )


def _correct(store: Store, checkpoint: str, split: str, ids: NDArray[np.object_]) -> Known:
    """Whether a checkpoint got each sample right, NaN where it was not evaluated on it."""
    run = store.evals.rows(checkpoint, split)
    if run is None:
        return np.full(len(ids), np.nan, dtype=np.float32)
    at = pd.Index(run.sample_ids).get_indexer(pd.Index(ids))
    return np.where(at >= 0, run.correct[at], np.nan).astype(np.float32)


def _change(group: str, judged: _Judged, rows: NDArray[np.bool_], against: str, base: Known | None = None) -> Change:
    first = judged.before if base is None else base
    known = rows & ~np.isnan(first) & ~np.isnan(judged.after)
    n = int(known.sum())
    worse, better = flip_counts(first[known], judged.after[known], np.zeros(n, dtype=np.int64), 1)
    return Change(
        group=group,
        against=against,
        n_samples=n,
        before=float(first[known].mean(dtype=np.float64)) if n else None,
        after=float(judged.after[known].mean(dtype=np.float64)) if n else None,
        worse=int(worse[0]),
        better=int(better[0]),
        p_value=float(flip_pvalues(worse, better)[0]) if n else None,
    )


def _each_concept(judged: _Judged, before: str, reference: str, toward: Iterable[str | None]) -> tuple[Change, ...]:
    """Every concept by itself; one that a span went toward against the reference, where that did not do better."""
    changes, destinations = [], set(toward)
    for name in sorted(set(judged.concepts)):
        rows = judged.concepts == name
        change = _change(str(name), judged, rows, before)
        if name in destinations:
            at_reference = _change(str(name), judged, rows, reference, judged.reference)
            if at_reference.before is not None and at_reference.before < (change.before or 0.0):
                change = at_reference
        changes.append(change)
    return tuple(changes)


def _live(
    store: Store, before: str, after: str, reference: str, concepts: set[str], split: str
) -> tuple[Change | None, ...]:
    """Live traffic as a whole, the spans' concepts in it, and each of those by itself; None where none is stored."""
    have = [each.checkpoint for each in store.snapshots.all() if each.split == _LIVE]
    if split == _LIVE or before not in have or after not in have:
        return None, None
    judged = _judged(store, _LIVE, before, after, reference)
    about = np.isin(judged.concepts, list(concepts))
    each = (_change(name, judged, judged.concepts == name, before) for name in sorted(concepts))
    return _change("live", judged, about | True, before), _change("concept, live", judged, about, before), *each


def _mean_shift(store: Store, reference: str, checkpoint: str, split: str, members: set[str]) -> float | None:
    """How far the spans' judged samples stand from where the reference had them; None where that cannot be said."""
    try:
        report = compare(store, reference, checkpoint, split=split, align=True)
    except NotComparableError:
        return None
    drift = store.reports.samples(report.report_id)
    inside = pd.Index(drift.sample_ids).isin(members) & is_judge(drift.sample_ids)
    return float(drift.shift[inside].mean(dtype=np.float64)) if inside.any() else None


def _gained(found: Judgement) -> tuple[bool, str]:
    """Whether the spans gained, and the sentence that says it."""
    if found.span.before is None or found.span.after is None:
        return False, f"'{found.after}' has no predictions on the span to judge by: evaluate it, and judge again"
    net = found.span.better - found.span.worse
    live = found.live_concept
    net_live = 0 if live is None else live.better - live.worse
    how = f"the span went from {_percent(found.span.before)} to {_percent(found.span.after)}"
    how += f" on {found.span.n_samples} judged samples"
    if live is not None and live.before is not None:
        how += f", its concept in live traffic from {_percent(live.before)} to {_percent(live.after)}"
    if net + net_live > 0:
        return True, how
    if net + net_live == 0 and found.shift_before is not None and found.shift_after is not None:
        moved = f"{how}; its samples stand {found.shift_after:.3f} from their places, {found.shift_before:.3f} before"
        return found.shift_after < found.shift_before, moved
    return False, f"the span did not gain: {how}"


def _lost(found: Judgement, policy: RetrainingPolicy) -> str:
    """What surely lost more than it may, in one line; empty where nothing did."""
    q_values = benjamini_hochberg(np.array([np.nan if c.p_value is None else c.p_value for c in found.concepts]))
    whole = [each for each in (found.rest, found.live, found.live_concept) if each is not None]
    sure = [(change, change.p_value) for change in whole] + list(zip(found.concepts, q_values, strict=True))
    losses = [
        (change.before - change.after, change)
        for change, p_value in sure
        if change.before is not None and change.after is not None and p_value is not None
        if change.before - change.after > policy.max_loss and p_value <= policy.alpha
    ]
    if not losses:
        return ""
    loss, change = max(losses, key=lambda each: each[0])
    return (
        f"{change.group} lost {100 * loss:.1f} points against '{change.against}' on {change.n_samples} judged samples, "
        f"where {100 * policy.max_loss:g} are allowed"
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"

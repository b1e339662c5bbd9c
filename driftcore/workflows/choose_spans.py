"""Which spans a policy retrains on without anyone asking, and why the others are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from driftcore.records import ConceptDrift, DriftReport, JobStatus, RetrainingPolicy, TriagedSpan
from driftcore.store import Store
from driftcore.workflows.queue import statuses
from driftcore.workflows.triage import triaged

_WEEK = timedelta(days=7)


def choose_spans(
    store: Store, report: DriftReport, policy: RetrainingPolicy, *, now: datetime
) -> tuple[tuple[TriagedSpan, ...], dict[str, str]]:
    """The spans of a report that the policy retrains on, and why it leaves the others alone, by span id.

    A person's word goes before the policy: an accepted span is taken whatever its size and verdict, a dismissed one
    never. What was retrained on once, from the same checkpoint, is not tried again by itself.
    """
    own = [each for each in triaged(store) if each.found and each.span.report_id == report.report_id]
    concepts = {each.concept: each for each in report.concepts}
    jobs = statuses(store)
    left = _budget_left(store, jobs, policy, now)
    chosen, skipped = [], {}
    for each in own:
        why = _why_not(each, concepts.get(each.span.concept), jobs, store, policy, now)
        if why is None and left is not None and each.span.n_samples > left:
            why = f"{each.span.n_samples} samples, where the week's budget has {max(left, 0)} left"
        if why is not None:
            skipped[each.span.span_id] = why
            continue
        chosen.append(each)
        left = None if left is None else left - each.span.n_samples
    return tuple(chosen), skipped


def _why_not(
    each: TriagedSpan,
    concept: ConceptDrift | None,
    jobs: Sequence[JobStatus],
    store: Store,
    policy: RetrainingPolicy,
    now: datetime,
) -> str | None:
    span = each.span
    if each.status in ("dismissed", "merged"):
        return f"{each.status} by a person"
    same = [job for job in jobs if span.span_id in job.job.span_ids and job.state in ("done", "failed")]
    if same:
        outcome = "rejected" if same[-1].state == "done" else "failed"
        return f"job {same[-1].job.job_id} was {outcome}: change the policy or the trainer, and queue it by hand"
    if each.status == "accepted":
        return None
    verdict = None if concept is None else concept.verdict
    if verdict not in policy.verdicts:
        return f"its concept is {verdict or 'not judged'}"
    if concept is not None and concept.displacement < policy.min_displacement:
        return f"displacement {concept.displacement:.3f} is below {policy.min_displacement:g}"
    if span.n_samples < policy.min_samples:
        return f"{span.n_samples} samples are fewer than {policy.min_samples}"
    hours = _hours_since(span.concept, jobs, store, now)
    if hours is not None and hours < policy.cool_down_h:
        return f"{span.concept} was retrained {hours:.1f} h ago, and cools down for {policy.cool_down_h:g} h"
    return None


def _hours_since(concept: str, jobs: Sequence[JobStatus], store: Store, now: datetime) -> float | None:
    """Hours since the last job of a concept was queued; None where none was."""
    about = {span.span_id for span in store.spans.all() if span.concept == concept}
    times = [job.queued_at for job in jobs if about & set(job.job.span_ids)]
    return (now - max(times)).total_seconds() / 3600 if times else None


def _budget_left(store: Store, jobs: Sequence[JobStatus], policy: RetrainingPolicy, now: datetime) -> int | None:
    if policy.weekly_budget is None:
        return None
    sizes = {span.span_id: span.n_samples for span in store.spans.all()}
    recent = [job for job in jobs if now - job.queued_at < _WEEK]
    return policy.weekly_budget - sum(sizes.get(span_id, 0) for job in recent for span_id in job.job.span_ids)

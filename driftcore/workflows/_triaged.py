"""Spans beside what was decided about them: which span stands where comparisons found it again, and in what state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from driftcore.records import Decision, DriftReport, Span, TriagedSpan
from driftcore.store import Store

Sides = tuple[str, str, str, str | None]


def all_triaged(store: Store) -> tuple[dict[str, TriagedSpan], dict[str, str]]:
    """Every span that stands, by id; and for the id of every span the id of the one that stands for it.

    A comparison that is computed again, with another eval run say, finds its spans under new ids. The newest span of
    the same concept between the same checkpoints then stands for those before it, and inherits what was decided about
    them.
    """
    spans = {span.span_id: span for span in store.spans.all()}
    newest = {_sides_of(report): report.report_id for report in store.reports.all()}
    standing = _standing(spans.values(), newest)
    state = {
        each: TriagedSpan(span=spans[each], found=_is_found(spans[each], newest)) for each in set(standing.values())
    }
    for decision in store.decisions.all():
        # a span that is not in the store is one of a merge that was undone
        targets = {span_id: standing[span_id] for span_id in decision.span_ids if span_id in standing}
        if decision.merged_into in state and all(state[each].status == "accepted" for each in targets.values()):
            # accepted parts make an accepted whole: merging takes nothing out of the waiting set
            into = decision.merged_into
            state[into] = replace(state[into], status="accepted", decided_at=decision.at, who=decision.who)
        for span_id, target in targets.items():
            state[target] = _decided(state[target], decision, spans[span_id])
    return {span_id: state[span_id] for span_id in spans if span_id in state}, standing


def sides(span: Span) -> Sides:
    """What a span was found between."""
    return span.reference, span.current, span.split, span.reference_split


def _sides_of(report: DriftReport) -> Sides:
    windows = report.windows
    return report.reference, report.current, report.split, None if windows is None else windows.reference_split


def _standing(spans: Iterable[Span], newest: dict[Sides, str]) -> dict[str, str]:
    """The id that stands for each span's: its own, but for a found span that the newest comparison found anew."""
    groups: dict[object, list[Span]] = {}
    for span in spans:
        same = (*sides(span), span.concept, span.kind == "novel") if span.origin == "found" else span.span_id
        groups.setdefault(same, []).append(span)
    standing = {}
    for group in groups.values():
        again = [span for span in group if span.report_id == newest.get(sides(span))]
        last = (again or group)[-1]
        standing.update({span.span_id: last.span_id for span in group})
    return standing


def _is_found(span: Span, newest: dict[Sides, str]) -> bool:
    """Whether the newest comparison finds it; what a person drew or merged stays."""
    return span.origin != "found" or span.report_id == newest.get(sides(span))


def _decided(before: TriagedSpan, decision: Decision, on: Span) -> TriagedSpan:
    """The span after one decision more."""
    other = set(on.sample_ids) != set(before.span.sample_ids)
    after = replace(before, decided_at=decision.at, who=decision.who, decided_on=on.n_samples if other else None)
    if decision.status is not None:
        after = replace(after, status=decision.status, merged_into=decision.merged_into)
    if decision.name is not None:
        # the name it was found under is still in the store
        after = replace(after, span=replace(after.span, name=decision.name))
    return after if decision.note is None else replace(after, note=decision.note)

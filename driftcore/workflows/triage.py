"""Triage: accept, dismiss, rename or annotate a span, and take the last decision back.

Decisions stand on a shelf of their own. Nothing that `compare` writes touches them: a span that is found again keeps
its id and with it what was decided, one that is replaced hands it on to its successor, and one that is not found any
more stays in the list as long as something was decided about it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from driftcore.errors import BadInputError, ConflictError, NotFoundError, one_line
from driftcore.records import Decision, SpanStatus, TriagedSpan
from driftcore.store import Store
from driftcore.workflows._triaged import all_triaged

_MAX_NAME, _MAX_NOTE = 200, 2000
_VERBS: dict[SpanStatus, str] = {"open": "reopened", "accepted": "accepted", "dismissed": "dismissed"}


def triaged(store: Store) -> tuple[TriagedSpan, ...]:
    """Every span with what was decided about it, oldest first.

    What the newest comparison does not find any more is left out, unless something was decided about it.
    """
    each_span, _ = all_triaged(store)
    return tuple(each for each in each_span.values() if each.found or each.decided_at is not None)


def triaged_span(store: Store, span_id: str) -> TriagedSpan:
    """One span with what was decided about it; the id of an earlier comparison leads to the one that stands now.

    Raises
    ------
    NotFoundError
        If there is none of this id.
    """
    each_span, standing = all_triaged(store)
    return each_span[standing.get(span_id) or store.spans.get(span_id).span_id]


def accept(store: Store, span_ids: Sequence[str], *, note: str | None = None, who: str | None = None) -> Decision:
    """Take spans into the waiting set: they are worth retraining on.

    Raises
    ------
    NotFoundError
        If there is no such span.
    ConflictError
        If one of them is a part of another by now.
    """
    return _decide(store, span_ids, status="accepted", note=note, who=who)


def dismiss(store: Store, span_ids: Sequence[str], *, note: str | None = None, who: str | None = None) -> Decision:
    """Lay spans aside: read, and not worth retraining on. Raises as `accept` does."""
    return _decide(store, span_ids, status="dismissed", note=note, who=who)


def reopen(store: Store, span_ids: Sequence[str], *, who: str | None = None) -> Decision:
    """Leave the decision to someone else again. Raises as `accept` does."""
    return _decide(store, span_ids, status="open", who=who)


def rename(store: Store, span_id: str, name: str, *, who: str | None = None) -> Decision:
    """Call a span what a person calls it. Raises as `accept` does.

    Raises
    ------
    BadInputError
        If the name is empty, too long, or holds what cannot be printed.
    """
    given = name.strip()
    if not given or not given.isprintable() or len(given) > _MAX_NAME:
        raise BadInputError(f"The name {one_line(given)!r} cannot be used: 1 to {_MAX_NAME} printable characters.")
    return _decide(store, [span_id], name=given, who=who)


def annotate(store: Store, span_id: str, note: str, *, who: str | None = None) -> Decision:
    """Write a note beside a span, in the place of the one that is there. Raises as `accept` does.

    Raises
    ------
    BadInputError
        If it is too long.
    """
    return _decide(store, [span_id], note=note, who=who)


def last_decision(store: Store) -> Decision | None:
    """The decision that undo takes back, or None."""
    decisions = store.decisions.all()
    return decisions[-1] if decisions else None


def undo(store: Store, decision_id: str) -> Decision:
    """Take the last decision back; where it merged spans, the merged one is gone and its parts stand again.

    Parameters
    ----------
    store : Store
    decision_id : str
        Of the decision that the person sees as the last one.

    Raises
    ------
    NotFoundError
        If nothing was decided.
    ConflictError
        If it is not the last one any more.
    """
    decisions = store.decisions.all()
    if not decisions:
        raise NotFoundError("Nothing was decided: there is nothing to undo.")
    *earlier, last = decisions
    if last.decision_id != decision_id:
        raise ConflictError("Something else was decided or undone in the meantime: look at the list and undo again.")
    store.decisions.remove(last.decision_id)
    if last.merged_into is not None and all(last.merged_into != other.merged_into for other in earlier):
        store.spans.remove(last.merged_into)
    return last


def in_words(decision: Decision, spans: Sequence[TriagedSpan]) -> str:
    """What a decision did, to which spans, as in "dismissed refund → cancel"."""
    names = {each.span.span_id: each.span.name for each in spans}
    one = names.get(decision.span_ids[0], decision.span_ids[0])
    what = one if len(decision.span_ids) == 1 else f"{len(decision.span_ids)} spans"
    if decision.status == "merged":
        return f"merged {what}"
    if decision.status is not None:
        return f"{_VERBS[decision.status]} {what}"
    return f"renamed to {what}" if decision.name is not None else f"wrote a note on {what}"


def _decide(
    store: Store,
    span_ids: Sequence[str],
    *,
    status: SpanStatus | None = None,
    name: str | None = None,
    note: str | None = None,
    who: str | None = None,
) -> Decision:
    if note is not None and len(note) > _MAX_NOTE:
        raise BadInputError(f"The note has {len(note):,} characters: write at most {_MAX_NOTE:,}.")
    spans = standing_spans(store, span_ids)
    decision = Decision(
        decision_id=new_id(),
        span_ids=tuple(each.span.span_id for each in spans),
        at=datetime.now(UTC),
        who=who,
        status=status,
        name=name,
        note=None if note is None else note.strip(),
    )
    store.decisions.write(decision)
    return decision


def standing_spans(store: Store, span_ids: Sequence[str]) -> tuple[TriagedSpan, ...]:
    """The spans that stand for these ids and may be decided on, each once.

    Raises
    ------
    NotFoundError
        If there is no such span.
    ConflictError
        If one of them is a part of another by now.
    """
    each_span, standing = all_triaged(store)
    wanted = dict.fromkeys(standing.get(each) or store.spans.get(each).span_id for each in span_ids)
    spans = tuple(each_span[span_id] for span_id in wanted)
    for each in spans:
        if each.status == "merged":
            raise ConflictError(
                f"Span '{each.span.span_id}' was merged into '{each.merged_into}': decide on that one, or undo the "
                "merge."
            )
    return spans


def new_id() -> str:
    """An id for a decision, which nobody has to type."""
    return uuid.uuid4().hex[:12]

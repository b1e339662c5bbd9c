"""What people decided about spans: kept apart from the spans themselves, which the segmenter finds again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from driftcore.records.span import Span

SpanStatus = Literal["open", "accepted", "dismissed", "merged"]
SPAN_STATUSES: tuple[SpanStatus, ...] = ("open", "accepted", "dismissed", "merged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing that a person decided about one span or several; what is None was left as it was.

    Decisions are never changed: the later one counts, and undo takes the last one away. `merged_into` names the span
    that the others became a part of; an empty `name` goes back to the one that the span was found under.
    """

    decision_id: str
    span_ids: tuple[str, ...]
    at: datetime
    who: str | None = None
    status: SpanStatus | None = None
    name: str | None = None
    note: str | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagedSpan:
    """A span and what was decided about it.

    `span` carries the name that a person gave, where one did. `found` is False where the newest comparison of the same
    checkpoints does not find it any more. `decided_on` is how many samples the span had when it was decided on, where
    a later comparison found it with others.
    """

    span: Span
    status: SpanStatus = "open"
    note: str = ""
    merged_into: str | None = None
    decided_at: datetime | None = None
    who: str | None = None
    found: bool = True
    decided_on: int | None = None

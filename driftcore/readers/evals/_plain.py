"""Values from a file that anyone may have written: taken as what they should be, or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftcore.readers.evals._rows import Score

_DEEPEST = 4
_RIGHT = frozenset({"yes", "true", "pass", "passed", "correct"})
_WRONG = frozenset({"no", "false", "fail", "failed", "incorrect"})


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str | None:
    """A value as a name or an answer: 7 → "7", 7.0 → "7", True → "true", an object → its JSON, NaN → None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False, default=str)


def number(value: Any) -> float | None:
    """A finite number, also where it is written as text; a truth value is 1 or 0."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def truth(value: Any) -> bool | None:
    """A truth value, also in words."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _RIGHT else False if word in _WRONG else None


def score_of(value: Any) -> Score | None:
    """A verdict in words, or a number; None where it is neither."""
    verdict = truth(value)
    if verdict is not None:
        return Score(value=float(verdict), correct=verdict)
    found = number(value)
    return None if found is None else Score(value=found)


def first(record: Mapping[str, Any], *names: str) -> Any:
    """The first of several spellings that has a value."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def leaves(value: Any, prefix: str, *, depth: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """Every single value below an object, by where it stands: ``doc.question.stem``."""
    if isinstance(value, dict):
        if depth:
            for name, below in value.items():
                yield from leaves(below, f"{prefix}.{name}" if prefix else str(name), depth=depth - 1)
    elif not isinstance(value, list):
        found = text(value)
        if found is not None:
            yield prefix, found


def told(value: Any, names: Sequence[str]) -> str | None:
    """What an answer says that may be wrapped in an object: its only value, or the one under a known name."""
    if not isinstance(value, dict):
        return text(value)
    known = first(value, *names)
    if known is None and len(value) == 1:
        known = next(iter(value.values()))
    return text(value if known is None else known)


def last_said(messages: Any, role: str) -> str | None:
    """The text of the last message of a role; a text alone is itself."""
    if isinstance(messages, str):
        return messages
    said = [mapping(each).get("content") for each in listing(messages) if mapping(each).get("role") == role]
    if not said:
        return None
    parts = said[-1] if isinstance(said[-1], list) else [said[-1]]
    texts = [part if isinstance(part, str) else mapping(part).get("text") for part in parts]
    return "\n".join(each for each in texts if isinstance(each, str)) or None


def targets_of(value: Any) -> tuple[str, ...]:
    """One target or several of which any is right."""
    values = value if isinstance(value, list) else [value]
    return tuple(found for found in map(text, values) if found is not None)

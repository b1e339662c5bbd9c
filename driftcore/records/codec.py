"""Records as JSON and back: field names are the contract's, a trailing underscore stands for a Python keyword."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Record = TypeVar("Record")


def to_json(record: object) -> Any:
    """A record as plain JSON values.

    Times are ISO 8601, tuples are lists, None stays null. A number that is not finite is refused by
    `json.dumps(..., allow_nan=False)` at the edge, so a record must say None where it has no number.
    """
    kind: Any = type(record)
    return _renamed(_adapter(kind).dump_python(record, mode="json"), _public)


def from_json(kind: type[Record], value: Any) -> Record:
    """The record of class `kind` that `to_json` turned into `value`.

    Raises
    ------
    ValueError
        If a field is missing or of another type.
    """
    wanted: Any = kind
    record: Record = _adapter(wanted).validate_python(_renamed(value, _private))
    return record


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _public(name: str) -> str:
    return "global" if name == "global_" else name


def _private(name: str) -> str:
    return "global_" if name == "global" else name


def _renamed(value: Any, rename: Any) -> Any:
    """The top-level keys renamed; nested records have no such names."""
    return {rename(key): item for key, item in value.items()} if isinstance(value, dict) else value

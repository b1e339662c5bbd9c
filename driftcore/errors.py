"""Every failure a caller may want to tell apart, in one tree.

    DriftcoreError
    ├── BadInputError (ValueError)            what came in cannot be used as it is
    │   ├── BadRowsError                      some rows: not finite, zero, ragged, duplicate or missing ids
    │   ├── UnreadableFileError               the file is not what its name says, or is cut off
    │   ├── UnknownColumnError                the columns do not say which is which
    │   └── WidthMismatchError                two snapshots of different width, without `align`
    ├── NotFoundError (LookupError)           no such checkpoint, snapshot, span, ...
    ├── ConflictError (FileExistsError)       the same name is stored with other content
    ├── NotComparableError (ValueError)       both sides exist, but nothing can be measured between them
    ├── NotAllowedError (PermissionError)     the person may look, but not do this
    ├── DeliveryError (ConnectionError)       an alert could not be delivered
    ├── TrainingError (RuntimeError)          a trainer could not do its job, and says why
    ├── EngineError (RuntimeError)            the cluster to add up on is not there, or gave up
    └── StoreError (OSError)                  the store itself cannot be opened, read or written
        └── UnreachableError                  its storage is away: no network, no bucket, no right to it

Each message names the thing, the value, and what to do next, in one line.
"""

from __future__ import annotations

from collections.abc import Iterable


class DriftcoreError(Exception):
    """The root: catch it in a command or a page, never deeper."""


class BadInputError(DriftcoreError, ValueError):
    """What came in cannot be used as it is."""


class BadRowsError(BadInputError):
    """Some rows cannot be stored; `rows` are their numbers, counted from 1 as in the file."""

    def __init__(self, message: str, rows: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


class UnreadableFileError(BadInputError):
    """The file is not what its name says, or it is cut off."""


class UnknownColumnError(BadInputError):
    """The columns do not say which is the id, the vector, the prediction."""


class WidthMismatchError(BadInputError):
    """Two snapshots of different width were compared without `align`."""


class NotFoundError(DriftcoreError, LookupError):
    """No such checkpoint, snapshot, eval run, report or span."""


class ConflictError(DriftcoreError, FileExistsError):
    """The same name is stored with other content."""


class NotComparableError(DriftcoreError, ValueError):
    """Both sides exist, but nothing can be measured between them."""


class NotAllowedError(DriftcoreError, PermissionError):
    """The person may not do this: a viewer, a guest, or a link that is not valid any more."""


class DeliveryError(DriftcoreError, ConnectionError):
    """An alert could not be delivered: nobody answered, or the answer was no."""


class TrainingError(DriftcoreError, RuntimeError):
    """A trainer could not do its job: its settings are missing, its command failed, its data do not suffice."""


class EngineError(DriftcoreError, RuntimeError):
    """The cluster to add up on is not there, or gave up."""


class StoreError(DriftcoreError, OSError):
    """The store itself cannot be opened, read or written."""


class UnreachableError(StoreError):
    """The storage under the store is away: no network, no such bucket, or no right to it."""


def one_line(value: object, limit: int = 80) -> str:
    r"""A value as it may stand in a message: one line, no control characters, not longer than `limit`.

    >>> one_line("a\nb")
    'a b'
    >>> one_line("x" * 10_000, limit=5)
    'xxxx…'
    """
    text = "".join(character if character.isprintable() else " " for character in str(value)[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(values: Iterable[object], limit: int = 12) -> str:
    """Names for the end of a message, cut with a count where there are many.

    >>> listed(["wk0", "wk1"])
    'wk0, wk1'
    >>> listed([], limit=3)
    '(none)'
    """
    names = [one_line(value) for value in values]
    rest = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "(none)") + rest

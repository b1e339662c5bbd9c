"""What sets a checkpoint's model apart from the reference's, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from driftcore.records import Snapshot

# what a person calls each part of a fingerprint
_PARTS = {"model_id": "model", "revision": "revision", "pooling": "pooling", "prefix": "prefix"}


def differences(reference: Snapshot, other: Snapshot) -> tuple[str, ...]:
    """How the model behind a snapshot differs from the reference's as far as both are known; nothing where it doesn't.

    Parameters
    ----------
    reference, other : Snapshot
    """
    told = []
    if reference.n_dims != other.n_dims:
        told.append(f"{other.n_dims} dims instead of {reference.n_dims}: compare with --align")
    before, after = reference.model, other.model
    for field, name in _PARTS.items():
        was, is_ = getattr(before, field), getattr(after, field)
        if was is not None and is_ is not None and was != is_:
            told.append(f"{name} '{is_}' instead of '{was}'")
    if None not in (before.normalized, after.normalized) and before.normalized != after.normalized:
        unit = "of unit length, which the reference's are not"
        told.append(f"vectors {unit}" if after.normalized else "vectors not of unit length, which the reference's are")
    return tuple(told)


def ago(then: datetime, now: datetime) -> str:
    """How long ago something was, in the largest unit that fits.

    Examples
    --------
    >>> noon = datetime(2026, 1, 5, 12)
    >>> ago(noon - timedelta(days=3, hours=5), noon), ago(noon - timedelta(hours=1), noon), ago(noon, noon)
    ('3 days ago', '1 hour ago', 'just now')
    """
    passed = now - then
    for unit, length in (
        ("year", timedelta(days=365)),
        ("month", timedelta(days=30)),
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        count = passed // length
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"

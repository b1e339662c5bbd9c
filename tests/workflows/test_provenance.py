"""What sets a checkpoint's model apart, in words, and how long ago something was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftcore.records import ModelFingerprint, Snapshot
from driftcore.workflows.provenance import ago, differences

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFERENCE = Snapshot(
    checkpoint="week 1",
    split="validation",
    at=NOW,
    n_samples=10,
    n_dims=384,
    fingerprint="f" * 32,
    model=ModelFingerprint(model_id="small", revision="1", normalized=True),
    written_at=NOW,
)


def test_the_same_model_has_no_differences() -> None:
    assert differences(REFERENCE, replace(REFERENCE, checkpoint="week 2", fingerprint="e" * 32)) == ()


def test_every_known_difference_is_said_with_both_values() -> None:
    model = ModelFingerprint(model_id="large", revision="2", normalized=False)
    assert differences(REFERENCE, replace(REFERENCE, n_dims=768, model=model)) == (
        "768 dims instead of 384: compare with --align",
        "model 'large' instead of 'small'",
        "revision '2' instead of '1'",
        "vectors not of unit length, which the reference's are",
    )


def test_what_nobody_said_is_no_difference() -> None:
    unknown = ModelFingerprint(model_id=None, normalized=None)
    assert differences(REFERENCE, replace(REFERENCE, model=unknown)) == ()
    assert differences(replace(REFERENCE, model=unknown), REFERENCE) == ()


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=3, hours=5), "3 days ago"),
        (timedelta(days=59), "1 month ago"),
        (timedelta(days=730), "2 years ago"),
        # another machine's clock is ahead
        (timedelta(seconds=-90), "just now"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(passed: timedelta, words: str) -> None:
    assert ago(NOW - passed, NOW) == words

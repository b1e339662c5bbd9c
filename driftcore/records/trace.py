"""Training rows that pulled a span to where it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Since = Literal["new", "relabelled", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRow:
    """One training row that is suspected.

    Parameters
    ----------
    sample_id, checkpoint : str
        The row, and the checkpoint whose training set holds it.
    label_used : str
        The label that it was trained with.
    suggested : str
        The label of its neighbourhood at the reference: what it would be corrected to.
    pull : float
        How much the row pulls the span toward where it went, relative to the other rows: 1 is the strongest.
    agreement : float
        Probability that the reference gives to the label used, in [0, 1]: 0 means it contradicts all that was known.
    since : str
        "new" or "relabelled" since the reference, or "kept".
    text : str, optional
    """

    sample_id: str
    checkpoint: str
    label_used: str
    suggested: str
    pull: float
    agreement: float
    since: Since
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The training rows behind a span, the strongest pull first.

    `rows` are those that are traced: new or relabelled since the reference, at odds with what was known there, and
    pulling the span toward where it went. `n_candidates` is how many training rows were looked at. `notes` say what
    could not be done.
    """

    span_id: str
    reference: str
    current: str
    split: str
    n_candidates: int
    rows: tuple[TracedRow, ...]
    notes: tuple[str, ...] = ()

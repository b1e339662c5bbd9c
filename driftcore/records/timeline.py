"""Checkpoints through time against one reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from driftcore.records.report import DriftReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One checkpoint on the timeline; `accuracy` is (split, accuracy) for every split that was evaluated.

    `report` is None where the comparison with the reference is not kept yet.
    """

    checkpoint: str
    at: datetime
    accuracy: tuple[tuple[str, float], ...]
    report: DriftReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPoint:
    """Gap closure of one pair at one checkpoint; the interval is there where the pair surely closed."""

    checkpoint: str
    gap_closure: float | None
    low: float | None = None
    high: float | None = None

"""From answers to rates: false alarms, power, localisation, direction, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from tests.bench.detection.crew import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`hits` of `n`, with the exact 95 % interval of Clopper and Pearson (1934)."""

    hits: int
    n: int

    @property
    def low(self) -> float:
        return float(beta.ppf(0.025, self.hits, self.n - self.hits + 1)) if self.hits else 0.0

    @property
    def high(self) -> float:
        return float(beta.ppf(0.975, self.hits + 1, self.n - self.hits)) if self.hits < self.n else 1.0


def alarms(outcomes: Iterable[Outcome]) -> Rate:
    """Comparisons with any alarm: on nulls the family-wise false alarms, on drifts the power.

    What happened to all concepts alike is seen where it is noted of the whole space.
    """
    said = [each.alarm or (each.everywhere and each.noted) for each in outcomes if each.alarm is not None]
    return Rate(hits=sum(said), n=len(said))


def localization_f1(outcomes: Iterable[Outcome]) -> float | None:
    """F1 of the named concepts, counted over all comparisons; None where the method names none."""
    placed = [each for each in outcomes if each.moved is not None and not each.everywhere]
    if not placed:
        return None
    right = sum(len({*each.moved} & {*each.truth}) for each in placed)
    named, wanted = sum(len(each.moved) for each in placed), sum(len(each.truth) for each in placed)
    return 2 * right / (named + wanted) if named + wanted else 1.0


def direction(outcomes: Iterable[Outcome]) -> Rate | None:
    """Of the drifted concepts that were named and did go to another, how many were said to go there."""
    asked = [each for each in outcomes if each.toward is not None]
    if not asked:
        return None
    judged = [
        each.toward.get(concept) == target
        for each in asked
        for concept, target in each.true_toward.items()
        if concept in each.moved
    ]
    return Rate(hits=sum(judged), n=len(judged))


def median_seconds(outcomes: Iterable[Outcome]) -> float | None:
    seconds = [each.seconds for each in outcomes if each.seconds is not None]
    return float(np.median(seconds)) if seconds else None


def peak_mb(outcomes: Iterable[Outcome]) -> float | None:
    peaks = [each.peak_mb for each in outcomes if each.peak_mb is not None]
    return max(peaks) if peaks else None

"""The reports of a sequence of checkpoints as series, one value a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import ConceptDrift, DriftReport


class Series:
    """A sequence of looks: what each report says since the reference, and since the checkpoint before.

    Parameters
    ----------
    times : float64 array of shape (n_looks,)
        Since the reference.
    reports : sequence of DriftReport
    steps : sequence of DriftReport or None
        None where the concepts of a step are not those of the reference.
    """

    def __init__(
        self, *, times: NDArray[np.float64], reports: Sequence[DriftReport], steps: Sequence[DriftReport | None]
    ) -> None:
        self.times, self.reports, self.steps = times, reports, steps
        self._since = [_by_name(report) for report in reports]
        self._stepwise = [_by_name(step) for step in steps]
        self.names = tuple(sorted({name for concepts in self._since for name in concepts}))

    def of(self, name: str) -> list[ConceptDrift | None]:
        """A concept in each report since the reference."""
        return [concepts.get(name) for concepts in self._since]

    def steps_of(self, name: str) -> list[ConceptDrift | None]:
        """A concept in each report since the checkpoint before."""
        return [concepts.get(name) for concepts in self._stepwise]

    def slope(self, values: Sequence[float | None]) -> stats.Slope | None:
        """The Theil–Sen slope of a series.

        The reference is no point of it: its 0 is exact and no measurement, and lengths begin above 0 by noise alone.
        """
        return stats.theil_sen(self.times, np.array([np.nan if value is None else value for value in values]))


def optional(value: float) -> float | None:
    """A number, or None where it is NaN."""
    return None if np.isnan(value) else float(value)


def _by_name(report: DriftReport | None) -> dict[str, ConceptDrift]:
    return {} if report is None else {concept.concept: concept for concept in report.concepts}

"""Does movement foretell new errors? Samples that were right at the reference and are wrong now, ranked beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows._pairing import PairedRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """How well a score ranks new errors first, with its 95 % interval."""

    auroc: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewErrors:
    """The shift, low confidence at the reference, and both together, each as a ranking of the new errors.

    `odds` are those of a new error among the most displaced tenth of each concept, against the rest of it. All None
    where nothing is known of the answers, or there are no new errors.
    """

    n: int | None = None
    shift: Ranked | None = None
    confidence: Ranked | None = None
    combined: Ranked | None = None
    odds: stats.OddsRatio | None = None


def new_errors(rows: PairedRows, shift: NDArray[np.float32], codes: NDArray[np.int64], n_concepts: int) -> NewErrors:
    """Rank the new errors among the samples that were right at the reference.

    Parameters
    ----------
    rows : PairedRows
    shift : float32 array of shape (n_samples,)
    codes : int64 array of shape (n_samples,)
    n_concepts : int
    """
    if rows.outcome_reference is None or rows.outcome_current is None:
        return NewErrors()
    before, after = rows.outcome_reference, rows.outcome_current
    right = np.flatnonzero((before.correct == 1) & ~np.isnan(after.correct))
    wrong, moved, doubt = after.correct[right] == 0, shift[right], -before.confidences[right]
    told = ~np.isnan(doubt)
    return NewErrors(
        n=int(wrong.sum()),
        shift=_ranked(moved, wrong),
        confidence=_ranked(doubt[told], wrong[told]),
        combined=_ranked(stats.mean_percentiles(moved[told], doubt[told]), wrong[told]) if told.any() else None,
        odds=stats.mantel_haenszel(
            stats.highest_within(moved, codes[right], n_concepts), wrong, codes[right], n_concepts
        ),
    )


def _ranked(scores: NDArray[np.float32] | NDArray[np.float64], wrong: NDArray[np.bool_]) -> Ranked | None:
    auroc = stats.auroc(scores, wrong)
    if auroc is None:
        return None
    return Ranked(auroc=auroc, interval=stats.auroc_interval(auroc, int(wrong.sum()), int((~wrong).sum())))

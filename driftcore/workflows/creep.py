"""Which concepts come closer to which: the gap closures in an order that shows it, and the pairs by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore.records import Corridor, GapClosures, PairPoint

# more rows than this cannot be read on a screen
SHOWN_AT_MOST = 40


def strongest(gaps: GapClosures, *, at_most: int = SHOWN_AT_MOST) -> GapClosures:
    """The concepts of the strongest closures, at most so many; all of them where they are no more."""
    if len(gaps.concepts) <= at_most:
        return gaps
    shown: dict[int, None] = {}
    for a, b in _ranked(gaps.values):
        if len(shown | {a: None, b: None}) > at_most:
            break
        shown |= {a: None, b: None}
    return _taken(gaps, sorted(shown))


def seriated(gaps: GapClosures) -> GapClosures:
    """The same concepts in an order in which those that came closer to each other stand side by side.

    Average-linkage clustering, where a large gap closure makes two concepts near; of all orders that the tree allows,
    the one whose neighbours are nearest (optimal leaf ordering: Bar-Joseph, Gifford & Jaakkola, Bioinformatics 17,
    2001).

    Examples
    --------
    "a" came closer to "d" and "b" to "c": what belongs together stands together.

    >>> closures = np.array([[0, 0, 0, 0.5], [0, 0, 0.3, 0], [0, 0.3, 0, 0], [0.5, 0, 0, 0]], dtype=np.float32)
    >>> order = "".join(seriated(GapClosures(concepts=("a", "b", "c", "d"), values=closures)).concepts)
    >>> ("ad" in order or "da" in order) and ("bc" in order or "cb" in order)
    True
    """
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(gaps.concepts) < 3:
        return gaps
    closeness = np.nan_to_num(gaps.values.astype(np.float64))
    distances = closeness.max() - closeness
    np.fill_diagonal(distances, 0.0)
    condensed = squareform(distances, checks=False)
    order = leaves_list(optimal_leaf_ordering(linkage(condensed, method="average"), condensed))
    return _taken(gaps, order.tolist())


def ranked_pairs(gaps: GapClosures) -> tuple[tuple[str, str], ...]:
    """Every pair of concepts that has a gap, the one that closed most first; in a pair, the names in order."""
    return tuple(_sorted_pair(gaps.concepts[a], gaps.concepts[b]) for a, b in _ranked(gaps.values))


def pair_name(a: str, b: str) -> str:
    """What a pair is called in a list and in an address; no two pairs have one name, whatever concepts are called.

    Examples
    --------
    >>> pair_name("refund", "cancel")
    'cancel ↔ refund'
    """
    # an arrow in a name is doubled: the single one is then the one between the names
    return " ↔ ".join(name.replace("↔", "↔↔") for name in _sorted_pair(a, b))


def distances_of(corridor: Corridor, history: Sequence[PairPoint]) -> tuple[PairPoint, ...]:
    """A pair's gap closure at every checkpoint: the corridor's, which has an interval; else what the reports keep."""
    steps = {step.checkpoint: step for step in corridor.steps}
    return tuple(
        PairPoint(checkpoint=step.checkpoint, gap_closure=step.gap_closure, low=step.low, high=step.high)
        if (step := steps.get(point.checkpoint)) is not None
        else point
        for point in history
    )


def _ranked(values: NDArray[np.float32]) -> list[tuple[int, int]]:
    a, b = np.triu_indices(len(values), 1)
    closures = values[a, b]
    known = np.flatnonzero(~np.isnan(closures))
    order = known[np.argsort(-closures[known], kind="stable")]
    return list(zip(a[order].tolist(), b[order].tolist(), strict=True))


def _sorted_pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def _taken(gaps: GapClosures, rows: Sequence[int]) -> GapClosures:
    return GapClosures(concepts=tuple(gaps.concepts[row] for row in rows), values=gaps.values[np.ix_(rows, rows)])

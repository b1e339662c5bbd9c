"""The pairs worth watching through time: how fast each gap closes, and whether it does so steadily."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import ConceptTrend, GapClosures, PairTrend
from driftcore.store import Store
from driftcore.workflows._series import Series, optional

Floats = NDArray[np.float64]

_MAX_PAIRS = 20


def pairs_worth_watching(concepts: Sequence[ConceptTrend]) -> tuple[tuple[str, str], ...]:
    """Each concept that started to move, or may be about to, with the one it heads for now; no pair twice."""
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for concept in concepts:
        toward = concept.toward[-1]
        if toward is not None and (concept.onset is not None or concept.verdicts[-1] == "watch"):
            pairs.setdefault(frozenset((concept.concept, toward)), (concept.concept, toward))
    return tuple(pairs.values())[:_MAX_PAIRS]


def pair_trends(store: Store, series: Series, pairs: Sequence[tuple[str, str]]) -> tuple[PairTrend, ...]:
    """The series, slope and test of each pair.

    The pairs were chosen by looking at the very numbers that are tested, so their q-values are over all pairs.
    """
    since = [store.reports.gap_closures(report.report_id) for report in series.reports]
    steps = [None if step is None else store.reports.gap_closures(step.report_id) for step in series.steps]
    a, b = np.triu_indices(len(series.names), 1)
    p_values = stats.mann_kendall(np.stack([_in_order(gaps, series.names)[a, b] for gaps in since]))
    q_values = stats.benjamini_hochberg(p_values)
    names = list(series.names)
    place = {(names[i], names[j]): number for number, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True))}
    trends = []
    for pair in pairs:
        closures = tuple(_closure(gaps, pair) for gaps in since)
        slope, column = series.slope(closures), place[min(pair), max(pair)]
        trends.append(
            PairTrend(
                a=pair[0],
                b=pair[1],
                gap_closure=closures,
                step_gap_closure=tuple(_closure(gaps, pair) for gaps in steps),
                migration=_migrations(series, pair),
                slope=slope.value if slope else None,
                slope_low=slope.low if slope else None,
                slope_high=slope.high if slope else None,
                p_value=optional(p_values[column]),
                q_value=optional(q_values[column]),
            )
        )
    return tuple(trends)


def _in_order(gaps: GapClosures, names: tuple[str, ...]) -> Floats:
    """Gap closures with the concepts in the order of `names`, which are sorted; NaN where a report lacks one."""
    found = np.full((len(names), len(names)), np.nan)
    rows = np.searchsorted(np.array(names, dtype=object), np.array(gaps.concepts, dtype=object))
    found[np.ix_(rows, rows)] = gaps.values
    return found


def _closure(gaps: GapClosures | None, pair: tuple[str, str]) -> float | None:
    if gaps is None or not set(pair) <= set(gaps.concepts):
        return None
    a, b = (gaps.concepts.index(name) for name in pair)
    return optional(gaps.values[a, b])


def _migrations(series: Series, pair: tuple[str, str]) -> tuple[float | None, ...]:
    """How far the first went toward the second, at the looks at which it headed for it."""
    return tuple(
        None if concept is None or concept.toward != pair[1] else concept.migration for concept in series.of(pair[0])
    )

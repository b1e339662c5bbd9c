"""Whether other things are said within concepts, and which samples say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import DriftPolicy
from driftcore.stats.content import MAX_ROWS
from driftcore.workflows._clouds import Cloud, Column, drawn
from driftcore.workflows._pairing import Vectors
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_space import WindowSpace
from driftcore.workflows.progress import Progress, within

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_N_RESAMPLES = 999
# smallest p-values in units of what one changed concept needs through Benjamini–Hochberg, a third for each question
_RESOLUTION = 12
# a test of one concept needs more rows than what is said of the whole: so many times `closely` for all concepts
_MORE = 5
# of the reference, which an unchanged concept's samples are seldom above
_TYPICAL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Close:
    """The samples of both windows that are looked at closely, in one space, with their concepts and the anchors."""

    reference: Vectors
    current: Vectors
    concepts_reference: Codes
    concepts_current: Codes
    anchors: tuple[Vectors, Vectors, Codes] | None


def close_rows(
    space: WindowSpace, concepts: WindowConcepts, closely: int, policy: DriftPolicy, rng: np.random.Generator
) -> Close:
    """All samples of a window of at most `closely`, else some of every concept that are enough to test it."""
    each = max(policy.min_samples, min(MAX_ROWS, _MORE * closely // max(1, len(concepts.names))))

    def some(cloud: Cloud, codes: Codes) -> tuple[Vectors, Codes]:
        rows = np.arange(len(codes))
        if len(codes) > closely:
            rows = stats.stratified_queries(codes, n_queries=0, rng=rng, at_least=each)
        return cloud.at(rows), codes[rows]

    before, after = some(space.reference, concepts.reference), some(space.current, concepts.current)
    return Close(
        reference=before[0],
        current=after[0],
        concepts_reference=before[1],
        concepts_current=after[1],
        anchors=space.anchors,
    )


def content_of(close: Close, n_concepts: int, policy: DriftPolicy, rng: np.random.Generator) -> stats.ConceptContents:
    """The discrepancy within each concept, beyond what the model explains where two checkpoints made the windows."""
    sides = close.reference, close.current, close.concepts_reference, close.concepts_current, n_concepts
    refined, least = int(np.ceil(_RESOLUTION * n_concepts / policy.alpha)), policy.min_samples
    if close.anchors is None:
        return stats.concept_mmds(*sides, rng=rng, n_resamples=_N_RESAMPLES, min_rows=least, n_refined=refined)
    return stats.concept_mmds_beside_anchors(
        close.anchors, *sides, rng=rng, n_resamples=_N_RESAMPLES, min_rows=least, n_refined=refined
    )


def witness_of(
    space: WindowSpace,
    close: Close,
    concepts: WindowConcepts,
    changed: NDArray[np.bool_],
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Floats, Floats]:
    """How much more typical a sample of a changed concept is of the current window; and the reference's 90 %.

    NaN for samples of concepts that did not change, and for those concepts.
    """
    witnesses, typical = _witnesses(close, changed, rng)
    witness = np.full(len(concepts.current), np.nan)
    asked = np.zeros(len(changed) + 1, dtype=bool)  # the last one is that of samples of no concept
    asked[list(witnesses)] = True
    (rows,) = np.nonzero(asked[concepts.current])
    if len(rows):
        told = within(progress, "looking at every sample of what changed", 0.6, 0.65)
        tally = partial(_asked, witnesses=witnesses)
        witness[rows] = space.current.total(tally, concepts.current, rows=rows, told=told).values
    return witness, typical


def _witnesses(
    close: Close, changed: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[dict[int, stats.Witness], Floats]:
    """Of each changed concept, who tells the windows apart, and what nine tenths of the reference stay below."""
    n_concepts = len(changed)
    rows, carried = np.arange(len(close.reference)), close.reference
    if close.anchors is not None:
        change = stats.fit_model_change(*close.anchors, n_concepts)
        rows, carried = change.carry(close.reference, close.concepts_reference, rng=rng)
    found, typical = {}, np.full(n_concepts, np.nan)
    for k in range(n_concepts):
        before = np.flatnonzero(close.concepts_reference[rows] == k)
        after = np.flatnonzero(close.concepts_current == k)
        if min(len(before), len(after)) < 2:
            continue
        # of unchanged ones too: what is drawn after this must not hang on what changed
        some = before[drawn(len(before), rng, MAX_ROWS)], after[drawn(len(after), rng, MAX_ROWS)]
        if changed[k]:
            found[k] = stats.Witness.between(carried[some[0]], close.current[some[1]])
            typical[k] = np.quantile(found[k].of(carried[some[0]]), _TYPICAL)
    return found, typical


def _asked(vectors: Vectors, concepts: Codes, *, witnesses: Mapping[int, stats.Witness]) -> Column[np.float64]:
    values = np.full(len(vectors), np.nan)
    for k, witness in witnesses.items():
        (rows,) = np.nonzero(concepts == k)
        values[rows] = witness.of(vectors[rows])
    return Column(values)

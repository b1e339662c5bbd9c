"""Every number of an unpaired comparison: composition, content, novelty, divergences, accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import DriftPolicy
from driftcore.workflows._pairing import Vectors
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_rows import Ground, Window
from driftcore.workflows._window_space import Movement, WindowSpace, model_part, net_movement, one_space
from driftcore.workflows.progress import Progress

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

N_RESAMPLES = 999
# smallest p-values in units of what one changed concept needs through Benjamini–Hochberg, a third for each question
_RESOLUTION = 12
# rows of a window that the measures of the whole window and the search for novel samples look at
MAX_ROWS = 5000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Accuracies:
    """Accuracy of each window by concept, shape (n_concepts,), and as a whole, and whether it changed.

    NaN or None where no eval said anything.
    """

    reference: Floats
    current: Floats
    q_values: Floats
    overall_reference: float | None
    overall_current: float | None
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowNumbers:
    """All numbers of two windows; arrays have shape (n_concepts,) and are NaN where nothing could be measured.

    `witness` says of every current sample how much more typical it is of the current window of its concept, and
    `typical` is what nine tenths of the reference stay below, concept by concept. `shift` is each current sample's
    cosine distance from the nearest known sample. `model_part` is how far the model moved each concept's anchors, in
    mean gaps, and `nearest_concept` the concept that each novel sample is nearest to.
    """

    counts_reference: Codes
    counts_current: Codes
    composition: stats.WindowTest
    content: stats.ConceptContents
    q_values: Floats
    movement: Movement
    novel: stats.Novel | None
    nearest_concept: Codes
    divergences: tuple[tuple[str, stats.WindowTest], ...]
    accuracy: Accuracies
    n_directions: int
    witness: Floats
    typical: Floats
    shift: NDArray[np.float32]
    model_part: Floats | None


def measure_windows(
    reference: Window,
    current: Window,
    concepts: WindowConcepts,
    met: Ground,
    *,
    policy: DriftPolicy,
    rng: np.random.Generator,
    progress: Progress,
) -> WindowNumbers:
    """Measure everything that `compare_windows` reports."""
    n_concepts = len(concepts.names)
    counts = [np.bincount(codes[codes >= 0], minlength=n_concepts) for codes in (concepts.reference, concepts.current)]
    space = one_space(reference, current, concepts, met)

    progress("comparing what is said within concepts", 0.2)
    content = _content(space, concepts, policy, rng)

    progress("looking for samples unlike any known one", 0.6)
    novel, known = _novel(reference, current, concepts, met, rng)
    progress("measuring the windows as wholes", 0.8)
    witness, typical = _witness(space, concepts, rng)
    return WindowNumbers(
        counts_reference=counts[0],
        counts_current=counts[1],
        composition=stats.g_test(counts[0], counts[1], rng=rng),
        content=content,
        q_values=stats.benjamini_hochberg(content.p_values),
        movement=net_movement(space, concepts),
        novel=novel,
        nearest_concept=known if novel is None else known[novel.nearest],
        divergences=_divergences(reference, current, rng) if met.spaces == "same encoder" else (),
        accuracy=_accuracies(reference, current, concepts, n_concepts),
        witness=witness,
        typical=typical,
        shift=_shift(reference, current, met, rng),
        model_part=model_part(space, n_concepts),
        n_directions=space.reference.shape[1],
    )


def _content(
    space: WindowSpace, concepts: WindowConcepts, policy: DriftPolicy, rng: np.random.Generator
) -> stats.ConceptContents:
    n_concepts = len(concepts.names)
    sides = space.reference, space.current, concepts.reference, concepts.current, n_concepts
    refined, least = int(np.ceil(_RESOLUTION * n_concepts / policy.alpha)), policy.min_samples
    if space.anchors is None:
        return stats.concept_mmds(*sides, rng=rng, n_resamples=N_RESAMPLES, min_rows=least, n_refined=refined)
    return stats.concept_mmds_beside_anchors(
        space.anchors, *sides, rng=rng, n_resamples=N_RESAMPLES, min_rows=least, n_refined=refined
    )


def _novel(
    reference: Window, current: Window, concepts: WindowConcepts, met: Ground, rng: np.random.Generator
) -> tuple[stats.Novel | None, Codes]:
    """Novel samples, and the concepts of the known samples that they are near to."""
    rows = _drawn(len(reference.vectors), rng)
    if met.spaces == "anchors" and met.anchors is not None and concepts.anchors is not None:
        anchors = _drawn(len(met.anchors.reference), rng)
        sides = met.anchors.reference[anchors], met.anchors.current[anchors]
        novel = stats.novel_beside_anchors(*sides, reference.vectors[rows], current.vectors)
        return novel, concepts.anchors[anchors]
    if len(rows) < 20:
        return None, np.empty(0, dtype=np.int64)
    return stats.novel_samples(reference.vectors[rows], current.vectors, rng=rng), concepts.reference[rows]


def _divergences(
    reference: Window, current: Window, rng: np.random.Generator
) -> tuple[tuple[str, stats.WindowTest], ...]:
    sides = [window.vectors[_drawn(len(window.vectors), rng)] for window in (reference, current)]
    if min(len(side) for side in sides) < 20:
        return ()
    return tuple(
        (name, statistic(sides[0], sides[1], rng=rng, n_resamples=N_RESAMPLES))
        for name, statistic in (
            ("kmeans_jsd", stats.kmeans_jsd),
            ("prototype_distance", stats.prototype_distance),
            ("average_pairwise_distance", stats.average_pairwise_distance),
            ("sense_jsd", stats.sense_jsd),
        )
    )


def _accuracies(reference: Window, current: Window, concepts: WindowConcepts, n_concepts: int) -> Accuracies:
    """Accuracy of both windows, concept by concept, and whether it changed."""
    hits, known, overall = [], [], []
    for window, codes in ((reference, concepts.reference), (current, concepts.current)):
        correct = np.full(len(codes), np.nan) if window.outcome is None else window.outcome.correct
        told = ~np.isnan(correct)
        overall.append((int(correct[told].sum()), int(told.sum())))
        told &= codes >= 0
        known.append(np.bincount(codes[told], minlength=n_concepts))
        hits.append(np.bincount(codes[told], weights=correct[told], minlength=n_concepts).astype(np.int64))
    each = stats.share_change_pvalues(hits[0], known[0], hits[1], known[1])
    whole = stats.share_change_pvalues(*(np.array([n]) for pair in overall for n in pair))
    shares = [np.where(n > 0, hit / np.maximum(n, 1), np.nan) for hit, n in zip(hits, known, strict=True)]
    return Accuracies(
        reference=shares[0],
        current=shares[1],
        q_values=stats.benjamini_hochberg(each),
        overall_reference=overall[0][0] / overall[0][1] if overall[0][1] else None,
        overall_current=overall[1][0] / overall[1][1] if overall[1][1] else None,
        p_value=float(whole[0]),
    )


def _witness(space: WindowSpace, concepts: WindowConcepts, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How much more typical each current sample is of the current window of its concept, and the reference's 90 %."""
    n_concepts = len(concepts.names)
    rows, carried = np.arange(len(space.reference)), space.reference
    if space.anchors is not None:
        rows, carried = stats.fit_model_change(*space.anchors, n_concepts).carry(
            space.reference, concepts.reference, rng=rng
        )
    witness, typical = np.full(len(space.current), np.nan), np.full(n_concepts, np.nan)
    for k in range(n_concepts):
        before = np.flatnonzero(concepts.reference[rows] == k)
        after = np.flatnonzero(concepts.current == k)
        if min(len(before), len(after)) < 2:
            continue
        sides = carried[before[_drawn(len(before), rng, 1000)]], space.current[after[_drawn(len(after), rng, 1000)]]
        witness[after] = stats.mmd_witness(*sides, space.current[after])
        typical[k] = np.quantile(stats.mmd_witness(*sides, sides[0]), 0.9)
    return witness, typical


def _shift(reference: Window, current: Window, met: Ground, rng: np.random.Generator) -> NDArray[np.float32]:
    """Cosine distance of each current sample from the nearest sample that is known under its own checkpoint."""
    from sklearn.neighbors import NearestNeighbors

    known = reference.vectors if met.spaces == "same encoder" or met.anchors is None else met.anchors.current
    searched = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(_unit(known[_drawn(len(known), rng)]))
    # ‖u − v‖² / 2 = 1 − cos; asked for as a cosine the search would hold a matrix of a gigabyte
    distances, _ = searched.kneighbors(_unit(current.vectors))
    return np.clip(distances[:, 0] ** 2 / 2, 0.0, 2.0).astype(np.float32)


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _drawn(n: int, rng: np.random.Generator, at_most: int = MAX_ROWS) -> NDArray[np.int64]:
    """Row numbers, in order: all, or a draw where there are too many."""
    return np.arange(n) if n <= at_most else np.sort(rng.choice(n, at_most, replace=False))

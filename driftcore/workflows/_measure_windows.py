"""Every number of an unpaired comparison: composition, content, novelty, divergences, accuracy."""

from __future__ import annotations

import numpy as np

from driftcore import stats
from driftcore.records import DriftPolicy
from driftcore.workflows._clouds import drawn
from driftcore.workflows._judge_windows import surely_changed
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_content import close_rows, content_of, witness_of
from driftcore.workflows._window_novelty import MAX_ROWS, known_samples, seen_beside
from driftcore.workflows._window_numbers import Accuracies, WindowNumbers
from driftcore.workflows._window_rows import Ground, Window
from driftcore.workflows._window_space import model_part, net_movement, one_space
from driftcore.workflows.progress import Progress

_N_RESAMPLES = 999


def measure_windows(
    reference: Window,
    current: Window,
    concepts: WindowConcepts,
    met: Ground,
    *,
    closely: int,
    policy: DriftPolicy,
    rng: np.random.Generator,
    progress: Progress,
) -> WindowNumbers:
    """Measure everything that `compare_windows` reports.

    What is tested within concepts is tested on all samples of a window of at most `closely`, else on a draw from every
    concept; whatever is said of every sample, or by sums, is said of or by all.
    """
    n_concepts = len(concepts.names)
    counts = [np.bincount(codes[codes >= 0], minlength=n_concepts) for codes in (concepts.reference, concepts.current)]
    space = one_space(reference, current, concepts, met)

    progress("comparing what is said within concepts", 0.2)
    close = close_rows(space, concepts, closely, policy, rng)
    content = content_of(close, n_concepts, policy, rng)
    q_values = stats.benjamini_hochberg(content.p_values)

    # everything that is drawn at random is drawn in this order, whatever of it is asked for in the end
    progress("looking for samples unlike any known one", 0.6)
    known = known_samples(reference, concepts, met, rng)
    witness, typical = witness_of(space, close, concepts, surely_changed(q_values, policy), rng, progress)
    composition = stats.g_test(counts[0], counts[1], rng=rng)
    divergences = _divergences(reference, current, rng) if met.spaces == "same encoder" else ()
    movement = net_movement(space, concepts, progress)
    novel, shift = seen_beside(known, current, reference, met, rng, progress)
    return WindowNumbers(
        counts_reference=counts[0],
        counts_current=counts[1],
        composition=composition,
        content=content,
        q_values=q_values,
        movement=movement,
        novel=novel,
        nearest_concept=known.concepts if novel is None else known.concepts[novel.nearest],
        divergences=divergences,
        accuracy=_accuracies(reference, current, concepts, n_concepts),
        witness=witness,
        typical=typical,
        shift=shift,
        model_part=model_part(space, n_concepts),
        n_directions=space.n_directions,
        n_close=(len(close.reference), len(close.current)),
    )


def _divergences(
    reference: Window, current: Window, rng: np.random.Generator
) -> tuple[tuple[str, stats.WindowTest], ...]:
    sides = [window.cloud.at(drawn(len(window.sample_ids), rng, MAX_ROWS)) for window in (reference, current)]
    if min(len(side) for side in sides) < 20:
        return ()
    return tuple(
        (name, statistic(sides[0], sides[1], rng=rng, n_resamples=_N_RESAMPLES))
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

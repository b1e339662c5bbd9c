"""Every number of a paired comparison, in the order in which one needs the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.engine import n_cores
from driftcore.records import DriftPolicy
from driftcore.workflows._everyone import Everyone
from driftcore.workflows._movement import Movement, movement, of_all, weigher
from driftcore.workflows._new_errors import NewErrors, new_errors
from driftcore.workflows._pairing import PairedRows
from driftcore.workflows._parts import PartNumbers, part_numbers, spread
from driftcore.workflows.progress import Progress

Floats = NDArray[np.float64]

_N_NEIGHBORS = 15
_N_QUERIES = 2000
_N_RESAMPLES = 999
# of a concept's samples, the part that stands nearest to another one
_LOW = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptNumbers:
    """One value a concept, shape (n_concepts,); NaN where it could not be measured."""

    sizes: NDArray[np.int64]
    displacement: Floats
    p_values: Floats
    q_values: Floats
    standout: Floats
    detectable: Floats
    mean_shift: Floats
    neighbor_overlap: Floats
    accuracy_reference: Floats
    accuracy_current: Floats
    accuracy_q_values: Floats
    n_worse: Floats
    n_better: Floats
    churn: Floats
    margin_reference: Floats
    margin_current: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairNumbers:
    """One value a pair of concepts, shape (n_concepts, n_concepts); `toward` is the concept each one heads for."""

    migration: Floats
    toward: NDArray[np.int64]
    gap_closure: Floats
    q_values: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurement:
    """All numbers of a paired comparison.

    `overlap` is the share of neighbours that each sample kept, NaN where it was not measured.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]
    concepts: ConceptNumbers
    pairs: PairNumbers
    parts: PartNumbers
    overlap: Floats
    shift: NDArray[np.float32]
    share: Floats
    cka: float | None
    procrustes_distance: float | None
    new_errors: NewErrors
    accuracy_p_value: float
    separation: float | None
    alignment: stats.Alignment
    centroids: tuple[stats.Centroids, stats.Centroids]

    def closely(self, rows: PairedRows) -> Measurement:
        """The same of the rows that were looked at closely, as if there were no others."""
        return replace(self, codes=rows.close(self.codes), shift=rows.close(self.shift), share=rows.close(self.share))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Looked:
    """What is measured of every row, however many there are."""

    p_values: Floats
    shift: NDArray[np.float32]
    share: Floats
    cka: float | None
    procrustes_distance: float | None


def measure(
    rows: PairedRows,
    names: tuple[str, ...],
    codes: NDArray[np.int64],
    *,
    policy: DriftPolicy,
    rng: np.random.Generator,
    progress: Progress,
    everyone: Everyone | None = None,
) -> Measurement:
    """Measure everything that `compare` reports of paired rows.

    Parameters
    ----------
    names : tuple of str, length n_concepts
    codes : int64 array of shape (n_samples,)
        The concept of each sample, −1 for none.
    everyone : Everyone, optional
        Looks at the rows whose vectors are not here, where there are such.
    """
    n_concepts, near = len(names), rows.close(codes)
    # numpy lets go of the interpreter while it works: what needs nothing but the rows that are here waits for no other
    with ThreadPoolExecutor(1) as beside:
        overlapping = beside.submit(_overlap, rows, near, stats.stratified_queries(near, n_queries=_N_QUERIES, rng=rng))
        progress("laying one space over the other", 0.1)
        moved = movement(rows.reference, rows.current, near, n_concepts, policy)
        if everyone is not None:
            standing = everyone.standing(weigher(rows.reference, rows.current, near, moved))
            moved = of_all(moved, standing, rows.reference, rows.current, near, policy)
        parts_found = beside.submit(part_numbers, moved, rows, near)
        gaps_tested = beside.submit(
            stats.gap_closure_pvalues, rows.reference, rows.current, near, moved.before, moved.after
        )
        margins = [
            beside.submit(_lowest_margins, side, near, centroids)
            for side, centroids in ((rows.reference, moved.before), (rows.current, moved.after))
        ]

        progress("testing each concept against the others", 0.35)
        looked = (
            _here(rows, moved, near, n_concepts) if everyone is None else _by_parts(everyone, standing.moments(), moved)
        )

    progress("comparing neighbourhoods, parts and gaps", 0.8)
    overlap, parts, pair_p_values = overlapping.result(), parts_found.result(), gaps_tested.result()
    correct, shift = correctness(rows), looked.shift
    worse, better = stats.flip_counts(*correct, codes, n_concepts)
    churn = stats.concept_means(stats.churned(*correct), codes, n_concepts)
    # no sample of the concept was evaluated on both sides: it cannot have changed for all one knows
    answered = ~np.isnan(churn)
    return Measurement(
        names=names,
        codes=codes,
        concepts=ConceptNumbers(
            sizes=moved.before.sizes,
            displacement=stats.centroid_displacement(moved.before, moved.residuals),
            p_values=looked.p_values,
            q_values=stats.benjamini_hochberg(looked.p_values),
            standout=moved.standout,
            detectable=moved.detectable,
            mean_shift=stats.concept_means(shift, codes, n_concepts),
            neighbor_overlap=stats.concept_means(overlap, codes, n_concepts),
            accuracy_reference=stats.concept_means(correct[0], codes, n_concepts),
            accuracy_current=stats.concept_means(correct[1], codes, n_concepts),
            accuracy_q_values=stats.benjamini_hochberg(np.where(answered, stats.flip_pvalues(worse, better), np.nan)),
            n_worse=np.where(answered, worse, np.nan),
            n_better=np.where(answered, better, np.nan),
            churn=churn,
            margin_reference=margins[0].result(),
            margin_current=margins[1].result(),
        ),
        pairs=PairNumbers(
            migration=stats.migration(moved.before, moved.residuals),
            toward=stats.heading(moved.before, moved.own).argmax(axis=1),
            gap_closure=stats.gap_closures(moved.before, moved.after),
            q_values=_pair_q_values(pair_p_values),
        ),
        parts=parts,
        overlap=overlap,
        shift=shift,
        share=looked.share,
        cka=looked.cka,
        procrustes_distance=looked.procrustes_distance,
        new_errors=new_errors(rows, shift, codes, n_concepts),
        accuracy_p_value=float(stats.mcnemar_pvalues(*correct, np.zeros_like(codes), 1)[0]),
        separation=_change(stats.separation(moved.before), stats.separation(moved.after)),
        alignment=moved.alignment,
        centroids=(moved.before, moved.after),
    )


def _overlap(rows: PairedRows, near: NDArray[np.int64], queries: NDArray[np.int64]) -> Floats:
    """The share of neighbours that each of all samples kept, NaN where it was not asked."""
    k = min(_N_NEIGHBORS, max(1, len(near) - 2))
    overlap = np.full(len(near), np.nan)
    overlap[queries] = stats.neighbor_overlap(rows.reference, rows.current, queries, k=k)
    return spread(rows, overlap, fill=np.nan)


def _here(rows: PairedRows, moved: Movement, codes: NDArray[np.int64], n_concepts: int) -> _Looked:
    """All rows are in memory."""
    axes = stats.leading_directions(rows.reference, moved.aligned).astype(np.float32)
    moments = stats.paired_moments(rows.reference, rows.current)
    return _Looked(
        p_values=stats.leave_one_concept_out(
            rows.reference @ axes, moved.aligned @ axes, codes, n_concepts, excluded=moved.outstanding
        ),
        shift=stats.cosine_shift(rows.reference, moved.aligned),
        share=moved.share,
        cka=stats.debiased_cka(rows.reference, rows.current, moments),
        procrustes_distance=stats.procrustes_distance(moments),
    )


def _by_parts(everyone: Everyone, moments: stats.PairedMoments, moved: Movement) -> _Looked:
    """The rows pass by a second time, now that one space is laid over the other."""
    found = everyone.movements(
        stats.Ruler(
            alignment=moved.alignment,
            mean_reference=moments.mean_reference,
            mean_current=moments.mean_current,
            displacements=moved.residuals.means,
            axes=stats.leading_directions_of_sums(moments, moved.alignment),
        )
    )
    return _Looked(
        p_values=stats.left_out_pvalues(found.on_axes.of_whole(), excluded=moved.outstanding),
        shift=found.shift,
        share=found.share,
        cka=stats.cka_of_sums(moments, found.norms),
        procrustes_distance=stats.procrustes_distance(moments),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """Percentile bootstrap intervals of one pair; the samples are drawn anew, the alignment is held."""

    gap_closure: tuple[float, float]
    migration: tuple[float, float]


def intervals(
    rows: PairedRows, measured: Measurement, pairs: list[tuple[int, int]], *, rng: np.random.Generator
) -> dict[tuple[int, int], Intervals]:
    """Bootstrap intervals of the pairs (a, b), of the migration from a to b; every concept is resampled once."""
    concepts = sorted({concept for pair in pairs for concept in pair})
    codes, (before, after) = rows.close(measured.codes), measured.centroids

    def resampled(k: int, own: np.random.Generator) -> stats.ConceptResamples:
        members = codes == k
        # laid over the reference before they are drawn: forty rows are turned and not a thousand copies
        aligned = measured.alignment.apply(rows.current[members])
        drawn_from = None
        if rows.drawn is not None:
            drawn_from = int(before.sizes[k]), before.means[k], measured.alignment.apply_exactly(after.means[k])
        return stats.resample_concept(
            rows.reference[members], aligned, n_resamples=_N_RESAMPLES, rng=own, drawn_from=drawn_from
        )

    # each concept has a stream of random numbers of its own, whoever comes first
    with ThreadPoolExecutor(n_cores()) as pool:
        copies = dict(zip(concepts, pool.map(resampled, concepts, rng.spawn(len(concepts))), strict=True))
    return {(a, b): _interval(copies[a], copies[b]) for a, b in pairs}


def _interval(a: stats.ConceptResamples, b: stats.ConceptResamples) -> Intervals:
    gap = b.reference - a.reference
    moved = a.current - a.reference
    squared = np.einsum("ij,ij->i", gap, gap) - 2 * (a.variance_reference + b.variance_reference)
    migrations = np.einsum("ij,ij->i", moved, gap) / np.where(squared > 0, squared, np.nan)
    return Intervals(
        gap_closure=stats.percentile_interval(stats.resampled_gap_closures(a, b, scale=1.0)),
        migration=stats.percentile_interval(migrations),
    )


def _pair_q_values(p_values: Floats) -> Floats:
    """Benjamini–Hochberg over each unordered pair once, written back symmetrically."""
    upper = np.triu_indices(len(p_values), 1)
    q_values = np.full_like(p_values, np.nan)
    q_values[upper] = stats.benjamini_hochberg(p_values[upper])
    return np.where(np.isnan(q_values), q_values.T, q_values)


def _change(before: float | None, after: float | None) -> float | None:
    return None if not before or after is None else after / before - 1


def correctness(rows: PairedRows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Whether each sample was right, at the reference and now; NaN where no eval says."""
    unknown = np.full(len(rows.sample_ids), np.nan, dtype=np.float32)
    return (
        unknown if rows.outcome_reference is None else rows.outcome_reference.correct,
        unknown if rows.outcome_current is None else rows.outcome_current.correct,
    )


def _lowest_margins(vectors: NDArray[np.float32], codes: NDArray[np.int64], centroids: stats.Centroids) -> Floats:
    """The 5 % quantile of each concept's margins, in its own space: margins need no alignment."""
    margins = stats.margins(vectors, codes, centroids)
    return stats.concept_quantiles(margins, codes, len(centroids.sizes), level=_LOW)

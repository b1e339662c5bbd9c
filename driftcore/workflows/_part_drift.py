"""What a report says of the parts that went their own way, and their accuracy in place of their concept's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import Kind, PartDrift
from driftcore.workflows._everyone import Everyone
from driftcore.workflows._measure import ConceptNumbers, Measurement, correctness
from driftcore.workflows._pairing import PairedRows
from driftcore.workflows._parts import Found, PartNumbers
from driftcore.workflows._reading import parts_of

_N_NEIGHBORS = 15


def part_of(parts: PartNumbers, kind: Kind) -> Found | None:
    """The look that found a part of this kind; None for a concept that moved as a whole or not at all."""
    found: Mapping[Kind, Found] = {"part": parts.heading, "split": parts.torn, "scattered": parts.left}
    return found.get(kind)


def with_all_members(everyone: Everyone, measured: Measurement, each: tuple[Kind, ...]) -> Measurement:
    """The measurement whose parts have all members: those that were not looked at closely are told by the edge."""

    def whole(found: Found) -> Found:
        concepts = [k for k, kind in enumerate(each) if part_of(measured.parts, kind) is found]
        inside = found.inside.copy()
        for k in concepts:
            for rows in parts_of(np.flatnonzero(measured.codes == k)):
                reference, current = everyone.vectors(rows)
                inside[rows] = found.edge.inside(measured.alignment.apply(current) - reference, measured.codes[rows])
        return replace(found, inside=inside)

    parts = measured.parts
    parts = replace(parts, heading=whole(parts.heading), torn=whole(parts.torn), left=whole(parts.left))
    return replace(measured, parts=parts)


def part_codes(measured: Measurement, each: tuple[Kind, ...]) -> NDArray[np.int64]:
    """The concept of each sample that is in the part of its concept, −1 for all others."""
    codes = np.full(len(measured.codes), -1, dtype=np.int64)
    for k, kind in enumerate(each):
        found = part_of(measured.parts, kind)
        if found is not None:
            codes[found.inside & (measured.codes == k)] = k
    return codes


def judged_by_parts(rows: PairedRows, measured: Measurement, each: tuple[Kind, ...]) -> ConceptNumbers:
    """The numbers of the concepts with the accuracy of the part where one went its own way.

    What a third of a concept lost is diluted by the others, and what the others lost is not the part's doing.
    """
    numbers, codes = measured.concepts, part_codes(measured, each)
    n_concepts = len(each)
    parted = np.bincount(codes[codes >= 0], minlength=n_concepts) > 0
    if not parted.any():
        return numbers
    before, after = correctness(rows)
    p_values = stats.mcnemar_pvalues(before, after, codes, n_concepts)
    answered = parted & ~np.isnan(stats.concept_means(stats.churned(before, after), codes, n_concepts))
    q_values = stats.benjamini_hochberg(np.where(answered, p_values, np.nan))
    return replace(
        numbers,
        accuracy_reference=np.where(parted, stats.concept_means(before, codes, n_concepts), numbers.accuracy_reference),
        accuracy_current=np.where(parted, stats.concept_means(after, codes, n_concepts), numbers.accuracy_current),
        accuracy_q_values=np.where(parted, q_values, numbers.accuracy_q_values),
    )


def part_drifts(
    rows: PairedRows, measured: Measurement, each: tuple[Kind, ...], words: Mapping[str, tuple[str, ...]]
) -> dict[int, PartDrift]:
    """A record for each concept of which a part went its own way; `words` by the name of the concept."""
    codes, judged = part_codes(measured, each), judged_by_parts(rows, measured, each)
    overlap = measured.overlap
    inside = stats.concept_means(overlap, codes, len(each))
    outside = stats.concept_means(np.where(codes >= 0, np.nan, overlap), measured.codes, len(each))
    drifts = {}
    for k, kind in enumerate(each):
        found = part_of(measured.parts, kind)
        if found is None:
            continue
        toward = int(found.toward[k])
        drifts[k] = PartDrift(
            n=int((codes == k).sum()),
            displacement=float(found.displacement[k]),
            rest_displacement=float(found.rest[k]),
            toward=measured.names[toward] if toward >= 0 else None,
            standout=_known(found.standout[k]),
            p_value=_known(found.p_values[k]),
            q_value=_known(found.q_values[k]),
            neighbor_overlap=_known(inside[k]),
            neighbor_overlap_rest=_known(outside[k]),
            cohesion=_known(_cohesion(rows, measured, codes, k)),
            accuracy_reference=_known(judged.accuracy_reference[k]),
            accuracy_current=_known(judged.accuracy_current[k]),
            words=words.get(measured.names[k], ()),
        )
    return drifts


def _cohesion(rows: PairedRows, measured: Measurement, codes: NDArray[np.int64], k: int) -> float:
    """Whether the part of concept k was a neighbourhood at the reference."""
    inside = rows.close(codes) == k
    members = np.flatnonzero(inside)
    neighbors = stats.nearest_neighbors(rows.reference, members, k=min(_N_NEIGHBORS, len(inside) - 1))
    return stats.cohesion(inside, neighbors, rows.close(measured.codes), members)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

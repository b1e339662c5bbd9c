"""Storage and plumbing as a cause: each test looks at what the ones before it left, and undoes what it explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.records import CauseKind
from driftcore.workflows import _limits as limits
from driftcore.workflows._finding import Finding
from driftcore.workflows._storage import Storage, storage, unmoved
from driftcore.workflows._touched import Texts, touched_finding, whole_concepts

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """What the tests of infrastructure found, and what they leave for the others.

    Parameters
    ----------
    findings : tuple of Finding
    left : float
        Share of the raw movement that nothing here explains, outside the concepts that moved; 0 = all is explained.
    explains_concepts : bool
        Whether concepts that were flagged are a consequence of it, and no cause of their own.
    unmoved : str
        In words, where every vector is where it was: how surely.
    caveat : str
        In words, where the tests could not have told noise of the computation from training.
    change, tolerance : float
        Median change of a sample's largest value, and what rounding alone would do to it.
    """

    findings: tuple[Finding, ...] = ()
    left: float = 1.0
    explains_concepts: bool = False
    unmoved: str = ""
    caveat: str = ""
    change: float = 0.0
    tolerance: float = limits.ARITHMETIC


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spaces:
    """Both spaces as the tests so far leave them, and the samples that a moved concept does not touch."""

    reference: Vectors
    current: Vectors
    codes: NDArray[np.int64]
    names: tuple[str, ...]
    outside: NDArray[np.bool_]

    @property
    def movement(self) -> float:
        """Mean square movement outside the moved concepts, in units of the reference's mean square."""
        moved = np.square(stats.residual_norms(self.reference, self.current)[self.outside]).mean()
        # buffered: a float64 copy of everything would be the largest thing in memory
        total = np.einsum("ij,ij->", self.reference, self.reference, dtype=np.float64)
        return float(moved * len(self.reference) / total)

    @property
    def some(self) -> _Spaces:
        """As many samples outside the moved concepts as the tests of structure need."""
        rows = np.random.default_rng(0).permutation(np.flatnonzero(self.outside))[: limits.STRUCTURE_SAMPLES]
        return replace(
            self,
            reference=self.reference[rows],
            current=self.current[rows],
            codes=self.codes[rows],
            outside=np.ones(len(rows), dtype=bool),
        )


def look_for_infrastructure(
    reference: Vectors,
    current: Vectors,
    codes: NDArray[np.int64],
    names: tuple[str, ...],
    moved: NDArray[np.bool_],
    texts: Callable[[NDArray[np.int64]], Texts] | None = None,
) -> Looked:
    """Every test of infrastructure on raw paired vectors of equal width.

    Parameters
    ----------
    codes : int64 array of shape (n_samples,); −1 belongs to no concept
    names : tuple of str, length n_concepts
    moved : bool array of shape (n_concepts,)
        Concepts that the detection flagged; what happened to the others is told without them.
    texts : callable, optional
        Reads the texts of some rows on both sides; asked only where some samples were touched and others not.
    """
    outside = ~np.isin(codes, np.flatnonzero(moved))
    raw = _Spaces(
        reference=reference,
        current=current,
        codes=codes,
        names=names,
        outside=outside if outside.any() else np.ones_like(outside),
    )
    before = raw.movement
    some = raw.some
    lattice = storage(some.reference, some.current)
    spaces, found = _undone(raw, Looked(tolerance=lattice.tolerance), before)

    change = stats.largest_change(spaces.reference, spaces.current)
    touched = change > found.tolerance
    found = replace(found, change=float(np.median(change)))
    if not touched.any():
        said = "" if found.findings else unmoved(change, found.tolerance, some.reference, some.current)
        return replace(found, left=0.0, explains_concepts=bool(found.findings), unmoved=said)
    if lattice.text:
        found = _with_lattice(found, lattice, movement=spaces.movement, before=before)
    if not found.left:
        return found
    if 1 - touched.mean() >= limits.UNTOUCHED:
        together = _together(spaces, touched)
        part = touched_finding(touched, codes, names, together=together, texts=texts)
        whole = whole_concepts(touched, codes, len(names))
        # a concept that moved as a whole did not move because of a trait of some of its texts
        return _found(found, part.kind, part.text, explains_concepts=part.kind != "semantic" and not whole[moved].any())
    noise = _noise(spaces.some)
    if noise is None:
        return replace(found, caveat=_blind(spaces.some))
    return _found(found, "infrastructure", noise)


def _found(found: Looked, kind: CauseKind, text: str, *, explains_concepts: bool = False) -> Looked:
    """One more finding, which explains all that was left."""
    finding = Finding(kind=kind, text=text, share=found.left)
    return replace(found, findings=(*found.findings, finding), left=0.0, explains_concepts=explains_concepts)


def _undone(raw: _Spaces, found: Looked, before: float) -> tuple[_Spaces, Looked]:
    """The spaces with the same lengths and columns, where those differed."""
    spaces = raw
    for undo in (_lengths, _columns):
        undone = undo(spaces)
        if undone is not None:
            spaces, text = undone
            left = min(spaces.movement / before, found.left)
            finding = Finding(kind="infrastructure", text=text, share=found.left - left)
            found = replace(found, findings=(*found.findings, finding), left=left)
    return spaces, found


def _with_lattice(found: Looked, lattice: Storage, *, movement: float, before: float) -> Looked:
    """The lattice explains all that is left, or its own error and no more."""
    ratio = movement / lattice.variance
    share = found.left if ratio <= limits.LATTICE_ERROR or not before else min(lattice.variance / before, found.left)
    text = (
        f"lattice: {lattice.text}; the squared movement is {ratio:.3g} times the step²/12 of rounding "
        f"(explained by it up to {limits.LATTICE_ERROR:g} times)"
    )
    finding = Finding(kind="infrastructure", text=text, share=share)
    return replace(found, findings=(*found.findings, finding), left=found.left - share)


def _lengths(spaces: _Spaces) -> tuple[_Spaces, str] | None:
    """Both spaces at unit length, where one side was normalised and the other was not."""
    text = other_lengths(spaces.some.reference, spaces.some.current)
    if not text:
        return None
    return replace(spaces, reference=unit(spaces.reference), current=unit(spaces.current)), text


def other_lengths(reference: Vectors, current: Vectors) -> str:
    """In words, where one side was normalised and the other was not, or lengths alone changed; else empty."""
    lengths = [np.linalg.norm(side.astype(np.float64), axis=1) for side in (reference, current)]
    is_unit = [bool((np.abs(np.quantile(each, (0.05, 0.95)) - 1) <= limits.SAME_LENGTH).all()) for each in lengths]
    shift = float(np.quantile(stats.cosine_shift(reference, current), 0.99))
    low, middle, high = np.nanquantile(stats.norm_ratios(reference, current), (0.05, 0.5, 0.95))
    same_ratio = high - low <= limits.SAME_LENGTH * middle
    if same_ratio or (is_unit[0] == is_unit[1] and shift > limits.SAME_DIRECTION):
        return ""
    normalised = "current" if is_unit[1] else "reference"
    said = (
        f"only the {normalised} snapshot has vectors of length 1" if is_unit[0] != is_unit[1] else "only they changed"
    )
    return (
        f"lengths: {said}; |current| / |reference| has the median {middle:.3g} and goes from {low:.3g} to {high:.3g} "
        f"(5th to 95th percentile; more than {limits.SAME_LENGTH:.0%} apart), cosine distance {shift:.2g} at the 99th"
    )


def _columns(spaces: _Spaces) -> tuple[_Spaces, str] | None:
    """The current columns in the reference's order and signs, where that undoes as much as any rotation would."""
    some = spaces.some
    if float(np.median(stats.cosine_shift(some.reference, some.current))) <= limits.OTHER_DIRECTION:
        return None
    found = stats.signed_permutation(some.reference, some.current)
    total = float(np.square(some.reference, dtype=np.float64).sum())
    aligned = stats.fit_alignment(some.reference, some.current).apply(some.current)
    rotated = float(np.square(stats.residual_norms(some.reference, aligned)).sum()) / total
    before = float(np.square(stats.residual_norms(some.reference, some.current)).sum()) / total
    allowed = min(limits.COLUMNS_LEFT * rotated + limits.ARITHMETIC, limits.COLUMNS_SHARE * before)
    if not found.n_displaced or 1 - found.explained > allowed:
        return None
    n_dims = some.reference.shape[1]
    text = (
        f"columns: {found.n_displaced} of {n_dims} stand in another place or have the other sign; put back, they leave "
        f"{1 - found.explained:.2g} of the mean square (a free rotation {rotated:.2g}; at most "
        f"{limits.COLUMNS_LEFT:g} times that, and {limits.COLUMNS_SHARE:g} of the {before:.2g} before)"
    )
    return replace(spaces, current=found.apply(spaces.current)), text


def _together(spaces: _Spaces, touched: NDArray[np.bool_]) -> float:
    """How much of their movement the touched members of a concept have in common."""
    rows = np.random.default_rng(0).permutation(np.flatnonzero(touched))[: limits.STRUCTURE_SAMPLES]
    errors = spaces.current[rows] - spaces.reference[rows]
    return stats.common_share(errors, spaces.codes[rows], len(spaces.names))


def _noise(some: _Spaces) -> str | None:
    """In words, where the error has more directions than the cloud, or no concept has any of it in common."""
    errors = some.current - some.reference
    of_errors, of_cloud = stats.effective_dims(errors), stats.effective_dims(some.reference)
    common = stats.common_share(errors, some.codes, len(some.names))
    ratio = of_errors / of_cloud if of_errors is not None and of_cloud else 0.0
    if ratio < limits.NOISE_DIMS and common > limits.NOISE_COMMON:
        return None
    return (
        f"noise: the error varies in {ratio:.2g} times as many directions as the cloud (training: 0.5 to 1; from "
        f"{limits.NOISE_DIMS:g} on it is noise), and members of a concept have {common:.2f} of it in common (at most "
        f"{limits.NOISE_COMMON:g} is noise): quantised weights, another kernel, … vectors alone cannot say which"
    )


def _blind(some: _Spaces) -> str:
    """In words, where the cloud varies in so many directions that no error could vary in many more."""
    of_cloud = stats.effective_dims(some.reference)
    ceiling = some.reference.shape[1] / of_cloud if of_cloud else 0.0
    if ceiling >= limits.NOISE_DIMS:
        return ""
    return (
        f"caveat: the cloud fills its space: noise could vary in at most {ceiling:.2g} times as many directions (the "
        f"test needs {limits.NOISE_DIMS:g}): coarsely quantised weights would look like training here"
    )


def unit(vectors: Vectors) -> Vectors:
    """The vectors at length 1."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)).astype(np.float32)
    at_one: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)[:, None]
    return at_one

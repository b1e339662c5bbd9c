"""The drift report: what `compare` found out between a reference and a current checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from driftcore.records.policy import DriftPolicy
from driftcore.records.span import SpanBrief
from driftcore.records.windows import WindowDrift

Verdict = Literal["stable", "watch", "silent", "regression", "boundary", "improved"]
Kind = Literal["moved", "part", "split", "scattered", "none"]
CauseKind = Literal["none", "model", "data", "infrastructure", "semantic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Numbers about the whole space; gauges, not alarms (`global` in the JSON).

    `typical_displacement` is what the checkpoint did to the median concept, a share of the mean gap; `separation` how
    much farther apart the concepts stand, measured by their own width: 0.1 = 10 %, negative where they run together.

    Of the samples that were right at the reference, `n_new_errors` are wrong now. `drift_error_auroc` says how well the
    shift ranks them first, `confidence_error_auroc` how well low confidence at the reference does, and
    `combined_error_auroc` the mean of both percentiles, which nothing was fitted for; `shift_error_odds` are their odds
    among the most displaced tenth of each concept, against the rest of it. Intervals are of 95 %.
    """

    cka: float | None
    procrustes_distance: float | None
    mean_shift: float | None
    accuracy_reference: float | None
    accuracy_current: float | None
    churn: float | None
    drift_error_auroc: float | None
    typical_displacement: float | None = None
    separation: float | None = None
    n_new_errors: int | None = None
    drift_error_interval: tuple[float, float] | None = None
    confidence_error_auroc: float | None = None
    confidence_error_interval: tuple[float, float] | None = None
    combined_error_auroc: float | None = None
    combined_error_interval: tuple[float, float] | None = None
    shift_error_odds: float | None = None
    shift_error_odds_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDrift:
    """The part of a concept that went its own way: to another concept, torn off, or one by one; the rest stayed or not.

    `displacement` is how far its `n` samples moved and `rest_displacement` the others, in mean gaps; `standout` and the
    p-value are of the same look at every concept. `neighbor_overlap` is the share of neighbours kept, of the part and
    of the rest. `cohesion` says whether its samples were neighbours before they moved: 0 = strewn over the concept,
    1 = a neighbourhood of their own. `words` set its texts apart from the rest of the concept. The accuracy is that of
    its samples.
    """

    n: int
    displacement: float
    rest_displacement: float
    toward: str | None
    standout: float | None
    p_value: float | None
    q_value: float | None
    neighbor_overlap: float | None
    neighbor_overlap_rest: float | None
    cohesion: float | None
    accuracy_reference: float | None
    accuracy_current: float | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptDrift:
    """One concept between two checkpoints. Shares are of 1, shifts are cosine distances in [0, 2].

    `verdict` is None for a concept that is too small to be judged. `detectable` is the smallest displacement straight
    toward another concept that would have been called moved: below it "stable" means "not seen". The margins are the
    5 % quantile of how much nearer its samples stand to their own concept than to the next one, in mean gaps; 0 is the
    border. `n_worse` samples went from right to wrong, `n_better` came right, and `accuracy_q_value` is McNemar's,
    through Benjamini–Hochberg over the concepts.

    Where a part of it moved alone, was torn off or scattered (`kind`), `part` says more, and the verdict is about the
    accuracy of the part's samples.
    """

    concept: str
    n: int
    displacement: float
    p_value: float | None
    q_value: float | None
    standout: float | None
    verdict: Verdict | None
    toward: str | None
    migration: float | None
    migration_low: float | None
    migration_high: float | None
    mean_shift: float | None
    neighbor_overlap: float | None
    accuracy_reference: float | None
    accuracy_current: float | None
    churn: float | None
    kind: Kind
    detectable: float | None = None
    margin_reference: float | None = None
    margin_current: float | None = None
    accuracy_q_value: float | None = None
    n_worse: int | None = None
    n_better: int | None = None
    part: PartDrift | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDrift:
    """Two concepts that came closer; `gap_closure` is symmetric and does not say who moved."""

    a: str
    b: str
    gap_closure: float
    low: float | None
    high: float | None
    q_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Where the drift comes from, with the numbers that say so.

    `also` lists the other causes of a mixed drift. `evidence` has a line for every test that fired, with its number
    and the threshold it was held to; it begins with the cause that it speaks for.
    """

    kind: CauseKind
    evidence: tuple[str, ...] = ()
    also: tuple[CauseKind, ...] = ()

    @property
    def title(self) -> str:
        """All causes by name, the one to act on first in front."""
        return f"{self.kind}, also {' and '.join(self.also)}" if self.also else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a report was computed with."""

    versions: dict[str, str]
    seed: int
    engine: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """Everything `driftloop compare --json` says; fields that could not be computed are None, with a note."""

    report_id: str
    reference: str
    current: str
    split: str
    pairing: Literal["paired", "unpaired"]
    n_samples: int
    n_dims: int
    n_only_reference: int
    n_only_current: int
    verdict: Verdict
    summary: str
    cause: Cause
    global_: Gauges
    concepts: tuple[ConceptDrift, ...]
    pairs: tuple[PairDrift, ...]
    spans: tuple[SpanBrief, ...]
    policy: DriftPolicy
    provenance: Provenance
    notes: tuple[str, ...] = ()
    windows: WindowDrift | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleDrift:
    """Per-sample side of a report, row by row: all arrays have shape (n_samples,).

    `concepts` is None for samples outside every concept (noise). `shift` is the aligned cosine shift.
    `share` is how much of its concept's movement a sample made: 1 = as far as the centroid, 0 = stayed.
    """

    sample_ids: NDArray[np.object_]
    concepts: NDArray[np.object_]
    shift: NDArray[np.float32]
    share: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapClosures:
    """Gap closure of every pair of concepts, symmetric, shape (n_concepts, n_concepts); NaN where there is no gap."""

    concepts: tuple[str, ...]
    values: NDArray[np.float32]

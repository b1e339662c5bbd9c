"""The drift report: what `compare` found out between a reference and a current checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from driftcore.records.policy import DriftPolicy
from driftcore.records.span import SpanBrief

Verdict = Literal["stable", "watch", "silent", "regression", "boundary", "improved"]
Kind = Literal["moved", "split", "scattered", "none"]
CauseKind = Literal["none", "model", "data", "infrastructure", "semantic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Numbers about the whole space; gauges, not alarms (`global` in the JSON)."""

    cka: float | None
    procrustes_distance: float | None
    mean_shift: float
    accuracy_reference: float | None
    accuracy_current: float | None
    churn: float | None
    drift_error_auroc: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptDrift:
    """One concept between two checkpoints. Shares are of 1, shifts are cosine distances in [0, 2]."""

    concept: str
    n: int
    displacement: float
    p_value: float | None
    q_value: float | None
    standout: float | None
    verdict: Verdict
    toward: str | None
    migration: float | None
    migration_low: float | None
    migration_high: float | None
    mean_shift: float
    neighbor_overlap: float | None
    accuracy_reference: float | None
    accuracy_current: float | None
    churn: float | None
    kind: Kind


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
    """Where the drift comes from, with the numbers that say so."""

    kind: CauseKind
    evidence: tuple[str, ...] = ()


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

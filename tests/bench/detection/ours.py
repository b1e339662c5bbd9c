"""Driftloop as `compare` measures and judges it, without the store, and its parts alone."""

from __future__ import annotations

import numpy as np

from driftcore import stats
from driftcore.records import DriftPolicy
from driftcore.workflows._judge import kinds
from driftcore.workflows._measure import Measurement, measure
from driftcore.workflows._pairing import PairedRows, narrowed
from driftcore.workflows.progress import silent
from tests.bench.detection.protocol import Answer, Given, Method


def driftloop(given: Given) -> Answer:
    """The only place of the benchmark that knows how `compare` is made."""
    policy = DriftPolicy()
    if not given.paired:
        return contents(given, policy)
    measured = measure(
        narrowed(rows_of(given)),
        tuple(f"concept {k}" for k in range(given.n_concepts)),
        given.concepts,
        policy=policy,
        rng=np.random.default_rng(given.seed),
        progress=silent,
    )
    toward = measured.pairs.toward
    how = kinds(measured.concepts, measured.parts, policy)
    moved = np.flatnonzero([kind != "none" for kind in how])
    heads = {
        int(k): int(measured.parts.heading.toward[k] if how[k] == "part" else toward[k])
        for k in moved
        if how[k] in ("moved", "part")
    }
    return Answer(
        alarm=len(moved) > 0,
        moved=tuple(moved.tolist()),
        toward=heads,
        noted=measured.separation is not None and measured.separation <= -policy.max_separation_loss,
        parts={name: alone(flags) for name, flags in parts(measured, policy).items()},
    )


def contents(given: Given, policy: DriftPolicy) -> Answer:
    """Other samples on both sides: what is said within each concept; a change of the shares alone is not drift."""
    found = stats.concept_mmds(
        given.reference,
        given.current,
        given.concepts,
        given.current_concepts,
        given.n_concepts,
        rng=np.random.default_rng(given.seed),
    )
    return alone(stats.benjamini_hochberg(found.p_values) <= policy.alpha)


def parts(measured: Measurement, policy: DriftPolicy) -> dict[str, np.ndarray]:
    """Which concepts each part would have called moved by itself."""
    displacement = measured.concepts.displacement
    away = displacement - np.median(displacement)
    # the MAD of a normal population times 1.4826 is its standard deviation; .003 of a gap is believed at least
    spread = max(1.4826 * float(np.median(np.abs(away))), 0.003)
    return {
        "its test alone": measured.concepts.q_values <= policy.alpha,
        "its robust z alone": away / spread >= policy.min_standout,
    }


def alone(flags: np.ndarray) -> Answer:
    return Answer(alarm=bool(flags.any()), moved=tuple(np.flatnonzero(flags).tolist()))


def rows_of(given: Given) -> PairedRows:
    return PairedRows(
        sample_ids=np.arange(len(given.concepts)).astype(str).astype(object),
        reference=given.reference,
        current=given.current,
        labels=None,
        n_relabeled=0,
        n_only_reference=0,
        n_only_current=0,
        outcome_reference=None,
        outcome_current=None,
    )


METHODS = (Method(name="Driftloop", setting="default policy", answer=driftloop),)

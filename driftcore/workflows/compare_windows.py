"""Compare two windows of different samples: another mix, other things said, something new."""

from __future__ import annotations

import hashlib
import json
import time
from importlib.metadata import version

import numpy as np

from driftcore.engine import Engine, LocalEngine, alone, chosen_engine
from driftcore.records import DriftPolicy, DriftReport, Provenance, Snapshot, to_json
from driftcore.store import Store
from driftcore.workflows._clouds import Clouds
from driftcore.workflows._data_cause import data_cause
from driftcore.workflows._judge import urgency
from driftcore.workflows._judge_windows import (
    changed_concepts,
    composition_shifted,
    novelty_found,
    per_question,
    window_verdict,
    window_verdicts,
)
from driftcore.workflows._measure_windows import measure_windows
from driftcore.workflows._pairing import shared_rows
from driftcore.workflows._reading import CLOSELY
from driftcore.workflows._window_concepts import window_concepts
from driftcore.workflows._window_notes import window_notes
from driftcore.workflows._window_records import (
    concept_drift,
    gauges_of,
    most_shifted,
    no_gaps,
    sample_drift,
    window_drift,
)
from driftcore.workflows._window_rows import common_splits, ground, read_window
from driftcore.workflows._window_sentence import window_name, window_sentence
from driftcore.workflows._window_spans import window_spans
from driftcore.workflows.progress import Progress, silent

# raise it when a number of the report is computed in another way: kept reports are then not read back
METHOD = "windows-1"


@alone()
def compare_windows(
    store: Store,
    reference: str,
    current: str,
    *,
    reference_split: str,
    split: str,
    policy: DriftPolicy | None = None,
    engine: Engine | None = None,
    closely: int = CLOSELY,
    seed: int = 0,
    progress: Progress = silent,
) -> DriftReport:
    """What changed from one window of samples to another that has other samples.

    Composition (how often each concept comes up), content (what is said about it) and novelty are told apart. Under
    two checkpoints the windows are compared only where one encoder made both, or where enough samples that both
    checkpoints embedded, the anchors, tell what the model did. The report is kept in the store under everything it was
    computed from; asked for again, it is read back.

    Parameters
    ----------
    store : Store
    reference, current : str
        Names of checkpoints; may be the same.
    reference_split, split : str
        The reference's window and the current one.
    policy : DriftPolicy, optional
        What counts as drift; quoted in the report.
    engine : Engine, optional
        Where the rows of large windows are read and added up; by default where `choose_engine` said, in this process.
        The numbers are the same everywhere.
    closely : int
        Of a window of more samples, some of every concept are looked at closely, five times as many in all at most:
        whether other things are said within concepts is tested on them. Of more anchors, so many are. Everything else
        is measured on all samples, which pass by in parts, against the 5,000 known ones that it always is.
    seed : int
        Of the permutations and of the samples drawn; stored with the report.

    Raises
    ------
    NotFoundError
        If a checkpoint or a split is not stored.
    NotComparableError
        If the windows come from different encoders, and too few anchors tell what differs.
    """
    # 1. kept already?
    policy = policy or DriftPolicy()
    before, after = store.snapshots.get(reference, reference_split), store.snapshots.get(current, split)
    report_id = _report_id(store, before, after, policy, seed, closely)
    kept = store.reports.get(report_id)
    if kept is not None:
        return kept

    # 2. may they be compared, and what is each sample about?
    started = time.monotonic()
    progress("reading both windows", 0.0)
    small = max(before.n_samples, after.n_samples) <= closely
    engine = LocalEngine() if small else engine or chosen_engine()
    clouds = Clouds(store=store, engine=engine, closely=closely)
    met = ground(store, before, after, closely=closely, seed=seed)
    windows = read_window(clouds, before), read_window(clouds, after)
    concepts = window_concepts(clouds, *windows, met, seed=seed, progress=progress)

    # 3. measure, judge, segment
    rng = np.random.default_rng(seed)
    numbers = measure_windows(*windows, concepts, met, closely=closely, policy=policy, rng=rng, progress=progress)
    changed, new = changed_concepts(numbers, policy), novelty_found(numbers, policy)
    spans = window_spans(
        *windows,
        concepts,
        numbers,
        changed,
        novelty=new,
        min_effect=policy.min_effect,
        report_id=report_id,
    )

    # 4. say it, and keep it
    verdicts = window_verdicts(numbers, policy)
    each = tuple(concept_drift(concepts, numbers, policy, k, verdicts[k]) for k in range(len(verdicts)))
    drift = window_drift(*windows, concepts, numbers, met)
    measured = gauges_of(numbers)
    n_shared = len(shared_rows(windows[0].sample_ids, windows[1].sample_ids)[0])
    names = [window_name(side.checkpoint, side.split, same_checkpoint=reference == current) for side in (before, after)]
    report = DriftReport(
        report_id=report_id,
        reference=reference,
        current=current,
        split=split,
        pairing="unpaired",
        n_samples=after.n_samples,
        n_dims=after.n_dims,
        n_only_reference=before.n_samples - n_shared,
        n_only_current=after.n_samples - n_shared,
        verdict=window_verdict(verdicts, numbers, policy),
        summary=window_sentence(
            names[0],
            names[1],
            changed=sorted((each[k] for k in np.flatnonzero(changed)), key=lambda one: -one.displacement),
            shifted=most_shifted(drift) if composition_shifted(numbers, policy) else (),
            novelty=drift.novelty if new else None,
            n_judged=sum(one.judged for one in drift.content),
            gauges=measured,
        ),
        cause=data_cause(drift, per_question(policy)),
        global_=measured,
        concepts=tuple(sorted(each, key=lambda one: (urgency(one.verdict), -one.displacement))),
        pairs=(),
        spans=tuple(span.brief for span in spans),
        policy=policy,
        provenance=_provenance(seed, engine.name, time.monotonic() - started),
        notes=window_notes(*windows, concepts, numbers, met, policy, n_shared, closely),
        windows=drift,
    )
    for span in spans:
        store.spans.write(span)
    store.reports.write(report, sample_drift(windows[1], concepts, numbers), no_gaps(concepts))
    progress("done", 1.0)
    return report


def kept_windows(
    store: Store,
    reference: str,
    current: str,
    *,
    reference_split: str,
    split: str,
    policy: DriftPolicy | None = None,
) -> DriftReport | None:
    """The report that `compare_windows` would read back, or None where it would have to compute.

    Raises
    ------
    NotFoundError
        If a checkpoint or a split is not stored.
    """
    sides = store.snapshots.get(reference, reference_split), store.snapshots.get(current, split)
    return store.reports.get(_report_id(store, *sides, policy or DriftPolicy(), 0, CLOSELY))


def _report_id(
    store: Store, reference: Snapshot, current: Snapshot, policy: DriftPolicy, seed: int, closely: int
) -> str:
    """A hash of everything that a report depends on: any split that both checkpoints have may be the anchors'."""
    runs = [store.evals.get(side.checkpoint, side.split) for side in (reference, current)]
    others = [side for pair in common_splits(store, reference.checkpoint, current.checkpoint) for side in pair]
    sides = reference, current, *others
    basis = [
        METHOD,
        *(f"{side.checkpoint}/{side.split}/{side.fingerprint}" for side in sides),
        *("" if run is None else run.fingerprint for run in runs),
        to_json(policy),
        seed,
        # how much is looked at closely matters only where there is more
        *([closely] if any(side.n_samples > closely for side in sides) else []),
    ]
    return hashlib.blake2b(json.dumps(basis).encode(), digest_size=8).hexdigest()


def _provenance(seed: int, engine: str, duration_s: float) -> Provenance:
    packages = ("driftloop", "numpy", "scipy", "scikit-learn", "lancedb")
    return Provenance(
        versions={name: version(name) for name in packages} | {"method": METHOD},
        seed=seed,
        engine=engine,
        duration_s=round(duration_s, 3),
    )

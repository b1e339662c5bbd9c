"""Where the drift comes from: every test in its order, with its number and the threshold it was held to.

Tested in the order infrastructure, model, semantic, data; `as_cause` says which of them is named first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import one_line
from driftcore.records import Cause, DriftPolicy, Kind, ModelFingerprint, Snapshot, WindowDrift
from driftcore.store import Store
from driftcore.workflows import _limits as limits
from driftcore.workflows._data_cause import composition, data_findings, relabeled
from driftcore.workflows._finding import Finding, as_cause
from driftcore.workflows._infrastructure import Looked, look_for_infrastructure, other_lengths, unit
from driftcore.workflows._judge import kinds
from driftcore.workflows._measure import Measurement, measure
from driftcore.workflows._pairing import PairedRows, narrowed
from driftcore.workflows._touched import Texts
from driftcore.workflows.progress import silent

_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What the paired vectors do not say about the two snapshots.

    Parameters
    ----------
    models : two ModelFingerprint
        As declared for the reference and the current checkpoint.
    same_width : bool
    texts : callable, optional
        Reads the texts of some paired rows on both sides.
    labels : two object arrays, optional
        Of all samples on each side, where some samples are on one side only.
    relabeled : two int
        How many samples have another label on the other side, and of how many.
    """

    models: tuple[ModelFingerprint, ModelFingerprint] = (ModelFingerprint(), ModelFingerprint())
    same_width: bool = True
    texts: Callable[[NDArray[np.int64]], Texts] | None = None
    labels: tuple[NDArray[np.object_], NDArray[np.object_]] | None = None
    relabeled: tuple[int, int] = (0, 0)


def context(store: Store, reference: Snapshot, current: Snapshot, rows: PairedRows) -> Context:
    """What the store knows beside the vectors of two snapshots; texts are read only when asked for."""
    near = rows.close(rows.sample_ids)

    def texts(of: NDArray[np.int64]) -> Texts:
        before, after = (store.snapshots.texts(side.checkpoint, side.split, near[of]) for side in (reference, current))
        return Texts(reference=before, current=after)

    labels = None
    if rows.n_only_reference + rows.n_only_current:
        before, after = (store.snapshots.labels(side.checkpoint, side.split)[1] for side in (reference, current))
        labels = before, after
    return Context(
        models=(reference.model, current.model),
        same_width=reference.n_dims == current.n_dims,
        texts=texts,
        labels=labels,
        relabeled=(rows.n_relabeled, len(rows.sample_ids)),
    )


def cause(
    rows: PairedRows,
    measured: Measurement,
    each: Sequence[Kind],
    policy: DriftPolicy,
    *,
    known: Context,
    windows: WindowDrift | None = None,
) -> Cause:
    """Where paired drift comes from.

    Parameters
    ----------
    rows : PairedRows
        With their raw vectors, neither aligned nor narrowed.
    each : sequence of Kind, length n_concepts
        How the detection says that each concept moved; "none" where it did not.
    windows : WindowDrift, optional
        What other samples under the same two checkpoints say.
    """
    looked = Looked()
    if known.same_width:
        each = _still_moved(rows, measured, each, policy)
        moved = np.array([kind != "none" for kind in each], dtype=bool)
        looked = look_for_infrastructure(
            rows.reference, rows.current, measured.codes, measured.names, moved, known.texts
        )
    looked = _declared(looked, known.models)
    findings = [*looked.findings, *_head(rows, looked)]
    if looked.left > 0:
        findings.append(_model(rows, measured, looked, known))
    if not looked.explains_concepts:
        findings += _semantic(measured, each, policy)
    findings += [
        *relabeled(*known.relabeled),
        *composition(known.labels, policy),
        *data_findings(windows, policy),
    ]
    harm = _harm(rows) if any(finding.kind == "infrastructure" for finding in findings) else ()
    remarks = tuple(remark for remark in (looked.unmoved, looked.caveat) if remark)
    return as_cause(findings, (*remarks, *harm))


def _still_moved(rows: PairedRows, measured: Measurement, each: Sequence[Kind], policy: DriftPolicy) -> Sequence[Kind]:
    """How concepts moved, without those that only lengths moved: setting them to 1 is no map of the whole space."""
    if set(each) <= {"none"} or not other_lengths(rows.reference, rows.current):
        return each
    same = narrowed(replace(rows, reference=unit(rows.reference), current=unit(rows.current)))
    rng = np.random.default_rng(0)
    again = measure(same, measured.names, measured.codes, policy=policy, rng=rng, progress=silent)
    still = kinds(again.concepts, again.parts, policy)
    return tuple("none" if after == "none" else kind for kind, after in zip(each, still, strict=True))


def _declared(looked: Looked, models: tuple[ModelFingerprint, ModelFingerprint]) -> Looked:
    """The pipeline around the weights, where somebody declared that it changed; it then explains what is left."""
    before, after = models
    changes = [
        f"{name} {one_line(old, 30)!r} → {one_line(new, 30)!r}"
        for name, old, new in (
            ("pooling", before.pooling, after.pooling),
            ("prefix", before.prefix, after.prefix),
            ("normalized", before.normalized, after.normalized),
        )
        if old is not None and new is not None and old != new
    ]
    if not changes or not looked.left:
        return looked
    same_weights = all(
        None in pair or pair[0] == pair[1]
        for pair in ((before.model_id, after.model_id), (before.revision, after.revision))
    )
    text = f"declared: {', '.join(changes)} between checkpoints of {'the same' if same_weights else 'other'} weights"
    share = looked.left if same_weights else 0.0
    finding = Finding(kind="infrastructure", text=text, share=share)
    return replace(looked, findings=(*looked.findings, finding), left=looked.left - share)


def _model(rows: PairedRows, measured: Measurement, looked: Looked, known: Context) -> Finding:
    """The whole space moved: by how much, and how much of it one map of the whole space takes back."""
    raw = ""
    if known.same_width:
        raw = (
            f"the median sample changed by {looked.change:.2g} of its largest value (rounding {looked.tolerance:.2g}); "
            f"raw cosine distance {np.median(stats.cosine_shift(rows.reference, rows.current)):.2g}, "
        )
    apart = "" if measured.separation is None else f", concepts stand {measured.separation:+.0%} farther apart"
    text = (
        f"whole space: {raw}{np.median(measured.shift):.2g} after one rotation, shift and scale "
        f"(×{measured.alignment.scale:.3g}) of everything; the median concept moved "
        f"{np.median(measured.concepts.displacement):.2g} of the mean gap{apart}"
    )
    return Finding(kind="model", text=text, share=looked.left)


def _head(rows: PairedRows, looked: Looked) -> list[Finding]:
    """Other answers over the same vectors: what reads the vectors is another."""
    flipped = _flipped(rows)
    if not looked.unmoved or flipped is None or flipped < limits.FLIPPED:
        return []
    text = f"head: {flipped:.1%} of the predictions changed over vectors that did not (from {limits.FLIPPED:.0%} on)"
    return [Finding(kind="model", text=text)]


def _semantic(measured: Measurement, each: Sequence[Kind], policy: DriftPolicy) -> list[Finding]:
    """The concepts that moved, or parts of them, on samples that both checkpoints embedded."""
    by_size = np.argsort(-measured.concepts.displacement, kind="stable")
    order = [int(k) for k in by_size if each[k] != "none"]
    lines = [_concept_line(measured, k, each[k], policy) for k in order[:_MAX_SHOWN]]
    if len(order) > _MAX_SHOWN:
        lines.append(f"concept: {len(order) - _MAX_SHOWN} more")
    return [Finding(kind="semantic", text=line) for line in lines]


def _concept_line(measured: Measurement, k: int, kind: Kind, policy: DriftPolicy) -> str:
    """What moved, by how much, and the three tests that it was held to."""
    parts = {"part": measured.parts.heading, "split": measured.parts.torn, "scattered": measured.parts.left}
    found = parts.get(kind)
    numbers = measured.concepts if found is None else found
    what = "" if found is None else f"{found.share[k]:.0%} of "
    # a part is held to its p-value: that many concepts were looked at is what standing out of them answers for
    sure = f"q = {measured.concepts.q_values[k]:.1g}" if found is None else f"p = {found.p_values[k]:.1g}"
    line = (
        f"concept: {what}'{one_line(measured.names[k])}' moved {numbers.displacement[k]:.2f} of the mean gap (at least "
        f"{policy.min_effect:g}), {sure} (at most {policy.alpha:g})"
    )
    standout = float(numbers.standout[k])
    if np.isnan(standout):
        return line
    return f"{line}, {standout:.1f} robust deviations beyond the others (at least {policy.min_standout:g})"


def _harm(rows: PairedRows) -> tuple[str, ...]:
    """What infrastructure did to searches and to predictions: numbers without a threshold."""
    n = len(rows.sample_ids)
    queries = np.sort(np.random.default_rng(0).permutation(n)[: limits.HARM_SAMPLES])
    k = min(limits.HARM_NEIGHBORS, n - 2)
    recall = stats.neighbor_recall(stats.neighbor_overlap(rows.reference, rows.current, queries, k=k))
    flipped = _flipped(rows)
    said = "" if flipped is None else f", {flipped:.1%} of the predictions changed"
    return (f"harm: {recall.mean():.1%} of the {k} nearest neighbours are still found{said}",)


def _flipped(rows: PairedRows) -> float | None:
    """Share of samples with another prediction, of those that both evals answered."""
    if rows.outcome_reference is None or rows.outcome_current is None:
        return None
    before, after = rows.outcome_reference.predictions, rows.outcome_current.predictions
    answered = np.array([None not in pair for pair in zip(before, after, strict=True)], dtype=bool)
    return float((before[answered] != after[answered]).mean()) if answered.any() else None

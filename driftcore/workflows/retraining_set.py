"""A retraining set: corrected training rows, the span's own samples, and replay, each row with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export
from driftcore.errors import BadInputError, one_line
from driftcore.judging import is_judge
from driftcore.records import RetrainingSet, Snapshot, Span, Trace
from driftcore.stats import fit_trimmed_alignment
from driftcore.store import Store
from driftcore.workflows.export_span import spans_table

_MIN_SHARED = 20
_CORRECTED = 2.0
_TRAIN = "train"


def build_set(
    store: Store,
    spans: Sequence[Span],
    *,
    traces: Sequence[Trace] = (),
    replay: float = 1.0,
    holdout: float = 0.1,
    seed: int = 0,
) -> RetrainingSet:
    """The rows that would mend some spans: corrections, gold rows, and replay so that nothing else is forgotten.

    Corrections are traced training rows with the label that the reference would give them. Gold rows are the spans'
    own samples with their labels. Replay is drawn from concepts that did not drift, concept by concept in their
    proportions, as the latest of the spans' checkpoints has them. Samples that judge retrained checkpoints are never
    among them.

    Parameters
    ----------
    store : Store
    spans : sequence of Span
    traces : sequence of Trace
        Of these spans; without one there are no corrections.
    replay : float
        Rows of replay for each corrected or gold row.
    holdout : float
        Share of the gold and replay rows that is kept out of training.
    seed : int
        Of replay and holdout.

    Raises
    ------
    BadInputError
        If no span is named, or a share is not one.
    """
    if not (0 <= holdout < 1 and 0 <= replay < np.inf):
        raise BadInputError(f"replay {replay:g}, holdout {holdout:g}: a holdout is a share below 1, replay 0 or more.")
    rng, notes = np.random.default_rng(seed), []
    gold, corrections = _gold(store, spans), _corrections(traces)
    order = {checkpoint.checkpoint: checkpoint.order for checkpoint in store.checkpoints()}
    latest = max(spans, key=lambda span: order[span.current])
    corrections = corrections[~_judging(store, latest, corrections)]
    if not len(gold):
        notes.append("No sample of the spans has a label and is not a judge: there are no gold rows.")
    if not len(corrections):
        notes.append("No training row is traced: there are no corrections." if traces else "Nothing was traced.")
    wanted = pd.concat([corrections, gold], ignore_index=True)
    wanted = wanted.drop_duplicates(["checkpoint", "sample_id", "text"], ignore_index=True)
    kept = _replay(store, spans, latest, wanted, round(replay * len(wanted)), rng=rng)
    table = pd.concat([wanted, kept], ignore_index=True)
    table["part"] = _parts(table, holdout, rng=rng)
    return RetrainingSet(
        table=table[[*export.COLUMNS, *export.SET_COLUMNS]],
        span_ids=tuple(span.span_id for span in spans),
        seed=seed,
        notes=tuple(notes),
    )


def row_vectors(store: Store, table: pd.DataFrame, current: str, split: str) -> NDArray[np.float32]:
    """The rows of a retraining set in the space of the current checkpoint.

    Rows that another checkpoint embedded are laid onto it by the similarity that fits the samples of `split` that
    both embedded; NaN where there is nothing to go by.

    Returns
    -------
    float32 array of shape (n_rows, n_dims)
    """
    here = store.snapshots.rows(current, split)
    vectors = np.full((len(table), here.vectors.shape[1]), np.nan, dtype=np.float32)
    for name, group in table.reset_index(drop=True).groupby("checkpoint", sort=False):
        found = _own_vectors(store, str(name), group, here.vectors.shape[1])
        if str(name) != current:
            side = store.snapshots.rows(str(name), split)
            at = pd.Index(side.sample_ids).get_indexer(pd.Index(here.sample_ids))
            if (at >= 0).sum() < _MIN_SHARED or found.shape[1] != side.vectors.shape[1]:
                continue
            found = fit_trimmed_alignment(here.vectors[at >= 0], side.vectors[at[at >= 0]]).apply(found)
        vectors[group.index.to_numpy()] = found
    return vectors


def _own_vectors(store: Store, checkpoint: str, rows: pd.DataFrame, n_dims: int) -> NDArray[np.float32]:
    """Each row as its own checkpoint embedded it, in whichever of its splits it is.

    Splits may number their samples alike: the one that has the row's text is the row's.
    """
    ids, texts = (rows[name].to_numpy(dtype=object) for name in ("sample_id", "text"))
    found = np.full((len(ids), n_dims), np.nan, dtype=np.float32)
    for snapshot in store.snapshots.all():
        if snapshot.checkpoint == checkpoint and snapshot.n_dims == n_dims:
            known, _ = store.snapshots.labels(checkpoint, snapshot.split)
            here = np.flatnonzero(pd.Index(ids).isin(known) & np.isnan(found[:, 0]))
            here = here[store.snapshots.texts(checkpoint, snapshot.split, ids[here]) == texts[here]]
            found[here] = store.snapshots.vectors(checkpoint, snapshot.split, ids[here])
    return found


def _gold(store: Store, spans: Sequence[Span]) -> pd.DataFrame:
    table = spans_table(store, spans)
    pool = table["label"].notna() & ~is_judge(table["sample_id"].tolist())
    return table[pool].assign(role="gold", label_used=table["label"]).reset_index(drop=True)


def _corrections(traces: Sequence[Trace]) -> pd.DataFrame:
    """Every traced row once, under the trace in which it pulls hardest."""
    rows = sorted(((row, found) for found in traces for row in found.rows), key=lambda each: each[0].pull, reverse=True)
    table = pd.DataFrame(
        [
            {
                "sample_id": row.sample_id,
                "text": row.text,
                "label": row.suggested,
                "prediction": None,
                "confidence": np.nan,
                "checkpoint": row.checkpoint,
                "span_id": found.span_id,
                "concept": row.suggested,
                "shift": np.nan,
                "weight": _CORRECTED,
                "reason": f"labelled {row.label_used}; what was known at {found.reference} says {row.suggested} "
                f"(pull {row.pull:.2f})",
                "role": "correction",
                "label_used": row.label_used,
            }
            for row, found in rows
        ],
        columns=[*export.COLUMNS, "role", "label_used"],
    )
    return table.drop_duplicates(["checkpoint", "sample_id"], ignore_index=True)


def _judging(store: Store, span: Span, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which training rows are judges: rows of a split that is judged, with the same id and text.

    By its id alone half of the training split would be one, though nobody ever judges by it.
    """
    found = np.zeros(len(rows), dtype=bool)
    ids, texts = (rows[name].to_numpy(dtype=object) for name in ("sample_id", "text"))
    maybe = np.flatnonzero(is_judge(ids))
    for snapshot in store.snapshots.all():
        if snapshot.checkpoint == span.current and snapshot.split != _TRAIN:
            known, _ = store.snapshots.labels(span.current, snapshot.split)
            shared = maybe[pd.Index(ids[maybe]).isin(known)]
            found[shared] |= store.snapshots.texts(span.current, snapshot.split, ids[shared]) == texts[shared]
    return found


def _replay(
    store: Store,
    spans: Sequence[Span],
    latest: Span,
    wanted: pd.DataFrame,
    n_rows: int,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows of concepts that stayed where they were, from the current training rows, else from the split's pool."""
    current = latest.current
    snapshot = _source(store, current, latest.split)
    ids, labels = store.snapshots.labels(current, snapshot.split)
    drifted = _drifted(store, spans)
    usable = np.array([label is not None and label not in drifted for label in labels])
    usable &= ~pd.Index(ids).isin(wanted["sample_id"])
    if snapshot.split != _TRAIN:
        usable &= ~is_judge(ids)
    else:
        candidates = np.flatnonzero(usable & is_judge(ids))
        texts = store.snapshots.texts(current, _TRAIN, ids[candidates])
        rows = pd.DataFrame({"sample_id": ids[candidates], "text": texts}, dtype=object)
        usable[candidates[_judging(store, latest, rows)]] = False
    chosen = _stratified(labels, np.flatnonzero(usable), n_rows, rng=rng)
    label = labels[chosen]
    return export.retraining_table(
        {
            "sample_id": ids[chosen],
            "text": store.snapshots.texts(current, snapshot.split, ids[chosen]),
            "label": label,
            "prediction": np.full(len(chosen), None, dtype=object),
            "confidence": np.full(len(chosen), np.nan),
            "checkpoint": np.full(len(chosen), current, dtype=object),
            "span_id": np.full(len(chosen), "", dtype=object),
            "concept": label,
            "shift": np.full(len(chosen), np.nan),
            "weight": np.ones(len(chosen)),
            "reason": np.array([f"replay: keeps {one_line(each)} as it is" for each in label], dtype=object),
        }
    ).assign(role="replay", label_used=label)


def _source(store: Store, current: str, split: str) -> Snapshot:
    own = {each.split: each for each in store.snapshots.all() if each.checkpoint == current}
    return own.get(_TRAIN, own[split])


def _drifted(store: Store, spans: Sequence[Span]) -> set[str]:
    """The concepts of the spans, where they went, and all that moved or lost accuracy by the reports."""
    named = {span.concept for span in spans} | {span.toward for span in spans if span.toward}
    for report_id in {span.report_id for span in spans}:
        report = store.reports.get(report_id)
        each_concept = () if report is None else report.concepts
        named |= {each.concept for each in each_concept if each.kind != "none" or each.verdict == "boundary"}
    return named


def _stratified(
    labels: NDArray[np.object_],
    rows: NDArray[np.int64],
    n_rows: int,
    *,
    leave_one: bool = False,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """About `n_rows` of the rows, each label in its proportion: at least one of each, or leaving one of each."""
    if n_rows >= len(rows):
        return rows
    order = rng.permutation(rows)
    # rank of each row within its label, as a share: taking the smallest takes the same share of each
    frame = pd.DataFrame({"row": order, "label": labels[order]})
    rank = frame.groupby("label", sort=False).cumcount() + int(leave_one)
    share = rank / frame.groupby("label", sort=False)["row"].transform("size")
    return np.sort(frame["row"].to_numpy()[np.argsort(share.to_numpy(), kind="stable")[:n_rows]])


def _parts(table: pd.DataFrame, holdout: float, *, rng: np.random.Generator) -> NDArray[np.object_]:
    """What trains and what is held out; a correction that is held out would leave the wrong label in training."""
    strata = (table["role"] + "/" + table["label"].astype(str)).to_numpy(dtype=object)
    others = np.flatnonzero(table["role"] != "correction")
    kept_out = _stratified(strata, others, int(holdout * len(others)), leave_one=True, rng=rng)
    parts = np.full(len(table), "train", dtype=object)
    parts[kept_out] = "holdout"
    return parts

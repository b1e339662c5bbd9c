"""Trace a span to its cause: the training rows that pulled its samples to where they went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export, wording
from driftcore.errors import BadInputError, NotComparableError, NotFoundError, listed, one_line
from driftcore.judging import is_judge
from driftcore.records import Encoder, Since, Snapshot, Span, Trace, TracedRow
from driftcore.stats import fit_trimmed_alignment, known_labels, suspects
from driftcore.store import Store
from driftcore.workflows.progress import Progress, silent

# raise it when a trace is computed in another way: kept ones are then not read back
METHOD = "traces-2"
# of the traced rows, the share that may be usual noise, in expectation
LEVEL = 0.1
# rows of the reference that teach and calibrate; more change little and take minutes
_MOST_KNOWN = 20_000
_MIN_KNOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """The reference's labelled rows, the candidates, and the span, in one space; and how that was come by."""

    known: NDArray[np.float32]
    known_labels: NDArray[np.object_]
    candidates: NDArray[np.float32]
    span: NDArray[np.float32]
    note: str


def trace(
    store: Store,
    span_id: str,
    *,
    split: str = "train",
    encode: Encoder | None = None,
    level: float = LEVEL,
    seed: int = 0,
    progress: Progress = silent,
) -> Trace:
    """Rank the training rows since the reference by how much they pulled a span to where it went.

    A row is traced where it is new or relabelled since the reference and pulls the span and its destination together,
    harder than the usual noise in the reference's own labels explains: it is labelled as the one, where the reference
    would have said the other. Samples that judge retrained checkpoints take no part in it. The trace is kept in the
    store.

    Parameters
    ----------
    store : Store
    span_id : str
    split : str
        Under which the training rows of each checkpoint are stored, with the labels that it was trained with.
    encode : function of texts, optional
        How the reference embeds texts: rows that it never saw are then judged in its own space. Without it, by their
        texts' n-grams; where there are no texts, by their own checkpoint's vectors laid onto the reference's, in which
        the training has hidden much of what it did.
    level : float
        Share of the traced rows that may be noise, in expectation.
    seed : int
        Of the folds, and of the reference's rows where there are very many.

    Raises
    ------
    NotFoundError
        If there is no such span, or no training rows are stored.
    NotComparableError
        If nothing says where the span went, or too few labelled rows of the reference are stored.
    BadInputError
        If `encode` gives vectors of another width than the reference's.
    """
    span = store.spans.get(span_id)
    sides = _training(store, span, split)
    toward = span.toward or _predicted_instead(store, span)
    basis = _basis(store, span, toward, sides, split, level, seed, encoded=encode is not None)
    kept = store.traces.get(*basis)
    if kept is not None:
        return kept

    # 1. which rows came since
    progress("reading the training rows", 0.0)
    rows, at_reference = _candidates(store, span, sides, split)

    # 2. one space for all
    progress("seeing them as the reference did", 0.2)
    rng = np.random.default_rng(seed)
    ground = _ground(store, span, rows, at_reference, split, encode, rng=rng)
    codes, concepts = pd.factorize(pd.Series(ground.known_labels, dtype=object), sort=True)
    missing = [name for name in (span.concept, toward) if name not in concepts]
    if missing or len(codes) < _MIN_KNOWN:
        raise NotComparableError(
            f"Span '{span.span_id}': {len(codes)} labelled rows of '{one_line(span.reference)}' say too little about "
            f"{listed(missing or [span.concept])}: ingest its training rows with labels as split '{one_line(split)}'."
        )

    # 3. what the reference knew, how hard each row pulls, and which of them harder than usual
    progress("asking what the reference knew", 0.4)
    place = {name: number for number, name in enumerate(concepts)}
    used = rows["label"].map(place).fillna(-1).to_numpy(dtype=np.int64)
    heads = known_labels(ground.known, codes, ground.candidates, len(concepts), rng=rng)
    fresh = (rows["since"] != "kept").to_numpy()
    ways = {"source": place[span.concept], "target": place[toward]}
    found = suspects(ground.known, codes, ground.candidates, used, fresh, ground.span, heads, **ways)
    pulled, suggested = found.pull, heads[1].argmax(axis=1)
    order = np.flatnonzero(found.noise <= level)
    order = order[np.argsort(-pulled[order], kind="stable")]

    strongest = pulled[order[0]] if len(order) else 1.0
    told = rows.to_dict("list")
    result = Trace(
        span_id=span.span_id,
        reference=span.reference,
        current=span.current,
        split=split,
        n_candidates=len(rows),
        rows=tuple(
            TracedRow(
                sample_id=told["sample_id"][i],
                checkpoint=told["checkpoint"][i],
                label_used=told["label"][i],
                suggested=str(concepts[suggested[i]]),
                pull=round(float(pulled[i] / strongest), 4),
                agreement=round(float(heads[1][i, used[i]]), 4),
                since=told["since"][i],
                text=told["text"][i],
            )
            for i in order
        ),
        notes=(ground.note,),
    )
    store.traces.write(result, *basis)
    progress("done", 1.0)
    return result


def kept_traces(store: Store, span_ids: Sequence[str]) -> tuple[Trace, ...]:
    """The newest kept trace of each of these spans, of those that have one."""
    newest = {each.span_id: each for each in store.traces.all()}
    return tuple(newest[span_id] for span_id in span_ids if span_id in newest)


def write_traced(found: Trace, out: Path) -> None:
    """Write the traced rows as CSV, in which no cell is a formula.

    Raises
    ------
    BadInputError
        If the file cannot be written.
    """
    names = [field.name for field in fields(TracedRow)]
    table = pd.DataFrame([[getattr(row, name) for name in names] for row in found.rows], columns=names)
    try:
        out.write_bytes(export.as_csv(table))
    except OSError as error:
        raise BadInputError(
            f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place with --out."
        ) from error


def _training(store: Store, span: Span, split: str) -> list[Snapshot]:
    """The training rows of the checkpoints after the reference, up to the current one."""
    # by the checkpoints' order and not by the snapshots' times: training rows may be ingested long after the others
    order = {each.checkpoint: each.order for each in store.checkpoints()}
    first, last = order[span.reference], order[span.current]
    line = [each for each in store.line(split, span.current) if first < order[each.checkpoint] <= last]
    sides = sorted(line, key=lambda each: order[each.checkpoint])
    if not sides:
        raise NotFoundError(
            f"No training rows are stored after '{one_line(span.reference)}' up to '{one_line(span.current)}': add "
            f"them with driftloop ingest FILE --checkpoint '{one_line(span.current)}' --split {one_line(split)}."
        )
    return sides


def _basis(
    store: Store,
    span: Span,
    toward: str,
    sides: Sequence[Snapshot],
    split: str,
    level: float,
    seed: int,
    *,
    encoded: bool,
) -> tuple[str, ...]:
    """All that decides a trace; the span's report stands for the snapshots that it compared."""
    before = [each for each in store.snapshots.all() if (each.checkpoint, each.split) == (span.reference, split)]
    read = [span.report_id, toward, split, *(f"{each.checkpoint}={each.fingerprint}" for each in (*before, *sides))]
    digest = hashlib.blake2b(json.dumps(read).encode(), digest_size=16).hexdigest()
    return METHOD, span.span_id, digest, f"{level:g}", str(seed), f"encoded={encoded}"


def _predicted_instead(store: Store, span: Span) -> str:
    """What most of the span's mispredicted samples were taken for."""
    run = store.evals.rows(span.current, span.split)
    if run is not None:
        wrong = pd.Index(run.sample_ids).isin(span.sample_ids) & (run.correct == 0)
        # a span drawn by hand holds samples of others, taken for its concept: that is not where it went
        elsewhere = wrong & (run.predictions != span.concept)
        counts = pd.Series(run.predictions[elsewhere]).value_counts()
        if len(counts):
            return str(counts.index[0])
    raise NotComparableError(
        f"Span '{span.span_id}' heads for no concept and none of its samples is mispredicted as another: "
        "nothing to trace."
    )


def _candidates(
    store: Store, span: Span, sides: Sequence[Snapshot], split: str
) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """The labelled training rows since the reference, each id as the latest checkpoint used it; and the reference's."""
    parts = []
    for side in sides:
        ids, labels = store.snapshots.labels(side.checkpoint, split)
        parts.append(pd.DataFrame({"sample_id": ids, "checkpoint": side.checkpoint, "label": labels}))
    rows = pd.concat(parts, ignore_index=True).drop_duplicates("sample_id", keep="last", ignore_index=True)
    rows = rows[rows["label"].notna()].reset_index(drop=True)
    before: dict[str, str | None] = {}
    if any(each.checkpoint == span.reference and each.split == split for each in store.snapshots.all()):
        before = dict(zip(*store.snapshots.labels(span.reference, split), strict=True))
    rows["since"] = [_since(before, *each) for each in zip(rows["sample_id"], rows["label"], strict=True)]
    texts = [_texts(store, str(name), split, group) for name, group in rows.groupby("checkpoint", sort=False)]
    rows["text"] = pd.concat(texts)
    return rows, before


def _since(before: dict[str, str | None], sample_id: str, label: str) -> Since:
    if sample_id not in before:
        return "new"
    return "kept" if before[sample_id] == label else "relabelled"


def _texts(store: Store, checkpoint: str, split: str, group: pd.DataFrame) -> pd.Series[str]:
    found = store.snapshots.texts(checkpoint, split, group["sample_id"].to_numpy(dtype=object))
    return pd.Series(found, index=group.index, dtype=object)


def _ground(
    store: Store,
    span: Span,
    rows: pd.DataFrame,
    before: dict[str, str | None],
    split: str,
    encode: Encoder | None,
    *,
    rng: np.random.Generator,
) -> _Ground:
    known = _known(store, span, split, has_training=bool(before), rng=rng)
    pool = np.array([each for each in span.sample_ids if not is_judge([each])[0]] or span.sample_ids, dtype=object)
    here = span.reference_split or span.split
    texts = rows["text"]
    written = bool(texts.notna().all()) and bool(known["text"].notna().all())
    labels = known["label"].to_numpy(dtype=object)
    span_texts = list(store.snapshots.texts(span.current, span.split, pool))
    written = written and None not in span_texts

    if (rows["since"] != "new").all():
        vectors = store.snapshots.vectors(span.reference, split, rows["sample_id"].to_numpy(dtype=object))
        note = f"The training rows are judged where '{span.reference}' saw them."
    elif encode is not None and written:
        vectors = encode(texts.tolist())
        note = f"Rows that '{span.reference}' never saw were embedded by its own model."
    elif written:
        features = wording.text_features(known["text"].tolist(), texts.tolist(), span_texts)
        return _Ground(
            known=features[0],
            known_labels=labels,
            candidates=features[1],
            span=features[2],
            note=f"'{span.reference}' never saw the new rows: they are judged by the n-grams of their texts.",
        )
    else:
        vectors = _laid_back(store, span, rows, split)
        note = (
            f"'{span.reference}' never saw the new rows and there are no texts: they are judged by their own "
            "checkpoints' vectors, laid onto its own. What training did to them is in those: few rows may be found."
        )
    # a span of windows has no samples at the reference: those of the current checkpoint are laid back as well
    where = store.snapshots.vectors(span.reference, here, pool) if here == span.split else None
    if where is None:
        aligned = pd.DataFrame({"sample_id": pool, "checkpoint": span.current})
        where = encode(span_texts) if encode is not None and written else _laid_back(store, span, aligned, span.split)
    own = _vectors(store, known, span.reference)
    for found, n_rows in ((vectors, len(rows)), (where, len(pool))):
        if found.shape != (n_rows, own.shape[1]):
            raise BadInputError(
                f"The encoder gave shape {found.shape} for {n_rows} texts, and '{one_line(span.reference)}' "
                f"has {own.shape[1]} dims: hand in the reference's own encoder."
            )
    return _scaled(own, labels, vectors, where, note)


def _known(store: Store, span: Span, split: str, *, has_training: bool, rng: np.random.Generator) -> pd.DataFrame:
    """Labelled rows of the reference, none of them a judge: its training rows, and the pool of the span's split."""
    parts = []
    for name in dict.fromkeys([*([split] if has_training else []), span.reference_split or span.split]):
        ids, labels = store.snapshots.labels(span.reference, name)
        part = pd.DataFrame({"sample_id": ids, "label": labels, "split": name})
        parts.append(part if name == split else part[~is_judge(ids)])
    known = pd.concat(parts, ignore_index=True)
    known = known[known["label"].notna()].reset_index(drop=True)
    if len(known) > _MOST_KNOWN:
        chosen = np.sort(rng.choice(len(known), size=_MOST_KNOWN, replace=False))
        known = known.iloc[chosen].reset_index(drop=True)
    texts = [_texts(store, span.reference, str(name), group) for name, group in known.groupby("split", sort=False)]
    known["text"] = pd.concat(texts) if texts else None
    return known


def _vectors(store: Store, known: pd.DataFrame, reference: str) -> NDArray[np.float32]:
    parts = [
        pd.DataFrame(
            store.snapshots.vectors(reference, str(name), group["sample_id"].to_numpy(dtype=object)), index=group.index
        )
        for name, group in known.groupby("split", sort=False)
    ]
    return pd.concat(parts).sort_index().to_numpy(dtype=np.float32)


def _laid_back(store: Store, span: Span, rows: pd.DataFrame, split: str) -> NDArray[np.float32]:
    """Each row's vector at its own checkpoint, laid onto the reference by the samples that both embedded."""
    here = span.reference_split or span.split
    reference = store.snapshots.rows(span.reference, here)
    laid = np.empty((len(rows), reference.vectors.shape[1]), dtype=np.float32)
    for name, group in rows.groupby("checkpoint", sort=False):
        side = store.snapshots.rows(str(name), here)
        at = pd.Index(side.sample_ids).get_indexer(pd.Index(reference.sample_ids))
        if (at >= 0).sum() < _MIN_KNOWN or side.vectors.shape[1] != reference.vectors.shape[1]:
            raise NotComparableError(
                f"'{one_line(name)}' and '{one_line(span.reference)}' share too few samples, or differ in width: the "
                "training rows cannot be laid onto the reference. Ingest them with their texts."
            )
        fit = fit_trimmed_alignment(reference.vectors[at >= 0], side.vectors[at[at >= 0]])
        own = store.snapshots.vectors(str(name), split, group["sample_id"].to_numpy(dtype=object))
        laid[group.index.to_numpy()] = fit.apply(own)
    return laid


def _scaled(
    known: NDArray[np.float32],
    labels: NDArray[np.object_],
    candidates: NDArray[np.float32],
    span: NDArray[np.float32],
    note: str,
) -> _Ground:
    """Centred on the known rows, whose typical length becomes 1: cosines and heads then mean the same everywhere."""
    center = known.mean(axis=0, dtype=np.float64).astype(np.float32)
    length = float(np.sqrt(np.mean(np.einsum("ij,ij->i", known - center, known - center))) or 1.0)
    sides = [(side - center) / np.float32(length) for side in (known, candidates, span)]
    return _Ground(known=sides[0], known_labels=labels, candidates=sides[1], span=sides[2], note=note)

"""The next eval set: drawn where the space drifted, with probabilities that keep its estimates honest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import export, stats
from driftcore.arrays import refuse_bad_rows, row_problems
from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers import predictions_from_frame, read_predictions
from driftcore.records import AccuracyEstimate, SampledRows, Sampling, Share, Snapshot
from driftcore.store import Store
from driftcore.workflows._pairing import outcome
from driftcore.workflows._sampling_scores import drift_scores
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.splits import last_with

# raise it when a draw comes about in another way: the same words then make another draw
METHOD = "sampling-1"
DESIGN = "pivotal method along a k-d path, fixed size"
INTERVAL = "Wilson at the effective size p(1 - p) / V, V by Deville's approximation for designs of fixed size; 95 %"
COLUMNS = (
    "sample_id",
    "text",
    "label",
    "prediction",
    "confidence",
    "concept",
    "checkpoint",
    "split",
    "sampling_id",
    "probability",
    "weight",
    "reason",
)


def sample(
    store: Store,
    *,
    n: int,
    reference: str | None = None,
    current: str | None = None,
    split: str = "validation",
    uniform: float = 0.2,
    confidence: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> Sampling:
    """Draw the samples to label next from a split of the current checkpoint; kept in the store, the same each time.

    A share of the draw is uniform, the rest prefers samples where the space drifted (see `drift_scores`) and, where an
    eval says how sure the checkpoint was, those it was unsure of: either half finds errors that the other misses, and
    together they estimate best (docs/benchmarks/sampling.md). Labels are not looked at, so that new traffic can be
    drawn from.

    Parameters
    ----------
    store : Store
    n : int
        Samples to draw.
    reference, current : str, optional
        Left out, the store's reference, and the last checkpoint that has the split.
    split : str
    uniform : float in (0, 1]
    confidence : bool
        False to prefer drift alone.
    seed : int
        Of the draw and of the comparison.

    Raises
    ------
    BadInputError
        If `n` or `uniform` is out of range.
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If the checkpoints share no samples from which the drift could be read.
    """
    before = store.reference().checkpoint if reference is None else reference
    after = last_with(store, split) if current is None else current
    snapshot = store.snapshots.get(after, split)
    store.snapshots.get(before, _any_split(store, before))
    if not 1 <= n <= snapshot.n_samples:
        raise BadInputError(
            f"--n {n} cannot be drawn: '{one_line(after)}' / '{one_line(split)}' has {snapshot.n_samples} samples."
        )
    if not 0 < uniform <= 1:
        raise BadInputError(
            f"--uniform {uniform:g} is not a share above 0 and up to 1: without it estimates are biased."
        )

    rows = store.snapshots.rows(after, split)
    scores = drift_scores(store, before, after, rows.vectors, split=split, seed=seed, progress=progress)
    unsure = _unsure(store, snapshot, rows.sample_ids) if confidence else None
    values = stats.blended_scores(*(each for each in (scores.values, unsure) if each is not None))
    by = ("drift",) if unsure is None else ("drift", "confidence")
    probabilities = stats.inclusion_probabilities(values, n, uniform=uniform)
    rng = np.random.default_rng(seed)
    drawn = stats.pivotal_sample(probabilities, stats.spread_order(rows.vectors, rng=rng), rng=rng)

    basis = [
        METHOD,
        snapshot.fingerprint,
        before,
        after,
        split,
        scores.report_ids,
        by,
        _digest(values),
        n,
        uniform,
        seed,
    ]
    sampling = Sampling(
        sampling_id=hashlib.blake2b(json.dumps(basis).encode(), digest_size=6).hexdigest(),
        reference=before,
        current=after,
        split=split,
        n=len(drawn),
        n_population=snapshot.n_samples,
        uniform=uniform,
        by=by,
        seed=seed,
        report_ids=scores.report_ids,
        design=DESIGN,
        at=datetime.now(UTC),
        notes=scores.notes,
    )
    progress("done", 1.0)
    return store.samplings.write(
        sampling,
        SampledRows(
            sample_ids=rows.sample_ids[drawn],
            concepts=scores.concepts[drawn],
            scores=values[drawn],
            probabilities=probabilities[drawn],
        ),
    )


def sampling_table(store: Store, sampling: Sampling) -> pd.DataFrame:
    """A draw with the columns that a person labels: `label` is empty where the store knows none.

    Most worth looking at first. `probability` is that of being drawn, `weight` how many samples a row stands for.
    """
    rows = store.samplings.rows(sampling.sampling_id)
    snapshot = store.snapshots.get(sampling.current, sampling.split)
    said = outcome(store, snapshot, rows.sample_ids)
    ids, labels = store.snapshots.labels(sampling.current, sampling.split)
    table = pd.DataFrame(
        {
            "sample_id": rows.sample_ids,
            "text": store.snapshots.texts(sampling.current, sampling.split, rows.sample_ids),
            "label": labels[pd.Index(ids).get_indexer(pd.Index(rows.sample_ids))],
            "prediction": None if said is None else said.predictions,
            "confidence": np.nan if said is None else said.confidences,
            "concept": rows.concepts,
            "checkpoint": sampling.current,
            "split": sampling.split,
            "sampling_id": sampling.sampling_id,
            "probability": rows.probabilities,
            "weight": 1 / rows.probabilities,
            "reason": [_reason(score, sampling) for score in rows.scores],
        }
    )
    order = np.argsort(-rows.scores, kind="stable")
    return table.iloc[order].reset_index(drop=True)


def sampling_rows(store: Store, sampling: Sampling) -> list[dict[str, Any]]:
    """The table of a draw as plain values, one object a row; what is missing is None."""
    table = sampling_table(store, sampling)
    cells = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in cells.to_dict(orient="records")]


def write_sampling(store: Store, sampling: Sampling, out: Path) -> int:
    """Write a draw as CSV, Parquet or JSONL, by the name's ending; returns the number of rows.

    Raises
    ------
    BadInputError
        If the ending is unknown or the file cannot be written.
    """
    content = export.encoded(sampling_table(store, sampling), out.suffix.removeprefix(".").lower())
    try:
        out.write_bytes(content)
    except OSError as error:
        raise BadInputError(
            f"Cannot write '{one_line(out)}': {error.strerror}. Choose another place with --out."
        ) from error
    return sampling.n


def estimate(store: Store, data: str | Path | Any, *, sampling_id: str | None = None) -> AccuracyEstimate:
    """Accuracy on all samples that a draw was made from, from those of it that are labelled by now.

    Parameters
    ----------
    store : Store
    data : path, pandas DataFrame, pyarrow Table, or dict of arrays
        The file of the draw with labels filled in, or another table with ids, predictions and labels (or `correct`).
    sampling_id : str, optional
        Which draw; left out, the one whose samples these are. Probabilities are read from the store, never the file.

    Raises
    ------
    BadInputError
        If the rows are not those of one draw, or none is labelled.
    NotFoundError
        If there is no such draw.
    """
    reading = read_predictions(Path(data)) if isinstance(data, str | Path) else predictions_from_frame(data)
    batch = reading.batch
    refuse_bad_rows((*reading.problems, *row_problems(batch.sample_ids, None)), name=reading.source)
    ids = pd.Series(batch.sample_ids, dtype=object)
    sampling, rows, places = _draw_of(store, ids, sampling_id, reading.source)
    correct = np.full(len(rows.sample_ids), np.nan)
    correct[places] = _correct(batch.predictions, batch.targets, batch.correct)
    known = ~np.isnan(correct)
    if not known.any():
        raise BadInputError(
            f"{reading.source}: none of {len(ids)} rows says what is right: fill in its label column, or add 'correct'."
        )
    # what is missing counts as missing at random: the others stand for it
    answered = float(known.mean())
    wrong, probabilities = 1.0 - correct[known], rows.probabilities[known] * answered
    missing = int((~known).sum())
    return AccuracyEstimate(
        sampling_id=sampling.sampling_id,
        checkpoint=sampling.current,
        split=sampling.split,
        n_population=sampling.n_population,
        n=sampling.n,
        n_labelled=int(known.sum()),
        n_wrong=int(wrong.sum()),
        horvitz_thompson=_share(stats.horvitz_thompson(wrong, probabilities, sampling.n_population)),
        hajek=_share(stats.hajek(wrong, probabilities, sampling.n_population)),
        unweighted=float(1.0 - wrong.mean()),
        method=INTERVAL,
        notes=(f"{missing} of {sampling.n} drawn samples have no outcome: taken as missing at random.",)
        if missing
        else (),
    )


def _draw_of(
    store: Store, ids: pd.Series[Any], sampling_id: str | None, source: str
) -> tuple[Sampling, SampledRows, NDArray[np.int64]]:
    """The draw of exactly these samples, or the only one that holds all of them, with the row of each."""
    known = store.samplings.all() if sampling_id is None else (store.samplings.get(sampling_id),)
    holding, missing = [], ids
    for sampling in reversed([each for each in known if each.n >= len(ids)]):
        rows = store.samplings.rows(sampling.sampling_id)
        # in a CSV an id that a spreadsheet would run carries an apostrophe
        plain, kept = pd.Index(rows.sample_ids), pd.Index(export.neutralized(pd.Series(rows.sample_ids)))
        places = np.asarray(np.maximum(plain.get_indexer(pd.Index(ids)), kept.get_indexer(pd.Index(ids))))
        absent = ids[places < 0]
        missing = absent if len(absent) < len(missing) else missing
        if absent.empty:
            holding.append((sampling, rows, places))
    exact = [each for each in holding if each[0].n == len(ids)]
    if exact or len(holding) == 1:
        return (exact or holding)[0]
    if holding:
        which = listed(sampling.sampling_id for sampling, _, _ in holding)
        raise BadInputError(f"{source}: several draws hold these samples: name one with --sampling: {which}.")
    where = "any draw of this store" if sampling_id is None else f"the draw {one_line(sampling_id)}"
    raise BadInputError(f"{source}: not all ids are in {where} ({listed(missing, 3)}): give the file that was drawn.")


def _correct(
    predictions: NDArray[Any], targets: NDArray[Any] | None, correct: NDArray[Any] | None
) -> NDArray[np.float64]:
    """1 right, 0 wrong, NaN unknown; a cell that was neutralised on the way out says what it said."""
    given = np.full(len(predictions), np.nan) if correct is None else correct.astype(np.float64)
    if targets is None:
        return given
    # an empty cell is one that nobody has filled in yet
    unknown = np.asarray(pd.isna(targets) | (targets == "") | pd.isna(predictions), dtype=bool)
    same = (predictions == targets) | np.asarray(
        export.neutralized(pd.Series(predictions)) == export.neutralized(pd.Series(targets)), dtype=bool
    )
    return np.where(np.isnan(given), np.where(unknown, np.nan, same.astype(np.float64)), given)


def _share(errors: stats.ShareEstimate) -> Share:
    """A share of errors as the accuracy that it leaves."""
    return Share(value=1.0 - errors.value, low=1.0 - errors.high, high=1.0 - errors.low)


def _reason(score: float, sampling: Sampling) -> str:
    if score == 0:
        return "uniform share: nothing drifted here"
    besides = " and low confidence" if "confidence" in sampling.by else ""
    return f"{score:.1f} times the average of drift since {one_line(sampling.reference)}{besides}"


def _unsure(store: Store, snapshot: Snapshot, sample_ids: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """How unsure the checkpoint was of each sample, or None where no eval says it."""
    said = outcome(store, snapshot, sample_ids)
    if said is None or np.isnan(said.confidences).all():
        return None
    unsure = 1.0 - np.clip(said.confidences.astype(np.float64), 0.0, 1.0)
    # a sample that the tool failed on is like the others
    return np.where(np.isnan(unsure), np.nanmean(unsure), unsure)


def _digest(values: NDArray[np.float64]) -> str:
    # an eval run that was added since makes another draw; the last digits differ between machines
    return hashlib.blake2b(np.round(values, 6).tobytes(), digest_size=8).hexdigest()


def _any_split(store: Store, checkpoint: str) -> str:
    """A split that a checkpoint has; one that is not stored has none, and is refused by name."""
    return next((each.splits[0] for each in store.checkpoints() if each.checkpoint == checkpoint), "validation")

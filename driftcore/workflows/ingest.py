"""Ingest: a file or a frame of embeddings becomes a snapshot."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore.arrays import RowProblem, kept_rows, refuse_bad_rows, row_problems
from driftcore.errors import BadInputError, one_line
from driftcore.readers import Reading, embeddings_from_frame, read_embeddings
from driftcore.records import ModelFingerprint, Snapshot, SnapshotBatch
from driftcore.store import Store
from driftcore.workflows.progress import Progress, silent, within

_MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What an ingest did: the snapshot, whether it is new, and the rows that were left out."""

    snapshot: Snapshot
    created: bool
    n_rejected: int = 0
    rejects: Path | None = None


def ingest(
    store: Store,
    data: str | Path | Any,
    *,
    checkpoint: str,
    split: str = "validation",
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
    model: ModelFingerprint | None = None,
    skip_bad_rows: bool = False,
    progress: Progress = silent,
) -> Ingested:
    """Store the embeddings of one split's samples under one checkpoint.

    The same content again is a no-op; other content under the same names is refused. A snapshot is visible only
    when it is whole.

    Parameters
    ----------
    store : Store
    data : path, pandas DataFrame, pyarrow Table, or dict of arrays
        With an id, a vector, and where there are any a label, a text and other columns.
    checkpoint, split : str
    mapping : mapping of str to str, optional
        Which column plays which role, where the usual names do not say: ``{"vector": "emb", "id": "doc_id"}``.
    at : datetime, optional
        When the checkpoint was made; checkpoints are ordered by it. Default: now.
    model : ModelFingerprint, optional
    skip_bad_rows : bool
        Leave bad rows out and write them to a rejects file, instead of refusing all.

    Raises
    ------
    BadRowsError, UnknownColumnError, UnreadableFileError
        Nothing is stored then.
    ConflictError
        If the snapshot exists with other content.
    """
    # 1. read
    check_name(checkpoint, "checkpoint")
    check_name(split, "split")
    progress("reading", 0.0)
    reading = (
        read_embeddings(Path(data), mapping=mapping, told=within(progress, "reading", 0.0, 0.3))
        if isinstance(data, str | Path)
        else (embeddings_from_frame(data, mapping=mapping))
    )

    # 2. check
    progress("checking", 0.3)
    problems = _all_problems(reading)
    if not skip_bad_rows:
        refuse_bad_rows(problems, name=reading.source, otherwise=", or leave bad rows out with --skip-bad-rows")
    bad = _bad_rows(problems)
    batch = _without(reading.batch, bad, source=reading.source)
    # before anything is stored: rows that were left out must not be left unsaid
    rejects = _write_rejects(data, reading, problems) if len(bad) else None

    # 3. store
    progress("storing", 0.5)
    snapshot, created = store.snapshots.write(
        batch,
        checkpoint=checkpoint,
        split=split,
        at=_aware(at),
        model=_fingerprint(model or ModelFingerprint(), batch),
        source=reading.source,
        told=within(progress, "storing", 0.5, 0.99),
    )
    progress("done", 1.0)
    return Ingested(snapshot=snapshot, created=created, n_rejected=len(bad), rejects=rejects)


def check_name(name: str, what: str) -> None:
    """Refuse a name that nobody could type again."""
    if not name.strip() or not name.isprintable() or len(name) > _MAX_NAME:
        raise BadInputError(
            f"{what.capitalize()} name {one_line(name)!r} cannot be used: 1 to {_MAX_NAME} printable characters."
        )


def _all_problems(reading: Reading) -> tuple[RowProblem, ...]:
    """What the reader saw and what the arrays show; a row that could not be read is not also called NaN."""
    unread = _bad_rows(reading.problems)
    seen = row_problems(reading.batch.sample_ids, reading.batch.vectors)
    fresh = (replace(problem, positions=np.setdiff1d(problem.positions, unread)) for problem in seen)
    return (*reading.problems, *(problem for problem in fresh if problem.positions.size))


def _bad_rows(problems: tuple[RowProblem, ...]) -> NDArray[np.int64]:
    positions = [problem.positions for problem in problems]
    return np.unique(np.concatenate(positions)) if positions else np.empty(0, dtype=np.int64)


def _without(batch: SnapshotBatch, bad: NDArray[np.int64], *, source: str) -> SnapshotBatch:
    if not len(bad):
        return batch
    keep = np.setdiff1d(np.arange(len(batch.sample_ids)), bad)
    if not len(keep):
        raise BadInputError(f"{source}: every one of the {len(bad)} rows is bad; nothing is left to store.")

    def kept(column: NDArray[np.object_] | None) -> NDArray[np.object_] | None:
        return None if column is None else column[keep]

    return SnapshotBatch(
        sample_ids=batch.sample_ids[keep],
        vectors=kept_rows(batch.vectors, keep),
        labels=kept(batch.labels),
        texts=kept(batch.texts),
        metadata=kept(batch.metadata),
    )


def _write_rejects(data: object, reading: Reading, problems: tuple[RowProblem, ...]) -> Path:
    """One line a problem, beside the file that was read (or in the working folder)."""
    folder = Path(data).parent if isinstance(data, str | Path) else Path()
    path = folder / f"{Path(reading.source).name}.rejects.csv"
    ids = reading.batch.sample_ids
    lines = sorted((int(row), problem.reason) for problem in problems for row in problem.positions)
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "sample_id", "reason"])
            writer.writerows([row + 1, ids[row], reason] for row, reason in lines)
    except OSError as error:
        raise BadInputError(
            f"The rejects file '{one_line(path, 200)}' cannot be written: {error.strerror}. Nothing was stored: copy "
            "the input to a folder that can be written."
        ) from error
    return path


def _fingerprint(model: ModelFingerprint, batch: SnapshotBatch) -> ModelFingerprint:
    norms = np.sqrt(np.einsum("ij,ij->i", batch.vectors, batch.vectors))
    return replace(model, normalized=bool(np.abs(norms - 1).max() < 1e-2))


def _aware(at: datetime | None) -> datetime:
    """A time with its zone; one without is read as UTC."""
    if at is None:
        return datetime.now(UTC)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

"""Eval runs: what each checkpoint predicted on a split."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import numpy as np
import pyarrow as pa

from driftcore.errors import ConflictError, one_line
from driftcore.records import EvalOrigin, EvalRun, Predictions, from_json, to_json
from driftcore.store._columns import add_to_digest, names, row_order, strings
from driftcore.store._database import Database
from driftcore.store._shelf import Entry, Shelf

_SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("prediction", pa.string()),
        pa.field("confidence", pa.float32()),
        pa.field("correct", pa.float32()),
    ]
)
# only where a tool graded its answers: a run without grades is written, and fingerprinted, as it always was
_GRADED = _SCHEMA.append(pa.field("score", pa.float32()))


class EvalRuns:
    """The eval runs of a store: one for each checkpoint and split."""

    def __init__(self, database: Database) -> None:
        self._shelf = Shelf(database, "evals")

    def all(self) -> tuple[EvalRun, ...]:
        """Every stored eval run, oldest first."""
        return tuple(_eval_run(entry) for entry in self._shelf.entries())

    def get(self, checkpoint: str, split: str) -> EvalRun | None:
        """The eval run of a checkpoint on a split, or None."""
        entry = self._shelf.get(_key(checkpoint, split))
        return None if entry is None else _eval_run(entry)

    def write(
        self,
        rows: Predictions,
        *,
        checkpoint: str,
        split: str,
        at: datetime,
        source: str | None = None,
        origin: EvalOrigin | None = None,
    ) -> tuple[EvalRun, bool]:
        """Store an eval run; the same content again is a no-op.

        Raises
        ------
        ConflictError
            If another eval run is stored for this checkpoint and split.
        """
        known = rows.correct[~np.isnan(rows.correct)]
        table = _table(rows)
        fingerprint = _fingerprint(table)
        payload = {
            "checkpoint": checkpoint,
            "split": split,
            "at": at.isoformat(),
            "n_samples": len(rows.sample_ids),
            "n_failed": int(np.isnan(rows.correct).sum()),
            "accuracy": float(known.mean(dtype=np.float64)) if len(known) else None,
            "source": source,
            **to_json(origin or EvalOrigin()),
        }
        key = _key(checkpoint, split)
        stored, created = self._shelf.put(key, fingerprint, payload, table.to_batches(), table.schema)
        if stored.fingerprint != fingerprint:
            raise ConflictError(
                f"An eval run of checkpoint '{one_line(checkpoint)}' on '{one_line(split)}' is stored with other "
                f"content: stored {stored.fingerprint[:12]}, given {fingerprint[:12]}. Eval runs never change."
            )
        return _eval_run(stored), created

    def rows(self, checkpoint: str, split: str) -> Predictions | None:
        """Predictions of a checkpoint on a split, or None where no eval run is stored."""
        entry = self._shelf.get(_key(checkpoint, split))
        if entry is None:
            return None
        arrow = self._shelf.data(entry).read()
        return Predictions(
            sample_ids=strings(arrow["sample_id"]),
            predictions=names(arrow["prediction"]),
            confidences=_floats(arrow["confidence"]),
            correct=_floats(arrow["correct"]),
            scores=_floats(arrow["score"]) if "score" in arrow.column_names else None,
        )

    def version(self) -> int:
        """A number that changes with everything that is written."""
        return self._shelf.version()

    def discard(self, checkpoint: str) -> None:
        """Take all eval runs of a checkpoint away; none is fine."""
        for entry in self._shelf.entries():
            if entry.payload["checkpoint"] == checkpoint:
                self._shelf.remove(entry.key)

    def orphans(self) -> tuple[str, ...]:
        """Tables that killed writers left behind."""
        return self._shelf.orphans()

    def sweep(self) -> None:
        """Drop the tables that killed writers left behind."""
        self._shelf.sweep()


def _key(checkpoint: str, split: str) -> str:
    return json.dumps([checkpoint, split])


def _table(rows: Predictions) -> pa.Table:
    order = row_order(rows.sample_ids)
    columns = [
        pa.array(rows.sample_ids[order], pa.string()),
        pa.array(rows.predictions[order], pa.string()),
        # NaN is "unknown" in memory and null on disk, where other tools read it too
        pa.array(rows.confidences[order], pa.float32(), from_pandas=True),
        pa.array(rows.correct[order], pa.float32(), from_pandas=True),
    ]
    if rows.scores is None or np.isnan(rows.scores).all():
        return pa.Table.from_arrays(columns, schema=_SCHEMA)
    return pa.Table.from_arrays(
        [*columns, pa.array(rows.scores[order], pa.float32(), from_pandas=True)], schema=_GRADED
    )


def _floats(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return column.to_numpy(zero_copy_only=False).astype(np.float32)


def _fingerprint(table: pa.Table) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in ("sample_id", "prediction"):
        add_to_digest(digest, table[name].combine_chunks())
    for name in table.column_names[2:]:
        digest.update(_floats(table[name]).tobytes())
    return digest.hexdigest()


def _eval_run(entry: Entry) -> EvalRun:
    return from_json(EvalRun, {**entry.payload, "fingerprint": entry.fingerprint})

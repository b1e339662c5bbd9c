"""The road that the tests of the command walk: files written as a user would, and the command run on them."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike

from driftcore.cli import main
from driftcore.testing import World, make_world

DRIFTLOOP = Path(sys.executable).parent / "driftloop"

# eight concepts of 60 samples; "concept 2" will go toward "concept 5"
WORLD: World = make_world(n_concepts=8, n_per_concept=60, n_dims=32)
MOVED, TOWARD, SHARE = 2, 5, 0.3
N_SAMPLES = len(WORLD.vectors)
OF_THE_MOVED = WORLD.concepts == MOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error with which bad input ends."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert len(lines) == 1, f"not one line: {self.err!r}"
        assert "Traceback" not in self.err
        assert self.out == ""
        return lines[0]


def driftloop(*arguments: object) -> Done:
    """`driftloop …` in this process: the same entry point, without a second of imports each time."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        patch.object(sys, "argv", ["driftloop", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int)
    return Done(code=code, out=out.getvalue(), err=err.getvalue())


def driftloop_process(*arguments: object, cwd: Path | None = None) -> Done:
    """`driftloop …` as a process of its own."""
    command = [str(DRIFTLOOP), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=cwd)
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def write_parquet(path: Path, columns: Mapping[str, Sequence[Any] | ArrayLike]) -> Path:
    """Columns as a Parquet file; a matrix becomes one list a row."""
    arrays = {
        name: list(np.asarray(values)) if isinstance(values, np.ndarray) and values.ndim == 2 else values
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), path)
    return path


def snapshot_file(path: Path, vectors: ArrayLike, *, rows: ArrayLike | None = None, labels: bool = True) -> Path:
    """The world's samples with these vectors; `rows` chooses and orders them."""
    chosen = np.arange(N_SAMPLES) if rows is None else np.asarray(rows)
    columns = {
        "id": WORLD.sample_ids[chosen],
        "text": [f"utterance {row}" for row in chosen],
        "embedding": np.asarray(vectors)[chosen],
    }
    return write_parquet(path, columns | ({"label": WORLD.labels[chosen]} if labels else {}))


def predictions_file(path: Path, *, wrong: ArrayLike = ()) -> Path:
    """Every sample predicted as its label, those in `wrong` as the concept that the moved one heads for."""
    predictions = WORLD.labels.copy()
    predictions[np.asarray(wrong, dtype=int)] = WORLD.names[TOWARD]
    confidences = np.linspace(0.5, 1.0, N_SAMPLES)
    return write_parquet(path, {"id": WORLD.sample_ids, "prediction": predictions, "confidence": confidences})


def ingest(file: Path, checkpoint: str, day: int, store: Path | str, *more: object) -> Done:
    at = f"2026-01-{day:02d}"
    return driftloop("ingest", file, "--checkpoint", checkpoint, "--at", at, "--store", store, *more)

"""A file that somebody uploaded: what it looks like, and how it is stored; also in a process of its own."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from driftcore.errors import BadInputError, DriftcoreError
from driftcore.readers import ColumnGuess, guess_embedding_columns, guess_prediction_columns
from driftcore.readers.evals import EvalGuess, guess_eval
from driftcore.store import Place, Store, open_place
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.ingest import Ingested, ingest
from driftcore.workflows.progress import Progress

UploadKind = Literal["embeddings", "predictions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was stored, in words; `rejects` are the number of bad rows, and the name and content of their file."""

    said: str
    rejects: tuple[int, str, bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file and what is to be done with it: small, and for sending to another process.

    Parameters
    ----------
    kind : {"embeddings", "predictions"}
    path : Path
    options : mapping
        As `ingest` or `log_eval` take them; None to find out only what the file looks like.
    """

    kind: UploadKind
    path: Path
    options: Mapping[str, Any] | None = None


def guess_upload(upload: Upload) -> ColumnGuess | EvalGuess:
    """What the file looks like: which column is which, or of which eval tool it is.

    Raises
    ------
    BadInputError
        If it cannot be read.
    """
    if upload.kind == "embeddings":
        return guess_embedding_columns(upload.path)
    return guess_eval(upload.path) or guess_prediction_columns(upload.path)


def store_upload(store: Store, upload: Upload, *, progress: Progress) -> Stored:
    """Store what the file holds.

    Raises
    ------
    BadInputError, ConflictError, NotFoundError
        As `ingest` and `log_eval` do.
    """
    options = dict(upload.options or {})
    if upload.kind == "embeddings":
        return _ingested(ingest(store, upload.path, progress=progress, **options))
    progress("reading", 0.2)
    run, created = log_eval(store, upload.path, **options)
    verb = "Stored" if created else "Stored already, nothing to do:"
    accuracy = "unknown" if run.accuracy is None else f"{100 * run.accuracy:.1f} %"
    said = f"{verb} {run.n_samples:,} predictions of {run.checkpoint}, accuracy {accuracy}, {run.n_failed} failed"
    return Stored(
        said=said if run.tool is None else f"{said}; right by {run.metric}, samples found by {run.matched_by}"
    )


def in_own_process(place: Place, upload: Upload, doing: Path) -> ColumnGuess | EvalGuess | Stored:
    """The same, in a process of its own that ends with it: reading a large log would hold up whoever else is served.

    Parameters
    ----------
    place : Place
        Of the store.
    upload : Upload
        Without options, as `guess_upload`; with them, as `store_upload`.
    doing : Path
        A file, beside which there is room for others, that says how far it is: what is done, and the share of it.

    Raises
    ------
    DriftcoreError
        What went wrong, in one line.
    """
    answer = doing.with_name("answer")
    command = [sys.executable, "-c", "from driftcore.workflows.uploads import main; main()"]
    # what is asked for goes by the pipe: the options of a storage may hold a password
    done = subprocess.run(command, input=pickle.dumps((place, upload, doing, answer)), capture_output=True, check=False)
    if done.returncode or not answer.exists():
        raise BadInputError("The file could not be read: it may need more memory than there is. Add it by the command.")
    value, failed = pickle.loads(answer.read_bytes())
    if failed is not None:
        raise BadInputError(failed)
    return value


def main() -> None:
    """The whole of that process: what is asked for comes in by the pipe."""
    place, upload, doing, answer = pickle.loads(sys.stdin.buffer.read())
    value: ColumnGuess | EvalGuess | Stored | None = None
    failed = None
    try:
        if upload.options is None:
            value = guess_upload(upload)
        else:
            value = store_upload(open_place(place, read_only=False), upload, progress=_written_to(doing))
    except DriftcoreError as error:
        failed = str(error)
    answer.write_bytes(pickle.dumps((value, failed)))


def _written_to(doing: Path) -> Callable[[str, float], None]:
    def show(what: str, share: float) -> None:
        # whole or not at all: the page reads it at any moment
        fresh = doing.with_suffix(".fresh")
        fresh.write_text(json.dumps([what, share]), encoding="utf-8")
        fresh.replace(doing)

    return show


def _ingested(done: Ingested) -> Stored:
    snapshot, rejects = done.snapshot, done.rejects
    verb = "Stored" if done.created else "Stored already, nothing to do:"
    rejected = f"; {done.n_rejected:,} bad rows were left out" if done.n_rejected else ""
    return Stored(
        said=f"{verb} {snapshot.n_samples:,} samples × {snapshot.n_dims} dims as {snapshot.checkpoint} / "
        f"{snapshot.split}{rejected}",
        # the file goes away with the upload
        rejects=None if rejects is None else (done.n_rejected, rejects.name, rejects.read_bytes()),
    )

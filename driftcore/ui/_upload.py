"""Files that come in through the browser: kept on disk only while they are read, and never half stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from driftcore.errors import NotFoundError
from driftcore.readers import ColumnGuess, guess_embedding_columns, guess_prediction_columns
from driftcore.readers.evals import EvalGuess, guess_eval
from driftcore.records import ModelFingerprint
from driftcore.store import Store
from driftcore.ui._access import may_edit, require_editor
from driftcore.ui._actions import say_later
from driftcore.ui._text import plain
from driftcore.ui._upload_eval import pick_from_eval
from driftcore.workflows.evaluate import log_eval
from driftcore.workflows.ingest import Ingested, ingest
from driftcore.workflows.progress import Progress

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Guess = TypeVar("Guess")

_TYPES = ("parquet", "pq", "arrow", "feather", "ipc", "csv", "tsv", "json", "jsonl", "ndjson", "npz")
_KINDS = ("Embeddings", "Predictions")
_REQUIRED = ("id", "vector", "prediction")
_SERIAL, _GUESS, _REJECTS = "upload-serial", "upload-guess", "upload-rejects"
# in characters, of which each may take four of the 255 bytes that a file system allows
_LONGEST_NAME = 60


def upload_panel(store: Store) -> None:
    """Add a file of embeddings, or what a checkpoint predicted."""
    if not may_edit():
        return
    st.subheader("Add data", anchor=False)
    _offer_rejects()
    kind = st.segmented_control("What the file holds", _KINDS, default=_KINDS[0], key="upload-kind", required=True)
    # another key after each file that was stored: the next one begins empty
    serial: int = st.session_state.get(_SERIAL, 0)
    given = st.file_uploader(
        f"File of {str(kind).lower()}",
        type=_TYPES if kind == _KINDS[0] else (*_TYPES, "eval"),
        key=f"upload-{kind}-{serial}",
        help="Parquet, Arrow, CSV, JSONL or NPZ; predictions also as an eval tool writes them (.eval, .json, .jsonl). "
        "It is deleted once it is read. Larger files go by the command.",
    )
    if given is None:
        return
    _embeddings(store, given) if kind == _KINDS[0] else _predictions(store, given)


@contextmanager
def on_disk(given: UploadedFile) -> Iterator[Path]:
    """The uploaded file in a folder that nobody else can read, for as long as it is needed."""
    with TemporaryDirectory(prefix="driftloop-upload-") as folder:
        # the name comes from the browser: only its last part, and not longer than a file system takes
        name = Path(given.name.replace("\\", "/").replace("\0", "")).name[-_LONGEST_NAME:]
        path = Path(folder) / (name.lstrip(".") or "upload")
        path.write_bytes(given.getbuffer())
        yield path


def _embeddings(store: Store, given: UploadedFile) -> None:
    guess = _guessed(given, guess_embedding_columns)
    left, middle, right = st.columns(3)
    checkpoint = left.text_input("Checkpoint name", key="upload-checkpoint", placeholder="2026-W13")
    split = middle.text_input("Split", value="validation", key="upload-split")
    with right:
        made = st.date_input(
            "Made on", value="today", key="upload-date", help="Checkpoints are ordered by when they were made."
        )
    mapping = _pick_columns(given, guess)
    model = st.text_input(
        "Model (optional)", key="upload-model", placeholder="which model made the vectors, so that a swap is noticed"
    )
    skip = st.checkbox(
        "Skip bad rows",
        key="upload-skip",
        help="Store the rows that can be used, and get the others with their reasons as a file. Otherwise one bad row "
        "refuses the whole file.",
    )

    def store_it(path: Path, show: Progress) -> str:
        done = ingest(
            store,
            path,
            checkpoint=checkpoint,
            split=split,
            mapping=mapping,
            at=_when(made),
            model=ModelFingerprint(model_id=model.strip() or None),
            skip_bad_rows=skip,
            progress=show,
        )
        _keep_rejects(done)
        return _stored(done)

    _offer_store(given, store_it, ready=bool(checkpoint.strip() and split.strip()) and mapping is not None)


def _predictions(store: Store, given: UploadedFile) -> None:
    stored = store.checkpoints()
    if not stored:
        raise NotFoundError("Predictions belong to a checkpoint, and none is stored: add its embeddings first.")
    guess = _guessed(given, _guess_predictions)
    left, right = st.columns(2)
    names = [each.checkpoint for each in stored]
    checkpoint = left.selectbox("Checkpoint", names, index=len(names) - 1, key="upload-of")
    split = right.selectbox("Split", stored[names.index(checkpoint)].splits, key="upload-of-split")
    chosen: Mapping[str, Any] | None
    if isinstance(guess, EvalGuess):
        chosen = pick_from_eval(guess, given.file_id)
    else:
        mapping = _pick_columns(given, guess)
        chosen = None if mapping is None else {"mapping": mapping}

    def store_it(path: Path, show: Progress) -> str:
        show("reading", 0.2)
        run, created = log_eval(store, path, checkpoint=checkpoint, split=split, **(chosen or {}))
        verb = "Stored" if created else "Stored already, nothing to do:"
        accuracy = "unknown" if run.accuracy is None else f"{100 * run.accuracy:.1f} %"
        said = f"{verb} {run.n_samples:,} predictions of {checkpoint}, accuracy {accuracy}, {run.n_failed} failed"
        return said if run.tool is None else f"{said}; right by {run.metric}, samples found by {run.matched_by}"

    _offer_store(given, store_it, ready=chosen is not None)


def _guess_predictions(path: Path) -> EvalGuess | ColumnGuess:
    return guess_eval(path) or guess_prediction_columns(path)


def _offer_store(given: UploadedFile, work: Callable[[Path, Progress], str], *, ready: bool) -> None:
    pressed = st.button(
        "Store",
        key="upload-store",
        type="primary",
        icon=":material/upload:",
        disabled=not ready,
        help=None if ready else "Needs a checkpoint name, a split, and a column for the id and the vector.",
    )
    if not pressed:
        return
    require_editor("store data")
    bar = st.progress(0.0, text="starting")

    def show(what: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=plain(what))

    with on_disk(given) as path:
        said = work(path, show)
    st.session_state[_SERIAL] = st.session_state.get(_SERIAL, 0) + 1
    say_later(said)
    st.rerun()


def _guessed(given: UploadedFile, guess: Callable[[Path], Guess]) -> Guess:
    """What the file looks like, read once a file."""
    known: tuple[str, Guess] | None = st.session_state.get(_GUESS)
    if known is None or known[0] != given.file_id:
        with on_disk(given) as path:
            known = given.file_id, guess(path)
        st.session_state[_GUESS] = known
    return known[1]


def _pick_columns(given: UploadedFile, guess: ColumnGuess) -> dict[str, str] | None:
    """The columns that are not as they were guessed, by role; None while one that is needed is not chosen."""
    st.caption(f"{guess.n_rows:,} rows, {len(guess.columns):,} columns. Which column is which, as far as names tell:")
    chosen: dict[str, str | None] = {}
    for place, (role, found) in zip(st.columns(len(guess.roles)), guess.roles.items(), strict=True):
        chosen[role] = place.selectbox(
            role.capitalize() if role in _REQUIRED else f"{role.capitalize()} (optional)",
            guess.columns,
            index=None if found is None else guess.columns.index(found),
            key=f"upload-{role}-{given.file_id}",
            placeholder="choose a column" if role in _REQUIRED else "none",
            format_func=lambda column, role=role: _column_text(column, role, guess),
        )
    if any(chosen[role] is None for role in _REQUIRED if role in chosen):
        return None
    return {role: column for role, column in chosen.items() if column is not None and column != guess.roles[role]}


def _column_text(column: str, role: str, guess: ColumnGuess) -> str:
    numbered = role == "vector" and guess.n_numbered and column == guess.roles[role]
    return f"{column} and {guess.n_numbered - 1:,} more" if numbered else column


def _when(made: date) -> datetime | None:
    """The day as a time; today is now."""
    return None if made == date.today() else datetime(made.year, made.month, made.day, tzinfo=UTC)


def _stored(done: Ingested) -> str:
    snapshot = done.snapshot
    verb = "Stored" if done.created else "Stored already, nothing to do:"
    rejected = f"; {done.n_rejected:,} bad rows were left out" if done.n_rejected else ""
    return (
        f"{verb} {snapshot.n_samples:,} samples × {snapshot.n_dims} dims as {snapshot.checkpoint} / {snapshot.split}"
        f"{rejected}"
    )


def _keep_rejects(done: Ingested) -> None:
    """Keep what was left out for the person who uploaded it: the file itself is deleted with the upload."""
    rejects = done.rejects
    st.session_state[_REJECTS] = None if rejects is None else (done.n_rejected, rejects.name, rejects.read_bytes())


def _offer_rejects() -> None:
    kept: tuple[int, str, bytes] | None = st.session_state.get(_REJECTS)
    if kept is None:
        return
    n_rejected, name, content = kept
    st.warning(f"{n_rejected:,} bad rows of the last file were left out.", icon=":material/rule:")
    st.download_button(
        "Bad rows with their reasons",
        data=content,
        file_name=name,
        mime="text/csv",
        key="upload-rejects-download",
        icon=":material/download:",
        on_click="ignore",
    )

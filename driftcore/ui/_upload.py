"""Files that come in through the browser: kept on disk only while they are read, and never half stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from driftcore.errors import NotFoundError
from driftcore.readers import ColumnGuess
from driftcore.readers.evals import EvalGuess
from driftcore.records import ModelFingerprint
from driftcore.store import Store
from driftcore.ui._access import may_edit, require_editor
from driftcore.ui._actions import act, say_later
from driftcore.ui._loaders import load_checkpoints
from driftcore.ui._text import plain
from driftcore.ui._upload_eval import pick_from_eval
from driftcore.ui._worker import LARGE_BYTES, Task, follow, path_in, start
from driftcore.workflows.uploads import Stored, Upload, UploadKind, guess_upload, store_upload

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_TYPES = ("parquet", "pq", "arrow", "feather", "ipc", "csv", "tsv", "json", "jsonl", "ndjson", "npz")
_KINDS = ("Embeddings", "Predictions")
_REQUIRED = ("id", "vector", "prediction")
_SERIAL, _GUESS, _REJECTS = "upload-serial", "upload-guess", "upload-rejects"
_READING, _STORING = "upload-reading", "upload-storing"


def upload_panel(store: Store) -> None:
    """Add a file of embeddings, or what a checkpoint predicted."""
    if not may_edit():
        return
    st.subheader("Add data", anchor=False)
    _follow_storing()
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
        yield path_in(folder, given)


def _embeddings(store: Store, given: UploadedFile) -> None:
    guess = _guessed(store, given, "embeddings")
    assert isinstance(guess, ColumnGuess)
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

    options = {
        "checkpoint": checkpoint,
        "split": split,
        "mapping": mapping,
        "at": _when(made),
        "model": ModelFingerprint(model_id=model.strip() or None),
        "skip_bad_rows": skip,
    }
    ready = bool(checkpoint.strip() and split.strip()) and mapping is not None
    _offer_store(store, given, "embeddings", options, ready=ready)


def _predictions(store: Store, given: UploadedFile) -> None:
    stored = load_checkpoints()
    if not stored:
        raise NotFoundError("Predictions belong to a checkpoint, and none is stored: add its embeddings first.")
    guess = _guessed(store, given, "predictions")
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

    options = {"checkpoint": checkpoint, "split": split, **(chosen or {})}
    _offer_store(store, given, "predictions", options, ready=chosen is not None)


def _offer_store(
    store: Store, given: UploadedFile, kind: UploadKind, options: Mapping[str, Any], *, ready: bool
) -> None:
    upload, large = Upload(kind=kind, path=Path(given.name), options=options), given.size > LARGE_BYTES
    pressed = st.button(
        "Store",
        key="upload-store",
        type="primary",
        icon=":material/upload:",
        disabled=not ready,
        help=None if ready else "Needs a checkpoint name, a split, and a column for the id and the vector.",
        on_click=_begin if large else None,
        args=(store, given, upload),
    )
    if not pressed or large:
        return
    require_editor("store data")
    bar, session = st.progress(0.0, text="starting"), get_script_run_ctx()

    def show(what: str, share: float) -> None:
        # rows are asked for by a thread of the store's, which is in no session of its own
        add_script_run_ctx(threading.current_thread(), session)
        bar.progress(min(max(share, 0.0), 1.0), text=plain(what))

    with on_disk(given) as path:
        _stored(store_upload(store, replace(upload, path=path), progress=show))


def _begin(store: Store, given: UploadedFile, upload: Upload) -> None:
    def work() -> str:
        st.session_state[_STORING] = start(store, given, upload)
        return f"{given.name} is being read"

    act("store data", work)


def _follow_storing() -> None:
    """What a process stores is followed on every visit of the page until it is there."""
    task: Task | None = st.session_state.get(_STORING)
    if task is None:
        return
    if not task.future.done():
        follow(task, "reading the file")
        st.stop()
    del st.session_state[_STORING]
    _stored(task.future.result())


def _stored(done: Stored) -> None:
    """Say it, keep what was left out, and begin anew with an empty field."""
    st.session_state[_REJECTS] = done.rejects
    st.session_state[_SERIAL] = st.session_state.get(_SERIAL, 0) + 1
    say_later(done.said)
    st.rerun()


def _guessed(store: Store, given: UploadedFile, kind: UploadKind) -> ColumnGuess | EvalGuess:
    """What the file looks like, read once a file; a large one in a process of its own."""
    known: tuple[str, ColumnGuess | EvalGuess] | None = st.session_state.get(_GUESS)
    if known is not None and known[0] == given.file_id:
        return known[1]
    upload = Upload(kind=kind, path=Path(given.name))
    if given.size > LARGE_BYTES:
        guess = _guessed_elsewhere(store, given, upload)
    else:
        with on_disk(given) as path:
            guess = guess_upload(replace(upload, path=path))
    st.session_state[_GUESS] = given.file_id, guess
    return guess


def _guessed_elsewhere(store: Store, given: UploadedFile, upload: Upload) -> ColumnGuess | EvalGuess:
    task: Task | None = st.session_state.get(_READING)
    if task is None or task.file_id != given.file_id:
        task = st.session_state[_READING] = start(store, given, upload)
    if not task.future.done():
        follow(task, "finding out what the file holds")
        st.stop()
    guess: ColumnGuess | EvalGuess = task.future.result()
    del st.session_state[_READING]
    return guess


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

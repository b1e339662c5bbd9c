"""Work on a large upload, in a process of its own: the page stays open to clicks, and may be left meanwhile."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import streamlit as st

from driftcore.errors import DriftcoreError
from driftcore.store import Store
from driftcore.ui._text import plain
from driftcore.workflows.uploads import Upload, in_own_process

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# smaller ones are read sooner than a process is up
LARGE_BYTES = 4 << 20
_EVERY_S = 0.5
# in characters, of which each may take four of the 255 bytes that a file system allows
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a process is at work on; `file_id` is of the upload, `doing` a file that says how far it is."""

    file_id: str
    doing: Path
    future: Future[Any]


def path_in(folder: str, given: UploadedFile) -> Path:
    """The uploaded file in a folder that nobody else can read."""
    # the name comes from the browser: only its last part, and not longer than a file system takes
    name = Path(given.name.replace("\\", "/").replace("\0", "")).name[-_LONGEST_NAME:]
    path = Path(folder) / (name.lstrip(".") or "upload")
    path.write_bytes(given.getbuffer())
    return path


def start(store: Store, given: UploadedFile, upload: Upload) -> Task:
    """Begin; the file stays on disk for as long as the process needs it, whoever leaves the page."""
    folder = TemporaryDirectory(prefix="driftloop-upload-")
    asked, doing = replace(upload, path=path_in(folder.name, given)), Path(folder.name) / "doing.json"
    future: Future[Any] = Future()

    def work() -> None:
        try:
            with folder:
                future.set_result(in_own_process(store.place, asked, doing))
        except (DriftcoreError, OSError) as error:
            future.set_exception(error)

    # waits for the process, and for nothing else: it must not hold up the end of the server
    threading.Thread(target=work, daemon=True).start()
    return Task(file_id=given.file_id, doing=doing, future=future)


@st.fragment(run_every=_EVERY_S)
def follow(task: Task, what: str) -> None:
    """How far a task is, drawn anew twice a second; when it ends, so is the whole page."""
    if task.future.done():
        st.rerun()
    try:
        doing, share = json.loads(task.doing.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        doing, share = what, 0.0
    st.progress(min(max(share, 0.0), 1.0), text=plain(f"{doing} …"))
    st.caption("A process of its own is at work: this page may be left.")

"""What kind of file this is: by its first bytes, and only then by the ending of its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from driftcore.errors import UnreadableFileError, one_line

Format = Literal["parquet", "arrow_file", "arrow_stream", "npz", "json", "csv"]

_HEAD = 4096
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow_file"),
    (b"\xff\xff\xff\xff", "arrow_stream"),
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
)
_SUPPORTED = "Parquet, Arrow, CSV, JSONL or NPZ"
_PICKLE = f"is a pickle, and unpickling can run any code: save it as {_SUPPORTED} instead"
_REFUSED: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x80[\x02-\x05]"), _PICKLE),
    (
        re.compile(rb"\x93NUMPY"),
        "is a lone .npy array without ids: save np.savez(path, ids=ids, embeddings=embeddings)",
    ),
    (re.compile(rb"\x1f\x8b|\x28\xb5\x2f\xfd|BZh|\xfd7zXZ"), "is compressed: unpack it first"),
    (re.compile(rb"FEA1"), "is Feather version 1: write it again with pyarrow.feather.write_feather"),
    (re.compile(rb"\x89HDF"), f"is HDF5, which is not read: save it as {_SUPPORTED}"),
    (
        re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE),
        "is a web page or XML: download the file itself, not its page",
    ),
    (re.compile(rb"version https://git-lfs"), "is a Git LFS pointer, not the data: run git lfs pull"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "is text in UTF-16: save it as UTF-8"),
)
_PICKLE_ENDINGS = frozenset({".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib"})
_BINARY_ENDINGS = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
    ".npz": "NPZ",
}
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{\]])')


def format_of(path: Path) -> Format:
    """The format of an existing file, or `UnreadableFileError` with what it seems to be."""
    head = _head(path)
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if found is not None:
        return found
    _refuse_known_strangers(path, head)
    if path.suffix.lower() in _BINARY_ENDINGS:
        kind = _BINARY_ENDINGS[path.suffix.lower()]
        raise UnreadableFileError(
            f"{path.name} is not a {kind} file: it begins with {_shown(head)}. Save or copy it again."
        )
    if _is_binary(head):
        raise UnreadableFileError(f"{path.name} is neither text nor {_SUPPORTED}: it begins with {_shown(head)}.")
    return "json" if path.suffix.lower() in {".jsonl", ".ndjson", ".json"} or _JSON.match(head) else "csv"


def _head(path: Path) -> bytes:
    if not path.exists():
        raise UnreadableFileError(f"{path} does not exist: check the name, and the folder it is looked for in.")
    if path.is_dir():
        raise UnreadableFileError(f"{path} is a folder: name one file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be opened: {error.strerror}.") from error
    if not head:
        raise UnreadableFileError(f"{path.name} is empty (0 bytes): write or copy it again.")
    return head


def _refuse_known_strangers(path: Path, head: bytes) -> None:
    why = next((why for pattern, why in _REFUSED if pattern.match(head)), None)
    if why is None and path.suffix.lower() in _PICKLE_ENDINGS:
        why = _PICKLE
    if why is not None:
        raise UnreadableFileError(f"{path.name} {why}.")


def _is_binary(head: bytes) -> bool:
    # text may hold a stray control character, or one bad byte that the CSV reader can point at by line
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    undecodable = head.decode("utf-8", errors="replace").count("\ufffd")
    return max(control, undecodable) * 10 > len(head)


def _shown(head: bytes) -> str:
    return repr(one_line(head[:16].decode("utf-8", errors="backslashreplace"), limit=24))

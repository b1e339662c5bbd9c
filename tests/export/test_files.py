"""Folders are written whole or not at all, and as one file for a browser."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from driftcore.errors import BadInputError
from driftcore.export import encode, manifest, write_file, write_folder, zipped
from tests.export.sets import a_set

FILES = {"README.md": b"card", "data/train.parquet": b"rows"}


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_holds_its_files_and_its_manifest(tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "set"
    if exists:
        out.mkdir()
    assert write_folder(FILES, b"{}", out) == (out, out / "manifest.json")
    assert written(out) == {**FILES, "manifest.json": b"{}"}
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_what_is_there_already_is_not_touched(tmp_path: Path) -> None:
    full, file = tmp_path / "full", tmp_path / "file"
    full.mkdir()
    (full / "mine").write_bytes(b"mine")
    file.write_bytes(b"mine")
    for out in (full, file):
        with pytest.raises(BadInputError, match="is there already: choose another place with --out"):
            write_folder(FILES, b"{}", out)
    assert written(tmp_path) == {"full/mine": b"mine", "file": b"mine"}


def test_a_folder_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    # a file stands where a folder is needed
    broken = {"data": b"rows", "data/train.parquet": b"rows"}
    with pytest.raises(BadInputError, match="Cannot write"):
        write_folder(broken, b"{}", tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"Cannot write .* No such file or directory"):
        write_folder(FILES, b"{}", tmp_path / "nowhere" / "set")
    with pytest.raises(BadInputError, match=r"Cannot write .* No such file or directory"):
        write_file(b"rows", b"{}", tmp_path / "nowhere" / "set.csv")


def test_a_zip_holds_what_the_folder_does_and_is_the_same_at_any_hour() -> None:
    first = zipped(FILES, b"{}")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {**FILES, "manifest.json": b"{}"}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert zipped(FILES, b"{}") == first


def test_the_manifest_of_a_folder_knows_each_of_its_files() -> None:
    encoded = encode(a_set(["a", "b", "b"], role=["gold", "replay", "replay"]), "hf")
    facts = json.loads(manifest(encoded.rows, encoded.files))
    assert facts["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in encoded.files.items()}
    assert (facts["labels"], facts["roles"], facts["parts"]) == (
        {"b": 2, "a": 1},
        {"replay": 2, "gold": 1},
        {"train": 3},
    )

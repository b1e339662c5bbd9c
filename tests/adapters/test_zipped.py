"""A folder kept as bytes, whoever wrote the bytes."""

import io
import zipfile

import pytest

from driftcore.adapters._zipped import unzipped, zipped
from driftcore.errors import UnreadableFileError

MARK = b"driftloop folder/1"


def archive(names, comment=MARK):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.comment = comment
        for name in names:
            made.writestr(name, "content")
    return buffer.getvalue()


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_goes_in_comes_out_and_the_same_files_make_the_same_bytes(tmp_path):
    for side in ("one", "two"):
        (tmp_path / side / "deep").mkdir(parents=True)
        (tmp_path / side / "deep" / "weights.bin").write_bytes(b"\x00\x01")
        (tmp_path / side / "config.json").write_text("{}")
    data = zipped(tmp_path / "one")
    assert data == zipped(tmp_path / "two")
    assert unzipped(data, tmp_path / "out")
    assert files_below(tmp_path / "out") == ["config.json", "deep/weights.bin"]
    assert (tmp_path / "out" / "deep" / "weights.bin").read_bytes() == b"\x00\x01"


def test_nothing_makes_nothing(tmp_path):
    assert zipped(tmp_path) is None
    assert zipped(tmp_path / "absent") is None
    assert not unzipped(None, tmp_path / "out")


def test_links_are_left_out(tmp_path):
    (tmp_path / "secret").write_text("not the model's")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "link").symlink_to(tmp_path / "secret")
    assert zipped(tmp_path / "model") is None


def test_what_another_trainer_kept_is_not_unpacked(tmp_path):
    assert not unzipped(archive(["weights.npy"], comment=b""), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_climb_out_of_the_folder_stay_in_it(tmp_path):
    out = tmp_path / "deep" / "out"
    assert unzipped(archive(["../../climbed", "/absolute"]), out)
    assert files_below(tmp_path) == ["deep/out/absolute", "deep/out/climbed"]


def test_bytes_that_are_cut_off_are_one_line(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"^The kept model cannot be read: .*\.$"):
        unzipped(archive(["a"])[40:], tmp_path / "out")

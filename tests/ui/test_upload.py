"""An uploaded file is on disk only while it is read, where nobody else reads it, under a name that leads nowhere."""

from __future__ import annotations

import stat

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from driftcore.errors import BadInputError
from driftcore.ui._upload import on_disk


def uploaded(name: str, content: bytes = b"id,emb\n") -> UploadedFile:
    return UploadedFile(UploadedFileRec(file_id="1", name=name, type="text/csv", data=content), FileURLs())


def test_it_is_there_in_a_private_folder_and_gone_afterwards() -> None:
    with on_disk(uploaded("week.csv", b"id\na\n")) as path:
        assert path.read_bytes() == b"id\na\n"
        assert path.name == "week.csv"
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


def test_it_is_gone_also_where_reading_fails() -> None:
    kept = []

    def read() -> None:
        with on_disk(uploaded("week.csv")) as path:
            kept.append(path)
            raise BadInputError("no")

    with pytest.raises(BadInputError):
        read()
    assert not kept[0].parent.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.csv", "/etc/passwd", "", "..", "a\0b.csv", "x" * 300, "é" * 300]
)
def test_a_name_never_leaves_the_folder(name: str) -> None:
    with on_disk(uploaded(name)) as path:
        assert path.resolve().parent.name.startswith("driftloop-upload-")
        assert path.is_file()

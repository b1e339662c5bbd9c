"""Members of a zip, also those that Python 3.11's zipfile cannot unpack: Inspect packs with Zstandard (method 93)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO

import pyarrow as pa

from driftcore.errors import UnreadableFileError, one_line

_ZSTANDARD = 93
_SIGNATURE = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_DAMAGE = (zipfile.BadZipFile, zlib.error, pa.ArrowException, struct.error, OSError, EOFError, ValueError)


def member(archive: zipfile.ZipFile, name: str, *, source: str) -> bytes:
    """What one member of the archive holds, checked against its check sum.

    Raises
    ------
    UnreadableFileError
        If it is cut off, damaged, encrypted, or packed in another way.
    """
    info = archive.getinfo(name)
    try:
        if info.compress_type != _ZSTANDARD:
            return archive.read(info)
        content = _unpacked(_packed(archive.fp, info))
        if zlib.crc32(content) != info.CRC:
            raise zipfile.BadZipFile("its check sum is another")
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        raise UnreadableFileError(
            f"{source}: the part {one_line(name)!r} is damaged ({one_line(error)}): write or copy the log again."
        ) from error
    return content


def _packed(file: IO[bytes] | None, info: zipfile.ZipInfo) -> bytes:
    if file is None:
        raise zipfile.BadZipFile("it is closed")
    file.seek(info.header_offset)
    signature, n_name, n_extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != _SIGNATURE:
        raise zipfile.BadZipFile("its header is another")
    file.seek(n_name + n_extra, 1)
    return file.read(info.compress_size)


def _unpacked(packed: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        return stream.read()

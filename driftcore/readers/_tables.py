"""What a file holds, as one Arrow table, whatever its format."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from driftcore.errors import BadInputError, UnknownColumnError, UnreadableFileError, listed, one_line
from driftcore.readers._arrays import read_npz
from driftcore.readers._csv import read_csv
from driftcore.readers._jsonl import read_json
from driftcore.readers._sniff import Format, format_of

_BATCH = 16_384
# what Arrow, zip and NumPy say of a file that breaks off or was changed; the last two of bytes in its header
DAMAGE = (
    pa.ArrowException,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    UnicodeDecodeError,
    NotImplementedError,
)


def read_table(path: Path) -> pa.Table:
    """The file as a table with at least one row, whose column names are unique."""
    path = Path(path)
    kind = format_of(path)
    try:
        table = _READERS[kind](path)
    except DAMAGE as error:
        raise damaged(path, error) from error
    return usable_table(table, source=path.name)


def damaged(path: Path, error: Exception) -> UnreadableFileError:
    """What is said of a file that breaks off, or was changed."""
    return UnreadableFileError(f"{path.name} is cut off or damaged ({one_line(error)}): write or copy it again.")


def usable_table(table: pa.Table, *, source: str, n_rows: int | None = None) -> pa.Table:
    """The table itself, if it has rows (`n_rows`, where it is but the head of them) and no two columns of one name."""
    names = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise UnknownColumnError(f"{source}: more than one column is named {listed(twice)}. Rename all but one.")
    if not (table.num_rows if n_rows is None else n_rows):
        raise BadInputError(f"{source} has no rows (columns: {listed(names)}): nothing to read.")
    return table


def _read_parquet(path: Path) -> pa.Table:
    # not `pq.read_table`: it takes a folder named `split=test` for a column
    with pq.ParquetFile(path) as file:
        # by batches: decoding 100k x 384 in one go takes 1 GB beside the 0.15 GB it yields
        return pa.Table.from_batches(file.iter_batches(batch_size=_BATCH), schema=file.schema_arrow)


def _read_arrow_file(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return _validated(pa.ipc.open_file(file).read_all())


def _read_arrow_stream(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return _validated(pa.ipc.open_stream(file).read_all())


def _validated(table: pa.Table) -> pa.Table:
    # a damaged offset in an Arrow file is believed, and ends the process when it is followed
    table.validate(full=True)
    return table


_READERS: dict[Format, Callable[[Path], pa.Table]] = {
    "parquet": _read_parquet,
    "arrow_file": _read_arrow_file,
    "arrow_stream": _read_arrow_stream,
    "npz": read_npz,
    "json": read_json,
    "csv": read_csv,
}

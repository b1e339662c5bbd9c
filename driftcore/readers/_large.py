"""Files with more vectors than memory should hold: they pass by in parts, and are kept in a file meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from driftcore.arrays import Matrix, RowProblem, spooled
from driftcore.readers._sniff import format_of
from driftcore.readers._tables import DAMAGE, damaged, usable_table
from driftcore.readers._vectors import vectors_of, width_of

Told = Callable[[int, int], None]

# beyond that, a file is not read whole: decoded it takes its size twice, and what is made of it once more
LARGE_BYTES: Final = 1 << 30
_PART_ROWS: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeFile:
    """A file that is read part by part, again for whoever asks again."""

    path: Path
    schema: pa.Schema
    n_rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The rows in their order, some thousand at a time."""
        try:
            for batch in self.batches():
                part = pa.Table.from_batches([batch])
                # a damaged offset is believed, and ends the process when it is followed
                part.validate(full=True)
                yield part if columns is None else part.select(columns)
        except DAMAGE as error:
            raise damaged(self.path, error) from error

    def apart(self, vector: Sequence[str], *, told: Told) -> tuple[pa.Table, Matrix, tuple[RowProblem, ...]]:
        """All columns but those of the vector, the vectors, and the rows that hold none: as `vectors_of` finds them."""
        source = self.path.name
        width = next((found for part in self.parts(vector) if (found := width_of(part, vector, source=source))), None)
        others: list[pa.Table] = []
        problems: dict[str, RowProblem] = {}
        vectors, start = None, 0
        for part in self.parts():
            block, unread = vectors_of(part, vector, source=source, width=width)
            vectors = spooled((self.n_rows, block.shape[1])) if vectors is None else vectors
            vectors[start : start + len(block)] = block
            for problem in unread:
                known = problems.get(problem.reason, replace(problem, positions=problem.positions[:0]))
                positions = np.concatenate([known.positions, problem.positions + start])
                problems[problem.reason] = replace(known, positions=positions)
            others.append(part.drop_columns([*vector]))
            start += len(block)
            told(start, self.n_rows)
        assert vectors is not None, "a large file has rows"
        return pa.concat_tables(others), vectors, tuple(problems.values())


def large_file(path: Path, *, from_bytes: int = LARGE_BYTES) -> LargeFile | None:
    """The file, where it is of a kind that can be read in parts and takes so many bytes in memory; else None.

    Raises
    ------
    UnreadableFileError, UnknownColumnError
        As `read_table`.
    """
    kind = format_of(path)
    if kind not in ("parquet", "arrow_file"):
        return None
    try:
        found, n_bytes = _parquet(path) if kind == "parquet" else _arrow(path)
    except DAMAGE as error:
        raise damaged(path, error) from error
    if n_bytes < from_bytes or not found.n_rows:
        return None
    usable_table(found.schema.empty_table(), source=path.name, n_rows=found.n_rows)
    return found


def _parquet(path: Path) -> tuple[LargeFile, int]:
    with pq.ParquetFile(path) as file:
        about, schema = file.metadata, file.schema_arrow
    n_bytes = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))

    def batches() -> Iterator[pa.RecordBatch]:
        # read ahead, all of the file would be in memory before its end
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=_PART_ROWS)

    return LargeFile(path=path, schema=schema, n_rows=about.num_rows, batches=batches), n_bytes


def _arrow(path: Path) -> tuple[LargeFile, int]:
    with pa.memory_map(str(path)) as source:
        file = pa.ipc.open_file(source)
        schema, every = file.schema, [file.get_batch(number) for number in range(file.num_record_batches)]
        n_rows, n_bytes = sum(each.num_rows for each in every), sum(each.nbytes for each in every)

    def batches() -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as source:
            file = pa.ipc.open_file(source)
            for number in range(file.num_record_batches):
                batch = file.get_batch(number)
                yield from (batch.slice(start, _PART_ROWS) for start in range(0, batch.num_rows, _PART_ROWS))

    return LargeFile(path=path, schema=schema, n_rows=n_rows, batches=batches), n_bytes

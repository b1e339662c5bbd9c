"""The same few samples, written as a real file in each format."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

Columns = Mapping[str, Sequence[Any]]


def write_parquet(path: Path, columns: Columns) -> None:
    pq.write_table(pa.table(dict(columns)), path)


def write_feather(path: Path, columns: Columns) -> None:
    pyarrow.feather.write_feather(pa.table(dict(columns)), str(path))


def write_stream(path: Path, columns: Columns) -> None:
    table = pa.table(dict(columns))
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table)


def write_csv(path: Path, columns: Columns, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        # quoted, so that "" is a text and not a missing one
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def write_tsv(path: Path, columns: Columns) -> None:
    write_csv(path, columns, delimiter="\t")


def write_jsonl(path: Path, columns: Columns) -> None:
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8", newline="")


def write_npz(path: Path, columns: Columns) -> None:
    np.savez(path, **{name: np.array(values) for name, values in columns.items()})  # type: ignore[arg-type]


WRITERS: Mapping[str, Callable[[Path, Columns], None]] = {
    "samples.parquet": write_parquet,
    "samples.feather": write_feather,
    "samples.arrows": write_stream,
    "samples.csv": write_csv,
    "samples.tsv": write_tsv,
    "samples.jsonl": write_jsonl,
    "samples.npz": write_npz,
}

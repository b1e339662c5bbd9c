"""Parquet: every cell as it is, for nothing runs a cell of it."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_NUMBERS = {"confidence", "shift", "weight"}


def as_parquet(table: pd.DataFrame) -> bytes:
    """Parquet with every cell as it is: nothing runs a cell of it."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, engine="pyarrow")
    return buffer.getvalue()


def as_typed_parquet(table: pd.DataFrame) -> bytes:
    """As `as_parquet`, with the same type in every file: a column that is empty here is still one of strings."""
    kinds = {name: pa.float64() if name in _NUMBERS else pa.string() for name in table.columns}
    return arrow_parquet({name: pa.array(table[name], kind, from_pandas=True) for name, kind in kinds.items()})


def arrow_parquet(columns: dict[str, pa.Array]) -> bytes:
    """Parquet of these columns and nothing else: no index, and no notes of pandas."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()

"""Which rows of a retraining set a trainer may see: those that say something, with a label, and not the holdout."""

from __future__ import annotations

import pandas as pd

from driftcore.errors import BadInputError


def trainable(table: pd.DataFrame, *, label: bool = True) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows with a text and, where asked for, a label; and how many have none.

    Raises
    ------
    BadInputError
        If no row is left.
    """
    with_text = _filled(table["text"])
    with_label = _filled(table["label"]) if label else pd.Series(True, index=table.index)
    kept = table[with_text & with_label].reset_index(drop=True)
    left_out = counted({"no text": (~with_text).sum(), "no label": (with_text & ~with_label).sum()})
    if kept.empty:
        wanted = "text and label" if label else "text"
        raise BadInputError(
            f"None of the {len(table):,} rows has a {wanted}: this format needs them. Store them with the samples "
            "(driftloop ingest), or export csv, parquet or jsonl."
        )
    return kept, left_out


def training_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """`trainable`, without the holdout.

    Raises
    ------
    BadInputError
        If no row is left.
    """
    held_out = table["part"] != "train"
    kept, left_out = trainable(table[~held_out])
    return kept, counted({"holdout": held_out.sum()}) | left_out


def counted(reasons: dict[str, int]) -> dict[str, int]:
    """The reasons for which something was left out."""
    return {reason: int(n) for reason, n in reasons.items() if n}


def _filled(column: pd.Series[str]) -> pd.Series[bool]:
    return column.notna() & (column.astype(str).str.strip() != "")

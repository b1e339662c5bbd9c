"""CSV for people with spreadsheets, in which no cell runs."""

from __future__ import annotations

from typing import Any

import pandas as pd

# what spreadsheets take for the beginning of a formula, also in full width, and after what they strip
_FORMULA = r"^[\s\x00-\x1f\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 CSV in which no text cell is a formula: such cells begin with an apostrophe, as spreadsheets write text.

    Examples
    --------
    >>> as_csv(pd.DataFrame({"text": ["=1+1", "plain"]})).decode().split()
    ['text', "'=1+1", 'plain']
    """
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = neutralized(safe[name])
    # line ends of RFC 4180: with "\n" a lone "\r" inside a text is not quoted, and what follows it begins a new row
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def neutralized(column: pd.Series[Any]) -> pd.Series[Any]:
    """Text cells that a spreadsheet would run, made plain text; missing cells stay missing."""
    text = column.astype(object)
    dangerous = text.astype(str).str.contains(_FORMULA, regex=True) & text.notna()
    return text.where(~dangerous, "'" + text.astype(str))

"""The manifest: where every row came from, and how to know the files again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd


def manifest(table: pd.DataFrame, content: bytes | Mapping[str, bytes], **origin: Any) -> bytes:
    """JSON that says where every row came from: the span, its checkpoints, the policy, and a checksum of each file.

    `content` is that of one file, or those of a folder by their place in it. A retraining set is also counted by
    role and part.
    """
    facts = {
        **origin,
        "n_rows": len(table),
        "columns": list(table.columns),
        "labels": _counts(table["label"]),
        **{f"{name}s": _counts(table[name]) for name in ("role", "part") if name in table.columns},
        **_sums(content),
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False, default=str) + "\n").encode("utf-8")


def _sums(content: bytes | Mapping[str, bytes]) -> dict[str, Any]:
    if not isinstance(content, bytes):
        return {"files": {name: _sum(each) for name, each in content.items()}}
    rule = "in CSV, text cells beginning with = + - @, tab, line end or NUL carry a leading apostrophe"
    return {"sha256": _sum(content), "formula_cells": rule}


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _counts(column: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts(dropna=True).items()}

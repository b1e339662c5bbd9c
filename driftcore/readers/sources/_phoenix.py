"""Phoenix's tables: a data frame and the schema that says which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers.sources._records import Columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhoenixTables:
    """What a Phoenix table holds: samples for `ingest`, and predictions for `log_eval`, None where it has none."""

    samples: Columns
    predictions: Columns | None


def from_phoenix(frame: pd.DataFrame, schema: Any, *, embedding: str | None = None) -> PhoenixTables:
    """A Phoenix inference table as columns for `ingest` and `log_eval`.

    Parameters
    ----------
    frame : pandas.DataFrame
    schema : a phoenix Schema, or a dict with the same names
        Of it are read ``prediction_id_column_name``, ``timestamp_column_name``, ``prediction_label_column_name``,
        ``prediction_score_column_name``, ``actual_label_column_name`` and ``embedding_feature_column_names``.
    embedding : str, optional
        Which embedding feature, where there are several.

    Raises
    ------
    BadInputError
        If there is no embedding feature, several and none chosen, or a column is not in the frame.
    """
    features = _of(schema, "embedding_feature_column_names") or {}
    if not features:
        raise BadInputError("Phoenix: the schema names no embedding_feature_column_names: there is nothing to compare.")
    if embedding is None and len(features) > 1:
        raise BadInputError(f"Phoenix: say which embedding with embedding=…: {listed(features)}.")
    name = embedding or next(iter(features))
    if name not in features:
        raise BadInputError(f"Phoenix: no embedding feature {one_line(name)!r}. There are: {listed(features)}.")
    feature = features[name]
    columns = {
        "id": _of(schema, "prediction_id_column_name"),
        "embedding": _of(feature, "vector_column_name") or _of(feature, "vector"),
        "text": _of(feature, "raw_data_column_name") or _of(feature, "raw_data"),
        "label": _of(schema, "actual_label_column_name"),
        "timestamp": _of(schema, "timestamp_column_name"),
        "prediction": _of(schema, "prediction_label_column_name"),
        "confidence": _of(schema, "prediction_score_column_name"),
    }
    missing = [column for column in columns.values() if column is not None and column not in frame.columns]
    if missing:
        raise BadInputError(f"Phoenix: the frame lacks {listed(missing)}. There are: {listed(frame.columns)}.")
    found: Columns = {
        role: frame[column].to_numpy(dtype=object) for role, column in columns.items() if column is not None
    }
    # Phoenix numbered what had no id; the same rows then need the same order at every checkpoint
    found.setdefault("id", np.array([f"{row:07d}" for row in range(len(frame))], dtype=object))
    if "timestamp" in found:
        found["timestamp"] = np.array([str(each) for each in found["timestamp"]], dtype=object)
    samples: Columns = {
        role: found[role] for role in ("id", "embedding", "text", "label", "timestamp") if role in found
    }
    said: Columns = {role: found[role] for role in ("id", "prediction", "confidence") if role in found}
    if "label" in found:
        said["target"] = found["label"]
    return PhoenixTables(samples=samples, predictions=said if "prediction" in said else None)


def _of(schema: Any, name: str) -> Any:
    return schema.get(name) if isinstance(schema, Mapping) else getattr(schema, name, None)

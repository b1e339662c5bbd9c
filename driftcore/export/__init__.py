"""Spans as a table that a trainer, a labelling tool or a spreadsheet reads, with a manifest of where it came from."""

from driftcore.export._csv import as_csv, neutralized
from driftcore.export._files import Encoded, write_file, write_folder, zipped
from driftcore.export._formats import (
    ALL_FORMATS,
    FOLDER_FORMATS,
    FORMATS,
    TRAINING_FORMATS,
    encode,
    encoded,
    require_format,
)
from driftcore.export._jsonl import as_jsonl
from driftcore.export._manifest import manifest
from driftcore.export._parquet import as_parquet
from driftcore.export._sentence_transformers import SHAPES
from driftcore.export._table import COLUMNS, SET_COLUMNS, is_wrong, retraining_table, weights

__all__ = [
    "ALL_FORMATS",
    "COLUMNS",
    "FOLDER_FORMATS",
    "FORMATS",
    "SET_COLUMNS",
    "SHAPES",
    "TRAINING_FORMATS",
    "Encoded",
    "as_csv",
    "as_jsonl",
    "as_parquet",
    "encode",
    "encoded",
    "is_wrong",
    "manifest",
    "neutralized",
    "require_format",
    "retraining_table",
    "weights",
    "write_file",
    "write_folder",
    "zipped",
]

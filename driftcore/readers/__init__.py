"""What a file or a frame of embeddings, or of predictions, says: one batch, and the rows that cannot be used.

>>> import numpy as np
>>> reading = embeddings_from_frame({"ids": ["a", "b"], "embeddings": np.eye(2), "labels": ["refund", "cancel"]})
>>> reading.batch.sample_ids.tolist(), reading.batch.vectors.shape, reading.problems
(['a', 'b'], (2, 2), ())
"""

from __future__ import annotations

from driftcore.readers._columns import parse_mapping, usual_column
from driftcore.readers._embeddings import embeddings_from_frame, read_embeddings
from driftcore.readers._frames import is_dataset, table_of
from driftcore.readers._guess import ColumnGuess, guess_embedding_columns, guess_prediction_columns
from driftcore.readers._predictions import predictions_from_frame, read_predictions
from driftcore.readers._readings import PredictionReading, Reading

__all__ = [
    "ColumnGuess",
    "PredictionReading",
    "Reading",
    "embeddings_from_frame",
    "guess_embedding_columns",
    "guess_prediction_columns",
    "is_dataset",
    "parse_mapping",
    "predictions_from_frame",
    "read_embeddings",
    "read_predictions",
    "table_of",
    "usual_column",
]

"""Stores for the workflows: the same small world at several checkpoints, ingested as frames."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import ingest
from driftcore.store import Store
from driftcore.testing import make_world, moved

WORLD = make_world(n_concepts=8, n_per_concept=40, n_dims=24)
N_SAMPLES = len(WORLD.vectors)
START = datetime(2026, 1, 5, tzinfo=UTC)


def frame(vectors: NDArray[np.float32], *, labels: NDArray[np.object_] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": WORLD.sample_ids,
            "label": WORLD.labels if labels is None else labels,
            "text": [f"utterance {row}" for row in range(N_SAMPLES)],
            "embedding": list(vectors),
        }
    )


def store_checkpoint(store: Store, checkpoint: str, *, week: int, share: float = 0.0) -> None:
    """A checkpoint `week` weeks in, with concept 1 `share` of the way to concept 4."""
    vectors = moved(WORLD, 1, toward=4, share=share) if share else WORLD.vectors
    ingest(store, frame(vectors), checkpoint=checkpoint, at=START + timedelta(weeks=week))

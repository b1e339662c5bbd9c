"""Find samples on the map: by their text, and by whose vectors are nearest to one of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import NotFoundError, one_line
from driftcore.records import MapFilter, MapRows
from driftcore.store import Store
from driftcore.workflows.selecting import passing


def with_text(rows: MapRows, text: str) -> NDArray[np.bool_]:
    """Which samples have `text` in their own, in any case, shape (n_samples,); none for an empty text."""
    wanted = text.strip()
    return passing(rows, MapFilter(text=wanted)) if wanted else np.zeros(len(rows), dtype=bool)


def nearest(
    store: Store, checkpoint: str, split: str, sample_id: str, *, n_nearest: int = 20
) -> tuple[tuple[str, float], ...]:
    """The samples whose vectors point most like one sample's, with their cosine distances, the sample itself first.

    Distances are those of the full vectors at `checkpoint`, not of the map, which can lay near samples apart.

    Raises
    ------
    NotFoundError
        If the checkpoint has no such sample.
    """
    rows = store.snapshots.rows(checkpoint, split)
    at = np.flatnonzero(rows.sample_ids == sample_id)
    if not len(at):
        raise NotFoundError(f"'{one_line(checkpoint)}' has no sample '{one_line(sample_id)}' in '{one_line(split)}'.")
    # float64: of near vectors, float32 products tell the distances to three digits only
    vector = rows.vectors[at[0]].astype(np.float64)
    lengths = np.linalg.norm(rows.vectors, axis=1).astype(np.float64)
    distances = np.maximum(1 - rows.vectors @ vector / (lengths * np.linalg.norm(vector)), 0.0)
    distances[at[0]] = 0.0
    order = np.argsort(distances, kind="stable")
    # itself first, also where others have the same vector
    order = np.concatenate([at[:1], order[order != at[0]]])[: n_nearest + 1]
    return tuple((str(rows.sample_ids[row]), float(distances[row])) for row in order)

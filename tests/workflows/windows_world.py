"""Windows of six concepts in a small space, under one checkpoint or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore import ingest, log_eval
from driftcore.store import Store
from driftcore.testing import rotation

START = datetime(2026, 1, 5, tzinfo=UTC)
N_DIMS, N_CONCEPTS = 16, 6
NAMES = np.array([f"concept {k}" for k in range(N_CONCEPTS)], dtype=object)
# at distance √2 from each other, samples 0.6 around them
CENTRES = np.eye(N_DIMS)[:N_CONCEPTS]
EQUAL = (30,) * N_CONCEPTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draw:
    """Samples of one window."""

    vectors: NDArray[np.float32]
    concepts: NDArray[np.int64]
    prefix: str

    @property
    def labels(self) -> NDArray[np.object_]:
        return NAMES[self.concepts]

    @property
    def ids(self) -> list[str]:
        return [f"{self.prefix}{row}" for row in range(len(self.concepts))]


def draw(seed: int, sizes: Sequence[int] = EQUAL, *, shift: float = 0.0) -> Draw:
    """A window; concept 1 goes `shift` of the way to concept 2."""
    rng = np.random.default_rng(seed)
    concepts = np.repeat(np.arange(N_CONCEPTS), sizes)
    centres = CENTRES.copy()
    centres[1] += shift * (centres[2] - centres[1])
    vectors = centres[concepts] + rng.normal(scale=0.6 / np.sqrt(N_DIMS), size=(len(concepts), N_DIMS))
    return Draw(vectors=(vectors + 0.2).astype(np.float32), concepts=concepts, prefix=f"w{seed}-")


def keep(
    store: Store, window: Draw, split: str, *, checkpoint: str = "wk0", week: int = 0, labels: bool = True
) -> None:
    columns = {"id": window.ids, "embedding": list(window.vectors)}
    ingest(
        store,
        pd.DataFrame(columns | ({"label": window.labels} if labels else {})),
        checkpoint=checkpoint,
        split=split,
        at=START + timedelta(weeks=week),
    )


def evaluated(store: Store, window: Draw, split: str, *, wrong: NDArray[np.bool_] | None = None) -> None:
    predictions = window.labels if wrong is None else np.where(wrong, "something else", window.labels)
    log_eval(
        store,
        {"id": window.ids, "prediction": predictions, "target": window.labels},
        checkpoint="wk0",
        split=split,
    )


def turned(window: Draw, *, noise: float = 0.0, seed: int = 0) -> Draw:
    """The window as another training would embed it: rotated, stretched, concept 3 moved, each sample shaken."""
    rng = np.random.default_rng(seed + window.vectors.size + int(abs(window.vectors[0, 0]) * 1e6))
    moved = window.vectors.copy()
    moved[window.concepts == 3] += 0.3 * (CENTRES[4] - CENTRES[3]).astype(np.float32)
    moved += rng.normal(scale=noise / np.sqrt(N_DIMS), size=moved.shape).astype(np.float32)
    return replace(window, vectors=(1.5 * moved @ rotation(N_DIMS)).astype(np.float32))


def under_two_checkpoints(store: Store, before: Draw, after: Draw, *, n_anchors: int = 80, noise: float = 0.2) -> None:
    anchors = draw(0, (n_anchors,) * N_CONCEPTS)
    keep(store, anchors, "validation")
    keep(store, turned(anchors, noise=noise), "validation", checkpoint="wk1", week=1)
    keep(store, before, "live")
    keep(store, turned(after, noise=noise), "live", checkpoint="wk1", week=1)

"""What waits for retraining, and what became of a span's samples afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSet:
    """The samples of all accepted spans, each counted once.

    `n_listed` counts a sample once for every span that it is in. `concepts` and `labels` are (name, count), the
    largest first. `n_mispredicted` counts those that the latest checkpoint among the spans gets wrong.
    """

    span_ids: tuple[str, ...]
    n_samples: int
    n_listed: int
    n_mispredicted: int
    concepts: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanMoment:
    """How a span's samples fare at one checkpoint.

    `accuracy` is a share of the span's samples and `accuracy_rest` one of all others, None where no eval run is
    stored; `mean_shift` is a cosine distance from the reference, None where the two were not compared.
    """

    checkpoint: str
    at: datetime
    accuracy: float | None
    accuracy_rest: float | None
    n_evaluated: int
    mean_shift: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetrainingSet:
    """Rows that would mend some spans.

    Parameters
    ----------
    table : pandas.DataFrame
        The columns of an export, and ``role`` ("correction", "gold", "replay"), ``label_used`` (what training used so
        far) and ``part`` ("train", "holdout").
    span_ids : tuple of str
    seed : int
        Of replay and holdout.
    notes : tuple of str
        What could not be found.
    """

    table: pd.DataFrame
    span_ids: tuple[str, ...]
    seed: int
    notes: tuple[str, ...] = ()

"""A sampling: which samples to label next, how surely each was to be drawn, and what the labels then say of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """One draw from the samples of a checkpoint's split, kept so that its estimates can be made later.

    Parameters
    ----------
    sampling_id : str
        A hash of everything that the draw depends on: asked for again, it is the same draw.
    n, n_population : int
        Samples drawn, and samples there are.
    uniform : float
        The share of the draw that every sample has the same part in.
    by : tuple of str
        What the rest prefers: "drift", and "confidence" where low confidence counts as much.
    report_ids : tuple of str
        The drift reports that the scores come from.
    design : str
        How the draw was made, in words.
    notes : tuple of str
        What could not be scored.
    """

    sampling_id: str
    reference: str
    current: str
    split: str
    n: int
    n_population: int
    uniform: float
    by: tuple[str, ...]
    seed: int
    report_ids: tuple[str, ...]
    design: str
    at: datetime
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledRows:
    """The drawn samples, row by row: all arrays have shape (n,).

    `probabilities` are those of being drawn, in (0, 1]; `scores` say why (1 = as the average sample, 0 = only by the
    uniform share), `concepts` what each sample is probably about: the concept whose centroid is nearest.
    """

    sample_ids: NDArray[np.object_]
    concepts: NDArray[np.object_]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of all samples with its interval of 95 %; `low` and `high` lie in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyEstimate:
    """What the labelled samples of a draw say of the accuracy on all samples it was drawn from.

    Parameters
    ----------
    horvitz_thompson : Share
        Without bias: one minus the errors, each counted as many times as its sample stands for. Of a handful of labels
        it may be below 0; its interval is not.
    hajek : Share
        The weighted mean: a little bias, mostly less noise.
    unweighted : float
        The plain mean of the draw, which is not an estimate: it looks where the errors are.
    n_labelled, n_wrong : int
        Drawn samples whose outcome is known, and those that are wrong.
    method : str
        How the intervals were made.
    notes : tuple of str
        What had to be assumed.
    """

    sampling_id: str
    checkpoint: str
    split: str
    n_population: int
    n: int
    n_labelled: int
    n_wrong: int
    horvitz_thompson: Share
    hajek: Share
    unweighted: float
    method: str
    notes: tuple[str, ...] = ()

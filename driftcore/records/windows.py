"""What unpaired windows say: other samples on both sides, so composition, content and novelty, not movement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Spaces = Literal["same encoder", "anchors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptShare:
    """How much of each window is about one concept; shares are of 1, of the samples that have a concept."""

    concept: str
    share_reference: float
    share_current: float
    n_reference: int
    n_current: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """Whether the windows are about the same concepts in the same shares: the G-test on concept counts."""

    g: float
    p_value: float | None
    shares: tuple[ConceptShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptContent:
    """Whether what is said *within* one concept is the same in both windows.

    `mmd` is the unbiased squared maximum mean discrepancy, 0 on average where nothing changed; it and the p-values
    are None, and `judged` is False, where a window has too few samples of the concept.
    """

    concept: str
    n_reference: int
    n_current: int
    mmd: float | None
    p_value: float | None
    q_value: float | None
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestCount:
    """How many novel samples have this concept as the nearest known one."""

    concept: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """Current samples farther from the reference than the reference from itself.

    Parameters
    ----------
    share, expected_share : float
        Of 1: found in the current window, and in a held-out half of the reference by the same threshold.
    n : int
        Novel samples; `sample_ids` holds the first of them, most novel first.
    threshold : float
        Distance to the k-th nearest reference sample from which a sample is novel.
    """

    share: float
    expected_share: float
    n: int
    threshold: float
    p_value: float
    sample_ids: tuple[str, ...]
    nearest: tuple[NearestCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """One published measure of how far two windows are apart, with the p-value of its permutation null."""

    name: str
    value: float
    p_value: float
    n_resamples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDrift:
    """Two windows of different samples, side by side.

    `spaces` says why their vectors may be compared: one encoder made both, or `n_anchors` samples that both
    checkpoints embedded tell the change of the model from the change of the data.
    """

    reference_split: str
    current_split: str
    n_reference: int
    n_current: int
    spaces: Spaces
    n_anchors: int
    composition: Composition
    content: tuple[ConceptContent, ...]
    novelty: Novelty | None
    divergences: tuple[Divergence, ...]

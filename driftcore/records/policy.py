"""The policy: the only place where a measured number becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPolicy:
    """What counts as drift, and how sure we must be.

    Parameters
    ----------
    min_effect : float
        Displacement, as a share of the mean gap between concepts, below which nothing is called moved.
        The default is the rule "more than 5 % a week".
    alpha : float
        False discovery rate (Benjamini–Hochberg) of the concept tests, and level of the accuracy tests.
    min_standout : float
        How far a concept must stand out from what the training did to all the others: the smaller of two robust
        z (displacement and migration). Chosen after looking at Banking77, where clean retraining stays below 4,
        tampered intents reach 5.0 to 21, and one untouched intent of a tampered week reaches 4.9: a narrow margin.
    watch_standout : float
        From here on a concept is worth watching.
    min_accuracy_change : float
        Change of a concept's accuracy (share of its samples) below which it stood still.
    min_samples : int
        Concepts with fewer samples on both sides are reported, never judged.
    """

    min_effect: float = 0.05
    alpha: float = 0.05
    min_standout: float = 5.0
    watch_standout: float = 4.0
    min_accuracy_change: float = 0.03
    min_samples: int = 10

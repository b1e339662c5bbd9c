"""The policy: the only place where a measured number becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPolicy:
    """What counts as drift, and how sure we must be.

    Parameters
    ----------
    min_effect : float
        Displacement, as a share of the mean gap between concepts, below which nothing is called moved, however
        sure it is.
    alpha : float
        False discovery rate (Benjamini–Hochberg) of the concept tests, and level of the accuracy tests.
    min_standout : float
        How far a concept must stand out from what the training did to all the others, in robust standard deviations
        of the directed displacement. Chosen after looking at Banking77, where untouched intents reach at most 5.5
        and tampered ones 6.6 to 36, and at small worlds; docs/benchmarks/detection.md has what it does on others.
    watch_standout : float
        From here on a concept is worth watching.
    min_accuracy_change : float
        Change of a concept's accuracy (share of its samples) below which it stood still.
    min_samples : int
        Concepts with fewer samples on both sides are reported, never judged.
    max_separation_loss : float
        Share by which all concepts may run together, measured by their own width, before the whole is worth watching.
    max_weekly_drift : float
        Displacement a week, as a share of the mean gap, above which a trend calls a concept too fast, whether it
        stands out or not: the rule "more than 5 % a week".
    """

    min_effect: float = 0.02
    alpha: float = 0.05
    min_standout: float = 6.5
    watch_standout: float = 5.0
    min_accuracy_change: float = 0.03
    min_samples: int = 20
    max_separation_loss: float = 0.10
    max_weekly_drift: float = 0.05

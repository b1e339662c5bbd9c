"""When a concept started to move and when its accuracy fell, told from a sequence of looks at it.

Whoever looks often enough sees something, and there are two things to see where nothing is:

- What sampling and the fit of the alignment do. The test of a concept must survive the level of its look over all
  concepts (`stats.look_alphas`): the chance that they ever feign an onset is at most the policy's alpha.
- What training does. Against it stands the policy's `min_standout`, which no theory covers: in clean training a look
  raises a false alarm now and then, and many looks raise many. A concept that moved stays away, a stray one comes back:
  so an onset counts when the next look sees it too, and until then it is said to be unconfirmed. Measured on synthetic
  clean training, heavy-tailed, 12 looks at 20 concepts, fresh seeds: where each checkpoint is trained on from the
  last, 4 of 20 sequences had a concept that stood out at some look and 2 one with a confirmed onset; where each is
  trained anew, 6 of 20 and none. Not 5 %, then, but no longer every third one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

import numpy as np

from driftcore import stats
from driftcore.records import ConceptDrift, DriftPolicy, DriftReport

# a checkpoint whose report is not kept: a look that was not taken
Reports = Sequence[DriftReport | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The numbers of the looks that were taken, of those at which a concept stood out, of those with lower accuracy."""

    looks: tuple[int, ...]
    outstanding: tuple[int, ...] = ()
    fallen: tuple[int, ...] = ()

    @property
    def onset(self) -> int | None:
        """The first look at which it stood out and at the next one still; or the last look, which has no next one."""
        for look, following in zip_longest(self.looks, self.looks[1:]):
            if look in self.outstanding and (following is None or following in self.outstanding):
                return look
        return None

    @property
    def confirmed(self) -> bool | None:
        """Whether a look after the onset saw it too; None without an onset."""
        return None if self.onset is None else self.onset != self.looks[-1]

    @property
    def drop(self) -> int | None:
        """The first look at which accuracy had fallen."""
        return self.fallen[0] if self.fallen else None

    @property
    def lead(self) -> int | None:
        """Looks from the onset to the drop."""
        return None if self.onset is None or self.drop is None else self.drop - self.onset

    @property
    def silent_looks(self) -> int | None:
        """Looks since the onset, itself included, at which accuracy had not fallen."""
        if self.onset is None:
            return None
        return max(0, (self.looks[-1] + 1 if self.drop is None else self.drop) - self.onset)


def signs(reports: Reports, policy: DriftPolicy) -> dict[str, Signs]:
    """What the looks say of every concept.

    Parameters
    ----------
    reports : sequence of DriftReport or None, in order of time
        Each checkpoint after the reference against the reference.
    policy : DriftPolicy
        The one that the reports quote.
    """
    outstanding: dict[str, list[int]] = {}
    fallen: dict[str, list[int]] = {}
    alphas = stats.look_alphas(policy.alpha, len(reports)).tolist()
    for number, (report, alpha) in enumerate(zip(reports, alphas, strict=True)):
        concepts = () if report is None else report.concepts
        n_tested = sum(concept.p_value is not None for concept in concepts)
        for concept in concepts:
            if _stands_out(concept, alpha, n_tested):
                outstanding.setdefault(concept.concept, []).append(number)
            if _has_fallen(concept, alpha, policy):
                fallen.setdefault(concept.concept, []).append(number)
    taken = tuple(number for number, report in enumerate(reports) if report is not None)
    names = {concept.concept for report in reports if report is not None for concept in report.concepts}
    return {
        name: Signs(looks=taken, outstanding=tuple(outstanding.get(name, ())), fallen=tuple(fallen.get(name, ())))
        for name in names
    }


def days(span: timedelta) -> float:
    """A span of time in days."""
    return span / timedelta(days=1)


def _stands_out(concept: ConceptDrift, alpha: float, n_tested: int) -> bool:
    """Moved by the policy, and its test survives the level of the look over all concepts.

    A part of a concept that moved has tests of its own, which the policy has judged; the concept's is not about it.
    """
    if concept.kind != "moved":
        return concept.kind != "none"
    return concept.p_value is not None and concept.p_value * n_tested <= alpha


def _has_fallen(concept: ConceptDrift, alpha: float, policy: DriftPolicy) -> bool:
    """Accuracy has fallen by the report, or by the concept's own test at the level of the look.

    Either is enough, and the second does not pay for the other concepts: a lead over the eval must not come from a test
    of the eval that was made hard to pass.
    """
    if concept.verdict in ("regression", "boundary"):
        return True
    if None in (concept.n_worse, concept.n_better, concept.accuracy_reference, concept.accuracy_current):
        return False
    change = (concept.accuracy_current or 0.0) - (concept.accuracy_reference or 0.0)
    p_value = stats.flip_pvalues(np.array([concept.n_worse]), np.array([concept.n_better]))[0]
    return bool(change <= -policy.min_accuracy_change and p_value <= alpha)

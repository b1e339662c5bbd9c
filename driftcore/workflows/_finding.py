"""What a test of the cause found, and how findings become a cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from driftcore.records import Cause, CauseKind

# a person must look at the samples of these, whatever else happened
_FIRST: Final[dict[CauseKind, int]] = {"semantic": 0, "data": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A test that fired: what it says, and which share of the raw movement it accounts for."""

    kind: CauseKind
    text: str
    share: float = 0.0


def as_cause(findings: Sequence[Finding], remarks: tuple[str, ...] = ()) -> Cause:
    """The kinds that were found, the one to act on first in front, and every line that says why.

    Semantic and data come first, because a person must look at samples. Of infrastructure and model, which need
    nobody to look at samples, the one that accounts for more of the raw movement.
    """
    shares: dict[CauseKind, float] = {}
    for finding in findings:
        shares[finding.kind] = shares.get(finding.kind, 0.0) + finding.share
    # sorting is stable: of infrastructure and model with equal shares the first in the order of testing stays first
    kinds = sorted(shares, key=lambda kind: (_FIRST.get(kind, len(_FIRST)), -shares[kind]))
    lines = [f"{finding.kind}, {finding.text}" for kind in kinds for finding in findings if finding.kind == kind]
    if not kinds:
        return Cause(kind="none", evidence=remarks)
    return Cause(kind=kinds[0], also=tuple(kinds[1:]), evidence=(*lines, *remarks))

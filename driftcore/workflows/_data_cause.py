"""Data as a cause: other labels, another mix of concepts, other things said within them, new things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import listed, one_line
from driftcore.records import Cause, DriftPolicy, WindowDrift
from driftcore.workflows import _limits as limits
from driftcore.workflows._finding import Finding, as_cause

Labels = NDArray[np.object_]

_MAX_SHOWN = 5


def data_cause(windows: WindowDrift, policy: DriftPolicy) -> Cause:
    """Where the drift between two windows of different samples comes from: the data, or nothing."""
    findings = data_findings(windows, policy)
    quiet = f"mix, content and novelty were tested, and no test is sure (p or q at most {policy.alpha:g})"
    return as_cause(findings, () if findings else (quiet,))


def data_findings(windows: WindowDrift | None, policy: DriftPolicy) -> list[Finding]:
    """What two windows of different samples say of the data: its mix, what is said within concepts, what is new."""
    if windows is None:
        return []
    mix = windows.composition
    shares = [(each.share_reference, each.share_current) for each in mix.shares]
    found = _mix(shares, [each.concept for each in mix.shares], mix.g, mix.p_value, policy)
    changed = [each for each in windows.content if each.q_value is not None and each.q_value <= policy.alpha]
    if changed:
        shown = [f"'{one_line(each.concept)}' (q = {each.q_value:.2g})" for each in changed]
        found.append(
            Finding(
                kind="data",
                text=f"content: what is said within {listed(shown, _MAX_SHOWN)} changed (q of the discrepancy at most "
                f"{policy.alpha:g})",
            )
        )
    new = windows.novelty
    if new is not None and new.p_value <= policy.alpha and new.share > new.expected_share:
        text = (
            f"novelty: {new.share:.1%} of the samples are farther from the reference than its own; "
            f"{new.expected_share:.1%} were expected, p = {new.p_value:.2g} (at most {policy.alpha:g})"
        )
        found.append(Finding(kind="data", text=text))
    return found


def relabeled(n_relabeled: int, n_samples: int) -> list[Finding]:
    """Samples whose label is another one now."""
    share = n_relabeled / n_samples
    if share < limits.RELABELED:
        return []
    text = f"labels: {n_relabeled:,} samples ({share:.1%}) have another label now (from {limits.RELABELED:.0%} on)"
    return [Finding(kind="data", text=text)]


def composition(labels: tuple[Labels, Labels] | None, policy: DriftPolicy) -> list[Finding]:
    """The mix of the labels of all samples on each side; None where both sides have the same samples."""
    if labels is None:
        return []
    import pandas as pd

    codes, names = pd.factorize(np.concatenate(labels), sort=True)
    sides = np.split(codes, [len(labels[0])])
    before, after = (np.bincount(side[side >= 0], minlength=len(names)) for side in sides)
    if not before.sum() or not after.sum():
        return []
    # samples that both sides have make them more alike than independent windows: the test is on the safe side
    tested = stats.g_test(before, after, rng=np.random.default_rng(0))
    shares = list(zip(before / before.sum(), after / after.sum(), strict=True))
    return _mix(shares, [str(name) for name in names], tested.value, tested.p_value, policy)


def _mix(
    shares: Sequence[tuple[float, float]],
    names: Sequence[str],
    g: float,
    p_value: float | None,
    policy: DriftPolicy,
) -> list[Finding]:
    """The mix of concepts changed: surely, and by enough to matter."""
    distance = sum(abs(after - before) for before, after in shares) / 2
    if p_value is None or p_value > policy.alpha or distance < limits.COMPOSITION:
        return []
    most = max(range(len(shares)), key=lambda k: abs(shares[k][1] - shares[k][0]))
    text = (
        f"composition: {distance:.1%} of the samples would have to change their concept to have the old mix (from "
        f"{limits.COMPOSITION:.0%} on), G = {g:.1f}, p = {p_value:.2g} (at most {policy.alpha:g}); most of all "
        f"'{one_line(names[most])}', {shares[most][0]:.1%} → {shares[most][1]:.1%}"
    )
    return [Finding(kind="data", text=text)]

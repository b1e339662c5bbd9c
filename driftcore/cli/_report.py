"""A drift report for a person."""

from __future__ import annotations

from driftcore.cli._output import console, print_table, share_text
from driftcore.records import DriftReport, Gauges, WindowDrift


def print_report(report: DriftReport) -> None:
    """The sentence, the concepts and pairs worth reading, what foretold the new errors, and the notes."""
    console.print(f"{report.verdict}: {report.summary}", soft_wrap=True)
    console.print(f"cause: {report.cause.title}", soft_wrap=True)
    for line in report.cause.evidence:
        console.print(f"  {line}", soft_wrap=True)
    shown = [c for c in report.concepts if c.verdict not in ("stable", None)] or report.concepts[:5]
    print_table(
        ["concept", "verdict", "moved", "toward", "by", "accuracy"],
        [
            (
                c.concept,
                c.verdict,
                share_text(c.displacement),
                c.toward,
                f"{share_text(c.migration)}{_interval(c.migration_low, c.migration_high)}",
                f"{share_text(c.accuracy_reference)} → {share_text(c.accuracy_current)}",
            )
            for c in shown
        ],
    )
    if report.pairs:
        print_table(
            ["pair", "gap closure", "q"],
            [
                (f"{p.a} – {p.b}", f"{share_text(p.gap_closure)}{_interval(p.low, p.high)}", _q(p.q_value))
                for p in report.pairs[:5]
            ],
        )
    if report.windows is not None:
        _print_windows(report.windows)
    if report.global_.n_new_errors:
        console.print(_new_errors(report.global_), soft_wrap=True)
    for note in report.notes:
        console.print(f"note: {note}", soft_wrap=True)


def _print_windows(windows: WindowDrift) -> None:
    """What two windows are about, whether each concept still says the same, and what is new."""
    content = {each.concept: each for each in windows.content}
    shares = sorted(windows.composition.shares, key=lambda each: -abs(each.share_current - each.share_reference))
    print_table(
        ["concept", "share of the window", "content changed (q)"],
        [
            (
                each.concept,
                f"{share_text(each.share_reference)} → {share_text(each.share_current)}",
                _q(content[each.concept].q_value) if each.concept in content else None,
            )
            for each in shares[:10]
        ],
    )
    if windows.composition.p_value is not None:
        console.print(f"Composition: G = {windows.composition.g:.1f}, p = {_q(windows.composition.p_value)}.")
    if windows.novelty is not None:
        share, expected = share_text(windows.novelty.share), share_text(windows.novelty.expected_share)
        console.print(f"Novel: {share} of the samples, {expected} expected, p = {_q(windows.novelty.p_value)}.")
    for each in windows.divergences:
        console.print(f"{each.name}: {each.value:.4g}, p = {_q(each.p_value)}.")


def _new_errors(gauges: Gauges) -> str:
    """Who would have found the new errors beforehand."""
    rankings = {
        "shift": (gauges.drift_error_auroc, gauges.drift_error_interval),
        "low confidence at the reference": (gauges.confidence_error_auroc, gauges.confidence_error_interval),
        "both": (gauges.combined_error_auroc, gauges.combined_error_interval),
    }
    told = [
        f"{name} {auroc:.2f}{'' if interval is None else f' [{interval[0]:.2f}, {interval[1]:.2f}]'}"
        for name, (auroc, interval) in rankings.items()
        if auroc is not None
    ]
    went = "1 sample that was right is" if gauges.n_new_errors == 1 else f"{gauges.n_new_errors} that were right are"
    return f"{went} wrong now; chance that one ranks above one that stayed right: {', '.join(told)}."


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" [{100 * low:.0f}, {100 * high:.0f}]"


def _q(value: float | None) -> str | None:
    return None if value is None else f"{value:.2g}"

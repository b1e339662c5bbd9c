"""A cluster report for a person."""

from __future__ import annotations

from collections import Counter

from driftcore.cli._output import console, print_table, share_text
from driftcore.errors import one_line
from driftcore.records import ClusterEvent, ClusterReport


def print_clusters(report: ClusterReport) -> None:
    """What surely happened, then how many clusters nothing happened to, and what cannot be told from chance."""
    sure = [event for event in report.events if event.sure]
    console.print(_headline(report, len(sure)), soft_wrap=True)
    if sure:
        print_table(["event", "from", "to", "samples", "overlap", "expected", "p"], [_row(event) for event in sure])
    counts = Counter(event.kind for event in report.events if not event.sure)
    console.print(f"{counts.pop('survived', 0)} clusters survived.", soft_wrap=True)
    if counts:
        unsure = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
        console.print(f"Not to be told from clustering again: {unsure}.", soft_wrap=True)
    for note in report.notes:
        console.print(f"note: {note}", soft_wrap=True)


def _headline(report: ClusterReport, n_sure: int) -> str:
    events = {0: "No event is", 1: "1 event is"}.get(n_sure, f"{n_sure} events are")
    noise = f"{share_text(report.noise_reference)} and {share_text(report.noise_current)} noise"
    return (
        f"{report.n_clusters_reference} clusters in {one_line(report.reference)}, {report.n_clusters_current} in "
        f"{one_line(report.current)}; {noise}. {events} sure (p ≤ {report.alpha:g}), where clustering the reference "
        f"again shows {report.n_expected:.1f} by chance."
    )


def _row(event: ClusterEvent) -> tuple[str | None, ...]:
    return (
        event.kind,
        " + ".join(event.names_reference) or None,
        " + ".join(event.names_current) or None,
        f"{event.n_reference or '–'} → {event.n_current or '–'}",
        f"{event.overlap:.2f}",
        None if event.expected_overlap is None else f"{event.expected_overlap:.2f}",
        f"{event.p_value:.2g}",
    )

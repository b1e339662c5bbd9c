"""What comparing a snapshot on its arrival came to, in one line or for a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcore.cli._output import console
from driftcore.errors import one_line

if TYPE_CHECKING:
    from driftcore.workflows.on_arrival import Arrival


def print_arrival(arrival: Arrival) -> None:
    """The verdict and its sentence, or why there is none; nothing where there is nothing to compare with."""
    report = arrival.report
    if report is not None:
        console.print(f"{report.verdict}: {one_line(report.summary, 2000)}", soft_wrap=True)
    if arrival.note is not None:
        console.print(f"Not compared with the reference: {one_line(arrival.note, 1000)}", soft_wrap=True)


def arrival_json(arrival: Arrival) -> dict[str, Any]:
    """The same for a machine."""
    report = arrival.report
    return {
        "compared_with": None if report is None else report.reference,
        "verdict": None if report is None else report.verdict,
        "summary": None if report is None else report.summary,
        "note": arrival.note,
    }

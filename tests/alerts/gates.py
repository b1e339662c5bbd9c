"""Gates for the tests of what they say, with labels that mean mischief."""

from __future__ import annotations

from datetime import UTC, datetime

from driftcore.records import Gate, GateCheck, GateStatus

AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MISCHIEF = [
    "<img src=x onerror=alert(1)>",
    "| x | y |",
    "@everyone",
    "<!channel>",
    "`code` ``",
    "]]>&amp;<script>",
    "[a](javascript:alert(1)) https://evil.example www.evil.example",
    "bell\x07 null\x00 \ufffe",
    "two\nlines\r\n::error::",
    "#123 $x$ :bomb:",
    " ",
    "ends in \\",
]


def a_gate(*failing: str, status: GateStatus = "failed", sentence: str | None = None) -> Gate:
    """A gate in which these concepts are silent, one is stable and one is too small."""
    said = sentence or f"'W2' against 'W1' on validation: {', '.join(failing)}."
    quiet = GateCheck(concept="quiet", verdict="stable", failed=False, why="stable: moved 1 %", n=50, displacement=0.01)
    small = GateCheck(concept="small", verdict=None, failed=False, why="3 samples are too few", n=3, displacement=0.5)
    overall = GateCheck(concept=None, verdict="silent", failed=bool(failing), why=said, n=200)
    checks = [
        GateCheck(
            concept=name,
            verdict="silent",
            failed=True,
            why=f"silent: moved 20 % toward '{name}'",
            n=60,
            displacement=0.2,
            toward=name,
            accuracy_reference=0.9,
            accuracy_current=0.875,
        )
        for name in failing
    ]
    return Gate(
        status=status,
        sentence=said,
        reference="W1",
        current="W2",
        split="validation",
        fail_on=("silent", "regression"),
        checks=() if status == "not_evaluated" else (overall, *checks, quiet, small),
        report_id=None if status == "not_evaluated" else "0123456789abcdef",
        at=AT,
        notes=(f"A note on {failing[0]}.",) if failing else (),
    )

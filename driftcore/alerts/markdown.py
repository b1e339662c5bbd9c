"""A gate as Markdown for a pull request: the verdict first, then what failed, and nothing that a label could do."""

from __future__ import annotations

import re

from driftcore.errors import one_line
from driftcore.records import Gate, GateCheck

_SIGNS = {"passed": "✅", "failed": "❌", "not_evaluated": "⚠️"}
_MAX_ROWS = 50
_MAX_NAME = 80
# what CommonMark, GitHub's tables, autolinks, mathematics and emoji read; the rest of ASCII's signs says nothing
_READ = frozenset("\\`*_{}[]<>#+-.!|~:@&$^=")


def markdown(gate: Gate) -> str:
    """The gate as GitHub-flavoured Markdown.

    Names and sentences come from people's labels: names stand in code spans, where no mention, link, emoji or HTML is
    read, and in sentences every sign that Markdown reads is escaped.
    """
    shown = [check for check in gate.checks if check.concept is not None and check.verdict not in ("stable", None)]
    small = sum(check.verdict is None for check in gate.checks)
    quiet = sum(check.concept is not None and check.verdict == "stable" for check in gate.checks)
    lines = [f"### {_SIGNS[gate.status]} Driftloop: {gate.status.replace('_', ' ')}", "", _plain(gate.sentence), ""]
    if shown:
        lines += [
            "| concept | verdict | moved | toward | accuracy | samples |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_row(check) for check in shown[:_MAX_ROWS]] + [""]
    besides = [f"{len(shown) - _MAX_ROWS} more are not shown"] if len(shown) > _MAX_ROWS else []
    besides += [f"{quiet} stable"] if quiet else []
    besides += [f"{small} too small to be judged"] if small else []
    if besides:
        lines += [f"Concepts besides: {', '.join(besides)}.", ""]
    lines += [f"- {_plain(note)}" for note in gate.notes] + ([""] if gate.notes else [])
    report = "" if gate.report_id is None else f", report {_code(gate.report_id)}"
    fails = ", ".join(gate.fail_on)
    lines.append(f"{_code(gate.reference)} → {_code(gate.current)} on {_code(gate.split)}, fails on {fails}{report}")
    return "\n".join(lines) + "\n"


def _row(check: GateCheck) -> str:
    sides = (check.accuracy_reference, check.accuracy_current)
    accuracy = " → ".join(_percent(side) for side in sides) if None not in sides else "–"
    verdict = f"**{check.verdict}**" if check.failed else str(check.verdict)
    toward = "–" if check.toward is None else _code(check.toward, table=True)
    cells = (
        _code(check.concept or "", table=True),
        verdict,
        _percent(check.displacement),
        toward,
        accuracy,
        f"{check.n:,}",
    )
    return f"| {' | '.join(cells)} |"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _code(text: str, *, table: bool = False) -> str:
    """A code span that holds exactly `text`, whatever back ticks and, in a table, bars are in it."""
    inside = one_line(text, _MAX_NAME)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inside)), default=0))
    # a space each side is taken off again; without it a back tick at the edge would join the fence
    span = f"{fence} {inside} {fence}" if inside.strip() else f"{fence}{inside or ' '}{fence}"
    return span.replace("|", "\\|") if table else span


def _plain(text: str) -> str:
    """A sentence that is nothing but text: signs that are read are escaped, and nothing follows @ or #."""
    escaped = "".join(f"\\{c}" if c in _READ else c for c in one_line(text, 2000))
    # an escaped @ is a mention all the same: the word joiner, which nobody sees, parts it from its name
    return re.sub("([@#])", "\\1\u2060", escaped)

"""The page itself: one file with its style, its script and its data inside, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from driftcore.handout import _wording as wording
from driftcore.handout._findings import Findings, find
from driftcore.handout._map import Picture, picture
from driftcore.handout._still import still
from driftcore.handout._text import as_json, short
from driftcore.handout._timeline import accuracy_lines, drift_lines, timeline
from driftcore.records import to_json
from driftcore.store import Store
from driftcore.workflows.progress import Progress, silent

if TYPE_CHECKING:
    from jinja2 import Environment

_WIDE, _NARROW = 980, 380
_SCRIPTS = ("table.js", "stamps.js", "map.js")
_CONCEPTS, _PAIRS, _SHARES = 300, 5, 20


def make_handout(
    store: Store,
    reference: str,
    current: str,
    *,
    split: str = "validation",
    texts: bool = True,
    progress: Progress = silent,
) -> bytes:
    """A drift report as one self-contained HTML file below 5 MB, for someone who will never install anything.

    What is not kept in the store yet (the comparison, the timeline, the map) is computed first.

    Parameters
    ----------
    store : Store
    reference, current : str
        Names of checkpoints.
    split : str
    texts : bool
        False leaves out every sample text, and with them what is derived from texts; labels stay.

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If nothing can be measured between the two.
    """
    findings = find(store, reference, current, split=split, texts=texts, progress=progress)
    return render(findings, at=datetime.now(UTC))


def render(findings: Findings, *, at: datetime) -> bytes:
    """The page as UTF-8 HTML; `at` is when it was made."""
    drawn = None
    if findings.frame is not None and findings.rows is not None and len(findings.rows):
        drawn = picture(findings.frame, findings.rows, findings.report)
    style, script = _part("report.css"), "".join(map(_part, _SCRIPTS))
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            style=style,
            script=script,
            csp=_policy(style, script),
            findings=findings,
            report=findings.report,
            verdict=wording.VERDICTS[findings.report.verdict],
            verdicts=wording.VERDICTS,
            unjudged=wording.UNJUDGED,
            cause=[wording.CAUSES[kind] for kind in (findings.report.cause.kind, *findings.report.cause.also)],
            kinds=wording.KINDS,
            span_kinds=wording.SPAN_KINDS,
            numbers=wording.key_numbers(findings),
            timelines=[timeline(findings, width=width) for width in (_WIDE, _NARROW)],
            series=(*accuracy_lines(findings.moments, findings.report.split), *drift_lines(findings)),
            concepts=findings.report.concepts[:_CONCEPTS],
            pairs=findings.report.pairs[:_PAIRS],
            shares=_shares(findings),
            picture=drawn,
            still=None if drawn is None else still(drawn),
            data=None if drawn is None else as_json(drawn.data),
            moved=any(concept.kind != "none" for concept in findings.report.concepts),
            explained=_explained(findings, drawn),
            methods=wording.method_notes(findings.report.policy),
            policy=to_json(findings.report.policy),
            at=at,
        )
    )
    return page.encode()


def _explained(findings: Findings, drawn: Picture | None) -> float | None:
    """Share of the movement that the picture can show."""
    step = None if drawn is None or findings.frame is None else findings.frame.step(findings.report.current)
    return None if step is None else step.explained


def _shares(findings: Findings) -> list[Any]:
    """How the mix of two windows changed, the largest change first; empty where the samples are the same."""
    windows = findings.report.windows
    every = () if windows is None else windows.composition.shares
    return sorted(every, key=lambda each: -abs(each.share_current - each.share_reference))[:_SHARES]


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: run this script, use this style, and ask nobody for anything."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


@cache
def _part(name: str) -> str:
    """A file that comes with the package."""
    return (files("driftcore.handout") / "page" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    # everything that is not markup of ours is escaped, whatever the template is called
    environment = Environment(
        loader=DictLoader({name: _part(name) for name in ("report.html.j2", "drawings.html.j2")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        short=short, percent=wording.percent, day=lambda when: f"{when:%Y-%m-%d}", count=lambda n: f"{n:,}"
    )
    environment.globals.update(points=wording.points, interval=wording.interval)
    return environment

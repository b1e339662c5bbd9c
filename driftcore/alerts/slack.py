"""A gate as a Slack message: the verdict first, text beside blocks, and nobody called by a label's name."""

from __future__ import annotations

import re
from typing import Any

from driftcore.records import Gate, GateCheck

_SIGNS = {"passed": ":white_check_mark:", "failed": ":x:", "not_evaluated": ":warning:"}
# what Slack takes: 3000 characters in a section, 150 in a header; `text` is cut at 4000
_TEXT, _SECTION, _NAME = 3000, 2900, 60
_MAX_CONCEPTS = 8


def slack(gate: Gate) -> dict[str, Any]:
    """The body for one of Slack's incoming webhooks.

    `text` is what notifications and screen readers say; it holds the whole verdict. Slack reads &, < and > as markup:
    they are escaped, so that a label such as ``<!channel>`` calls nobody, and links are not made of anything.
    """
    verdict = f"Driftloop: {gate.status.replace('_', ' ')}"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": verdict, "emoji": False}},
        _section(_escaped(gate.sentence, _SECTION)),
    ]
    listed = [_line(check) for check in gate.failures if check.concept is not None]
    if listed:
        more = f"\n… and {len(listed) - _MAX_CONCEPTS} more" if len(listed) > _MAX_CONCEPTS else ""
        blocks.append(_section("\n".join(listed[:_MAX_CONCEPTS]) + more))
    sides = f"{_escaped(gate.reference, _NAME)} → {_escaped(gate.current, _NAME)} on {_escaped(gate.split, _NAME)}"
    report = "" if gate.report_id is None else f", report {gate.report_id}"
    blocks.append({"type": "context", "elements": [_text(f"{sides}{report}")]})
    sign = _SIGNS[gate.status]
    return {"text": f"{sign} {verdict}. {_escaped(gate.sentence, _TEXT)}", "blocks": blocks, "unfurl_links": False}


def _line(check: GateCheck) -> str:
    return f"• {_escaped(check.concept or '', _NAME)}: {_escaped(check.why, 200)}"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> dict[str, Any]:
    # verbatim: names of people and channels, and addresses, are not made into links
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str, limit: int) -> str:
    """Text on one line in which Slack reads no markup, not longer than `limit` also where signs grow."""
    flat = "".join(character if character.isprintable() else " " for character in text[:limit])
    escaped = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(escaped) <= limit and len(text) <= limit:
        return escaped
    # a sign cut in two would be shown as it stands
    return re.sub("&[a-z]*$", "", escaped[: limit - 1]) + "…"

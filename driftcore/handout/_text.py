"""Text as the page may carry it: short, on one line, and nothing that ends a script or begins a tag."""

from __future__ import annotations

import json
from typing import Any

# joiners are part of how Persian, Hindi and emoji are written, though they print nothing themselves
_JOINERS = "\u200c\u200d"
# in JSON all of these can be written as escapes, and then neither HTML nor old JavaScript reads anything into them
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def short(value: object, limit: int = 60) -> str:
    r"""One line of text, cut with an ellipsis; a dash for nothing.

    >>> short("a\nb"), short(None), short("x" * 100, 5)
    ('a b', '–', 'xxxx…')
    """
    if value is None:
        return "–"
    text = "".join(each if each.isprintable() or each in _JOINERS else " " for each in str(value)[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def as_json(value: Any) -> str:
    r"""JSON that may stand inside a script element.

    >>> as_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter, escape in _ESCAPES.items():
        text = text.replace(letter, escape)
    return text

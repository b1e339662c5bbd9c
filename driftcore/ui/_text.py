"""Text on a page: as it is, where streamlit would read Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    r"""Text as it is, where streamlit would read Markdown: names and messages may carry anything.

    >>> plain("a *b* [c](d)")
    'a \\*b\\* \\[c\\](d)'
    """
    return re.sub(r"([\\`*_{}\[\]<>#+\-!|~$:])", r"\\\1", text)

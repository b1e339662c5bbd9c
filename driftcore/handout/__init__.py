"""One self-contained page about a comparison, for someone who will never install anything."""

from driftcore.handout._findings import Findings, SpanStory, find
from driftcore.handout._page import make_handout, render
from driftcore.handout._write import check_place, write_handout

__all__ = ["Findings", "SpanStory", "check_place", "find", "make_handout", "render", "write_handout"]

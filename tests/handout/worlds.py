"""A small store with everything on it that could break a page: names and texts that are markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from driftcore import ingest, log_eval, open_store
from driftcore.store import Store
from driftcore.testing import World, jittered, make_world, moved

WORLD: World = make_world(n_concepts=8, n_per_concept=40, n_dims=24)
N_SAMPLES = len(WORLD.vectors)
MOVED, TOWARD = 1, 4
SCRIPT, IMAGE, BRACES = "</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "{{ 7 * 191 }}"
NAMES = (SCRIPT, IMAGE, BRACES, "<!-- c", "d\u2028e", "f'\"&g", "h", "i")
LABELS = np.array([NAMES[concept] for concept in WORLD.concepts], dtype=object)
SAMPLE_IDS = np.array([f"sample-{row}-id" for row in range(N_SAMPLES)], dtype=object)
# a word that only the moved concept's texts say
WORD = "zanzibar"
TEXTS = np.array(
    [
        f"{WORD if WORLD.concepts[row] == MOVED else 'plain'} {(SCRIPT, IMAGE, BRACES, '-->')[row % 4]} nr{row}."
        for row in range(N_SAMPLES)
    ],
    dtype=object,
)
WEEKS = ("week 1", "week 2", "week 3")
SHARES = (0.0, 0.15, 0.3)


def hostile_store(path: Path) -> Store:
    """Three weeks, evaluated, not compared: concept 1 goes 30 % of the way to concept 4, twelve samples turn wrong."""
    store = open_store(path)
    for week, (name, share) in enumerate(zip(WEEKS, SHARES, strict=True)):
        place = moved(WORLD, MOVED, toward=TOWARD, share=share) if share else WORLD.vectors
        vectors = jittered(place, scale=0.01, seed=week)
        columns = {"id": SAMPLE_IDS, "label": LABELS, "text": TEXTS, "embedding": vectors}
        ingest(store, columns, checkpoint=name, at=datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week))
        answers = LABELS.copy()
        # one answer is no label but a sentence, as models that write give them
        answers[np.flatnonzero(WORLD.concepts == MOVED)[: 12 * (week == 2)]] = "an answer in free text"
        log_eval(store, {"id": SAMPLE_IDS, "prediction": answers}, checkpoint=name)
    return store


class Page(HTMLParser):
    """What a browser would make of the page: its elements with their attributes, scripts' contents, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._inside = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in self.contents else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.contents[self._inside].append(data)
        else:
            self.text += data

    def attributes(self, tag: str, name: str) -> list[str]:
        """The values of one attribute over all elements of a kind."""
        return [value for found, attributes in self.elements if found == tag and (value := attributes.get(name))]

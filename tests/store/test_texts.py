"""Texts are read for the samples that are asked for, and searched where they lie."""

from __future__ import annotations

import numpy as np
import pytest

from driftcore import ingest, open_store
from driftcore.store import Store
from driftcore.testing import make_world

WORLD = make_world(n_concepts=3, n_per_concept=1_000)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Every third sample says the same; every tenth says nothing."""
    store = open_store(tmp_path_factory.mktemp("texts") / "store.lance")
    texts = np.array([f"Frage {row} – Größe" for row in range(len(WORLD.labels))], dtype=object)
    texts[::3] = "50 % off"
    texts[::10] = None
    columns = {"id": WORLD.sample_ids, "label": WORLD.labels, "text": texts, "embedding": WORLD.vectors}
    ingest(store, columns, checkpoint="week 1")
    return store


@pytest.mark.parametrize("n", [1, 5, 2_500])
def test_texts_come_in_the_order_that_they_were_asked_for_few_or_many(store: Store, n: int) -> None:
    rows = np.random.default_rng(0).permutation(len(WORLD.labels))[:n]
    said = store.snapshots.texts("week 1", "validation", WORLD.sample_ids[rows])
    wanted = [None if row % 10 == 0 else "50 % off" if row % 3 == 0 else f"Frage {row} – Größe" for row in rows]
    assert list(said) == wanted


def test_a_sample_that_is_not_there_has_no_text(store: Store) -> None:
    assert list(store.snapshots.texts("week 1", "validation", np.array(["nobody"], dtype=object))) == [None]


@pytest.mark.parametrize(("text", "n"), [("FRAGE 7 –", 1), ("größe", 1_800), ("50 % OFF", 900), ("' OR 1=1", 0)])
def test_a_text_is_found_in_any_case_and_as_it_is(store: Store, text: str, n: int) -> None:
    # of 3,000 rows 1,000 are multiples of 3, of which 100 say nothing; of the 2,000 others 200 say nothing
    assert len(store.snapshots.having_text("week 1", "validation", text)) == n

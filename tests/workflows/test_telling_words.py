"""The words that set a selection apart."""

from __future__ import annotations

import numpy as np

from driftcore.records import MapRows
from driftcore.workflows.look import telling_words


def samples(texts: list[str | None], concepts: list[str]) -> MapRows:
    n = len(texts)
    return MapRows(
        sample_ids=np.array([f"s{row}" for row in range(n)], dtype=object),
        texts=np.array(texts, dtype=object),
        concepts=np.array(concepts, dtype=object),
        predictions=np.array(concepts, dtype=object),
        points=np.zeros((n, 2), dtype=np.float32),
        clusters=np.zeros(n, dtype=np.int32),
        shift=np.zeros(n, dtype=np.float32),
        correct_reference=np.ones(n, dtype=np.float32),
        correct_current=np.ones(n, dtype=np.float32),
        confidences=np.ones(n, dtype=np.float32),
    )


REFUNDS = [f"my refund {number} is not showing up" for number in range(20)]
WHEN = [f"when comes my refund {number}" for number in range(20)]
CARDS = [f"a card {number} was swallowed" for number in range(20)]


def test_a_part_of_a_concept_is_told_from_the_rest_of_its_concept() -> None:
    rows = samples([*REFUNDS, *WHEN, *CARDS], ["refund"] * 40 + ["card"] * 20)
    # "refund" is said on both sides of its own concept, though nowhere else
    assert telling_words(rows, np.arange(60) < 20) == ("not showing",)


def test_a_whole_concept_is_told_from_all_others() -> None:
    rows = samples([*REFUNDS, *CARDS], ["refund"] * 20 + ["card"] * 20)
    assert "refund" in telling_words(rows, np.arange(40) < 20)


def test_samples_without_a_text_have_no_words() -> None:
    rows = samples([None] * 10, ["refund"] * 10)
    assert telling_words(rows, np.arange(10) < 5) == ()

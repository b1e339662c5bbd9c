"""The file stays below 5 MB however many samples there are, and what is drawn is where it was."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest

from driftcore.handout import Findings, render
from driftcore.handout._map import DRAWN_AT_MOST, TEXT_BUDGET, picture
from driftcore.handout._text import as_json
from driftcore.records import Frame, FrameStep, MapRows
from tests.handout.conftest import AT
from tests.handout.worlds import NAMES, WEEKS, Page

LIMIT = 5_000_000


def large(findings: Findings, n_samples: int, text: str) -> Findings:
    """The same report over a map of very many samples, every one with a long text and an answer of its own."""
    assert findings.frame is not None
    rng = np.random.default_rng(7)
    ids = np.array([f"s{row}" for row in range(n_samples)], dtype=object)
    points = rng.normal(scale=0.3, size=(n_samples, 2)).astype(np.float32)
    steps = tuple(
        FrameStep(
            checkpoint=week,
            sample_ids=ids,
            points=points + np.float32(0.01 * number),
            clusters=np.zeros(n_samples, dtype=np.int32),
            concepts=NAMES,
            centroids=np.zeros((len(NAMES), 2), dtype=np.float32),
            explained=1.0,
        )
        for number, week in enumerate(WEEKS)
    )
    rows = MapRows(
        sample_ids=ids,
        texts=np.full(n_samples, text, dtype=object),
        concepts=rng.choice(np.array(NAMES, dtype=object), n_samples),
        predictions=np.array([f"{row} <{'x' * 200}>" for row in range(n_samples)], dtype=object),
        points=steps[-1].points,
        clusters=steps[-1].clusters,
        shift=rng.random(n_samples, dtype=np.float32),
        correct_reference=np.ones(n_samples, dtype=np.float32),
        correct_current=(rng.random(n_samples) > 0.1).astype(np.float32),
        confidences=rng.random(n_samples, dtype=np.float32),
    )
    frame = Frame(reference=WEEKS[0], split="validation", method="test", steps=steps)
    return replace(findings, frame=frame, rows=rows)


@pytest.mark.parametrize("letter", ["<", "\U0001f9ed", "a"])
def test_two_hundred_thousand_samples_with_long_texts_stay_below_five_megabytes(
    findings: Findings, letter: str
) -> None:
    page = render(large(findings, 200_000, letter * 400), at=AT)
    assert len(page) < LIMIT
    text = " ".join(Page(page).text.split())
    assert f"Drawn {DRAWN_AT_MOST:,} of 200,000 samples" in text
    assert "are in this file" in text


def test_texts_keep_to_their_budget_and_what_is_wrong_comes_first(findings: Findings) -> None:
    told = large(findings, 5_000, "t" * 100)
    assert told.frame is not None
    assert told.rows is not None
    # 103 bytes each: 100 letters, two quotes, a comma
    drawn = picture(told.frame, told.rows, told.report, text_budget=103 * 40)
    assert drawn.n_texts == 40
    with_text = [number for number, text in enumerate(drawn.data["texts"]) if text is not None]
    assert set(drawn.outcome[with_text]) == {4}
    assert len(as_json([drawn.data["texts"][number] for number in with_text])) <= 103 * 40 + 1
    assert TEXT_BUDGET < LIMIT


def test_a_sample_is_drawn_where_it_was_to_a_hundred_thousandth_of_the_map(findings: Findings) -> None:
    assert findings.frame is not None
    assert findings.rows is not None
    drawn = picture(findings.frame, findings.rows, findings.report)
    for name, points in (("now", findings.rows.points), ("before", findings.frame.steps[0].points)):
        steps = np.frombuffer(base64.b64decode(drawn.data[name]), dtype="<u2").reshape(-1, 2)
        read = np.array(drawn.data["low"]) + steps / 65_535 * drawn.data["size"]
        # half a step is the most that rounding does
        assert np.abs(read - points).max() <= drawn.data["size"] / 65_535 / 2 + 1e-6


def test_the_same_samples_are_drawn_again(findings: Findings) -> None:
    told = large(findings, 5_000, "t")
    assert told.frame is not None
    assert told.rows is not None
    first, second = (picture(told.frame, told.rows, told.report, at_most=300) for _ in range(2))
    assert first.data == second.data
    assert first.n_drawn == 300
    # few errors are not lost: they come first, up to a twentieth of what is drawn
    assert (first.outcome == 4).sum() >= 15


def test_a_good_model_does_not_look_like_a_bad_one(findings: Findings) -> None:
    told = large(findings, 200_000, "t")
    assert told.frame is not None
    assert told.rows is not None
    drawn = picture(told.frame, told.rows, told.report)
    # a tenth is wrong, and those that come first are those that would have been drawn anyway
    assert (drawn.outcome == 4).mean() == pytest.approx(0.10, abs=0.01)

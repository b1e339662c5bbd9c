"""A selection taken again from its steps."""

from __future__ import annotations

import numpy as np

from driftcore.records import MapRows, SelectionStep
from driftcore.workflows.selecting import selected

LEFT = ((-1.0, -1.0), (0.0, -1.0), (0.0, 1.0), (-1.0, 1.0))
RIGHT = ((0.0, -1.0), (1.0, -1.0), (1.0, 1.0), (0.0, 1.0))


def rows_of(points: list[tuple[float, float]]) -> MapRows:
    n = len(points)
    nothing, zeros = np.full(n, None, dtype=object), np.zeros(n, dtype=np.float32)
    return MapRows(
        sample_ids=np.array([f"s{number}" for number in range(n)], dtype=object),
        texts=nothing,
        concepts=nothing,
        predictions=nothing,
        points=np.array(points, dtype=np.float32),
        clusters=np.zeros(n, dtype=np.int32),
        shift=zeros,
        correct_reference=zeros,
        correct_current=zeros,
        confidences=zeros,
    )


ROWS = rows_of([(-0.5, 0.0), (0.5, 0.0), (0.6, 0.0)])


def step(mode, polygon=(), checkpoint="now", ids=()):
    return SelectionStep(mode=mode, checkpoint=checkpoint, polygon=polygon, sample_ids=ids)


def test_add_and_subtract_go_on_from_what_replaced():
    steps = (step("replace", LEFT), step("add", RIGHT), step("subtract", ids=("s2",)))
    assert selected(ROWS, steps, lambda name: ROWS).tolist() == [True, True, False]


def test_what_was_replaced_is_not_taken_again():
    # the first step's checkpoint need not even be read: a lasso costs the same however many came before it
    asked: list[str] = []

    def rows_at(checkpoint: str) -> MapRows:
        asked.append(checkpoint)
        return ROWS

    steps = (step("replace", LEFT, checkpoint="before"), step("replace", RIGHT))
    assert selected(ROWS, steps, rows_at).tolist() == [False, True, True]
    assert asked == ["now"]


def test_a_replacing_step_with_nothing_clears_and_a_first_add_stands_alone():
    assert not selected(ROWS, (step("replace", LEFT), step("replace")), lambda name: ROWS).any()
    assert selected(ROWS, (step("add", LEFT),), lambda name: ROWS).tolist() == [True, False, False]

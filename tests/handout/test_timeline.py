"""The drawing of the timeline: times along one axis, values on round ticks, onsets where they were found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from driftcore.handout import Findings
from driftcore.handout._timeline import Line, accuracy_lines, drift_lines, timeline
from driftcore.records import Moment, PairPoint

START = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = ("a", "b", "c")


def told(
    findings: Findings, days: tuple[float, ...], accuracy: tuple[float, ...], closure: tuple[float, ...]
) -> Findings:
    moments = tuple(
        Moment(checkpoint=name, at=START + timedelta(days=day), accuracy=(("validation", value),), report=None)
        for name, day, value in zip(NAMES, days, accuracy, strict=True)
    )
    history = tuple(
        PairPoint(checkpoint=name, gap_closure=value, low=value - 0.02, high=value + 0.02)
        for name, value in zip(NAMES, closure, strict=True)
    )
    report = replace(findings.report, reference="a", current="c")
    return replace(findings, report=report, moments=moments, histories={("x", "y"): history}, onsets=(("x", "b"),))


def heights(line: Line, findings: Findings, width: int = 980) -> list[float]:
    drawn = [each for panel in timeline(findings, width=width).panels for each in panel.lines]
    return [y for each in drawn if each.line == line for _, y, _ in each.marks]


def test_checkpoints_lie_where_their_time_is(findings: Findings) -> None:
    drawn = timeline(told(findings, (0, 10, 40), (0.9, 0.9, 0.9), (0, 0.1, 0.2)), width=980)
    first, second, third = (x for x, _, _ in drawn.panels[0].lines[0].marks)
    # 10 of 40 days: a quarter of the way
    assert (second - first) / (third - first) == pytest.approx(0.25, abs=0.001)
    assert drawn.current == third
    assert [x for x, _, _, _ in drawn.onsets] == [second]


def test_checkpoints_of_the_same_hour_lie_at_equal_distances(findings: Findings) -> None:
    drawn = timeline(told(findings, (0, 0, 30), (0.9, 0.9, 0.9), (0, 0.1, 0.2)), width=980)
    first, second, third = (x for x, _, _ in drawn.panels[0].lines[0].marks)
    assert second - first == pytest.approx(third - second)


def test_values_are_drawn_to_scale(findings: Findings) -> None:
    made = told(findings, (0, 10, 20), (0.80, 0.85, 0.90), (0.0, 0.1, 0.4))
    low, middle, high = heights(accuracy_lines(made.moments, "validation")[0], made)
    # up is up, and half-way between is half-way between
    assert low > middle > high
    assert middle == pytest.approx((low + high) / 2, abs=0.11)
    first, second, third = heights(drift_lines(made)[0], made)
    assert (first - second) / (first - third) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        # in percent: from 80 to 90 in steps of 2.5, from 93.9 to 94.1 in steps of 0.05
        (0.80, 0.90, ["80", "82.5", "85", "87.5", "90"]),
        (0.939, 0.941, ["93.9", "93.95", "94", "94.05", "94.1"]),
    ],
)
def test_ticks_are_round_numbers_that_enclose_the_values(
    findings: Findings, low: float, high: float, ticks: list[str]
) -> None:
    made = told(findings, (0, 10, 20), (low, low, high), (0.0, 0.1, 0.2))
    assert [text for _, text in timeline(made, width=980).panels[0].ticks] == ticks


def test_a_single_checkpoint_and_a_flat_line_can_be_drawn(findings: Findings) -> None:
    made = told(findings, (0, 10, 20), (0.9, 0.9, 0.9), (0.0, 0.0, 0.0))
    alone = replace(made, moments=made.moments[-1:], histories={}, onsets=())
    (mark,) = timeline(alone, width=380).panels[0].lines[0].marks
    assert 0 < mark[0] < 380
    assert len(set(heights(accuracy_lines(made.moments, "validation")[0], made))) == 1


def test_names_along_the_axis_do_not_lie_on_one_another(findings: Findings) -> None:
    many = tuple(
        Moment(checkpoint=f"checkpoint-{n}", at=START + timedelta(days=n), accuracy=(("validation", 0.9),), report=None)
        for n in range(60)
    )
    report = replace(findings.report, reference="checkpoint-0", current="checkpoint-59")
    made = replace(findings, report=report, moments=many, histories={}, onsets=())
    for width in (380, 980):
        names = timeline(made, width=width).names
        assert names[-1][1] == "checkpoint-59"
        # 13 letters of 7.2 units
        gaps = [right - left for (left, _), (right, _) in pairwise(names)]
        assert all(gap >= 13 * 7.2 for gap in gaps)


def test_accuracy_on_the_training_rows_is_not_drawn() -> None:
    moment = Moment(checkpoint="a", at=START, accuracy=(("live", 0.8), ("train", 1.0), ("test", 0.9)), report=None)
    assert [line.name for line in accuracy_lines((moment,), "test")] == ["accuracy, test", "accuracy, live"]

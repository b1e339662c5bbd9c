"""Accuracy and drift on one time axis."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from driftcore.charts import timeline_figure
from driftcore.charts._labels import EndLabel, beside_each_other
from driftcore.records import Moment, PairPoint

PAIR = ("refund", "cancel")
WEEKS = ("W1", "W2", "W3", "W4", "W5")


def moments(*accuracies: tuple[tuple[str, float], ...], names: tuple[str, ...] = WEEKS) -> list[Moment]:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    return [
        Moment(checkpoint=name, at=start + timedelta(weeks=week), accuracy=accuracy, report=None)
        for week, (name, accuracy) in enumerate(zip(names, accuracies, strict=False))
    ]


def history(*intervals: tuple[float, float] | None, names: tuple[str, ...] = WEEKS) -> list[PairPoint]:
    """Points in the middle of their intervals; 0 where there is none."""
    return [
        PairPoint(checkpoint=name, gap_closure=0.0)
        if interval is None
        else PairPoint(checkpoint=name, gap_closure=sum(interval) / 2, low=interval[0], high=interval[1])
        for name, interval in zip(names, intervals, strict=False)
    ]


def band(figure: go.Figure) -> go.Scatter:
    (trace,) = [each for each in figure.data if each.fill == "toself"]
    return trace


def lines(figure: go.Figure) -> dict[str, go.Scatter]:
    return {each.name: each for each in figure.data if each.name}


def drawn(points: list[PairPoint]) -> go.Figure:
    return timeline_figure(moments(*[()] * len(points)), {PAIR: points})


def test_a_band_goes_along_the_upper_ends_and_back_along_the_lower() -> None:
    found = band(drawn(history((0.125, 0.25), (0.25, 0.5))))

    assert list(found.x) == ["W1", "W2", "W2", "W1", None]
    assert list(found.y) == [25, 50, 25, 12.5, None]


def test_a_band_breaks_where_there_is_no_interval() -> None:
    found = band(drawn(history((0, 0.25), (0, 0.25), None, (0.5, 0.75), (0.5, 0.75))))

    # two closed outlines: nothing is filled across W3
    assert list(found.x) == ["W1", "W2", "W2", "W1", None, "W4", "W5", "W5", "W4", None]
    assert list(found.y) == [25, 25, 0, 0, None, 75, 75, 50, 50, None]


def test_without_intervals_there_is_a_line_and_no_band() -> None:
    figure = drawn(history(None, None))

    assert not band(figure).x
    assert list(lines(figure)["gap refund – cancel"].y) == [0, 0]


def test_an_interval_that_begins_at_zero_is_an_interval() -> None:
    assert list(band(drawn(history((0.0, 0.5)))).y) == [50, 0, None]


def test_a_checkpoint_without_a_closure_leaves_a_gap_in_the_line() -> None:
    points = [*history((0.25, 0.75)), PairPoint(checkpoint="W2", gap_closure=None)]

    assert list(lines(drawn(points))["gap refund – cancel"].y) == [50, None]


def test_accuracy_is_in_percent_and_missing_where_it_was_not_measured() -> None:
    figure = timeline_figure(moments((("validation", 0.5),), (), (("validation", 0.75),)), {})

    assert list(lines(figure)["accuracy, validation"].y) == [50, None, 75]


def test_accuracy_on_what_it_was_trained_on_is_not_drawn() -> None:
    figure = timeline_figure(moments((("train", 1.0), ("validation", 0.5))), {})

    assert list(lines(figure)) == ["accuracy, validation"]


def test_checkpoints_stand_in_order_of_time_and_not_of_the_alphabet() -> None:
    names = ("zebra", "ant", "mole")

    figure = timeline_figure(moments((), (), (), names=names), {PAIR: history(None, None, None, names=names)})

    assert figure.layout.xaxis.categoryarray == names
    assert figure.layout.xaxis.type == "category"


def test_the_marked_checkpoint_has_a_line_at_its_place() -> None:
    accuracy = (("validation", 0.5),)

    figure = timeline_figure(moments(accuracy, accuracy, accuracy), {PAIR: history(None, None, None)}, marked="W2")

    # one in each of the two panels, beside the line at 0
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [1, 1]


def test_a_marked_checkpoint_that_is_not_there_is_not_marked() -> None:
    figure = timeline_figure(moments(()), {}, marked="gone")

    assert not [shape for shape in figure.layout.shapes if shape.x0 == shape.x1]


def test_where_a_concept_starts_is_said_on_the_line_of_its_pair() -> None:
    points = history(None, (0.125, 0.375), (0.25, 0.75))

    figure = timeline_figure(
        moments(*[(("validation", 0.5),)] * 3), {PAIR: points}, onsets=[("refund", "W2"), ("cancel", "W3")]
    )

    said = [each for each in figure.layout.annotations if each.text.endswith(" starts")]
    assert [(each.text, each.x, each.y) for each in said] == [("refund starts", "W2", 25), ("cancel starts", "W3", 50)]
    # and the first of them stands in both panels, as a line and as a word on the axis
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [1, 1]
    assert figure.layout.xaxis2.ticktext == ("W1", "W2<br>onset", "W3")


def test_concepts_that_start_together_are_named_together() -> None:
    points = history(None, (0.125, 0.375))

    figure = timeline_figure(moments((), ()), {PAIR: points}, onsets=[("refund", "W2"), ("cancel", "W2")])

    assert [each.text for each in figure.layout.annotations if "start" in each.text] == ["refund and cancel start"]


def test_an_onset_of_a_concept_that_is_not_drawn_is_not_said() -> None:
    onsets = [("other", "W1"), ("refund", "gone")]

    figure = timeline_figure(moments((), ()), {PAIR: history(None, None)}, onsets=onsets)

    assert not [each for each in figure.layout.annotations if each.text.endswith(" starts")]


def test_two_series_of_one_colour_have_no_mark_in_common() -> None:
    # colour is never the only sign
    histories = {(name, "cancel"): history(None, None) for name in "abcd"}

    drawn_lines = lines(timeline_figure(moments((), ()), histories)).values()

    assert len({(each.line.color, each.marker.symbol) for each in drawn_lines}) == 4
    assert len({each.marker.symbol for each in drawn_lines}) == 4


def test_names_are_shown_and_not_run() -> None:
    unsafe = '<a href="https://evil.example">x</a>'
    names = (f"{unsafe}1", f"{unsafe}2")

    figure = timeline_figure(
        moments(((unsafe, 0.5),), (), names=names),
        {(unsafe, "<b>"): history((0.25, 0.5), None, names=names)},
        marked=names[0],
        onsets=[(unsafe, names[0])],
    )

    written = json.dumps(json.loads(figure.to_json()), ensure_ascii=False)
    # our own: a line's mark in its colour, and a line break below a name
    ours = re.compile(r'<extra></extra>|<br>|<span style=\\"color:#\w{6}\\">|</span>')
    assert "<" not in ours.sub("", written)
    # and it is still the same name on every trace
    assert set(band(figure).x) - {None} <= set(figure.layout.xaxis.categoryarray)


def test_nothing_to_show_is_said_in_both_panels() -> None:
    figure = timeline_figure([], {})

    assert not figure.data
    said = [each.text for each in figure.layout.annotations]
    assert "No eval run is stored." in said
    assert "No two concepts surely came closer." in said


def test_a_line_is_named_at_its_end_with_the_value_that_it_has_there() -> None:
    figure = timeline_figure(moments((("validation", 0.75),), (("validation", 0.5),), ()), {})

    (end,) = [each for each in figure.layout.annotations if "validation" in each.text]
    # W3 was not evaluated: the line ends at W2
    assert (end.x, end.y) == ("W2", 50)
    assert end.text.endswith("validation 50.0 %")
    # it falls to its end, so the words stand below
    assert end.yshift < 0


def test_the_names_of_lines_that_end_together_stand_on_lines_of_their_own() -> None:
    ends = [EndLabel(text=name, at=3, value=50.0, rising=True) for name in "abc"]

    shifts = sorted(beside_each_other(ends, pixels_per_unit=2.0))

    assert all(upper - lower >= 16 for lower, upper in pairwise(shifts))


def test_words_stand_on_the_side_away_from_their_line() -> None:
    rising = EndLabel(text="a", at=3, value=90.0, rising=True)
    falling = EndLabel(text="b", at=3, value=10.0, rising=False)

    above, below = beside_each_other([rising, falling], pixels_per_unit=2.0)

    assert below < 0 < above


def test_the_reference_has_closed_no_gap_to_itself() -> None:
    points = [PairPoint(checkpoint="W1", gap_closure=None), *history((0.25, 0.75), names=("W2",))]

    figure = timeline_figure(moments((), ()), {PAIR: points}, reference="W1")

    assert list(lines(figure)["gap refund – cancel"].y) == [0, 50]


@pytest.mark.parametrize(("n", "at_most"), [(3, 3), (12, 12), (60, 15)])
def test_the_axis_has_no_more_names_than_fit_and_always_both_ends_and_the_onset(n: int, at_most: int) -> None:
    names = tuple(f"run {number}" for number in range(n))
    middle = names[n // 2]
    accuracy = tuple((("validation", 0.5),) for _ in names)

    figure = timeline_figure(
        moments(*accuracy, names=names),
        {PAIR: history(*[(0.25, 0.75)] * n, names=names)},
        reference=names[0],
        marked=names[-1],
        onsets=[("refund", middle)],
    )

    shown = figure.layout.xaxis2.tickvals
    assert {names[0], middle, names[-1]} <= set(shown)
    assert len(shown) <= at_most
    assert list(shown) == sorted(shown, key=names.index)
    assert figure.layout.xaxis2.ticktext[0] == "run 0<br>reference"
    assert figure.layout.xaxis2.ticktext[-1] == f"{names[-1]}<br>current"


def test_a_point_says_which_checkpoint_it_is_so_that_a_click_can_choose_it() -> None:
    figure = timeline_figure(moments((("live", 0.5),), ()), {PAIR: history(None, None)})

    assert [list(each.customdata) for each in lines(figure).values()] == [[0, 1], [0, 1]]


def test_a_long_name_is_cut_on_the_axis_and_never_through_an_escape() -> None:
    figure = timeline_figure(moments((), names=("a" * 12 + "&" * 9,)), {})

    # twelve letters, the ampersand as one character, and the ellipsis
    assert figure.layout.xaxis2.ticktext == ("a" * 12 + "&amp;" + "…",)

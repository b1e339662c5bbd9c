"""What the chart of a span's aftermath draws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from driftcore.charts import aftermath_figure
from driftcore.records import SpanMoment

AT = datetime(2026, 1, 5, tzinfo=UTC)


def moment(number: int, accuracy: float | None, shift: float | None, name: str = "") -> SpanMoment:
    return SpanMoment(
        checkpoint=name or f"week {number}",
        at=AT + timedelta(weeks=number),
        accuracy=accuracy,
        accuracy_rest=0.9,
        n_evaluated=10,
        mean_shift=shift,
    )


MOMENTS = (moment(0, 0.95, 0.0), moment(1, 0.8, 0.02), moment(2, None, None, "<b>week</b>"))


def test_accuracy_is_drawn_in_percent_beside_all_other_samples_and_shift_below() -> None:
    own, rest, shift = aftermath_figure(MOMENTS, found_at="week 1").data
    assert list(own.y) == [95.0, 80.0, None]
    assert list(rest.y) == [90.0, 90.0, 90.0]
    assert list(shift.y) == [0.0, 0.02, None]
    assert (own.yaxis, shift.yaxis) == ("y", "y2")


def test_lines_are_told_apart_by_more_than_their_colour() -> None:
    traces = aftermath_figure(MOMENTS, found_at="week 1").data
    assert len({(trace.marker.symbol, trace.line.dash) for trace in traces}) == 3


def test_the_checkpoint_where_the_span_was_found_is_marked() -> None:
    figure = aftermath_figure(MOMENTS, found_at="week 1")
    assert {shape.x0 for shape in figure.layout.shapes} == {1}
    assert "found here" in [note.text for note in figure.layout.annotations]
    assert not aftermath_figure(MOMENTS, found_at="week 9").layout.shapes


def test_a_checkpoints_name_is_never_markup() -> None:
    names = aftermath_figure(MOMENTS, found_at="week 1").data[0].x
    assert list(names) == ["week 0", "week 1", "&lt;b&gt;week&lt;/b&gt;"]


def test_the_page_shows_through_in_dark_and_light() -> None:
    layout = aftermath_figure(MOMENTS, found_at="week 1").layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"

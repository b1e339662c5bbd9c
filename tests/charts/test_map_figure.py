"""How one step of the map is drawn."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from numpy.typing import NDArray

from driftcore.charts import COLOR_BY, DRAWN_AT_MOST, ColorBy, map_figure
from driftcore.charts._colors import GREY, SERIES
from driftcore.records import CentroidPath, MapRows

LINK = '<i>lean</i> <a href="https://evil.example">click</a> <script>alert(1)</script>'

# what the chart itself writes: hover texts have lines and no second box, highlighted names are bold
OWN_MARKS = {"<br>", "<extra>", "</extra>", "<b>", "</b>"}


def rows(n: int = 12, **changes: Any) -> MapRows:
    """Samples on a line, of two concepts in turn; the first third is mispredicted."""
    wrong = np.arange(n) < n // 3
    plain = MapRows(
        sample_ids=np.array([f"s{row}" for row in range(n)], dtype=object),
        texts=np.array([f"text {row}" for row in range(n)], dtype=object),
        concepts=np.array(["refund", "cancel"], dtype=object)[np.arange(n) % 2],
        predictions=np.where(wrong, "cancel", "refund").astype(object),
        points=np.column_stack([np.linspace(-1, 1, n), np.zeros(n)]).astype(np.float32),
        clusters=(np.arange(n, dtype=np.int32) % 3) - 1,
        shift=np.linspace(0, 0.5, n, dtype=np.float32),
        correct_reference=np.ones(n, dtype=np.float32),
        correct_current=(~wrong).astype(np.float32),
        confidences=np.full(n, 0.9, dtype=np.float32),
    )
    return replace(plain, **changes)


def drawn(shown_rows: MapRows, **settings: Any) -> go.Figure:
    shown = settings.pop("shown", np.ones(len(shown_rows), dtype=bool))
    return map_figure(shown_rows, **{"color": "concept", "shown": shown, "highlighted": ["refund"], **settings})


def named(figure: go.Figure, start: str) -> go.Scattergl:
    (trace,) = [each for each in figure.data if each.name.startswith(start)]
    return trace


def n_points(figure: go.Figure) -> int:
    """Samples drawn, marks of mispredictions and of the span not counted."""
    samples = (each for each in figure.data if not each.name.startswith(("mispredicted", "in the span", "path of")))
    return sum(len(each.x) for each in samples)


def objects(*values: object) -> NDArray[np.object_]:
    return np.array(values, dtype=object)


def everything_said(figure: go.Figure) -> str:
    """All strings that plotly would render, as they are in the figure."""
    return json.dumps(json.loads(figure.to_json()), ensure_ascii=False)


def of_unsafe_samples(text: str, **settings: Any) -> go.Figure:
    """A map on which everything that comes from outside says `text`."""
    unsafe = rows(
        2,
        sample_ids=objects(text, "s1"),
        texts=objects(text, "text"),
        concepts=objects(text, "cancel"),
        predictions=objects(text, "refund"),
    )
    path = CentroidPath(concept=text, checkpoints=(text,), points=np.zeros((1, 2), dtype=np.float32))
    return drawn(unsafe, paths=[path], names={text: path.points[0]}, **settings)


@pytest.mark.parametrize("color", COLOR_BY)
def test_what_comes_from_samples_is_shown_and_not_run(color: ColorBy) -> None:
    said = everything_said(of_unsafe_samples(LINK, color=color, highlighted=[LINK]))

    assert set(re.findall("<[^>]*>?", said)) <= OWN_MARKS
    assert "&lt;a href=" in said


@pytest.mark.parametrize("color", COLOR_BY)
def test_samples_cannot_write_in_bold(color: ColorBy) -> None:
    said = everything_said(of_unsafe_samples("<b>bold</b>", color=color, highlighted=[]))

    assert "<b>" not in said
    assert "&lt;b&gt;bold" in said


def test_highlighted_concepts_are_named_in_bold() -> None:
    places = {"refund": np.zeros(2, dtype=np.float32), "cancel": np.ones(2, dtype=np.float32)}

    figure = drawn(rows(), names=places)

    assert [(name.text, name.x, name.y) for name in figure.layout.annotations] == [
        ("<b>refund</b>", 0, 0),
        ("cancel", 1, 1),
    ]


def test_line_ends_in_a_text_do_not_break_the_hover() -> None:
    figure = drawn(rows(1, texts=objects("two\nlines\u202e"), predictions=objects(None)))

    assert figure.data[0].text[0].startswith("two lines <br>label refund")


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    figure = drawn(rows(1, texts=objects("<" * 500)))

    # a cut through the middle of "&lt;" would show as "&l"
    assert figure.data[0].text[0].split("<br>")[0] == "&lt;" * 89 + "…"


def test_what_is_unknown_is_left_out_of_the_hover() -> None:
    bare = rows(1, texts=objects(None), predictions=objects(None), confidences=np.array([np.nan], dtype=np.float32))

    assert drawn(bare).data[0].text[0] == "–<br>label refund<br>shift 0.000<br>s0"


def test_the_hover_says_what_was_predicted_how_surely_and_that_it_is_wrong() -> None:
    figure = drawn(rows(1, correct_current=np.zeros(1, dtype=np.float32)))

    assert "predicted refund (0.90) ✗" in figure.data[0].text[0]


@pytest.mark.parametrize("color", [color for color in COLOR_BY if color != "correctness"])
def test_mispredictions_lie_on_top_of_all_samples(color: ColorBy) -> None:
    figure = drawn(rows(12), color=color)

    assert figure.data[-1].name == "mispredicted (4)"
    assert figure.data[-1].marker.symbol == "x-thin"
    np.testing.assert_array_equal(figure.data[-1].x, rows(12).points[:4, 0])


def test_mispredictions_can_be_left_out() -> None:
    assert not [each for each in drawn(rows(), mispredictions=False).data if "mispredicted" in each.name]


def test_where_colour_is_correctness_mispredictions_are_not_marked_twice() -> None:
    figure = drawn(rows(12), color="correctness")

    assert [each.name for each in figure.data] == ["right (8)", "right → wrong (4)"]


def test_each_kind_of_correctness_has_its_own_mark() -> None:
    known = np.array([1, 0, 0, 1, np.nan], dtype=np.float32)
    now = np.array([1, 0, 1, 0, np.nan], dtype=np.float32)

    figure = drawn(rows(5, correct_reference=known, correct_current=now), color="correctness")

    symbols = [each.marker.symbol or "circle" for each in figure.data]
    assert [each.name.rsplit(" ", 1)[0] for each in figure.data] == [
        "right",
        "not evaluated",
        "wrong before and now",
        "wrong → right",
        "right → wrong",
    ]
    assert len(set(symbols)) == 5


def test_only_highlighted_concepts_have_a_colour() -> None:
    figure = drawn(rows(12), mispredictions=False)

    others, refund = figure.data
    assert (others.name, others.marker.color) == ("other concepts (6)", GREY)
    assert (refund.name, refund.marker.color) == ("refund (6)", SERIES[0])


def test_a_highlighted_concept_that_is_not_there_takes_no_colour() -> None:
    figure = drawn(rows(12), highlighted=["gone", "cancel"], mispredictions=False)

    assert named(figure, "cancel").marker.color == SERIES[0]


def test_noise_is_drawn_with_the_background_and_not_as_a_cluster() -> None:
    # clusters −1, 0, 1, −1, 0, 1
    figure = drawn(rows(6), color="cluster", mispredictions=False)

    assert [each.name for each in figure.data] == ["other clusters and noise (2)", "0 (2)", "1 (2)"]


def test_samples_that_are_filtered_out_are_not_drawn() -> None:
    shown = np.arange(12) < 5

    figure = drawn(rows(12), shown=shown)

    assert n_points(figure) == 5
    assert named(figure, "mispredicted").name == "mispredicted (4)"


def test_a_filter_that_leaves_nothing_draws_an_empty_map() -> None:
    assert len(drawn(rows(12), shown=np.zeros(12, dtype=bool)).data) == 0


def test_selecting_dims_the_other_samples_and_hides_none() -> None:
    selected = np.arange(12) < 2

    plain, dimmed = drawn(rows(12)), drawn(rows(12), selected=selected)

    assert n_points(dimmed) == n_points(plain) == 12
    for name in ("other concepts", "refund", "mispredicted"):
        before, after = named(plain, name).marker.opacity, np.asarray(named(dimmed, name).marker.opacity)
        chosen = np.isin(named(dimmed, name).x, rows(12).points[selected, 0])
        np.testing.assert_allclose(after[chosen], before)
        assert (after[~chosen] < before / 2).all()


def test_the_selection_is_ringed_on_top_of_everything() -> None:
    figure = drawn(rows(12), selected=np.arange(12) < 2)

    assert figure.data[-1].name == "in the span (2)"
    assert figure.data[-1].marker.symbol == "circle-open"
    # a ring is no second sample to hover over
    assert figure.data[-1].hoverinfo == "skip"


@pytest.mark.parametrize("more", [0, 1, 700])
def test_at_most_so_many_samples_are_drawn_and_exactly_so_many_where_there_are_more(more: int) -> None:
    n = DRAWN_AT_MOST + more

    figure = drawn(rows(n), mispredictions=False)

    assert n_points(figure) == DRAWN_AT_MOST


def test_fewer_samples_than_that_are_all_drawn_once() -> None:
    figure = drawn(rows(1000), mispredictions=False)

    xs = np.concatenate([each.x for each in figure.data])
    np.testing.assert_array_equal(np.sort(xs), rows(1000).points[:, 0])


def test_a_path_has_marks_in_the_colour_of_its_concept_and_ends_in_the_largest() -> None:
    points = np.array([[0, 0], [0.1, 0], [0.2, 0]], dtype=np.float32)
    path = CentroidPath(concept="refund", checkpoints=("2026-W01", "2026-W02", "2026-W03"), points=points)

    trace = named(drawn(rows(), paths=[path]), "path of refund")

    assert trace.marker.color == SERIES[0]
    assert trace.marker.size[0] == trace.marker.size[1] < trace.marker.size[2]
    assert list(trace.customdata) == ["2026-W01", "2026-W02", "2026-W03"]


@pytest.mark.parametrize("color", COLOR_BY)
def test_a_map_where_nothing_moved_and_nothing_was_evaluated_can_be_drawn(color: ColorBy) -> None:
    unknown = np.full(4, np.nan, dtype=np.float32)
    bare = rows(
        4,
        texts=objects(*[None] * 4),
        predictions=objects(*[None] * 4),
        concepts=objects(*[None] * 4),
        clusters=np.full(4, -1, dtype=np.int32),
        shift=np.zeros(4, dtype=np.float32),
        correct_reference=unknown,
        correct_current=unknown,
        confidences=unknown,
    )

    assert n_points(drawn(bare, color=color)) == 4

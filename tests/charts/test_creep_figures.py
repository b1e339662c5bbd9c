"""The matrix of gap closure, a pair's distance through time, its corridor, and the flow of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from driftcore.charts import (
    closure_text,
    cluster_flow_figure,
    corridor_figure,
    creep_figure,
    distance_figure,
    drawn_links,
    drawn_steps,
)
from driftcore.records import (
    ClusterEvent,
    ClusterLink,
    ClusterReport,
    Corridor,
    CorridorStep,
    GapClosures,
    PairDrift,
    PairPoint,
)


def gaps(values: Sequence[Sequence[float]], names: Sequence[str] = "abc") -> GapClosures:
    return GapClosures(concepts=tuple(names), values=np.array(values, dtype=np.float32))


THREE = gaps([[0, 0.15, -0.04], [0.15, 0, np.nan], [-0.04, np.nan, 0]])
SURE = PairDrift(a="b", b="a", gap_closure=0.15, low=0.12, high=0.18, q_value=1e-9)


def cells(figure: go.Figure) -> dict[tuple[str, str], str]:
    """What the mouse reads on each cell, under the pair that a click there names."""
    (trace,) = [each for each in figure.data if each.customdata is not None]
    return {(str(a), str(b)): text for (a, b), text in zip(trace.customdata, trace.text, strict=True)}


def test_every_cell_but_the_diagonal_names_its_pair() -> None:
    found = cells(creep_figure(THREE, [SURE]))

    assert set(found) == {(a, b) for a in "abc" for b in "abc" if a != b}


def test_the_mouse_reads_the_interval_where_the_report_has_one() -> None:
    found = cells(creep_figure(THREE, [SURE]))

    assert found["a", "b"] == "a ↔ b: 15 % [12, 18] closer, q < .001"
    assert found["b", "a"] == "b ↔ a: 15 % [12, 18] closer, q < .001"
    assert found["a", "c"] == "a ↔ c: 4 % farther apart"
    assert found["b", "c"] == "b ↔ c: no gap to close"


def test_a_click_lies_on_the_cell_that_it_names() -> None:
    figure = creep_figure(THREE, [])
    (heat,) = [each for each in figure.data if isinstance(each, go.Heatmap)]
    (points,) = [each for each in figure.data if each.customdata is not None]

    for x, y, (a, b) in zip(points.x, points.y, points.customdata, strict=True):
        value = THREE.values[THREE.concepts.index(a), THREE.concepts.index(b)]
        np.testing.assert_allclose(heat.z[list(heat.y).index(y)][list(heat.x).index(x)], 100 * value)


def test_the_colours_are_centred_at_no_change() -> None:
    (heat,) = [each for each in creep_figure(THREE, []).data if isinstance(each, go.Heatmap)]

    assert heat.zmin == -heat.zmax
    # 15 % is the largest
    assert heat.zmax == pytest.approx(15)


def test_a_matrix_in_which_nothing_moved_is_pale() -> None:
    (heat,) = [each for each in creep_figure(gaps(np.full((3, 3), 0.004)), []).data if isinstance(each, go.Heatmap)]

    assert heat.zmax == 5


def test_sure_closures_are_bold_for_eyes_that_see_no_colours() -> None:
    written = {
        (x, y): text
        for trace in creep_figure(THREE, [SURE]).data
        if isinstance(trace, go.Scatter) and trace.mode == "text"
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
    }

    assert written == {(1, 0): "<b>15</b>", (0, 1): "<b>15</b>", (2, 0): "−4", (0, 2): "−4"}


def test_the_chosen_pair_is_framed_on_both_sides() -> None:
    figure = creep_figure(THREE, [], marked=("a", "c"))

    assert [(each.x0, each.y0) for each in figure.layout.shapes] == [(-0.5, 1.5), (1.5, -0.5)]
    assert not creep_figure(THREE, [], marked=("a", "nobody")).layout.shapes


def test_names_are_never_markup() -> None:
    figure = creep_figure(gaps(np.zeros((3, 3)), ("<b>x</b>", "y", "z")), [], marked=("<b>x</b>", "y"))

    assert "&lt;b&gt;x&lt;/b&gt;" in figure.layout.xaxis.ticktext[0]
    # but a click hands back the name itself
    assert ("<b>x</b>", "y") in cells(figure)


def test_long_names_stay_apart_where_only_their_ends_differ() -> None:
    names = [f"a rather long name of a concept, number {k}" for k in range(3)]
    ticks = creep_figure(gaps(np.zeros((3, 3)), names), []).layout.xaxis.ticktext

    assert len(set(ticks)) == 3
    assert max(len(tick) for tick in ticks) <= 22


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0.15, 0.12, 0.18, 1e-9), "15 % [12, 18] closer, q < .001"),
        ((0.15, 0.12, 0.18, 0.0312), "15 % [12, 18] closer, q = .031"),
        ((-0.04,), "4 % farther apart"),
        ((0.0,), "0 % closer"),
        ((-0.001,), "0 % closer"),
        ((0.004, -0.01, 0.02, None), "0 % [−1, 2] closer"),
        ((float("nan"),), "no gap to close"),
        ((None,), "no gap to close"),
    ],
)
def test_a_closure_in_words(arguments: tuple[float | None, ...], said: str) -> None:
    assert closure_text(*arguments) == said


def test_the_distance_is_what_is_left_with_the_interval_the_right_way_round() -> None:
    points = [
        PairPoint(checkpoint="W1", gap_closure=0.0),
        PairPoint(checkpoint="W2", gap_closure=0.25, low=0.125, high=0.5),
        PairPoint(checkpoint="W3", gap_closure=None),
        PairPoint(checkpoint="W4", gap_closure=float("nan")),
    ]
    (line,) = distance_figure(points, ("a", "b"), reference="W1", marked="W2").data

    assert list(line.x) == ["W1", "W2"]
    assert list(line.y) == [100, 75]
    # 12.5 % closer is 87.5 % left, 50 % closer is 50 % left
    assert list(line.error_y.array) == [0, 12.5]
    assert list(line.error_y.arrayminus) == [0, 25]


def step(checkpoint: str, of_a: Sequence[float], of_b: Sequence[float]) -> CorridorStep:
    positions = np.array([*of_a, *of_b], dtype=np.float32)
    return CorridorStep(
        checkpoint=checkpoint,
        sample_ids=np.array([f"<i>{row}" for row in range(len(positions))], dtype=object),
        of_a=np.arange(len(positions)) < len(of_a),
        positions=positions,
        own_positions=positions,
        gap_closure=0.25,
        low=None,
        high=None,
    )


def corridor(*steps: CorridorStep) -> Corridor:
    return Corridor(reference=steps[0].checkpoint, split="validation", a="refund", b="<b>", steps=steps)


TWO = corridor(step("W1", [-0.25, 0.25], [1.0]), step("W2", [0.0, 0.75], [0.25, 1.25]))


def test_every_sample_has_its_mark_below_the_hills_of_its_checkpoint() -> None:
    marks = [each for each in corridor_figure(TWO).data if each.mode == "markers"]

    assert [sorted(each.x) for each in marks] == [[-0.25, 0.0, 0.25, 0.75], [0.25, 1.0, 1.25]]
    # the first checkpoint at 0, the second one below it
    assert all(-1 < y < 0 or -2 < y < -1 for each in marks for y in each.y)
    assert all(text.startswith("&lt;i&gt;") for each in marks for text in each.text)


def test_a_concepts_way_goes_through_its_means() -> None:
    way = {each.name: list(each.x) for each in corridor_figure(TWO).data if each.mode == "lines+markers"}

    assert way == {"refund (mean)": [0.0, 0.375], "&lt;b&gt; (mean)": [1.0, 0.75]}


def test_the_hills_of_a_concept_enclose_equal_areas() -> None:
    rng = np.random.default_rng(0)
    wide, narrow = rng.normal(0, 0.2, 500), rng.normal(0, 0.05, 100)
    hills = [
        each
        for each in corridor_figure(corridor(step("W1", wide, [1.0]), step("W2", narrow, [1.0]))).data
        if each.fill == "toself" and each.legendgroup == "refund"
    ]

    areas = [np.trapezoid(np.array(each.y) - each.y[0], np.array(each.x)) for each in hills]
    # 2 %: the feet of the hills are not drawn
    assert areas[0] == pytest.approx(areas[1], rel=0.02)


def test_the_two_concepts_differ_in_more_than_colour() -> None:
    hills = [each for each in corridor_figure(TWO).data if each.fill == "toself"]

    assert {(each.line.dash, each.fillpattern.shape) for each in hills} == {("solid", None), ("dash", "/")}


def test_a_label_counts_who_stands_beyond_the_middle() -> None:
    # of W2, 0.75 of the first concept and 0.25 of the second
    labels = corridor_figure(TWO, marked="W2").layout.yaxis.ticktext

    assert "0 beyond" in labels[0]
    assert "2 beyond" in labels[1]
    assert "<b>W2</b>" in labels[1]


def test_concepts_that_cannot_be_told_apart_have_no_middle_to_stand_beyond() -> None:
    merged = replace(step("W2", [0.5], [0.5]), own_positions=np.full(2, np.nan, dtype=np.float32))

    assert "in one place" in corridor_figure(corridor(step("W1", [0.0], [1.0]), merged)).layout.yaxis.ticktext[1]


def test_of_many_checkpoints_some_are_drawn_the_first_the_last_and_the_marked_one_among_them() -> None:
    many = corridor(*(step(f"W{week}", [0.0], [1.0]) for week in range(60)))
    drawn = [each.checkpoint for each in drawn_steps(many, "W42")]

    assert len(drawn) <= 17
    assert {"W0", "W42", "W59"} <= set(drawn)
    assert drawn == sorted(drawn, key=lambda name: int(name[1:]))


def test_a_large_concept_is_marked_by_a_part_that_reaches_from_end_to_end() -> None:
    positions = np.linspace(-0.5, 0.5, 5001)
    (marks, _) = (
        each for each in corridor_figure(corridor(step("W1", positions, [1.0]))).data if each.mode == "markers"
    )

    assert len(marks.x) == 300
    assert (min(marks.x), max(marks.x)) == (-0.5, 0.5)


def report(links: Sequence[ClusterLink], *, sure: tuple[int, ...] = ()) -> ClusterReport:
    event = ClusterEvent(
        kind="split",
        clusters_reference=sure,
        clusters_current=(),
        names_reference=("mostly x, 100 %",) * len(sure),
        names_current=(),
        n_reference=40,
        n_current=40,
        n_shared=40,
        overlap=0.5,
        expected_overlap=0.9,
        p_value=0.01,
        sure=bool(sure),
    )
    return ClusterReport(
        report_id="r",
        reference="W1",
        current="W2",
        split="validation",
        n_samples=sum(each.n_shared for each in links),
        n_clusters_reference=2,
        n_clusters_current=2,
        noise_reference=0.0,
        noise_current=0.0,
        reduction="none",
        n_copies=99,
        copy_share=0.9,
        stability=0.9,
        alpha=0.01,
        n_expected=0.0,
        p_value=0.01,
        events=(event,),
        seed=0,
        duration_s=0.0,
        links=tuple(links),
    )


def link(before: int, after: int, n_shared: int) -> ClusterLink:
    def name(number: int) -> str:
        return "no cluster" if number < 0 else f"mostly <c{number}>, 100 %"

    return ClusterLink(
        cluster_reference=before,
        cluster_current=after,
        name_reference=name(before),
        name_current=name(after),
        n_shared=n_shared,
    )


LINKS = (link(-1, -1, 500), link(0, 0, 100), link(1, 1, 60), link(1, 2, 40), link(0, 1, 5), link(-1, 2, 20))


def test_the_flow_leaves_out_what_never_was_in_a_cluster_and_what_is_a_hair() -> None:
    # 5 samples are a tenth of nothing: cluster 0 has 105, cluster 1 at present 65
    assert [(each.cluster_reference, each.cluster_current) for each in drawn_links(report(LINKS))] == [
        (0, 0),
        (1, 1),
        (1, 2),
        (-1, 2),
    ]


def test_a_flow_goes_from_left_to_right_and_is_as_wide_as_its_samples() -> None:
    (flow,) = cluster_flow_figure(report(LINKS)).data
    names = list(flow.node.label)

    assert list(flow.link.value) == [100, 60, 40, 20]
    assert [names[row] for row in flow.link.source] == [
        "&lt;c0&gt;, 100 %",
        "&lt;c1&gt;, 100 %",
        "&lt;c1&gt;, 100 %",
        "no cluster",
    ]
    # the same cluster before and now are two places
    assert not set(flow.link.source) & set(flow.link.target)


def test_only_what_takes_part_in_a_sure_event_stands_out() -> None:
    (flow,) = cluster_flow_figure(report(LINKS, sure=(1,))).data
    calm, moved = flow.link.color[0], flow.link.color[1]

    assert calm != moved
    assert list(flow.link.color) == [calm, moved, moved, calm]
    (quiet,) = cluster_flow_figure(report(LINKS)).data
    assert set(quiet.link.color) == {calm}

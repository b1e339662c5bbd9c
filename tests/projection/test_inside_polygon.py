"""Which samples a lasso encloses, against shapes whose inside is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftcore.projection import inside_polygon

SQUARE = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])

# five corners of a regular pentagon, each joined with the next but one: the edges cross, and go twice round the middle
ANGLES = np.pi / 2 + 2 * np.pi * np.arange(5) / 5
PENTAGON = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
PENTAGRAM = PENTAGON[[0, 2, 4, 1, 3]]

law = settings(deadline=None, derandomize=True, max_examples=50)
coordinates = st.floats(-3, 3, width=32)
polygons = st.sampled_from([SQUARE, PENTAGON, PENTAGRAM])


def inside(polygon: NDArray[np.float64], *points: tuple[float, float]) -> list[bool]:
    return inside_polygon(np.array(points, dtype=np.float32).reshape(-1, 2), polygon).tolist()


@given(x=coordinates, y=coordinates)
@law
def test_a_square_encloses_what_lies_between_its_sides(x: float, y: float) -> None:
    # the lower and the left side belong to it and the others do not: neighbouring squares share no point
    assert inside(SQUARE, (x, y)) == [0 <= x < 2 and 0 <= y < 2]


@given(radius=st.floats(0.0, 2.0), angle=st.floats(0, 2 * np.pi))
@law
def test_a_polygon_of_many_corners_is_a_circle(radius: float, angle: float) -> None:
    corners = 2 * np.pi * np.arange(720) / 720
    circle = np.column_stack([np.cos(corners), np.sin(corners)])

    # between 1 and cos(π/720) = 1 − 1e-5 lies what the corners cut off
    if abs(radius - 1) > 1e-4:
        assert inside(circle, (radius * np.cos(angle), radius * np.sin(angle))) == [radius < 1]


def test_the_middle_of_a_pentagram_is_inside() -> None:
    # the even-odd rule would leave it out, for the edges go round it twice
    assert inside(PENTAGRAM, (0, 0)) == [True]


def test_the_tips_of_a_pentagram_are_inside_and_the_notches_between_them_are_not() -> None:
    notches = -PENTAGON * 0.6

    assert inside(PENTAGRAM, *(0.9 * PENTAGON)) == [True] * 5
    assert inside(PENTAGRAM, *notches) == [False] * 5


def test_both_loops_of_a_figure_of_eight_are_inside() -> None:
    # one is drawn to the left and one to the right
    eight = np.array([[-2.0, -1], [2, 1], [2, -1], [-2, 1]])

    assert inside(eight, (-1.5, 0), (1.5, 0), (0, 0.9)) == [True, True, False]


@given(polygon=polygons, x=coordinates, y=coordinates)
@law
def test_it_does_not_matter_which_way_round_a_lasso_is_drawn(polygon: NDArray[np.float64], x: float, y: float) -> None:
    assert inside(polygon[::-1], (x, y)) == inside(polygon, (x, y))


@given(polygon=polygons, x=coordinates, y=coordinates, start=st.integers(0, 4))
@law
def test_it_does_not_matter_where_a_lasso_begins(polygon: NDArray[np.float64], x: float, y: float, start: int) -> None:
    assert inside(np.roll(polygon, start, axis=0), (x, y)) == inside(polygon, (x, y))


@pytest.mark.parametrize("corners", [0, 1, 2])
def test_less_than_a_triangle_encloses_nothing(corners: int) -> None:
    assert inside(SQUARE[:corners], (0, 0), (1, 0), (1, 1)) == [False] * 3


def test_no_points_are_no_answers() -> None:
    assert inside(SQUARE) == []

"""The map as a still: what is printed, and what a mail program shows that runs no script."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import charts
from driftcore.charts import NEWLY_RIGHT, NEWLY_WRONG, WRONG
from driftcore.handout._map import Picture

SIZE = 1000
_MARGIN = 60
_DRAWN_AT_MOST = 4_000
_CROSS, _TRIANGLE, _DIAMOND = "m-5-5l10 10m0-10l-10 10", "m0-6l6 10h-12z", "m0-6l6 6-6 6-6-6z"
_LINE_HEIGHT, _LETTER = 34, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Samples drawn alike: a path of the page's `kind`."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name, centred at a place."""

    text: str
    color: int
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """The picture in a square of `SIZE`; `routes` are the ways of the highlighted concepts' centres, and their end."""

    dots: tuple[Marks, ...]
    marks: tuple[Marks, ...]
    routes: tuple[tuple[str, int, int, int], ...]
    names: tuple[Name, ...]
    n_drawn: int


def still(picture: Picture) -> Still:
    """The current checkpoint's map."""
    wrong = np.isin(picture.outcome, (WRONG, NEWLY_WRONG))
    everything = np.ones(picture.n_drawn, dtype=bool)
    drawn = charts.drawn_part(picture.before, everything, at_most=_DRAWN_AT_MOST, kept=wrong)
    x, y = _placed(picture, picture.now)
    dots = [
        Marks(kind=f"c{number}", path=_dots(x, y, drawn & (picture.color == number)))
        for number in range(len(picture.highlighted) + 1)
    ]
    shapes = {
        "still-wrong": (WRONG, _DIAMOND),
        "newly-right": (NEWLY_RIGHT, _TRIANGLE),
        "newly-wrong": (NEWLY_WRONG, _CROSS),
    }
    marks = [
        Marks(kind=kind, path=_shapes(x, y, drawn & (picture.outcome == code), shape))
        for kind, (code, shape) in shapes.items()
    ]
    return Still(
        dots=tuple(each for each in dots if each.path),
        marks=tuple(each for each in marks if each.path),
        routes=tuple(_route(picture, path["points"], number) for number, path in enumerate(picture.data["paths"], 1)),
        names=_apart(picture),
        n_drawn=int(drawn.sum()),
    )


def _placed(picture: Picture, points: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Map units to the square; up is up."""
    share = (points - np.array(picture.data["low"])) / picture.data["size"]
    inner = SIZE - 2 * _MARGIN
    across, down = _MARGIN + share[:, 0] * inner, _MARGIN + (1 - share[:, 1]) * inner
    return np.round(across).astype(np.int64), np.round(down).astype(np.int64)


def _dots(x: NDArray[np.int64], y: NDArray[np.int64], chosen: NDArray[np.bool_]) -> str:
    """Lines of no length, whose round ends are dots: ten letters a sample."""
    return "".join(f"M{left} {top}h0" for left, top in zip(x[chosen], y[chosen], strict=True))


def _shapes(x: NDArray[np.int64], y: NDArray[np.int64], chosen: NDArray[np.bool_], shape: str) -> str:
    return "".join(f"M{left} {top}{shape}" for left, top in zip(x[chosen], y[chosen], strict=True))


def _route(picture: Picture, points: list[list[float]], number: int) -> tuple[str, int, int, int]:
    x, y = _placed(picture, np.array(points, dtype=np.float32).reshape(-1, 2))
    steps = "L".join(f"{left} {top}" for left, top in zip(x, y, strict=True))
    return f"M{steps}", int(x[-1]), int(y[-1]), number


def _apart(picture: Picture) -> tuple[Name, ...]:
    """The names above their places, pushed up or left out where they would lie on one another; coloured ones first."""
    wanted = sorted(picture.data["names"], key=lambda each: each["color"] == 0)
    x, y = _placed(picture, np.array([each["now"] for each in wanted], dtype=np.float32).reshape(-1, 2))
    placed: list[tuple[float, float, float]] = []
    names = []
    for each, across, down in zip(wanted, x, y, strict=True):
        half = _LETTER * len(each["name"]) / 2
        left = float(np.clip(across, half, SIZE - half))
        for lift in (28, -46, 64, -82):
            top = down - lift
            if all(abs(left - a) > half + b or abs(top - t) > _LINE_HEIGHT for a, t, b in placed):
                placed.append((left, top, half))
                names.append(Name(text=each["name"], color=each["color"], x=round(left), y=round(top)))
                break
    return tuple(names)

"""Accuracy and drift on one time axis, as geometry: where each line, band, mark and tick of the drawing lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np

from driftcore.handout._findings import Findings
from driftcore.handout._text import short
from driftcore.records import ConceptDrift, Moment, PairPoint

_LEFT, _RIGHT, _TOP, _BETWEEN, _BOTTOM = 52, 18, 30, 62, 34
_PANEL = {True: 150, False: 130}
# checkpoints closer than this share of the whole time are drawn at equal distances
_CLOSEST = 0.02
_LETTER = 7.2
_OVER = 0.05
_ONSETS = 4
_SERIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One quantity through time: `values` in percent, None where unknown; `kind` is its colour, mark and dash."""

    name: str
    kind: int
    dashed: bool
    values: tuple[float | None, ...]
    bands: tuple[tuple[float, float] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A line as drawn: a path for each run without gaps, outlines of its intervals, and its marks."""

    line: Line
    path: str
    bands: tuple[str, ...]
    marks: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One set of axes; ticks are (y, text)."""

    title: str
    top: float
    bottom: float
    ticks: tuple[tuple[float, str], ...]
    zero: float | None
    lines: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole drawing; `names` are (x, text) along the time axis, `onsets` (x, y, text, anchor)."""

    width: int
    height: float
    left: float
    right: float
    panels: tuple[Panel, ...]
    names: tuple[tuple[float, str], ...]
    onsets: tuple[tuple[float, float, str, str], ...]
    current: float


def accuracy_lines(moments: Sequence[Moment], split: str) -> tuple[Line, ...]:
    """Accuracy by split, the report's own first; accuracy on the rows it was trained on says nothing about a model."""
    told = [dict(moment.accuracy) for moment in moments]
    splits = sorted({name for each in told for name in each} - {"train"}, key=lambda name: (name != split, name))
    return tuple(
        Line(
            name=f"accuracy, {short(name, 30)}",
            kind=number,
            dashed=number > 0,
            values=tuple(None if name not in each else 100 * each[name] for each in told),
            bands=(None,) * len(told),
        )
        for number, name in enumerate(splits[:_SERIES])
    )


def drift_lines(findings: Findings) -> tuple[Line, ...]:
    """Gap closure of the pairs worth watching; where there are none, how far the concept went that went farthest."""
    first = len(accuracy_lines(findings.moments, findings.report.split))
    pairs = tuple(
        Line(
            name=f"{short(pair[0], 24)} – {short(pair[1], 24)}",
            kind=(first + number) % _SERIES,
            dashed=False,
            values=tuple(None if point.gap_closure is None else 100 * point.gap_closure for point in history),
            bands=tuple(_interval(point) for point in history),
        )
        for number, (pair, history) in enumerate(findings.histories.items())
    )
    compared = any(moment.report is not None for moment in findings.moments)
    if pairs or not compared:
        return pairs
    farthest = tuple(_farthest(moment, findings.report.reference) for moment in findings.moments)
    nothing = (None,) * len(farthest)
    return (
        Line(name="concept that moved farthest", kind=first % _SERIES, dashed=False, values=farthest, bands=nothing),
    )


def timeline(findings: Findings, *, width: int) -> Timeline:
    """The drawing for a page of some width; the height follows."""
    moments = findings.moments
    accuracy, drift = accuracy_lines(moments, findings.report.split), drift_lines(findings)
    x = _places([moment.at for moment in moments], _LEFT + 8, width - _RIGHT - 8)
    closure = "Drift: share of the gap that has gone" if findings.histories else "Drift: displacement, of the mean gap"
    wanted = [(title, lines) for title, lines in (("Accuracy", accuracy), (closure, drift)) if lines]
    panels, top = [], float(_TOP)
    for title, lines in wanted:
        height = _PANEL[width > 600]
        panels.append(_panel(f"{title} (%)", lines, x, top, top + height, from_zero=lines is drift))
        top += height + _BETWEEN
    bottom = panels[-1].bottom if panels else float(_TOP)
    names = [moment.checkpoint for moment in moments]
    return Timeline(
        width=width,
        height=bottom + _BOTTOM,
        left=_LEFT,
        right=width - _RIGHT,
        panels=tuple(panels),
        names=_shown_names(names, x, width),
        onsets=_onset_marks(findings, names, x, panels),
        current=x[names.index(findings.report.current)],
    )


def _farthest(moment: Moment, reference: str) -> float | None:
    if moment.checkpoint == reference:
        return 0.0
    concepts: Sequence[ConceptDrift] = () if moment.report is None else moment.report.concepts
    return max((100 * each.displacement for each in concepts), default=None)


def _interval(point: PairPoint) -> tuple[float, float] | None:
    return None if point.low is None or point.high is None else (100 * point.low, 100 * point.high)


def _places(at: Sequence[datetime], left: float, right: float) -> list[float]:
    """Where each moment lies: by its time, or at equal distances where times do not tell them apart."""
    if len(at) == 1:
        return [(left + right) / 2]
    seconds = np.array([each.timestamp() for each in at])
    whole = float(np.ptp(seconds))
    if whole <= 0 or float(np.diff(seconds).min()) < _CLOSEST * whole:
        seconds, whole = np.arange(len(at), dtype=float), len(at) - 1.0
    return [round(float(place), 1) for place in left + (seconds - seconds[0]) / whole * (right - left)]


def _panel(
    title: str, lines: Sequence[Line], x: Sequence[float], top: float, bottom: float, *, from_zero: bool
) -> Panel:
    every = [value for line in lines for value in line.values if value is not None]
    every += [edge for line in lines for band in line.bands if band is not None for edge in band]
    low, high = (min(0.0, *every), max(0.0, *every)) if from_zero else (min(every), max(every))
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def y(value: float) -> float:
        return round(bottom - (value - low) / (high - low) * (bottom - top), 1)

    return Panel(
        title=title,
        top=top,
        bottom=bottom,
        ticks=tuple((y(tick), f"{tick:g}") for tick in ticks),
        zero=y(0.0) if from_zero else None,
        lines=tuple(
            _drawn(line, x, [None if value is None else y(value) for value in line.values], y) for line in lines
        ),
    )


def _drawn(line: Line, x: Sequence[float], down: Sequence[float | None], y: Callable[[float], float]) -> Drawn:
    places = list(zip(x, down, line.values, line.bands, strict=True))
    runs = [list(run) for known, run in groupby(places, key=lambda each: each[1] is not None) if known]
    banded = [list(run) for known, run in groupby(places, key=lambda each: each[3] is not None) if known]
    return Drawn(
        line=line,
        path="".join("M" + "L".join(f"{across} {place}" for across, place, _, _ in run) for run in runs),
        bands=tuple(
            "M"
            + "L".join(
                [f"{across} {y(band[1])}" for across, _, _, band in run if band]
                + [f"{across} {y(band[0])}" for across, _, _, band in reversed(run) if band]
            )
            + "Z"
            for run in banded
        ),
        marks=tuple((across, place, f"{value:.1f} %") for across, place, value, _ in places if place is not None),
    )


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers from below `low` to above `high`."""
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    rough = (high - low) / 4
    power = 10 ** np.floor(np.log10(rough))
    step = next(float(factor * power) for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    # a value that hardly leaves the round number is no reason for another line
    first, last = int(np.floor(low / step + _OVER)), int(np.ceil(high / step - _OVER))
    return [round(number * step, 6) for number in range(first, last + 1)]


def _shown_names(names: Sequence[str], x: Sequence[float], width: int) -> tuple[tuple[float, str], ...]:
    """The names that fit, the last one first; of the others every so-and-so-many-th, counted from it."""
    shown = [short(name, 14) for name in names]
    free, kept = float(width), []
    for number in range(len(names) - 1, -1, -1):
        half = len(shown[number]) * _LETTER / 2
        middle = min(x[number], width - half - 2)
        if middle + half <= free:
            kept.append((middle, shown[number]))
            free = middle - half - 10
    return tuple(reversed([each for each in kept if each[0] - len(each[1]) * _LETTER / 2 >= 0]))


def _onset_marks(
    findings: Findings, names: Sequence[str], x: Sequence[float], panels: Sequence[Panel]
) -> tuple[tuple[float, float, str, str], ...]:
    """A mark for each concept that started to move, one below the other under the drift panel's title."""
    if not panels:
        return ()
    marks = [(x[names.index(at)], short(concept, 24)) for concept, at in findings.onsets if at in names][:_ONSETS]
    late = (x[0] + x[-1]) / 2
    return tuple(
        (place, panels[-1].top + 14 + 16 * row, f"{concept} starts", "end" if place > late else "start")
        for row, (place, concept) in enumerate(marks)
    )

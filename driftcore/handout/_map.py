"""The map's samples, small enough to be mailed: a declared part, in whole steps, with texts up to a budget."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore import charts
from driftcore.handout._text import as_json, short
from driftcore.records import DriftReport, Frame, MapRows
from driftcore.workflows.look import centroid_paths, highlighted_concepts, places_before

DRAWN_AT_MOST = 30_000
# of the 5 MB; the coordinates of all drawn samples take 0.6, everything else less than 1
TEXT_BUDGET = 2_800_000
_TEXT_LENGTH = 160
_NAMES_AT_MOST = 500
_NAMED_AT_MOST = 24
_STEPS = 65_535
_CERTAIN = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What is drawn of the map.

    Parameters
    ----------
    data : dict
        For the page's script; plain JSON values.
    now, before : float32 arrays of shape (n_drawn, 2)
        Map units, at the current and at the reference checkpoint.
    color : uint8 array of shape (n_drawn,)
        0 for concepts without a colour of their own, else one more than the number of the highlighted concept.
    outcome : uint8 array of shape (n_drawn,)
    highlighted : tuple of str
    n_samples, n_texts : int
        Samples of the map, drawn or not, and texts that came with it.
    """

    data: dict[str, Any]
    now: NDArray[np.float32]
    before: NDArray[np.float32]
    color: NDArray[np.uint8]
    outcome: NDArray[np.uint8]
    highlighted: tuple[str, ...]
    n_samples: int
    n_texts: int

    @property
    def n_drawn(self) -> int:
        """How many samples are drawn."""
        return len(self.now)

    @property
    def evaluated(self) -> bool:
        """Whether anything is known about right and wrong."""
        return bool((self.outcome != charts.UNKNOWN).any())


def picture(
    frame: Frame,
    rows: MapRows,
    report: DriftReport,
    *,
    at_most: int = DRAWN_AT_MOST,
    text_budget: int = TEXT_BUDGET,
) -> Picture:
    """What is drawn of a map of any size.

    Parameters
    ----------
    frame : Frame
    rows : MapRows
        The samples at the report's current checkpoint.
    report : DriftReport
    at_most : int
        Samples drawn: `charts.drawn_part` says which.
    text_budget : int
        Bytes that the texts may take; what the model gets wrong comes first, then what moved farthest.
    """
    came_from = places_before(rows, frame)
    everything = np.ones(len(rows), dtype=bool)
    drawn = np.flatnonzero(charts.drawn_part(came_from, everything, at_most=at_most, kept=rows.correct_current == 0))
    now, before = rows.points[drawn], came_from[drawn]
    highlighted = highlighted_concepts(report)
    outcome = charts.outcomes(rows)[drawn]
    labels, label = _coded(rows.concepts[drawn])
    answers, answer = _coded(rows.predictions[drawn])
    texts = _texts_within(rows, drawn, outcome, text_budget)
    low, size = _square(now, before)
    data = {
        "n": len(drawn),
        "low": low.tolist(),
        "size": size,
        "now": _packed(_in_steps(now, low, size)),
        "before": _packed(_in_steps(before, low, size)),
        "label": _packed(label),
        "answer": _packed(answer),
        "outcome": _packed(outcome),
        "color": _packed(color := _colors(rows.concepts[drawn], highlighted)),
        "shift": _packed(np.clip(rows.shift[drawn] / 2 * _STEPS, 0, _STEPS).astype("<u2")),
        "confidence": _packed(_in_percent(rows.confidences[drawn])),
        "labels": labels,
        "answers": answers,
        "texts": texts,
        "concepts": [short(name) for name in highlighted],
        "names": _names(frame, report, highlighted),
        "paths": [
            {
                "concept": short(path.concept),
                "knots": list(map(short, path.checkpoints)),
                "points": _listed(path.points),
            }
            for path in centroid_paths(frame, report.current, highlighted)
        ],
        "reference": short(report.reference),
        "current": short(report.current),
    }
    return Picture(
        data=data,
        now=now,
        before=before,
        color=color,
        outcome=outcome,
        highlighted=highlighted,
        n_samples=len(rows),
        n_texts=sum(text is not None for text in texts),
    )


def _texts_within(rows: MapRows, drawn: NDArray[np.int64], outcome: NDArray[np.uint8], budget: int) -> list[str | None]:
    """The texts of the drawn samples as far as the budget reaches, None for the others."""
    texts: list[str | None] = [None] * len(drawn)
    urgent = np.isin(outcome, (charts.WRONG, charts.NEWLY_RIGHT, charts.NEWLY_WRONG))
    order = np.lexsort((-rows.shift[drawn], ~urgent))
    for number, text in zip(order, rows.texts[drawn[order]], strict=True):
        if text is None:
            continue
        cut = short(text, _TEXT_LENGTH)
        budget -= len(as_json(cut).encode()) + 1
        if budget < 0:
            break
        texts[number] = cut
    return texts


def _coded(values: NDArray[np.object_]) -> tuple[list[str], NDArray[np.int16]]:
    """The most frequent values, and which one each sample has; −1 where it has none, −2 where it is a rarer one."""
    known = np.array([value is not None for value in values], dtype=bool)
    codes = np.full(len(values), -1, dtype="<i2")
    if not known.any():
        return [], codes
    names, which, counts = np.unique(values[known].astype(str), return_inverse=True, return_counts=True)
    frequent = np.argsort(-counts, kind="stable")[:_NAMES_AT_MOST]
    code_of = np.full(len(names), -2, dtype="<i2")
    code_of[frequent] = np.arange(len(frequent))
    codes[known] = code_of[which]
    return [short(names[each]) for each in frequent], codes


def _colors(concepts: NDArray[np.object_], highlighted: Sequence[str]) -> NDArray[np.uint8]:
    color = np.zeros(len(concepts), dtype=np.uint8)
    for number, name in enumerate(highlighted, start=1):
        color[concepts == name] = number
    return color


def _names(frame: Frame, report: DriftReport, highlighted: Sequence[str]) -> list[dict[str, Any]]:
    """The concepts named on the map, with where they stood and stand: all, or the few that matter of many."""
    first, last = frame.steps[0], frame.step(report.current) or frame.steps[0]
    wanted = first.concepts if len(first.concepts) <= _NAMED_AT_MOST else highlighted
    stood, stands = (dict(zip(step.concepts, step.centroids, strict=True)) for step in (first, last))
    return [
        {
            "name": short(name, 30),
            "color": highlighted.index(name) + 1 if name in highlighted else 0,
            "before": _listed(stood[name]),
            "now": _listed(stands[name]),
        }
        for name in wanted
        if name in stood and name in stands
    ]


def _square(*points: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """The lower corner and the side of the smallest square round all points, with them in its middle."""
    every = np.concatenate(points).astype(np.float64)
    low, high = every.min(axis=0), every.max(axis=0)
    size = float((high - low).max()) or 1.0
    return (low + high - size) / 2, size


def _in_steps(points: NDArray[np.float32], low: NDArray[np.float64], size: float) -> NDArray[np.uint16]:
    """Coordinates in whole steps: a 65,535th of the map is far less than a pixel."""
    return np.clip(np.round((points - low) / size * _STEPS), 0, _STEPS).astype("<u2")


def _in_percent(confidences: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Confidence in half percents; 255 where it is unknown."""
    known = np.nan_to_num(np.clip(confidences, 0.0, 1.0)) * _CERTAIN
    return np.where(np.isnan(confidences), 255, np.round(known)).astype(np.uint8)


def _packed(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _listed(points: NDArray[np.float32]) -> Any:
    return np.round(points.astype(float), 4).tolist()

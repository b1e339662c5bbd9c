"""One variant and one metric of a tool's output: the only one, the tool's own verdict, or the one that is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers.evals._rows import EQUALITY, EvalReading, EvalRow, Score

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The rows of one variant, and what one metric says of each; None for what it does not say.

    With the metric `EQUALITY` nothing is said: whoever knows the labels compares. `others` are the metrics that were
    there as well.
    """

    rows: tuple[EvalRow, ...]
    scores: tuple[Score, ...]
    variant: str | None
    metric: str
    others: tuple[str, ...]


def choose(
    reading: EvalReading, *, variant: str | None = None, metric: str | None = None, threshold: float | None = None
) -> Chosen:
    """The rows that one eval run is made of.

    Parameters
    ----------
    reading : EvalReading
    variant, metric : str, optional
        By name, or by a part of it that only one has.
    threshold : float, optional
        From which score on an answer is right. Without it the tool's verdict counts, and where it gave only a number
        in [0, 1], right is what has more than half: a tie is wrong.

    Returns
    -------
    Chosen

    Raises
    ------
    BadInputError
        If there are several and none is chosen, if there is none of the name, or if the scores of the metric leave
        [0, 1] and no `threshold` says what is right. The message lists what there is.
    """
    variants = list(dict.fromkeys(row.variant for row in reading.rows))
    of_variant = _named(variants, variant, reading, "variant", reading.variants_are)
    rows = tuple(row for row in reading.rows if row.variant == of_variant)
    metrics = list(dict.fromkeys(name for row in rows for name in row.scores))
    of_metric = _metric(metrics, metric, reading)
    scores = tuple(row.scores.get(of_metric, Score()) if row.error is None else Score() for row in rows)
    return Chosen(
        rows=rows,
        scores=_with_verdicts(scores, threshold, name=of_metric, source=reading.source),
        variant=of_variant or None,
        metric=of_metric,
        others=tuple(name for name in metrics if name != of_metric),
    )


def _metric(metrics: Sequence[str], wanted: str | None, reading: EvalReading) -> str:
    if wanted == EQUALITY and EQUALITY not in metrics:
        return EQUALITY
    if wanted is None and (reading.default_metric == EQUALITY or reading.default_metric in metrics):
        return reading.default_metric or EQUALITY
    if wanted is None and not metrics:
        return EQUALITY
    return _named(metrics, wanted, reading, "metric", reading.metrics_are)


def _named(names: Sequence[str], wanted: str | None, reading: EvalReading, option: str, are: str) -> str:
    if wanted is None:
        if len(names) == 1:
            return names[0]
        raise BadInputError(
            f"{reading.source} holds {len(names)} {are}, and an eval run is one of them: "
            f"say --{option} NAME. There are: {listed(names)}."
        )
    if wanted in names:
        return wanted
    alike = [name for name in names if wanted.casefold() in name.casefold()]
    if len(alike) != 1:
        what = f"{len(alike)} {are} are like" if alike else f"none of the {are} is"
        there = [name for name in (alike or names) if name]
        raise BadInputError(f"{reading.source}: {what} {one_line(wanted)!r}. There are: {listed(there)}.")
    return alike[0]


def _with_verdicts(scores: Sequence[Score], threshold: float | None, *, name: str, source: str) -> tuple[Score, ...]:
    graded = [score.value for score in scores if score.correct is None and score.value is not None]
    if threshold is None and graded and not (min(graded) >= 0 and max(graded) <= 1):
        raise BadInputError(
            f"{source}: the scores of '{one_line(name)}' go from {min(graded):g} to {max(graded):g}, and nothing says "
            "which of them are right: say --threshold SCORE (right from there on)."
        )
    return tuple(_with_verdict(score, threshold) for score in scores)


def _with_verdict(score: Score, threshold: float | None) -> Score:
    if score.value is None or (score.correct is not None and threshold is None):
        return score
    correct = score.value > _HALF if threshold is None else score.value >= threshold
    return Score(value=score.value, correct=correct, answer=score.answer)

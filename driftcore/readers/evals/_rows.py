"""The table that every eval tool's output becomes: a row for each sample, variant and epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EQUALITY = "equality"
"""The metric that needs no tool: right is a prediction that equals its target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one metric said of one answer.

    Parameters
    ----------
    value : float or None
        The number, where there is one; 1 is a full score for the tools that grade in [0, 1].
    correct : bool or None
        The tool's own verdict; None where it gave only a number, or could not score.
    answer : str or None
        What this metric took for the answer, where it picked it out of a longer one.
    """

    value: float | None = None
    correct: bool | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRow:
    """One answer.

    Parameters
    ----------
    fields : mapping of str to str
        All that may name the sample or be its text, by where it stands in the file (``doc.id``, ``vars.ticket``).
    prediction : str or None
        None where the tool failed, or where the file does not say it.
    targets : tuple of str
        Answers of which any is right; empty where the tool stored none.
    scores : mapping of str to Score
        By metric.
    error : str or None
        What went wrong: such a row is unknown and never wrong.
    """

    fields: Mapping[str, str]
    prediction: str | None
    targets: tuple[str, ...] = ()
    scores: Mapping[str, Score]
    error: str | None = None
    variant: str = ""
    epoch: int = 1
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalReading:
    """A tool's output as it was found.

    Parameters
    ----------
    tool : str
    rows : tuple of EvalRow
        At least one.
    source : str
        Name of the file, for messages.
    own_ids : tuple of str
        Fields that are meant as ids, the most trusted first; every other field may turn out to be one.
    variants_are, metrics_are : str
        What the tool calls them, for messages.
    default_metric : str or None
        The one that stands for the tool's verdict; None where there is none, so that one of several must be named.
    notes : tuple of str
        What a person should know of this file: a run that did not finish, for instance.
    """

    tool: str
    rows: tuple[EvalRow, ...]
    source: str
    own_ids: tuple[str, ...]
    variants_are: str = "variants"
    metrics_are: str = "metrics"
    default_metric: str | None = None
    notes: tuple[str, ...] = ()

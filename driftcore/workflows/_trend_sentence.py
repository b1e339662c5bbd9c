"""A sequence of checkpoints in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from driftcore.records import ConceptTrend, Look, PairTrend, TimeUnit
from driftcore.workflows._sentence import named


def trend_sentence(
    reference: str, looks: Sequence[Look], concepts: Sequence[ConceptTrend], pairs: Sequence[PairTrend], unit: TimeUnit
) -> str:
    """Who started to move when, what the eval saw of it, and how fast it goes, about the most urgent concept."""
    moved = [concept for concept in concepts if concept.onset is not None]
    if not moved:
        return f"No concept started to move in {_checkpoints(len(looks))} since {reference}{_fell(concepts)}."
    told = moved[0]
    pair = next((pair for pair in pairs if pair.a == told.concept), None)
    started = "started to move" if told.confirmed else "may have started to move"
    wait = "" if told.confirmed else " (the next checkpoint will tell)"
    what = f"{named([told.concept])} {started} at {told.onset}{wait} {_eval(told, len(looks))}"
    return f"{what}{_speed(pair, unit)}{_others(moved[1:])}."


def _checkpoints(n: int) -> str:
    return "1 checkpoint" if n == 1 else f"{n} checkpoints"


def _eval(told: ConceptTrend, n_looks: int) -> str:
    if told.lead_looks is not None and told.lead_looks > 0:
        return f"and its accuracy fell {_checkpoints(told.lead_looks)} later, at {told.accuracy_drop}"
    if told.lead_looks == 0:
        return "and its accuracy fell at once"
    if told.lead_looks is not None:
        return f"after its accuracy had fallen at {told.accuracy_drop}"
    if told.accuracy[-1] is None:
        return "while no eval of it is stored"
    if told.verdicts[-1] == "improved":
        return "and its accuracy rose"
    return f"and has been silent for {_checkpoints(told.silent_looks or n_looks)}"


def _speed(pair: PairTrend | None, unit: TimeUnit) -> str:
    if pair is None or pair.slope is None or pair.slope <= 0:
        return ""
    known = pair.slope_low is not None and pair.slope_high is not None
    interval = f" [{100 * (pair.slope_low or 0):.1f}, {100 * (pair.slope_high or 0):.1f}]" if known else ""
    return f"; it goes {100 * pair.slope:.1f} %{interval} of a gap toward {named([pair.b])} each {unit}"


def _others(others: Sequence[ConceptTrend]) -> str:
    if not others:
        return ""
    first = "at" if len(others) == 1 else "the first at"
    return f"; {named([other.concept for other in others])} started too, {first} {others[0].onset}"


def _fell(concepts: Sequence[ConceptTrend]) -> str:
    fallen = [concept.concept for concept in concepts if concept.accuracy_drop is not None]
    return f"; accuracy fell without movement for {named(fallen)}" if fallen else ""

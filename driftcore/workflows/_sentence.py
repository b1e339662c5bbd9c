"""The one sentence that every page and every report can say."""

from __future__ import annotations

from collections.abc import Sequence

from driftcore.records import ConceptDrift, Gauges, PairDrift, SpanBrief


def sentence(
    reference: str,
    current: str,
    concepts: Sequence[ConceptDrift],
    pairs: Sequence[PairDrift],
    gauges: Gauges,
    spans: Sequence[SpanBrief],
) -> str:
    """What a manager needs to know, in one sentence.

    Of the concepts that moved, the one that the eval suffers from most is the subject, then the one that went farthest.
    """
    moved = [concept for concept in concepts if concept.kind != "none"]
    if not moved:
        return _quiet(reference, current, concepts, gauges)
    pair_of = {frozenset((pair.a, pair.b)): pair for pair in pairs}
    told = min(moved, key=lambda concept: (_accuracy_change(concept), -(concept.migration or 0.0)))
    pair = pair_of.get(frozenset((told.concept, told.toward or "")))
    return f"Since {reference} {_movement(told, pair)} {_accuracy(told, gauges)}: {_samples(spans, len(moved))}."


def percent(share: float) -> str:
    """A share of 1 in words.

    >>> percent(0.154)
    '15 %'
    """
    return f"{round(100 * share):d} %"


def q_text(q_value: float) -> str:
    """A q-value in words.

    >>> q_text(0.0000001), q_text(0.012)
    ('q < 0.001', 'q = 0.012')
    """
    return "q < 0.001" if q_value < 0.001 else f"q = {q_value:.3f}"


def _accuracy_change(concept: ConceptDrift) -> float:
    if concept.accuracy_reference is None or concept.accuracy_current is None:
        return 0.0
    return concept.accuracy_current - concept.accuracy_reference


def _movement(told: ConceptDrift, pair: PairDrift | None) -> str:
    if pair is None or pair.gap_closure <= 0:
        return f"'{told.concept}' has moved {percent(told.displacement)} of the mean gap between concepts"
    interval = "" if pair.low is None or pair.high is None else f" [{round(100 * pair.low)}, {round(100 * pair.high)}]"
    sure = "" if pair.q_value is None else f" ({q_text(pair.q_value)})"
    return f"'{told.concept}' has come {percent(pair.gap_closure)}{interval} closer to '{told.toward}'{sure}"


def _accuracy(told: ConceptDrift, gauges: Gauges) -> str:
    if told.accuracy_reference is None or told.accuracy_current is None or gauges.accuracy_current is None:
        return "while no eval of it is stored"
    if told.verdict == "silent":
        return f"while accuracy stayed at {percent(gauges.accuracy_current)}"
    verb = "fell" if told.accuracy_current < told.accuracy_reference else "rose"
    return f"and its accuracy {verb} from {percent(told.accuracy_reference)} to {percent(told.accuracy_current)}"


def _samples(spans: Sequence[SpanBrief], n_moved: int) -> str:
    n = sum(span.n_samples for span in spans)
    return f"{n} samples{f' of {n_moved} concepts that moved' if n_moved > 1 else ''} are worth retraining on"


def _quiet(reference: str, current: str, concepts: Sequence[ConceptDrift], gauges: Gauges) -> str:
    if gauges.mean_shift == 0:
        return f"Nothing moved between {reference} and {current}{_overall_accuracy(gauges)}."
    watched = [concept.concept for concept in concepts if concept.verdict == "watch"]
    lost = [concept.concept for concept in concepts if concept.verdict == "boundary"]
    extra = f"; worth watching: {', '.join(watched[:3])}" if watched else ""
    extra += f"; accuracy fell without movement: {', '.join(lost[:3])}" if lost else ""
    return (
        f"No concept moved more than training moved all of them between {reference} and {current}{extra}"
        f"{_overall_accuracy(gauges)}."
    )


def _overall_accuracy(gauges: Gauges) -> str:
    if gauges.accuracy_reference is None or gauges.accuracy_current is None:
        return ""
    before, after = percent(gauges.accuracy_reference), percent(gauges.accuracy_current)
    return f"; accuracy stayed at {after}" if before == after else f"; accuracy went from {before} to {after}"

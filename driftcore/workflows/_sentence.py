"""The one sentence that every page and every report can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from driftcore.errors import one_line
from driftcore.records import ConceptDrift, DriftPolicy, Gauges, PairDrift, SpanBrief

_MAX_NAMES = 3


def sentence(
    reference: str,
    current: str,
    concepts: Sequence[ConceptDrift],
    pairs: Sequence[PairDrift],
    gauges: Gauges,
    spans: Sequence[SpanBrief],
    policy: DriftPolicy,
) -> str:
    """What a manager needs to know, in one sentence: what happened, what it did to the eval, what to do.

    Of the concepts that moved, the one that the eval suffers from most is the subject, then the one that went farthest.
    """
    moved = [_as_told(concept) for concept in concepts if concept.kind != "none"]
    if not moved:
        return _quiet(reference, current, concepts, gauges, policy)
    told = min(moved, key=lambda concept: (_accuracy_change(concept), -(concept.migration or 0.0)))
    pair_of = {frozenset((pair.a, pair.b)): pair for pair in pairs}
    pair = pair_of.get(frozenset((told.concept, told.toward or "")))
    what = f"{_movement(told, pair, spans)} {_accuracy(told, gauges, policy)}"
    return f"Since {reference} {what}: {_what_to_do(moved, spans)}{_besides(concepts)}."


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


def named(concepts: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are.

    >>> named(["refund"]), named(["a", "b", "c", "d", "e"])
    ("'refund'", "'a', 'b', 'c' and 2 more")
    """
    shown = ", ".join(f"'{one_line(name)}'" for name in concepts[:_MAX_NAMES])
    return shown if len(concepts) <= _MAX_NAMES else f"{shown} and {len(concepts) - _MAX_NAMES} more"


def _as_told(concept: ConceptDrift) -> ConceptDrift:
    """Where a part moved alone, the accuracy told is that of its samples."""
    if concept.part is None:
        return concept
    part = concept.part
    return replace(concept, accuracy_reference=part.accuracy_reference, accuracy_current=part.accuracy_current)


def _accuracy_change(concept: ConceptDrift) -> float:
    if concept.accuracy_reference is None or concept.accuracy_current is None:
        return 0.0
    return concept.accuracy_current - concept.accuracy_reference


def _movement(told: ConceptDrift, pair: PairDrift | None, spans: Sequence[SpanBrief]) -> str:
    name = named([told.concept])
    if told.kind == "part" and told.part is not None:
        about = f" (“{', '.join(told.part.words)}”)" if told.part.words else ""
        toward = "" if told.part.toward is None else f" toward {named([told.part.toward])}"
        how_far = f"{percent(told.part.displacement)} of the mean gap between concepts{toward}"
        return f"{told.part.n} of the {told.n} samples of {name}{about} have moved {how_far}"
    if told.kind in ("split", "scattered"):
        n = sum(span.n_samples for span in spans if span.concept == told.concept)
        how = "gone their own way" if told.kind == "split" else "scattered away from the others"
        return f"{n} of the {told.n} samples of {name} have {how}"
    if pair is None or pair.gap_closure <= 0:
        toward = "" if told.toward is None else f" toward {named([told.toward])}"
        return f"{name} has moved {percent(told.displacement)} of the mean gap between concepts{toward}"
    interval = "" if pair.low is None or pair.high is None else f" [{round(100 * pair.low)}, {round(100 * pair.high)}]"
    sure = "" if pair.q_value is None else f" ({q_text(pair.q_value)})"
    return f"{name} has come {percent(pair.gap_closure)}{interval} closer to {named([told.toward or ''])}{sure}"


def _accuracy(told: ConceptDrift, gauges: Gauges, policy: DriftPolicy) -> str:
    if told.accuracy_reference is None or told.accuracy_current is None:
        return "while no eval of it is stored"
    before, after = percent(told.accuracy_reference), percent(told.accuracy_current)
    its = "their" if told.part else "its"
    if told.verdict in ("regression", "improved"):
        verb = "fell" if told.verdict == "regression" else "rose"
        return f"and {its} accuracy {verb} from {before} to {after}"
    if before != after and abs(_accuracy_change(told)) >= policy.min_accuracy_change:
        return f"while {its} accuracy went from {before} to {after}, which may be chance"
    overall = _overall(gauges)
    if overall is not None and overall[0] == overall[1]:
        return f"while accuracy stayed at {overall[1]}"
    return f"while {its} own accuracy stayed at {after}"


def _what_to_do(moved: Sequence[ConceptDrift], spans: Sequence[SpanBrief]) -> str:
    """What of the movement asks for retraining: not that of a concept that is better for it."""
    worse = {concept.concept for concept in moved if concept.verdict != "improved"}
    if not worse:
        return "nothing to do, it is better than before"
    n = sum(span.n_samples for span in spans if span.concept in worse)
    of_how_many = f" of {len(worse)} concepts that moved" if len(worse) > 1 else ""
    return f"{n} samples{of_how_many} are worth retraining on"


def _besides(concepts: Sequence[ConceptDrift]) -> str:
    lost = [concept.concept for concept in concepts if concept.verdict == "boundary"]
    return f"; besides, accuracy fell without movement for {named(lost)}" if lost else ""


def _quiet(reference: str, current: str, concepts: Sequence[ConceptDrift], gauges: Gauges, policy: DriftPolicy) -> str:
    """The sentence where no concept moved: what else happened stands in it, the most urgent first."""
    if gauges.mean_shift == 0:
        what = f"Nothing moved between {reference} and {current}"
    else:
        what = f"No concept moved more than training moved all of them between {reference} and {current}"
    return f"{what}{_lost(concepts)}{_ran_together(gauges, policy)}{_watched(concepts)}{_overall_accuracy(gauges)}."


def _lost(concepts: Sequence[ConceptDrift]) -> str:
    lost = [concept for concept in concepts if concept.verdict == "boundary"]
    if not lost:
        return ""
    worst = min(lost, key=_accuracy_change)
    before, after = percent(worst.accuracy_reference or 0.0), percent(worst.accuracy_current or 0.0)
    others = f", as did that of {len(lost) - 1} more" if len(lost) > 1 else ""
    return (
        f", yet the accuracy of {named([worst.concept])} fell from {before} to {after}{others}: look at the classifier"
        " on top, not at the embeddings"
    )


def _ran_together(gauges: Gauges, policy: DriftPolicy) -> str:
    if gauges.separation is None or gauges.separation > -policy.max_separation_loss:
        return ""
    return f"; all of them ran together: their gaps are {percent(-gauges.separation)} smaller beside their own width"


def _watched(concepts: Sequence[ConceptDrift]) -> str:
    watched = [concept.concept for concept in concepts if concept.verdict == "watch"]
    if not watched:
        return ""
    verb = "stands" if len(watched) == 1 else "stand"
    return f"; {named(watched)} {verb} out, but not enough to be sure: look again next time"


def _overall_accuracy(gauges: Gauges) -> str:
    overall = _overall(gauges)
    if overall is None:
        return ""
    before, after = overall
    return f"; accuracy stayed at {after}" if before == after else f"; accuracy went from {before} to {after}"


def _overall(gauges: Gauges) -> tuple[str, str] | None:
    if gauges.accuracy_reference is None or gauges.accuracy_current is None:
        return None
    return percent(gauges.accuracy_reference), percent(gauges.accuracy_current)

"""What the page says in plain words: verdicts, causes, the key numbers, and how everything was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from driftcore.handout._findings import Findings
from driftcore.handout._text import short
from driftcore.records import CauseKind, DriftPolicy, Gauges, Kind, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A verdict for a person: a word, a sign, and a sentence."""

    word: str
    sign: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNumber:
    """A number with its name, as shown and exactly, and a line of plain words."""

    name: str
    shown: str
    exact: float | int | None
    beside: str
    words: str


VERDICTS: Final[dict[Verdict, Said]] = {
    "stable": Said(word="Stable", sign="✓", meaning="Nothing moved beyond what training does to everything."),
    "watch": Said(
        word="Watch", sign="○", meaning="Something stands out, but not far enough to be sure. Look again next time."
    ),
    "silent": Said(
        word="Silent drift",
        sign="!",
        meaning="The meaning moved and the accuracy did not follow, or is not known: the eval alone says nothing.",
    ),
    "regression": Said(word="Regression", sign="▼", meaning="The meaning moved, and accuracy fell with it."),
    "boundary": Said(
        word="Boundary",
        sign="▽",
        meaning="Accuracy fell without the meaning moving: look at the classifier, not at the embeddings.",
    ),
    "improved": Said(word="Improved", sign="▲", meaning="The meaning moved, and accuracy rose with it."),
}
UNJUDGED: Final = Said(word="Too small to judge", sign="–", meaning="Too few samples to say anything.")

CAUSES: Final[dict[CauseKind, str]] = {
    "none": "No test of a cause fired.",
    "semantic": "Some concepts changed their meaning, beyond what happened to all: a person should read their samples.",
    "data": "The data changed: other samples, other texts or another mix. What is coming in should be looked at.",
    "model": "Training moved the whole space. By itself that is expected, and nobody needs to look at samples for it.",
    "infrastructure": "Plumbing: the vectors were made or stored in another way. Check how they are produced.",
}

KINDS: Final[dict[Kind, str]] = {
    "moved": "moved as a whole",
    "part": "a part of it moved",
    "split": "a part tore off",
    "scattered": "some of its samples scattered",
    "none": "",
}
# of spans, which know more kinds than concepts
SPAN_KINDS: Final[dict[str, str]] = {
    **{str(kind): words for kind, words in KINDS.items()},
    "content": "other things are said about it",
    "novel": "unlike any known sample",
    "lasso": "selected by a person on the map",
}


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 as a percentage, a dash where it is unknown."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def points(before: float | None, after: float | None) -> str:
    """A change in percentage points, with its sign; a dash where a side is unknown."""
    if before is None or after is None:
        return "–"
    change = 100 * (after - before)
    return "±0.0" if abs(change) < 0.05 else f"{'+' if change > 0 else '−'}{abs(change):.1f}"


def interval(low: float | None, high: float | None) -> str:
    """The ends of a 95 % interval in percent; nothing where there is none."""
    return "" if low is None or high is None else f"[{100 * low:.0f}, {100 * high:.0f}]"


def key_numbers(findings: Findings) -> tuple[KeyNumber, ...]:
    """The numbers that a reader should take away."""
    report, gauges = findings.report, findings.report.global_
    moved = sum(concept.kind != "none" for concept in report.concepts)
    in_spans = sum(span.n_samples for span in report.spans)
    every = (
        _accuracy(gauges, report.reference),
        KeyNumber(
            name="Concepts that moved",
            shown=f"{moved:,}",
            exact=moved,
            beside=f"of {len(report.concepts):,}",
            words="Groups of samples whose meaning changed more than training changed all of them.",
        ),
        *_closest(findings),
        KeyNumber(
            name="Changed answers",
            shown=percent(gauges.churn),
            exact=gauges.churn,
            beside="" if gauges.n_new_errors is None else f"{gauges.n_new_errors:,} newly wrong",
            words="Samples that went from right to wrong, or back. Accuracy hides them where they cancel out.",
        ),
        KeyNumber(
            name="Worth reading",
            shown=f"{in_spans:,}",
            exact=in_spans,
            beside="samples",
            words="They drifted or lost accuracy together, as the spans below. Retrain once a person has read them.",
        ),
        KeyNumber(
            name="Everything else",
            shown=percent(gauges.typical_displacement),
            exact=gauges.typical_displacement,
            beside="of the mean gap",
            words="How far training moved the typical concept. Drift is what stands out from this.",
        ),
    )
    # the notes say why a number is missing; of accuracy everyone asks
    return tuple(each for each in every if each.exact is not None or each.name == "Accuracy")


def method_notes(policy: DriftPolicy) -> tuple[tuple[str, str], ...]:
    """Each term with what it means, for a reader who has never heard of it."""
    return (
        ("Embedding", "The list of numbers by which a model holds what a text means: alike texts lie close together."),
        (
            "Checkpoint",
            "The model as it was at one time. The reference is the earlier look, the current one is judged.",
        ),
        ("Concept", "What a sample is about: its label, or a group found by clustering where there are no labels."),
        (
            "Gap closure",
            "How much of the distance between two concepts has gone. 0 % is as before; at 100 % nothing tells them "
            "apart. The brackets hold the true value with 95 % confidence.",
        ),
        (
            "Moved (displacement)",
            "How far the centre of a concept went after the two models were laid on one another, as a share of the "
            "mean distance between concepts.",
        ),
        ("Toward, migration", "Where it went, and how much of the way to the other concept it has covered."),
        (
            "Judged",
            f"A concept is said to have moved when it went at least {100 * policy.min_effect:g} % of the mean gap, the "
            f"false discovery rate stays below {100 * policy.alpha:g} %, and it stands out from all others by "
            f"{policy.min_standout:g} robust standard deviations. With fewer than {policy.min_samples} samples it is "
            "not judged.",
        ),
        (
            "Accuracy changed",
            f"Only a change of at least {100 * policy.min_accuracy_change:g} points counts, and one that chance does "
            "not explain.",
        ),
        (
            "The map",
            "A picture for looking: places come from UMAP on the reference, movement from the full vectors. All "
            "numbers come from the full vectors, none from the picture.",
        ),
    )


def _accuracy(gauges: Gauges, reference: str) -> KeyNumber:
    change = points(gauges.accuracy_reference, gauges.accuracy_current)
    return KeyNumber(
        name="Accuracy",
        shown=percent(gauges.accuracy_current),
        exact=gauges.accuracy_current,
        beside="not evaluated" if change == "–" else f"{change} points since {short(reference, 24)}",
        words="Of the samples that were evaluated, how many the current checkpoint gets right.",
    )


def _closest(findings: Findings) -> tuple[KeyNumber, ...]:
    """The first pair worth watching, which is what the sentence is about."""
    pairs = {frozenset((pair.a, pair.b)): pair for pair in findings.report.pairs}
    watched = next((pairs[frozenset(pair)] for pair in findings.histories if frozenset(pair) in pairs), None)
    if watched is None:
        return ()
    return (
        KeyNumber(
            name="Closer together",
            shown=percent(watched.gap_closure, 0),
            exact=watched.gap_closure,
            beside=interval(watched.low, watched.high),
            words=f"Of the distance between {short(watched.a, 30)} and {short(watched.b, 30)}, how much has gone.",
        ),
    )

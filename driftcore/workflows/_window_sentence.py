"""What a manager needs to know about two windows, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from driftcore.errors import one_line
from driftcore.records import ConceptDrift, ConceptShare, Gauges, Novelty
from driftcore.workflows._sentence import named, percent, q_text

_UNJUDGED = "the same mix (no concept has enough samples to say whether other things are said about it)"


def window_sentence(
    reference: str,
    current: str,
    *,
    changed: Sequence[ConceptDrift],
    shifted: Sequence[ConceptShare],
    novelty: Novelty | None,
    n_judged: int,
    gauges: Gauges,
) -> str:
    """What changed from one window to the other: what is said, the mix, what is new, and what it did to the eval.

    `reference` and `current` name the windows; `changed`, `shifted` and `novelty` are what was found, the strongest
    first, empty or None where nothing was.
    """
    found = [*_content(changed), *_mix(shifted), *_new(novelty)]
    if not found:
        said = "the same things are said, in the same mix" if n_judged else _UNJUDGED
        return (
            f"Nothing changed from {reference} to {current} that chance does not explain: {said}, and nothing is new"
            f"{_accuracy(gauges)}."
        )
    return f"From {reference} to {current} {_joined(found)}{_accuracy(gauges)}."


def window_name(checkpoint: str, split: str, *, same_checkpoint: bool) -> str:
    """A window by its split, and by its checkpoint where there are two.

    >>> window_name("wk0", "live", same_checkpoint=True), window_name("wk0", "live", same_checkpoint=False)
    ("'live'", "'live' of wk0")
    """
    name = f"'{one_line(split)}'"
    return name if same_checkpoint else f"{name} of {one_line(checkpoint)}"


def _content(changed: Sequence[ConceptDrift]) -> list[str]:
    if not changed:
        return []
    first = changed[0]
    sure = "" if first.q_value is None else f", {q_text(first.q_value)}"
    how = f"what is said about {named([each.concept for each in changed])} changed"
    if first.kind == "none":
        return [f"{how} ({q_text(first.q_value or 0.0)})"]
    toward = "" if first.toward is None else f" toward {named([first.toward])}"
    who = "" if len(changed) == 1 else f"{named([first.concept])} most, "
    return [f"{how} ({who}{percent(first.displacement)} of the mean gap between concepts{toward}{sure})"]


def _mix(shifted: Sequence[ConceptShare]) -> list[str]:
    if not shifted:
        return []
    each = shifted[0]
    return [
        f"the mix changed, most of all {named([each.concept])} (from {percent(each.share_reference)} of the samples to "
        f"{percent(each.share_current)})"
    ]


def _new(novelty: Novelty | None) -> list[str]:
    if novelty is None:
        return []
    near = f", most of them nearest to {named([novelty.nearest[0].concept])}" if novelty.nearest else ""
    return [f"{novelty.n} samples ({novelty.share:.1%}) are unlike any known one{near}"]


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f", and {parts[-1]}"


def _accuracy(gauges: Gauges) -> str:
    if gauges.accuracy_reference is None or gauges.accuracy_current is None:
        return ""
    before, after = percent(gauges.accuracy_reference), percent(gauges.accuracy_current)
    return f"; accuracy stayed at {after}" if before == after else f"; accuracy went from {before} to {after}"

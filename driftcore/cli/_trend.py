"""A trend for a person."""

from __future__ import annotations

from driftcore.cli._output import console, print_table, share_text
from driftcore.records import ConceptTrend, Look, PairTrend, Trend

_MAX_ROWS = 12


def print_trend(trend: Trend) -> None:
    """The sentence, the looks, the concepts that moved or may be about to, and their pairs."""
    console.print(trend.summary, soft_wrap=True)
    columns = ["checkpoint", f"{trend.unit}s", "verdict", "accuracy", "since the one before", "level"]
    print_table(columns, [_look_row(look) for look in trend.looks])
    shown = [concept for concept in trend.concepts if _is_worth_a_row(concept)][:_MAX_ROWS]
    if shown:
        columns = ["concept", "onset", "accuracy fell", "lead", "moved", f"a {trend.unit}"]
        print_table(columns, [_concept_row(concept) for concept in shown])
    if trend.pairs:
        columns = ["pair", "gap closure", f"a {trend.unit}", "p", f"q of {trend.n_pairs:,} pairs"]
        print_table(columns, [_pair_row(pair) for pair in trend.pairs[:_MAX_ROWS]])
        best = f"p = {trend.smallest_p_value:.2g} after {len(trend.looks)} looks"
        console.print(f"note: a gap that only ever closes has {best}: no trend can be surer yet.", soft_wrap=True)
    for note in trend.notes:
        console.print(f"note: {note}", soft_wrap=True)


def _is_worth_a_row(concept: ConceptTrend) -> bool:
    return concept.onset is not None or concept.accuracy_drop is not None or concept.verdicts[-1] == "watch"


def _look_row(look: Look) -> tuple[str, ...]:
    step = f"{look.step_verdict} since {look.before}"
    return look.checkpoint, f"{look.time:.3g}", look.verdict, share_text(look.accuracy), step, f"{look.alpha:.2g}"


def _concept_row(concept: ConceptTrend) -> tuple[str | None, ...]:
    return (
        concept.concept,
        _onset_text(concept),
        concept.accuracy_drop,
        _lead_text(concept),
        share_text(concept.displacement[-1]),
        _slope_text(concept.slope, concept.slope_low, concept.slope_high),
    )


def _pair_row(pair: PairTrend) -> tuple[str | None, ...]:
    return (
        f"{pair.a} → {pair.b}",
        share_text(pair.gap_closure[-1]),
        _slope_text(pair.slope, pair.slope_low, pair.slope_high),
        None if pair.p_value is None else f"{pair.p_value:.2g}",
        None if pair.q_value is None else f"{pair.q_value:.2g}",
    )


def _onset_text(concept: ConceptTrend) -> str | None:
    return f"{concept.onset}, unconfirmed" if concept.confirmed is False else concept.onset


def _lead_text(concept: ConceptTrend) -> str | None:
    if concept.lead_looks is not None:
        return f"{concept.lead_looks} {'look' if abs(concept.lead_looks) == 1 else 'looks'}"
    return None if concept.silent_looks is None else f"silent for {concept.silent_looks}"


def _slope_text(slope: float | None, low: float | None, high: float | None) -> str | None:
    interval = "" if low is None or high is None else f" [{100 * low:.1f}, {100 * high:.1f}]"
    return None if slope is None else f"{share_text(slope)}{interval}"

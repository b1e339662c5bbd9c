"""The benchmark's answer as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tests.bench.detection import score
from tests.bench.detection.cases import HEADLINE
from tests.bench.detection.crew import Outcome
from tests.bench.detection.happenings import CONDITION_MAKERS, DRIFT_MAKERS, NULL_MAKERS, RETRAININGS, UNPAIRED
from tests.bench.detection.score import Rate

Chosen = Callable[[Outcome], bool]


def synthetic_tables(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        "## Synthetic worlds\n",
        *grid("method", methods_in(outcomes), SUMMARY, outcomes),
        "\n### False alarms, by null\n",
        *grid("method", methods_in(outcomes), by_null(outcomes), outcomes),
        *(line for condition in CONDITION_MAKERS for line in power_table(condition, outcomes)),
    ]


def power_table(condition: str, outcomes: Sequence[Outcome]) -> list[str]:
    titles = {
        "still": "Power, by drift: the space stays, every sample jitters",
        "rotated": "Power, by drift: the space is rotated as well",
        "retrained": "Power, by drift: on top of a mild retraining (rms .04 of the mean gap)",
    }
    columns = {
        kind: lambda rows, kind=kind: plain(
            score.alarms(each for each in rows if each.kind == kind and each.condition == condition)
        )
        for kind in DRIFT_MAKERS
        if any(each.kind == kind and each.condition == condition for each in outcomes)
    }
    return [f"\n### {titles[condition]}\n", *grid("method", methods_in(outcomes), columns, outcomes)]


def by_null(outcomes: Sequence[Outcome]) -> dict[str, Callable[[list[Outcome]], str]]:
    return {
        kind: lambda rows, kind=kind: plain(score.alarms(each for each in nulls(rows) if each.kind == kind))
        for kind in NULL_MAKERS
        if any(each.kind == kind for each in outcomes)
    }


def real_tables(outcomes: Sequence[Outcome]) -> list[str]:
    """Banking77: a row a method; then a row a pair, with who raised the alarm."""
    conditions = dict.fromkeys((each.family, each.condition) for each in outcomes)
    columns: dict[str, Callable[[list[Outcome]], str]] = {
        condition if family == "drift" else f"{condition} (null)": lambda rows, key=(family, condition): plain(
            score.alarms(each for each in rows if (each.family, each.condition) == key)
        )
        for family, condition in conditions
    }
    columns |= {
        "false alarms, all nulls": lambda rows: with_interval(score.alarms(nulls(rows))),
        "F1 of the tampered": lambda rows: number(score.localization_f1(sure(rows))),
        "direction": lambda rows: share(score.direction(sure(rows))),
        "seconds": lambda rows: number(score.median_seconds(rows)),
    }
    return [
        "\n## Banking77, really fine-tuned\n",
        "Alarms of all pairs of checkpoints, 77 intents of 40 texts, 384 dims. Pairs share checkpoints, so the",
        "interval is optimistic. Tampered are three intents: two that are trained to be a third one, and that one.\n",
        *grid("method", methods_in(outcomes), columns, outcomes),
        "\n### Pair by pair\n",
        *pair_table(outcomes),
    ]


def sure(rows: list[Outcome]) -> list[Outcome]:
    return [each for each in rows if each.family == "drift" and each.condition != "truth: growing"]


def pair_table(outcomes: Sequence[Outcome]) -> list[str]:
    """● alarm, · none; for a method that names concepts: right + wrong."""
    names = methods_in(outcomes)
    lines = [row("pair", "what is known", *names), row(*["---"] * (len(names) + 2))]
    for case in dict.fromkeys(each.case for each in outcomes):
        said = {each.method: each for each in outcomes if each.case == case}
        first = next(iter(said.values()))
        lines.append(row(first.kind, first.condition, *(mark(said[name]) for name in names)))
    return lines


def mark(outcome: Outcome) -> str:
    if outcome.alarm is None:
        return "–"
    if outcome.moved is None or not outcome.alarm:
        return "●" if outcome.alarm else "·"
    right = len({*outcome.moved} & {*outcome.truth})
    return f"{right} + {len(outcome.moved) - right}"


def nulls(rows: Iterable[Outcome]) -> list[Outcome]:
    return [each for each in rows if each.family == "null"]


def drifts(rows: Iterable[Outcome]) -> list[Outcome]:
    return [each for each in rows if each.family == "drift"]


def headline(rows: Iterable[Outcome]) -> list[Outcome]:
    """The 5 % move under a rotation, of concepts with 100 rows or more."""
    return [each for each in drifts(rows) if (each.kind, each.condition) == HEADLINE and each.planted_size >= 100]


def null_group(group: Chosen) -> Callable[[list[Outcome]], str]:
    return lambda rows: with_interval(score.alarms(each for each in nulls(rows) if group(each)))


SUMMARY: dict[str, Callable[[list[Outcome]], str]] = {
    "false alarms: retraining": null_group(lambda each: each.kind in RETRAININGS),
    "… other paired nulls": null_group(lambda each: each.kind not in (*RETRAININGS, *UNPAIRED)),
    "… unpaired nulls": null_group(lambda each: each.kind in UNPAIRED),
    "power, 5 % move, ≥ 100 rows": lambda rows: with_interval(score.alarms(headline(rows))),
    "F1, the same": lambda rows: number(score.localization_f1(headline(rows))),
    "power, all drifts": lambda rows: plain(score.alarms(drifts(rows))),
    "F1, all drifts": lambda rows: number(score.localization_f1(drifts(rows))),
    "direction": lambda rows: share(score.direction(drifts(rows))),
    "seconds (median)": lambda rows: number(score.median_seconds(rows)),
    "peak MB": lambda rows: number(score.peak_mb(rows), digits=0),
}


def methods_in(outcomes: Iterable[Outcome]) -> list[str]:
    return list(dict.fromkeys(each.method for each in outcomes))


def grid(
    corner: str,
    names: Sequence[str],
    columns: dict[str, Callable[[list[Outcome]], str]],
    outcomes: Sequence[Outcome],
) -> list[str]:
    lines = [row(corner, *columns), row(*["---"] * (len(columns) + 1))]
    for name in names:
        own = [each for each in outcomes if each.method == name]
        lines.append(row(name, *(cell(own) for cell in columns.values())))
    return lines


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def plain(rate: Rate) -> str:
    return f"{rate.hits} of {rate.n}" if rate.n else "–"


def with_interval(rate: Rate) -> str:
    return f"{rate.hits} of {rate.n} [{rate.low:.0%}, {rate.high:.0%}]" if rate.n else "–"


def share(rate: Rate | None) -> str:
    return "–" if rate is None or not rate.n else plain(rate)


def number(value: float | None, *, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"

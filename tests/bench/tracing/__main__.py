"""python -m tests.bench.tracing [--markdown FILE]: precision and recall of tracing, and of its peers."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from driftcore.workflows.trace import LEVEL
from tests.bench.tracing.cases import SEEDS, Case, banking_cases, demo_cases
from tests.bench.tracing.rankings import WAYS, Way

TOPS = (50, 100, 200)
Numbers = dict[str, dict[str, float]]

HEAD = f"""# Tracing a drift to its training rows

Written by `make bench-tracing`. Which training rows were relabelled is known: on the demo (seeds
{", ".join(map(str, SEEDS))}; the method was tried on seed 0) each week brings new training rows, of which from W05 on a
growing part is labelled wrongly; on Banking77 some rows of two intents are, from wk2 on. W03 and the clean week have no
such row. Banking77's rows come back every week, so that ids alone would tell which were relabelled; here they are taken
for new, and the reference knows either a half of them, while the other half is traced, or only the test texts.

The rows are seen as **n-grams** of their texts, by the **reference's model** or **MiniLM**, or **laid back**: as the
week's own model saw them, which had learnt their labels, turned onto the reference. Means over seeds.

- **trace**: what `driftloop trace` does, of the spans of the drifted concepts.
- **reference disagrees**: one minus the probability that the reference gives to the label; ours without the span.
- **cleanlab**: `get_label_quality_scores` (normalised margin) and `find_label_issues`, on cross-validated probabilities
  of the training set itself. Plain label-noise detection knows no past.
- **neighbours disagree**: share of the 10 nearest rows of the training set with another label.
- **told the target**: only rows labelled as the concept that the span went toward are suspected.
- **random**: any order.
"""


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    found: dict[tuple[str, str], list[Numbers]] = defaultdict(list)
    for case in chain(demo_cases(), banking_cases()):
        numbers = measured(case)
        found[case.name, case.features].append(numbers)
        print(case.name, case.features, int(case.truth.sum()), numbers, flush=True)
    means = {key: mean(rows) for key, rows in found.items()}
    text = "\n".join([HEAD, *first_n(means), "", *sets(means), "", *tops(means)]) + "\n"
    print(text)
    if arguments.markdown is not None:
        arguments.markdown.write_text(text, encoding="utf-8")


def measured(case: Case, ways: Mapping[str, Way] = WAYS) -> Numbers:
    """Every number of every way on one training set."""
    n_true, n_rows = int(case.truth.sum()), len(case.truth)
    rows: Numbers = {"": {"rows": n_rows, "relabelled": n_true}}
    for name, way in ways.items():
        found = way(case, np.random.default_rng(0))
        hits = case.truth[np.argsort(-found.score, kind="stable")].cumsum()
        own = {"first n": hits[n_true - 1] / n_true if n_true else np.nan}
        own |= {f"precision {k}": hits[k - 1] / k for k in TOPS}
        own |= {f"recall {k}": hits[k - 1] / n_true if n_true else np.nan for k in TOPS}
        if found.chosen is not None:
            n_chosen, n_right = int(found.chosen.sum()), int(found.chosen[case.truth].sum())
            own |= {"size": n_chosen, "right": n_right}
        rows[name] = {each: float(value) for each, value in own.items()}
    return rows


def mean(rows: list[Numbers]) -> Numbers:
    """Means over seeds."""
    return {name: dict(pd.DataFrame([row[name] for row in rows]).mean()) for name in rows[0]}


def first_n(means: Mapping[tuple[str, str], Numbers]) -> Iterator[str]:
    """Precision among as many rows as were truly relabelled."""
    yield "## The first n rows, n being the number of relabelled ones (precision and recall are the same there)\n"
    yield f"| training set | features | rows | relabelled | {' | '.join(WAYS)} |"
    yield "|---|---|---:|---:|" + "---:|" * len(WAYS)
    for (name, features), row in means.items():
        if row[""]["relabelled"]:
            cells = [f"{row[way]['first n']:.2f}" for way in WAYS]
            counts = f"{row['']['rows']:,.0f} | {row['']['relabelled']:.0f}"
            yield f"| {name} | {features} | {counts} | {' | '.join(cells)} |"


def sets(means: Mapping[tuple[str, str], Numbers]) -> Iterator[str]:
    """The sets that are handed to a person."""
    chosen = [way for way in WAYS if any("size" in row[way] for row in means.values())]
    yield "## What is handed over: the traced rows, and cleanlab's label issues\n"
    yield f"Rows found, of which truly relabelled. At most {LEVEL:.0%} of the traced is usual noise, in expectation.\n"
    yield f"| training set | features | relabelled | {' | '.join(chosen)} |"
    yield "|---|---|---:|" + "---:|" * len(chosen)
    for (name, features), row in means.items():
        cells = [f"{row[way]['size']:.0f}, {row[way]['right']:.0f}" for way in chosen]
        yield f"| {name} | {features} | {row['']['relabelled']:.0f} | {' | '.join(cells)} |"


def tops(means: Mapping[tuple[str, str], Numbers]) -> Iterator[str]:
    """Where a person would begin."""
    yield "## The first rows that a person would read: precision and, in brackets, recall\n"
    yield f"| training set | features | way | {' | '.join(f'first {k}' for k in TOPS)} |"
    yield "|---|---|---|" + "---:|" * len(TOPS)
    for (name, features), row in means.items():
        for way in WAYS if row[""]["relabelled"] else ():
            cells = [f"{row[way][f'precision {k}']:.2f} ({row[way][f'recall {k}']:.2f})" for k in TOPS]
            yield f"| {name} | {features} | {way} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

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

Written by `make bench-tracing`. Which training rows were relabelled is known: on the demo each week brings new training
rows, of which from W05 on a growing part is labelled wrongly (means over the seeds {", ".join(map(str, SEEDS))}; the
method was tried on seed 0, and nothing was set by Banking77); on Banking77 some rows of two intents are, from wk2 on.
W03 and the clean week have no such row. Banking77's rows come back every week, so that ids alone would tell which were
relabelled; here they are taken for new, and the reference knows either a half of the texts, while the rest is traced,
or only the test texts of the pool, some 20 an intent.

The rows are seen as **n-grams** of their texts, by the **reference's model**, by **MiniLM** as it comes, or **laid
back**: as the week's own model saw them, which had learnt their labels, turned onto the reference.

- **trace**: what `driftloop trace` does, of the spans of the drifted concepts.
- **reference disagrees**: one minus the probability that the reference gives to the label; ours without the span.
- **cleanlab**: `get_label_quality_scores` (normalised margin) and `find_label_issues`, on cross-validated probabilities
  of the training set itself. Plain label-noise detection knows no past.
- **neighbours disagree**: share of the 10 nearest rows of the training set with another label.
- **told the target**: only rows labelled as the concept that the span went toward are suspected.
- **random**: any order.

## How to read it

- Many rows that are labelled wrongly in the same way are not noise in a training set but its rule: the more there are,
  the less plain label-noise detection sees of them. It is the reference, from before, that contradicts them.
- Most of what the span adds is the pair of concepts: told the target alone, the peers rank far better, and on Banking77
  they come near. What they hand over is still a part of the rows, and in clean weeks cleanlab's issues are the usual
  noise, of which a trace hands over none.
- Vectors laid back are a last resort: training has moved the rows to where their wrong labels are. Told the target,
  cleanlab ranks them better than a trace does from W09 on, and of what a trace hands over more than a tenth is noise.
  Texts, or the reference's own encoder, say it.
- A few rows among very many are ranked first and yet not traced (wk2; wk3 where only test texts are known): so few
  reference rows cannot vouch that they are not the usual noise. Told the target, cleanlab hands over most of them.
- What is traced beyond the truth on the demo are messages about charges whose label `cancel` is honest ("stop charging
  me"), the more the newer the wording.
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
    text = page(means)
    print(text)
    if arguments.markdown is not None:
        arguments.markdown.write_text(text, encoding="utf-8")


def page(means: Mapping[tuple[str, str], Numbers]) -> str:
    """What is written."""
    return "\n".join([HEAD, *first_n(means), "", *sets(means), "", *tops(means)]) + "\n"


def measured(case: Case, ways: Mapping[str, Way] = WAYS) -> Numbers:
    """Every number of every way on one training set."""
    n_true, n_rows = int(case.truth.sum()), len(case.truth)
    rows: Numbers = {"": {"rows": n_rows, "relabelled": n_true}}
    for name, way in ways.items():
        found = way(case, np.random.default_rng(0))
        hits = case.truth[np.argsort(-found.score, kind="stable")].cumsum()
        own = {"first n": hits[n_true - 1] / n_true if n_true else np.nan}
        own |= {f"precision {k}": hits[k - 1] / k for k in TOPS}
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
    yield f"## The first rows that a person would read: precision among the first {', '.join(map(str, TOPS))}\n"
    yield "*Best* is what can be had: there may be fewer relabelled rows than are read.\n"
    yield f"| training set | features | best | {' | '.join(WAYS)} |"
    yield "|---|---|---|" + "---|" * len(WAYS)
    for (name, features), row in means.items():
        n_true = row[""]["relabelled"]
        cells = [", ".join(f"{row[way][f'precision {k}']:.2f}" for k in TOPS) for way in WAYS]
        if n_true:
            best = ", ".join(f"{min(n_true / k, 1):.2f}" for k in TOPS)
            yield f"| {name} | {features} | {best} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

"""python -m tests.bench.tracing [--markdown FILE]: precision and recall of tracing, and of its peers."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.bench.tracing.cases import SEEDS, banking_cases, demo_cases
from tests.bench.tracing.rankings import LEVEL, PEERS, Case, ours

HEAD = f"""# Tracing a drift to its training rows

Written by `make bench-tracing`. Which training rows were relabelled is known: on the demo (seeds
{", ".join(map(str, SEEDS))}; the method was tried on seed 0; a new training set each week, from W05 on a growing
part of it labelled wrongly) and on Banking77 (the same rows each week, from wk2 on some of two intents relabelled). The
numbers are precision among the n first rows, n being the number that was truly relabelled: recall is then the same
number. In brackets the precision of the first 50 rows, where a person would begin. **Traced** is the set that
`driftloop trace` returns, at most {LEVEL:.0%} of it noise in expectation: its size, precision and recall. Means over
seeds.

- **pull**: what `driftloop trace` ranks by.
- **the reference disagrees**: one minus the probability that the reference gives to the label; ours without the span.
- **cleanlab**: the normalised margin of cleanlab on cross-validated probabilities of the training set itself.
- **neighbours disagree**: share of the 10 nearest training rows that carry another label.
- **random**: any order.

The peers know neither the span nor, but for the second, the labels of the reference: plain label-noise detection is for
data without a past, and this is what a past is worth.

"""


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    found: dict[tuple[str, str, str], list[dict[str, float]]] = defaultdict(list)
    ranked: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}
    for case in chain(demo_cases(), banking_cases()):
        # the peers know no span: one ranking for all spans of a training set
        key = case.name, case.features
        if key not in ranked:
            ranked[key] = {name: rank(case, np.random.default_rng(0)) for name, rank in PEERS.items()}
        row = measured(case, ranked[key])
        found[case.name.partition(",")[0], case.concept, case.features].append(row)
        print(*key, case.concept, {name: round(value, 3) for name, value in row.items()}, flush=True)
    text = HEAD + "\n".join(lines(found)) + "\n"
    print(text)
    if arguments.markdown is not None:
        arguments.markdown.write_text(text, encoding="utf-8")


def measured(case: Case, peers: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Every number of a row of the table."""
    pulled, traced = ours(case, np.random.default_rng(0))
    scores = {"pull": pulled, **peers}
    n_true = int(case.truth.sum())
    row = {"relabelled": float(n_true), "traced": float(traced.sum())}
    row["precision"] = float(case.truth[traced].mean()) if traced.any() else float("nan")
    row["recall"] = float(traced[case.truth].mean()) if n_true else float("nan")
    for name, score in scores.items():
        order = np.argsort(-score, kind="stable")
        row[name] = float(case.truth[order[:n_true]].mean()) if n_true else float("nan")
        row[f"{name}, first 50"] = float(case.truth[order[:50]].mean())
    return row


def lines(found: dict[tuple[str, str, str], list[dict[str, float]]]) -> Iterator[str]:
    """The table."""
    ways = ["pull", *PEERS]
    yield "| training set | span | features | relabelled | traced | precision | recall | " + " | ".join(ways) + " |"
    yield "|---|---|---|" + "---:|" * (4 + len(ways))
    for (name, concept, features), rows in found.items():
        mean = pd.DataFrame(rows).mean()
        told = [f"{mean[way]:.2f} ({mean[f'{way}, first 50']:.2f})" if mean["relabelled"] else "–" for way in ways]
        sure = [f"{mean[each]:.2f}" if mean["relabelled"] else "–" for each in ("precision", "recall")]
        cells = [name, concept, features, f"{mean['relabelled']:.0f}", f"{mean['traced']:.0f}", *sure, *told]
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

"""The command: train in every way on every case, print the tables, and keep them as Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.stats import beta

from tests.bench.trainers import banking, story
from tests.bench.trainers.ways import WAYS, Case, Score, score

INTRODUCTION = """# What the trainers repair, and what it costs elsewhere

Made by `make bench-trainers`. Two models that were really trained drifted because training rows of one thing were
labelled as another. Each trainer makes the next checkpoint out of the same retraining set; samples that no trainer
has learnt from judge it. `none` is the drifted checkpoint as it is.

Accuracy is in per cent. *Span* are all judged samples of the drifted concepts, *rest* all others. In brackets the
lowest and highest of the seeds, where there are several; else the exact 95 % interval, which for the {n_span}
judged span samples of Banking77 is wide: differences of a few points between trainers are not to be read there.
*Newly wrong* counts samples of the rest that were right before. *Moved* is how far vectors went, as a share of their
length. Seconds are on one core of the machine that made this page.
"""

NOTES = """
## How to read it

- `align` needs no label of the current checkpoint and no retraining row: it learns a map from the samples that both
  checkpoints embedded, and the classifier from the reference. On Banking77 it was given the pool half only. It gives up
  what the current checkpoint has learnt since, and brings nothing back that the drift has laid on top of each other.
- `head` moves no vector. Without a stored train split (Banking77) the replay is all it knows of the other intents: with
  three rows of each it breaks more than it mends, so replay has to cover every concept well.
- `lowrank` moves the drifted zone, which holds `cancel` too, and hardly anything else; its predictions come from a head
  like the one above. Its vectors are what is new: search and neighbours find the concept where it belongs. Where only
  half of the wrong rows are corrected it was ahead of `head` on the demo.
- Wrong labels that stay in the train split are learnt again: 40 gold rows among some 300 wrong ones (the last table)
  change nothing for whoever trains on both. Trace and correct first.
- `demo` trains the model itself further, so every vector moves a little; no other trainer here touches a model.
- Banking77: fine-tuning the encoder with the gold pool rows brought the two intents to 57.5 % only, for the wrong rows
  stayed in. Here no training row is stored, so that nothing wrong is learnt again.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.trainers", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="where to keep the tables")
    parser.add_argument("--banking77", type=Path, default=banking.FOLDER, help="the folder with shift.parquet")
    options = parser.parse_args(arguments)

    ways = [way for way in WAYS if way.needs is None or find_spec(way.needs)]
    known = options.banking77.is_dir()
    scores = scored(banking.cases(options.banking77), ways) if known else []
    missing = [] if known else [f"\n## {banking.WORLD}\n", "Skipped: its checkpoints are not here."]
    n_span = scores[0].right["span"][1] if scores else 40
    scores += scored(story.cases(), ways)
    lines = [INTRODUCTION.format(n_span=n_span), *tables(scores), *missing, NOTES]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text("\n".join(lines))
    return 0


def scored(cases: Iterable[Case], ways: Sequence) -> list[Score]:
    scores = []
    for case in cases:
        made = [score(case, way) for way in (None, *ways)]
        scores += [each for each in made if each is not None]
        print(f"{case.world}, {case.given}, seed {case.task.seed}: done", file=sys.stderr, flush=True)
    return scores


def tables(scores: Sequence[Score]) -> list[str]:
    lines = []
    for world in dict.fromkeys(each.world for each in scores):
        lines.append(f"\n## {world}")
        for given in dict.fromkeys(each.given for each in scores if each.world == world):
            here = [each for each in scores if (each.world, each.given) == (world, given)]
            lines += [
                f"\n**{given}**, {judged(here)}\n",
                "| trainer | span | rest | overall | newly wrong | moved: span | rest | s |",
                "|---|---|---|---|---|---|---|---|",
                *(row([each for each in here if each.way == way]) for way in dict.fromkeys(each.way for each in here)),
            ]
    return lines


def judged(scores: Sequence[Score]) -> str:
    one = [each for each in scores if each.way == scores[0].way]
    counts = [sorted({each.right[group][1] for each in one}) for group in ("span", "rest")]
    span, rest = (f"{each[0]:,}" if len(each) == 1 else f"{each[0]:,}–{each[-1]:,}" for each in counts)
    return f"judged on {span} span and {rest} other samples, {len(one)} seed{'s' * (len(one) > 1)}"


def row(scores: Sequence[Score]) -> str:
    cells = [
        scores[0].way,
        *(accuracy([each.right[group] for each in scores]) for group in ("span", "rest", "overall")),
        f"{np.mean([each.newly_wrong for each in scores]):.0f}",
        f"{np.mean([each.moved_span for each in scores]):.3f}",
        f"{np.mean([each.moved_rest for each in scores]):.3f}",
        f"{np.mean([each.seconds for each in scores]):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def accuracy(counts: Sequence[tuple[int, int]]) -> str:
    """Mean and range over seeds; of one seed the exact interval."""
    shares = [right / n for right, n in counts]
    low, high = min(shares), max(shares)
    if len(counts) == 1:
        [(right, n)] = counts
        low = float(beta.ppf(0.025, right, n - right + 1)) if right else 0.0
        high = float(beta.ppf(0.975, right + 1, n - right)) if right < n else 1.0
    return f"{100 * np.mean(shares):.1f} [{100 * low:.1f}, {100 * high:.1f}]"


if __name__ == "__main__":
    sys.exit(main())

"""The command: name the cause of every source, print the confusion matrix, and keep it as Markdown."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

from scipy.stats import beta

from driftcore.records import CauseKind
from tests.bench.causes.cases import Case, cases
from tests.bench.causes.lsa import lsa
from tests.bench.causes.real import BANKING77, banking77, demo
from tests.bench.causes.synthetic import SOURCES
from tests.bench.causes.windows import window_cases

KINDS: tuple[CauseKind, ...] = get_args(CauseKind)
TUNE, REPORT = 0, 1000
N_DEMOS, N_WINDOWS = 2, 10
# the limits were set with these in view
SEEN = ("Banking77",)

INTRODUCTION = """# The cause that is named, against the cause that is true

Made by `make bench-causes`, which runs `{command}`.
Every source of the worlds comes in {runs} worlds of their own shape (8 to 40 concepts of 40 to 100 samples, 24 to 192
dims) and with a strength of its own, seeds {first} to {last}; limits were tuned on seeds 0 to 19, on the demo encoder
of seed 0 and on Banking77. `right` is the cause named first; `listed` means that all causes of a mixed drift were
listed and no other. A pair goes through the same measurement, detection and decision as in `compare`.

**The row to read is the LSA encoder.** It is of another kind than the models that the limits were set on, was added
after all of them were fixed, and none was changed for it. Its cloud fills its space, which leaves one test of noise
without power; the report then says so (`caveat`).

- The worlds are easier: tests and sources were written by the same people, and what nobody thought of is in neither. A
  world row near 100 % means that nothing broke, not that the field is solved, and it weighs most in `all`. Relabelled
  samples are handed in as a count, so that source checks the decision and not how they are found.
- Banking77 was in view while the limits were set: its part shows that they fit it, not how they generalise.
- Pairs of one world are alike, and the same source repeats its outcome: the intervals, which count every pair as
  independent, are too narrow. The mean over sources, each weighing the same, and the worst one say more.
- Known to be out of reach of vectors alone: an undeclared prefix before every text (it moves all samples alike, as
  training may), and coarse quantisation that comes together with training.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parsed(arguments)
    started = time.monotonic()
    first = TUNE if options.seeds == "tune" else REPORT
    seeds = range(first, first + options.runs)
    present = BANKING77.is_dir()
    found = [
        *cases("worlds", SOURCES, seeds),
        *window_cases(range(first, first + min(options.runs, N_WINDOWS))),
        *chain.from_iterable(lsa(seed) for seed in seeds[:N_DEMOS]),
        *chain.from_iterable(demo(seed) for seed in seeds[:N_DEMOS]),
        *(banking77(BANKING77) if present else ()),
    ]
    command = f"python -m tests.bench.causes --runs {options.runs}"
    lines = [INTRODUCTION.format(command=command, runs=options.runs, first=seeds[0], last=seeds[-1])]
    if not present:
        lines.append("Banking77 was skipped: its checkpoints are not here.\n")
    worlds = tuple(dict.fromkeys(case.world for case in found))
    fresh = [case for case in found if case.world not in SEEN]
    title = "## Fresh seeds" if options.seeds == "report" else "## Tuning seeds"
    lines += [title, "", *_matrix(fresh), "", *_summary(fresh)]
    for world in worlds:
        some = [case for case in found if case.world == world]
        if world in SEEN:
            lines += ["", f"## {world}, seen while tuning", "", *_matrix(some), "", *_summary(some)]
        lines += ["", f"## By source: {world}", "", *_by_source(some)]
    wrong = [case for case in found if not case.listed]
    lines += ["", "## Wrong, or not listed in full", "", *_evidence(wrong)]
    text = "\n".join(lines) + "\n"
    print(text)
    print(f"{len(found)} pairs in {time.monotonic() - started:.0f} s", file=sys.stderr)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(text)
    return 0


def _matrix(found: Sequence[Case]) -> list[str]:
    """Truth in rows, the first cause named in columns."""
    counts = Counter((case.truth[0], case.named.kind) for case in found)
    lines = [f"| true | {' | '.join(KINDS)} | right |", f"|---|{'---:|' * (len(KINDS) + 1)}"]
    for truth in KINDS:
        row = [counts[truth, kind] for kind in KINDS]
        lines.append(f"| **{truth}** | {' | '.join(str(n) for n in row)} | {_share(counts[truth, truth], sum(row))} |")
    return lines


def _summary(found: Sequence[Case]) -> list[str]:
    lines = [
        "| | pairs | right [95 %] | mean over sources | worst source | mixed pairs | all causes listed |",
        "|---|---:|---:|---:|---|---:|---:|",
    ]
    worlds = tuple(dict.fromkeys(case.world for case in found))
    for name in (*worlds, "all") if len(worlds) > 1 else worlds:
        some = [case for case in found if name in (case.world, "all")]
        mixed = [case for case in some if len(case.truth) > 1]
        right, n = sum(case.right for case in some), len(some)
        low, high = _interval(right, n)
        each = _right_by_source(some)
        worst = min(each, key=lambda source: each[source])
        weakest = f"{worst} ({each[worst]:.0%})" if each[worst] < 1 else "–"
        lines.append(
            f"| {name} | {n} | {_share(right, n)} [{low:.1%}, {high:.1%}] | {sum(each.values()) / len(each):.1%} "
            f"| {weakest} | {len(mixed)} | {_share(sum(case.listed for case in mixed), len(mixed))} |"
        )
    return lines


def _right_by_source(found: Sequence[Case]) -> dict[str, float]:
    counts = Counter(case.source for case in found)
    right = Counter(case.source for case in found if case.right)
    return {source: right[source] / n for source, n in counts.items()}


def _by_source(found: Sequence[Case]) -> list[str]:
    lines = ["| source | true | right | listed | named instead |", "|---|---|---:|---:|---|"]
    for source in dict.fromkeys(case.source for case in found):
        some = [case for case in found if case.source == source]
        other = Counter(case.named.title for case in some if not case.listed)
        instead = "; ".join(f"{name} ({n})" for name, n in other.items()) or "–"
        lines.append(
            f"| {source} | {', '.join(some[0].truth)} | {sum(case.right for case in some)} of {len(some)} "
            f"| {sum(case.listed for case in some)} | {instead} |"
        )
    return lines


def _evidence(wrong: Sequence[Case]) -> list[str]:
    """One example of each source that went wrong, with what was said of it."""
    lines = []
    for case in {(case.world, case.source): case for case in reversed(wrong)}.values():
        lines += [f"- **{case.source}** ({case.world}): true {', '.join(case.truth)}; named {case.named.title}"]
        lines += [f"  - {line}" for line in case.named.evidence]
    return lines or ["Nothing."]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _interval(right: int, n: int) -> tuple[float, float]:
    """Exact (Clopper–Pearson) 95 % interval of a share."""
    low = float(beta.ppf(0.025, right, n - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, n - right)) if right < n else 1.0
    return low, high


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="worlds a source")
    parser.add_argument("--seeds", choices=("tune", "report"), default="report")
    parser.add_argument("--markdown", type=Path, help="also write it there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""The command: run the methods over the seeds, print the tables, and keep them as Markdown."""

from __future__ import annotations

import argparse
import json
import platform
import queue
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.bench.detection import table
from tests.bench.detection.cases import REPORT_SEEDS, TUNE_SEEDS, Case, cases
from tests.bench.detection.crew import PEERS_PYTHON, Crew, Outcome, methods_of, peers_installed
from tests.bench.detection.real import FOLDER, real_cases

DEFAULT_RUNS = 20

INTRODUCTION = """# Who sees drift, says where, and keeps quiet when there is none

Made by `make bench-detection`, which runs `{command}`: worlds of the seeds {seeds}; Driftloop was tuned on {tuned}.
Every method sees the same vectors, in a process of its own with one thread.
{versions}. Peers: {peers}.

Shares are *alarms of comparisons*: on nulls any alarm about any concept counts (family-wise), with the exact 95 %
interval. F1 counts the concepts named. Direction: of the named concepts that really went to another, how many were
said to go there. Peak MB is the largest resident memory of the process, its libraries included. A collapse of
everything counts as seen where a method says it of the whole space. –: the method does not say, or does not apply.
Read power beside the false alarms of the same kind: who alarms at every rotation also alarms at a rotated drift.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    modules = modules_for(options.only)
    seeds = (TUNE_SEEDS if options.seeds == "tune" else REPORT_SEEDS)[: options.runs]
    print(f"{len(seeds)} worlds, seeds {seeds[0]} to {seeds[-1]}, {options.jobs} lanes", file=sys.stderr)

    # first, so that what is missing is missed before the half hour
    lines = [*heading(options, modules, seeds), *described(modules)]
    made = [] if options.no_synthetic else run(synthetic(seeds, quick=options.quick), modules, options.jobs)
    real = run_real(options, modules)
    if options.json:
        options.json.write_text("".join(json.dumps(asdict(each)) + "\n" for each in [*made, *real]))
    lines += table.synthetic_tables(made) if made else []
    lines += table.real_tables(real) if real else ["\n## Banking77\n", "Skipped: its checkpoints are not here."]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


def run_real(options: argparse.Namespace, modules: tuple[str, ...]) -> list[Outcome]:
    if options.no_real or not options.banking77.is_dir():
        return []
    return run(real_cases(options.banking77), modules, options.jobs)


def run(made: Iterable[Case], modules: tuple[str, ...], jobs: int) -> list[Outcome]:
    """The outcomes of all cases, in the order of the cases; `jobs` crews share them, each with its own processes."""
    crews: queue.SimpleQueue[Crew] = queue.SimpleQueue()
    waiting: deque[Future[list[Outcome]]] = deque()
    outcomes: list[Outcome] = []

    def answered(case: Case) -> list[Outcome]:
        crew = crews.get()
        try:
            return list(crew.outcomes(case))
        finally:
            crews.put(crew)

    started = time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        for _ in range(jobs):
            crews.put(stack.enter_context(Crew(modules)))
        for number, case in enumerate(made, start=1):
            waiting.append(pool.submit(answered, case))
            # a few cases ahead and no more: the largest hold 100 MB
            while len(waiting) > 2 * jobs:
                outcomes += waiting.popleft().result()
            print(f"\r{number} cases, {time.monotonic() - started:.0f} s  ", end="", file=sys.stderr)
        for last in waiting:
            outcomes += last.result()
    print(file=sys.stderr)
    return outcomes


def synthetic(seeds: Iterable[int], *, quick: bool) -> Iterator[Case]:
    for seed in seeds:
        yield from cases(seed, quick=quick)


def modules_for(only: str | None) -> tuple[str, ...]:
    if only == "driftloop":
        return ("ours",)
    if not peers_installed():
        print("Evidently and alibi-detect: not installed (make bench-detection installs them)", file=sys.stderr)
        return ("ours", "plain")
    return ("ours", "plain", "packaged")


def heading(options: argparse.Namespace, modules: tuple[str, ...], seeds: Sequence[int]) -> list[str]:
    from driftcore.workflows.compare import METHOD

    packages = [f"{name} {version(name)}" for name in ("driftloop", "numpy", "scipy", "scikit-learn")]
    return [
        INTRODUCTION.format(
            command=f"python -m tests.bench.detection --runs {options.runs} --seeds {options.seeds}",
            seeds=f"{seeds[0]}–{seeds[-1]}",
            tuned=f"{TUNE_SEEDS[0]}–{TUNE_SEEDS[-1]}",
            versions=", ".join([f"Python {platform.python_version()}", *packages, f"method {METHOD}"]),
            peers=peer_versions() if "packaged" in modules else "not installed",
        )
    ]


def described(modules: tuple[str, ...]) -> list[str]:
    lines = [table.row("method", "setting"), table.row("---", "---")]
    lines += [table.row(method.name, method.setting) for module in modules for method in methods_of(module)]
    return [*lines, ""]


def peer_versions() -> str:
    code = "from importlib.metadata import version as v; print(', '.join(f'{n} {v(n)}' for n in %r))"
    names = ("evidently", "alibi-detect", "torch", "numpy")
    found = subprocess.run([str(PEERS_PYTHON), "-c", code % (names,)], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detection", description=__doc__)
    parser.add_argument("--runs", type=int, default=DEFAULT_RUNS, help="worlds, one a seed (default %(default)s)")
    parser.add_argument("--seeds", choices=("report", "tune"), default="report", help="default %(default)s")
    parser.add_argument("--quick", action="store_true", help="two nulls and two drifts a world")
    parser.add_argument("--only", choices=("driftloop",), help="without peers")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (default %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="one line for each method and case")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="keep the tables")
    parser.add_argument("--banking77", type=Path, default=FOLDER, metavar="FOLDER", help="its checkpoints")
    parser.add_argument("--no-real", action="store_true", help="without Banking77")
    parser.add_argument("--no-synthetic", action="store_true", help="without the synthetic worlds")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

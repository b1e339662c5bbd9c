"""python -m tests.bench.scale [--markdown FILE]: what a comparison costs, beside its floor and beside its peers."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PEERS_PYTHON = ROOT / ".bench-venv" / "bin" / "python"
TIMEOUT_S = 600
# what each does, and up to how many numbers (rows times dims) it is asked: beyond, it does not end or does not fit
PEERS = {
    "procrustes": ("scipy `orthogonal_procrustes`, centroids, cosines", 4e8, False),
    "pandas": ("plain pandas: join, group, cosines", 4e7, False),
    "evidently_ratio": ("Evidently, ratio of drifted columns", 4e7, True),
    "evidently_model": ("Evidently, domain classifier", 4e7, True),
    "alibi_mmd": ("alibi-detect MMDDrift, 100 permutations", 4e6, True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one measurement took; a failure in words instead where it did not end."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_gb: float = 0.0
    idle_gb: float = 0.0
    failed: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the tables there, too")
    parser.add_argument("--largest", type=int, default=10_000_000, help="rows of the largest comparison")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    lines = [*introduction(), *by_rows(options.largest, options.repeats), *by_width(options.repeats)]
    lines += [*by_checkpoints(options.repeats), "", environment()]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


def introduction() -> list[str]:
    return f"""\
# What a comparison costs

Written by `make bench`. One concept of 100 goes 30 % of the way to another while the space is turned and every vector
shaken; `driftloop compare` of the two checkpoints, from opening the store's tables to the report that is kept. The
floor is what no way of computing it can do without: both snapshots read once, and in float32 the products that the
report is made of. Each in a process of its own, Driftloop and the floor in turn, the median of the runs; ratios are
of one run, for the machine ({os.cpu_count()} cores) is shared. Peak memory is the whole process with its libraries,
of which some 0.2 GB are there before anything is read.

Of more than 20,000 samples, so many are looked at closely, drawn from every label (neighbourhoods, parts of concepts,
margins, intervals, cause); all samples pass by twice, in parts whose sums add up.
""".splitlines()


def by_rows(largest: int, repeats: int) -> list[str]:
    lines = [
        "## By samples",
        "",
        "| samples | dims | by | s | times the floor | CPU-s | times the floor's | peak, GB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    measured: list[tuple[int, dict[str, Took]]] = []
    for n, n_dims in ((10_000, 384), (100_000, 384), (1_000_000, 384), (10_000_000, 64)):
        if n > largest:
            continue
        with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as place:
            folder = Path(place)
            make(folder, n, n_dims, arrays=n <= 1_000_000)
            own, least = in_turn(folder, repeats if n <= 1_000_000 else 1)
            each = {"**Driftloop**": own, "the floor": least}
            for name, (what, most, elsewhere) in PEERS.items():
                if n * n_dims <= most and (not elsewhere or PEERS_PYTHON.is_file()):
                    each[what] = measure(name, folder, PEERS_PYTHON if elsewhere else Path(sys.executable))
            lines += [row(n, n_dims, what, took, least) for what, took in each.items()]
            if n_dims == 384:
                measured.append((n, each))
    missing = "" if PEERS_PYTHON.is_file() else " Evidently and alibi-detect were not installed (`make bench` does)."
    return [
        *lines,
        "",
        "Peers are asked as far as they end within ten minutes and fit into memory; they answer less: a rotation and "
        f"distances, or one yes or no for the whole space.{missing}",
        "",
        *growth(measured),
    ]


def growth(measured: list[tuple[int, dict[str, Took]]]) -> list[str]:
    """How time and memory grow with ten times the samples, for whoever could be asked both times."""
    lines = ["## How it grows with samples, 384 dims", "", "| from | to | by | time | peak |", "|---|---|---|---|---|"]
    for (few, before), (many, after) in pairwise(measured):
        for what in before:
            if what in after and not before[what].failed and not after[what].failed:
                times = after[what].seconds / before[what].seconds, after[what].peak_gb / before[what].peak_gb
                lines.append(f"| {few:,} | {many:,} | {what} | × {times[0]:.1f} | × {times[1]:.1f} |")
    return [*lines, ""]


def by_width(repeats: int) -> list[str]:
    lines = [
        "## By width, 100,000 samples",
        "",
        "| dims | s | CPU-s | times the floor's | peak, GB |",
        "|---|---|---|---|---|",
    ]
    for n_dims in (64, 384, 1024):
        with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as place:
            make(Path(place), 100_000, n_dims, arrays=False)
            own, least = in_turn(Path(place), repeats)
            ratio = own.cpu_seconds / least.cpu_seconds
            lines.append(f"| {n_dims} | {own.seconds:.1f} | {own.cpu_seconds:.1f} | {ratio:.1f} | {own.peak_gb:.2f} |")
    return [*lines, ""]


def by_checkpoints(repeats: int) -> list[str]:
    lines = [
        "## By checkpoints in the store, 10,000 × 64",
        "",
        "| checkpoints | one comparison, s | peak, GB |",
        "|---|---|---|",
    ]
    for count in (2, 20, 100):
        with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as place:
            make(Path(place), 10_000, 64, arrays=False, n_checkpoints=count)
            own, _ = in_turn(Path(place), repeats)
            lines.append(f"| {count} | {own.seconds:.2f} | {own.peak_gb:.2f} |")
    return [*lines, ""]


def in_turn(folder: Path, repeats: int) -> tuple[Took, Took]:
    """Driftloop and the floor, one after the other, again and again; each time without what was kept before."""
    own, least = [], []
    for _ in range(repeats):
        own.append(measure("driftloop", folder, Path(sys.executable)))
        least.append(measure("floor", folder, Path(sys.executable)))
        forget(folder)
    return median(own), median(least)


def forget(folder: Path) -> None:
    from driftcore import open_store

    open_store(folder / "store").reports.discard("b")


def make(folder: Path, n: int, n_dims: int, *, arrays: bool, n_checkpoints: int = 2) -> None:
    print(f"making {n:,} × {n_dims} …", file=sys.stderr, flush=True)
    said = [str(folder), str(n), str(n_dims), "arrays" if arrays else "store", str(n_checkpoints)]
    subprocess.run([sys.executable, "-m", "tests.bench.scale.worlds", *said], check=True, cwd=ROOT)


def measure(what: str, folder: Path, python: Path) -> Took:
    print(f"  {what} …", file=sys.stderr, flush=True)
    command = [str(python), "-m", "tests.bench.scale.child", what, str(folder)]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=ROOT, env={**os.environ}
        )
    except subprocess.TimeoutExpired:
        return Took(failed=f"not within {TIMEOUT_S // 60} minutes")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["killed: out of memory"]
        return Took(failed=last[0][:80])
    return Took(**json.loads(done.stdout))


def median(each: list[Took]) -> Took:
    failed = [took for took in each if took.failed]
    return failed[0] if failed else sorted(each, key=lambda took: took.seconds)[len(each) // 2]


def row(n: int, n_dims: int, what: str, took: Took, least: Took) -> str:
    if took.failed:
        return f"| {n:,} | {n_dims} | {what} | {took.failed} | – | – | – | – |"
    times = took.seconds / least.seconds, took.cpu_seconds / least.cpu_seconds
    return (
        f"| {n:,} | {n_dims} | {what} | {took.seconds:.1f} | {times[0]:.1f} | {took.cpu_seconds:.1f} | {times[1]:.1f} "
        f"| {took.peak_gb:.2f} |"
    )


def environment() -> str:
    names = ("numpy", "lancedb", "pyarrow", "pandas")
    return f"{', '.join(f'{name} {version(name)}' for name in names)}, Python {platform.python_version()}."


if __name__ == "__main__":
    sys.exit(main())

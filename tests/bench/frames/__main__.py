"""python -m tests.bench.frames [--markdown FILE]: how good and how fast the map is, beside UMAP's own ways."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from tests.bench.frames.quality import STILL, Quality, mean, of_layout, quality
from tests.bench.frames.truth import Truth, banking77, world
from tests.bench.frames.ways import OURS, WAYS, drawn, of_a_part, warm_up

ROOT = Path(__file__).resolve().parents[3]
# not those by which anything was decided
SEEDS = (101, 102, 103)
TIMEOUT_S = 900
LOOKED_AT = 5_000
SLOWEST = "AlignedUMAP"

# seconds and gigabytes by name
Took = dict[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.frames", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the tables there, too")
    parser.add_argument("--samples", type=int, default=2_000, help="samples of a checkpoint of the worlds")
    parser.add_argument("--largest", type=int, default=1_000_000, help="samples of the largest first frame")
    parser.add_argument("--smallest", type=int, default=40_000, help="samples of the frame that is looked at closely")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("DRIFTLOOP_BENCH_DATA", ROOT.parent / "shared/data")
    )
    options = parser.parse_args()
    lines = [*introduction(), *qualities(options.samples, Path(options.data) / "banking77")]
    lines += parts(10 * options.samples, Path(options.data) / "banking77")
    lines += [*speeds(options.smallest), *sizes(options.smallest, options.largest), environment()]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


def introduction() -> list[str]:
    return f"""\
# The map: how good, how fast

Written by `make bench-frames`. Several checkpoints of the same samples on one map: Driftloop's frame (places from UMAP
on the first, movement from the full space) beside what UMAP itself offers. All of the last checkpoint:

- **trustworthy**, **continuous**: whether neighbours on the map are neighbours in the full space, and the other way
  round (15 neighbours; 1 is best).
- **false movement**: of the concepts that did not move, how many are drawn further than {STILL:.0%} of the map's radius
  from where they were. 0 is best.
- **found**: of the concepts that moved, how many are drawn within 45° of the way to where they went, and at least a
  third as far as they went.
- **explained**: 1 − squared error of the drawn movement of what moved / squared length of what it should be, which is
  the share of the way that was gone, toward the place of the concept it was gone to. 1 is best, 0 is a map on which
  nothing moves, below 0 a map that would be better if nothing moved.

The spaces are laid over the first by Procrustes beforehand, for the other ways would draw nothing but the turn;
Driftloop does not need it. Times are of the whole way, all checkpoints, compiled before; the seeds are not those by
which anything was decided.
""".splitlines()


def qualities(n_samples: int, folder: Path) -> Iterator[str]:
    warm_up()
    worlds = [world(seed, n_checkpoints=6, n_concepts=40, n_per_concept=n_samples // 40) for seed in SEEDS]
    yield from quality_table(
        f"Worlds: 6 checkpoints of {n_samples:,} samples, 3 of 40 concepts go 15, 25 and 35 % of the way",
        worlds,
        f"Means over the seeds {', '.join(map(str, SEEDS))}; training moves every concept a little as well "
        f"({SLOWEST}: the first seed only, for its time).",
    )
    if folder.is_dir():
        truth = banking77(folder)
        shares = ", ".join(f"{truth.names[a]} {share:.0%}" for a, share in truth.shares.items())
        yield from quality_table(
            f"Banking77: {len(truth.checkpoints)} weeks of fine-tuning, 3 of {len(truth.names)} intents tampered with",
            [truth],
            f"What they did is read off the full vectors: {shares} of the way to the intent they head for. The others "
            "are trained on as well, and move a little.",
        )
    else:
        yield from ("## Banking77", "", "Its folder is not here: skipped.", "")


def quality_table(title: str, truths: list[Truth], note: str) -> Iterator[str]:
    yield from (f"## {title}", "", note, "")
    yield "| way | trustworthy | continuous | false movement | found | explained | s | CPU-s |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, way in WAYS.items():
        print(f"  {name} …", file=sys.stderr, flush=True)
        some = truths[:1] if name == SLOWEST else truths
        each = [drawn(way, truth, seed) for truth, seed in zip(some, SEEDS, strict=False)]
        good = mean([quality(one.layouts, truth) for one, truth in zip(each, some, strict=True)])
        seconds, cpu = (sum(getattr(one, what) for one in each) / len(each) for what in ("seconds", "cpu_seconds"))
        yield f"| {name} | {cells(good)} | {seconds:.1f} | {cpu:.1f} |"
    yield ""


def cells(good: Quality) -> str:
    return (
        f"{good.trustworthiness:.3f} | {good.continuity:.3f} | {good.false_movement:.0%} | {good.found:.0%} "
        f"| {good.explained:.2f}"
    )


def parts(n: int, folder: Path) -> Iterator[str]:
    """What it costs in quality to fit a part and to place the rest by its neighbours."""
    clouds = {"a world": world(SEEDS[0], n_checkpoints=1, n_concepts=100, n_per_concept=n // 100)}
    if folder.is_dir():
        clouds["Banking77"] = banking77(folder)
    yield from ("## A part gives the layout, the rest stands between its neighbours", "")
    yield f"One checkpoint; trustworthiness and continuity among {LOOKED_AT:,} samples drawn from all.\n"
    yield from ("| cloud | fitted | of | trustworthy | continuous | s |", "|---|---|---|---|---|---|")
    for name, truth in clouds.items():
        first = replace(truth, checkpoints=truth.checkpoints[:1])
        n_samples = len(truth.concepts)
        for at_most in (n_samples // 4, n_samples // 2, n_samples):
            started = time.perf_counter()
            step = of_a_part(first, at_most)
            seconds = time.perf_counter() - started
            good = of_layout(first.checkpoints[0], step.points, looked_at=LOOKED_AT)
            marks = " | ".join(f"{mark:.3f}" for mark in good)
            yield f"| {name} | {step.n_fitted:,} | {n_samples:,} | {marks} | {seconds:.1f} |"
    yield ""


def speeds(n: int) -> Iterator[str]:
    with made(n) as (folder, small):

        def took(what: str, *, cold: bool = False) -> Took:
            return measure(what, folder, small, cold=cold)

        own, default, seeded = took("driftloop"), took("umap_default"), took("umap_seeded")
        fresh, default_fresh = took("driftloop_fresh"), took("umap_default_fresh")
        cold, default_cold = took("driftloop_fresh", cold=True), took("umap_default_fresh", cold=True)
        alone = took("layer")
    yield from (f"## The first frame of {n:,} × 384, and a later checkpoint", "")
    yield "| what | s | beside UMAP's default | CPU-s | peak, GB |"
    yield "|---|---|---|---|---|"
    for name, one, beside in (
        ("**Driftloop**: places and clusters, from the store into the store", own, default),
        ("umap-learn, default `fit`: places alone", default, default),
        ("umap-learn, cosine and a seed", seeded, default),
        ("**Driftloop** in a fresh process, imports included", fresh, default_fresh),
        ("umap-learn, default, in a fresh process", default_fresh, default_fresh),
        ("**Driftloop**, nothing compiled (no `driftloop warm-up`)", cold, default_cold),
        ("umap-learn, default, nothing compiled", default_cold, default_cold),
    ):
        ratio = one["seconds"] / beside["seconds"]
        yield f"| {name} | {one['seconds']:.1f} | {ratio:.2f} | {one['cpu_seconds']:.1f} | {one['peak_gb']:.2f} |"
    yield from ("", "| a later checkpoint | s | of the first frame | of UMAP's default `fit` |", "|---|---|---|---|")
    for name, seconds in (
        ("the movement layer alone: displacements into drawn samples", alone["seconds"]),
        ("its movement, from the store into the store: pairing, alignment, displacements, layer", own["movement"]),
        ("its own clusters, kept when they are there", own["clusters"]),
    ):
        times = own["seconds"] / seconds, default["seconds"] / seconds
        yield f"| {name} | {seconds:.3f} | 1/{times[0]:.0f} | 1/{times[1]:.0f} |"
    yield ""


def sizes(smallest: int, largest: int) -> Iterator[str]:
    yield from ("## By samples, × 384", "")
    yield "| samples | first frame, s | movement of a checkpoint, s | its clusters, s | peak, GB |"
    yield "|---|---|---|---|---|"
    for n in (10_000, 100_000, 1_000_000):
        if smallest / 4 <= n <= largest:
            with made(n) as (folder, small):
                own = measure("driftloop", folder, small)
            times = " | ".join(f"{own[what]:.1f}" for what in ("seconds", "movement", "clusters"))
            yield f"| {n:,} | {times} | {own['peak_gb']:.2f} |"
    yield from ("", "Of more than 10,000 samples a part gives the layout; the rest stands between its neighbours.", "")


@contextmanager
def made(n: int) -> Iterator[tuple[Path, Path]]:
    """Two checkpoints in a store and as an array, and small ones to warm up with."""
    print(f"making {n:,} × 384 …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as place:
        folders = Path(place) / "large", Path(place) / "small"
        for folder, n_samples in zip(folders, (n, 1000), strict=True):
            folder.mkdir()
            said = [str(folder), str(n_samples), "384", "arrays" if n <= 100_000 else "store", "2"]
            subprocess.run([sys.executable, "-m", "tests.bench.scale.worlds", *said], check=True, cwd=ROOT)
        yield folders


def measure(what: str, folder: Path, small: Path, *, cold: bool = False) -> Took:
    print(f"  {what}{', nothing compiled' if cold else ''} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.bench.frames.child", what, str(folder), str(small)]
    with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as empty:
        where = {"NUMBA_CACHE_DIR": empty} if cold else {}
        done = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            cwd=ROOT,
            env={**os.environ, **where},
        )
    return json.loads(done.stdout)


def environment() -> str:
    names = ("umap-learn", "pynndescent", "hdbscan", "numba", "numpy")
    said = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{said}, Python {platform.python_version()}, {os.cpu_count()} cores. {OURS} is this checkout."


if __name__ == "__main__":
    sys.exit(main())

"""Twenty visitors who click for a minute: how long each waits, whether anything fails, and what the server holds.

Run by `python -m tests.bench.ui.load`; the visitors speak the browser's protocol, see visitor.py.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.ui.large_store import LARGE, MANY
from tests.bench.ui.visitor import VisitError, Visitor
from tests.browser.server import running_server

INTRODUCTION = """# Twenty people at once

Made by `make bench-ui`, which runs `python -m tests.bench.ui.load`: one server as `driftloop app` starts it, and
{visitors} visitors on the same machine, each a websocket that speaks the browser's protocol. Each opens a page, thinks
for {think:g} s on average, does one thing (another checkpoint, colour or filter, a lasso, another pair, the next
span, the next page of a table, another page of the dashboard), waits for the answer, and thinks again, for
{seconds:g} s. What the browser takes to draw is not in it: that is in [map.md](map.md). The visitors' own work is on
the same cores.

- *demo*: `driftloop demo`. *large*: {many} checkpoints × {n_many:,} samples × 64 dims in one split, and
  {n_large:,} samples × 3 checkpoints in another; who came to look at the latter is half of the visitors.
- *first page*: the first visitor's first answer, from a server that has read nothing yet, imports included.
- *alone*: seconds from a click to the finished script for one visitor, median and the slowest twentieth (95 %);
  *with all*: the same with all of them, and the worst. *CPU-s an answer*: what the server worked for each of these, on
  all cores: how many answers a second it can give, whatever else the machine does.
- *failed*: answers with an exception on the page, not there within two minutes, or with a lost connection.
- *idle … left*: resident memory of the server in MB: before the first visitor; after the first one's tour of all pages;
  the highest with all visitors; a minute after they left (Streamlit keeps for two what a visitor chose, for
  a connection that comes back). *per visitor*: what each visitor after the first added to that, what all share
  included: at most 512 MB of maps, and a fixed number of everything else.

"""
HEADER = """| store | visitors | answers | failed | first page, s | alone, s (95 %) | with all, s (95 %, worst) \
| CPU-s an answer | idle | one | all | left | per visitor |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
ROUND = [[0.7 * x, 0.7 * y] for x, y in ((0.8, -0.2), (1.2, -0.2), (1.2, 0.2), (0.8, 0.2))]
PAGES = ("overview", "map", "creep", "spans", "retraining", "checkpoints")


@dataclass(kw_only=True)
class Measured:
    """What one store's visitors met, in seconds and megabytes; `worked` is the server's time for all of them."""

    store: str
    n_visitors: int
    first: float = 0.0
    alone: list[float] = field(default_factory=list)
    answers: list[tuple[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    worked: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)


def measured(
    store: str, path: Path, splits: list[str], *, n_visitors: int, seconds: float, think: float, patience: float = 60
) -> Measured:
    """One server with one visitor, then with all of them, then with none."""
    found = Measured(store=store, n_visitors=n_visitors)
    with running_server(path) as (url, pid):
        found.memory["idle"] = resident(pid)
        try:
            with Visitor(url) as first:
                found.first = first.open("overview")
                for page in PAGES:
                    first.open(page)
                for _, took in clicks(first, splits[0], random.Random(0), seconds=seconds / 2, think=0.0):
                    found.alone.append(took)
        except VisitError as error:
            found.failures.append(str(error))
        found.memory["one"] = found.memory["all"] = resident(pid)
        say(f"{store}: alone {spread(found.alone)}, {found.memory['one']:.0f} MB")
        before = worked(pid)
        visit(found, url, pid, splits, n_visitors=n_visitors, seconds=seconds, think=think)
        found.worked = worked(pid) - before
        say(f"{store}: {n_visitors} visitors, {spread([took for _, took in found.answers])}")
        # the server lets go of who left after a while
        time.sleep(patience)
        found.memory["left"] = resident(pid)
    return found


def visit(
    found: Measured, url: str, pid: int, splits: list[str], *, n_visitors: int, seconds: float, think: float
) -> None:
    """All visitors at once; what they meet goes into `found`."""

    def one(number: int) -> None:
        try:
            with Visitor(url) as visitor:
                way = clicks(visitor, splits[number % len(splits)], random.Random(number), seconds=seconds, think=think)
                found.answers.extend(way)
        except VisitError as error:
            found.failures.append(str(error))
        except OSError as error:
            found.failures.append(f"could not connect: {error!r}")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(n_visitors)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    while any(thread.is_alive() for thread in threads):
        found.memory["all"] = max(found.memory.get("all", 0.0), resident(pid))
        time.sleep(0.25)


def clicks(
    visitor: Visitor, split: str, chance: random.Random, *, seconds: float, think: float
) -> Iterator[tuple[str, float]]:
    """What a person does, one thing after another: its name, and how long the answer took."""
    until = time.perf_counter() + seconds
    query: dict[str, str] = {} if split == MANY else {"split": split}
    took = visitor.open(chance.choice(PAGES), **query)
    yield f"first, {visitor.page}", took
    while time.perf_counter() < until:
        time.sleep(chance.expovariate(1 / think) if think else 0.0)
        what = chance.choice([name for name, (possible, _) in DEEDS.items() if possible(visitor)])
        took = DEEDS[what][1](visitor, chance)
        yield f"{what}, {visitor.page}", took


def _go(visitor: Visitor, chance: random.Random) -> float:
    """Another page, with the choices that all pages share."""
    kept = {key: visitor.query[key] for key in ("split", "reference", "current") if key in visitor.query}
    page = chance.choice(PAGES)
    return visitor.open(page, **(kept if page in ("overview", "map", "creep") else {}))


def _choose(key: str) -> tuple[Callable[[Visitor], bool], Callable[[Visitor, random.Random], float]]:
    return (
        lambda visitor: visitor.has(key, "selectbox") and len(visitor.options(key)) > 1,
        lambda visitor, chance: visitor.choose(key, chance.randrange(len(visitor.options(key)))),
    )


def _lasso(visitor: Visitor, chance: random.Random) -> float:
    seen = {"x": 0.0, "y": 0.0, "width": 2.3}
    polygon = [[x * chance.choice((-1, 1)), y] for x, y in ROUND]
    event = {"kind": "polygon", "mode": "replace", "polygon": polygon, "camera": seen, "serial": chance.random()}
    return visitor.tell("map", event)


def _turn(visitor: Visitor, chance: random.Random) -> float:
    pages = next(iter(visitor.drawn("pagination"))).pagination
    return visitor.turn_to(pages.id, chance.randrange(1, min(pages.num_pages, 20) + 1))


DEEDS: dict[str, tuple[Callable[[Visitor], bool], Callable[[Visitor, random.Random], float]]] = {
    "go": (lambda visitor: True, _go),
    "current": _choose("current"),
    "color": _choose("color"),
    "outcome": _choose("outcome"),
    "pair": _choose("pair"),
    "span": _choose("span"),
    "lasso": (lambda visitor: visitor.has("map", "bidi_component"), _lasso),
    "turn": (lambda visitor: any(visitor.drawn("pagination")), _turn),
}


def resident(pid: int) -> float:
    """Resident memory of a process in MB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


def worked(pid: int) -> float:
    """Seconds that all cores together have worked for a process; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def spread(seconds: list[float]) -> str:
    """The median, and the slowest twentieth."""
    ordered = sorted(seconds) or [math.nan]
    return f"{statistics.median(ordered):.2f} ({ordered[math.ceil(0.95 * len(ordered)) - 1]:.2f})"


def as_row(found: Measured) -> str:
    """One row of the table."""
    took = [seconds for _, seconds in found.answers]
    each = (found.memory["all"] - found.memory["one"]) / found.n_visitors
    cells = (
        found.store,
        found.n_visitors,
        f"{len(took):,}",
        len(found.failures),
        f"{found.first:.1f}",
        spread(found.alone),
        f"{spread(took)[:-1]}, {max(took, default=math.nan):.1f})",
        f"{found.worked / max(len(took), 1):.2f}",
        *(f"{found.memory.get(when, math.nan):.0f}" for when in ("idle", "one", "all", "left")),
        f"{each:.1f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def slowest(found: Measured) -> str:
    """What was waited for longest, deed by deed."""
    kinds: dict[str, list[float]] = {}
    for name, seconds in found.answers:
        kinds.setdefault(name, []).append(seconds)
    return ", ".join(f"{name} {spread(took)}" for name, took in sorted(kinds.items()))


def say(what: str) -> None:
    """Print at once."""
    print(what, flush=True)


def main() -> int:
    """Make the stores, let the visitors come, print each row, and keep the table where that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=2)
    parser.add_argument("--checkpoints", type=int, default=100)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--stores", type=Path, help="folder with demo.lance and large.lance, made where it lacks them")
    parser.add_argument("--only", choices=("demo", "large"), nargs="+", default=["demo", "large"])
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    rows, failures = [], []
    with tempfile.TemporaryDirectory(prefix="driftloop-load-") as made:
        folder = options.stores or Path(made)
        demo, large = folder / "demo.lance", folder / "large.lance"
        if not demo.exists():
            say("making the demo")
            driftloop = str(Path(sys.executable).parent / "driftloop")
            subprocess.run([driftloop, "demo", "--no-app", "--store", str(demo)], check=True, stdout=subprocess.DEVNULL)
        if not large.exists():
            sizes = map(str, (options.checkpoints, options.samples, options.large))
            subprocess.run([sys.executable, "-m", "tests.bench.ui.large_store", str(large), *sizes], check=True)
        for name, path, splits in (("demo", demo, [MANY]), ("large", large, [MANY, LARGE])):
            if name not in options.only:
                continue
            found = measured(
                name, path, splits, n_visitors=options.visitors, seconds=options.seconds, think=options.think
            )
            rows.append(as_row(found))
            failures += found.failures
            say(f"{rows[-1]}\n{name}, by deed: {slowest(found)}")
    for failure in failures:
        print(failure, file=sys.stderr)
    if options.markdown is not None:
        text = INTRODUCTION.format(
            visitors=options.visitors,
            think=options.think,
            seconds=options.seconds,
            many=options.checkpoints,
            n_many=options.samples,
            n_large=options.large,
        )
        options.markdown.write_text(text + HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())

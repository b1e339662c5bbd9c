"""Runs the methods: each in a process and an environment of its own, on the same cases, in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.bench.detection import packaged, plain
from tests.bench.detection.cases import Case
from tests.bench.detection.protocol import Method

ROOT = Path(__file__).resolve().parents[3]
PEERS_PYTHON = ROOT / ".bench-venv" / "bin" / "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one method said of one case, and what it cost; `seconds` is None for a part of another method."""

    method: str
    seed: int
    case: str
    family: str
    kind: str
    condition: str
    shape: tuple[int, int, int]
    planted_size: int
    truth: tuple[int, ...]
    true_toward: dict[int, int]
    everywhere: bool
    alarm: bool | None
    moved: tuple[int, ...] | None
    toward: dict[int, int] | None
    noted: bool
    seconds: float | None
    peak_mb: float | None


@dataclass(slots=True)
class Crew:
    """The processes that answer, one a method; started when first asked."""

    modules: tuple[str, ...]
    running: dict[tuple[str, int], subprocess.Popen[str]] = field(default_factory=dict)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            # the end of its input is the end of its work
            process.communicate()

    def outcomes(self, case: Case) -> Iterator[Outcome]:
        """What every method says of a case, one method after another so that none waits for a core."""
        with tempfile.TemporaryDirectory(prefix="driftloop-bench-") as folder:
            write(case, Path(folder))
            for module in self.modules:
                for index, method in enumerate(methods_of(module)):
                    said = self.ask(module, index, folder)
                    parts = said.pop("parts")
                    yield outcome(case, method.name, said)
                    for name, part in parts.items():
                        yield outcome(case, name, {**part, "seconds": None, "peak_mb": None})

    def ask(self, module: str, index: int, folder: str) -> dict:
        process = self.running.get((module, index)) or self.start(module, index)
        print(folder, file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{methods_of(module)[index].name} ended without an answer: see its message above.")
        return json.loads(line)

    def start(self, module: str, index: int) -> subprocess.Popen[str]:
        python = str(PEERS_PYTHON) if module == "packaged" else sys.executable
        process = subprocess.Popen(
            [python, "-m", "tests.bench.detection.worker", module, str(index)],
            cwd=ROOT,
            # one thread each: times are comparable, and lanes don't get in each other's way
            env={**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"), "DO_NOT_TRACK": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running[module, index] = process
        return process


def methods_of(module: str) -> tuple[Method, ...]:
    if module == "ours":
        from tests.bench.detection import ours

        return ours.METHODS
    return {"plain": plain, "packaged": packaged}[module].METHODS


def peers_installed() -> bool:
    """Whether `make` got to the end of installing them."""
    return (ROOT / ".bench-venv" / ".installed").exists()


def write(case: Case, folder: Path) -> None:
    for name in ("reference", "current", "concepts", "current_concepts"):
        np.save(folder / f"{name}.npy", getattr(case, name))
    given = {"n_concepts": case.n_concepts, "paired": case.paired, "seed": case.seed}
    (folder / "case.json").write_text(json.dumps(given))


def outcome(case: Case, method: str, said: dict) -> Outcome:
    toward = said["toward"]
    return Outcome(
        method=method,
        seed=case.seed,
        case=case.name,
        family=case.family,
        kind=case.kind,
        condition=case.condition,
        shape=(*case.reference.shape, case.n_concepts),
        planted_size=min((int(np.sum(case.concepts == k)) for k in case.truth), default=0),
        truth=tuple(sorted(case.truth)),
        true_toward=case.toward,
        everywhere=case.everywhere,
        alarm=said["alarm"],
        moved=None if said["moved"] is None else tuple(said["moved"]),
        toward=None if toward is None else {int(k): b for k, b in toward.items()},
        noted=said["noted"],
        seconds=said["seconds"],
        peak_mb=said["peak_mb"],
    )

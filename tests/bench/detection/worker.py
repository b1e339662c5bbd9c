"""One method in a process of its own: answers one case a line, so that its time and memory are its own.

``python -m tests.bench.detection.worker MODULE INDEX``; a line in is the path of a case, a line out its answer.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
import warnings
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import numpy as np

from tests.bench.detection.protocol import Given, Method


def main(module: str, index: int) -> None:
    # a library that prints must not print into the answers
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    method: Method = import_module(f"tests.bench.detection.{module}").METHODS[index]
    for line in sys.stdin:
        given = read(Path(line.strip()))
        started = time.perf_counter()
        answer = method.answer(given)
        seconds = time.perf_counter() - started
        print(json.dumps({**asdict(answer), "seconds": seconds, "peak_mb": peak_mb()}), file=answers, flush=True)


def read(folder: Path) -> Given:
    arrays = {
        name: np.load(folder / f"{name}.npy") for name in ("reference", "current", "concepts", "current_concepts")
    }
    return Given(**arrays, **json.loads((folder / "case.json").read_text()))


def peak_mb() -> float:
    """Largest resident memory of this process so far, its libraries and the vectors included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, Linux kilobytes
    return peak / (1e6 if sys.platform == "darwin" else 1e3 / 1.024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

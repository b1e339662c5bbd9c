"""Every pair of really fine-tuned Banking77 checkpoints, and what is known about it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.detection.cases import Case

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "banking77"
FILES = ("shift", "null_continue", "null_seed", "shift_scratch", "infrastructure", "refresh")
TAMPERED = ("Refund_not_showing_up", "cancel_transfer", "request_refund")
# their training rows were labelled as the third
TOWARD = {"Refund_not_showing_up": "cancel_transfer", "request_refund": "cancel_transfer"}
START = ("shift", "wk0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoints:
    """The vectors of all checkpoints, rows in the same order."""

    vectors: dict[tuple[str, str], NDArray[np.float32]]
    concepts: NDArray[np.int64]
    names: tuple[str, ...]


def real_cases(folder: Path) -> Iterator[Case]:
    """All pairs within a file and all against `shift wk0`."""
    found = read_checkpoints(folder)
    index = {name: k for k, name in enumerate(found.names)}
    for before, after in pairs(tuple(found.vectors)):
        family, condition = known(before, after)
        drifted = family == "drift"
        yield Case(
            seed=0,
            family=family,
            kind=f"{before[0]} {before[1]} → {after[1]}" if before[0] == after[0] else f"wk0 → {after[0]} {after[1]}",
            condition=condition,
            reference=found.vectors[before],
            current=found.vectors[after],
            concepts=found.concepts,
            current_concepts=found.concepts,
            n_concepts=len(found.names),
            truth=frozenset(index[name] for name in TAMPERED) if drifted else frozenset(),
            toward={index[a]: index[b] for a, b in TOWARD.items()} if drifted else {},
        )


def pairs(checkpoints: tuple[tuple[str, str], ...]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """In the order of time; `null_continue wk0` is `shift wk0` itself."""
    within = [
        pair for file in FILES for pair in itertools.combinations([each for each in checkpoints if each[0] == file], 2)
    ]
    across = [(START, each) for each in checkpoints if each[0] not in ("shift", "null_continue")]
    return within + across


def known(before: tuple[str, str], after: tuple[str, str]) -> tuple[str, str]:
    """Family and condition of a pair: the training rows of `shift` are relabelled from wk2 on, more each week."""
    if "shift_scratch" in (before[0], after[0]):
        return "drift", "tampered, from scratch"
    if before[0] == after[0] == "shift":
        tampered = [int(name.removeprefix("wk")) >= 2 for _, name in (before, after)]
        if all(tampered):
            return "drift", "truth: growing"
        return ("drift", "tampered") if any(tampered) else ("null", "clean week")
    groups = {"null_continue": "clean week", "null_seed": "other seed", "shift": "clean week"}
    return "null", groups.get(after[0], "other precision" if after[0] == "infrastructure" else "other encoder")


def read_checkpoints(folder: Path) -> Checkpoints:
    import pandas as pd
    import pyarrow.parquet as pq

    vectors: dict[tuple[str, str], NDArray[np.float32]] = {}
    labels: list[str] = []
    for file in FILES:
        frame: pd.DataFrame = pq.read_table(
            folder / f"{file}.parquet", columns=["checkpoint", "sample_id", "label", "vector"]
        ).to_pandas()
        for checkpoint, rows in frame.groupby("checkpoint", sort=False):
            ordered = rows.sort_values("sample_id")
            labels = ordered["label"].tolist()
            vectors[file, str(checkpoint)] = np.stack(ordered["vector"].to_list()).astype(np.float32)
    names, concepts = np.unique(np.array(labels, dtype=str), return_inverse=True)
    return Checkpoints(vectors=vectors, concepts=concepts, names=tuple(names.tolist()))

"""python -m tests.bench.lora [--markdown FILE]: what the trainer `lora` repairs with real weights, and its costs."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tests.bench.lora.world import (
    TAMPERED,
    AbsentError,
    Checkpoint,
    World,
    accuracy,
    looped,
    read_world,
    reference,
    repaired,
    stored,
)
from tests.bench.lora.world import tampered as tampered_checkpoint


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lora", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the table there, too")
    options = parser.parse_args()
    try:
        world = read_world()
    except AbsentError as absent:
        print(f"no measurement: {absent}")
        return 0
    first = reference(world)
    broken, broken_s = timed(partial(tampered_checkpoint, world, tell))
    made = [
        timed(partial(repaired, world, broken, trainer, corrections=corrections, tell=tell))
        for corrections in (False, True)
        for trainer in ("head", "lora")
    ]
    rows = table(world, [(first, None), (broken, broken_s), *made])
    lines = [*introduction(world), *rows, "", *story(world, first, broken)]
    lines += ["", *environment()]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


def introduction(world: World) -> list[str]:
    n_wrong, judge = int((world.used != world.truth).sum()), world.judged
    n_gold, n_span, n_rest = (
        int(each.sum()) for each in (world.span & ~judge, world.span & judge, ~world.span & judge)
    )
    two = " and ".join(f"`{each}`" for each in TAMPERED)
    text = f"""\
Written by `make bench-lora`. The encoder is all-MiniLM-L6-v2 with its real weights, on a CPU. `wk0` is the encoder as
it is, with a classifier fitted on {len(world.truth):,} rightly labelled training texts of Banking77. `wk5` is trained
from it for one epoch by the trainer `lora` on the same texts, of which {n_wrong}, of {two}, are labelled
`cancel_transfer`. The trainers then get {n_gold} gold rows (the two intents in the pool half), in the last two lines
also the {n_wrong} rows corrected (the truth, as a perfect trace would find them), and as much replay again. Every
classifier is refitted on the current `train` split with these labels, too. Accuracy is that of the judge half, which no
trainer saw: {n_span} samples of the two intents and {n_rest:,} others. One seed.
"""
    return ["# A tampered week, trained away by LoRA", "", text]


def table(world: World, made: list[tuple[Checkpoint, float | None]]) -> list[str]:
    broken = made[1][0].split("validation")
    right = broken.predictions == world.validation.labels
    lines = [
        "| checkpoint | the two intents | all others | newly wrong among others | moved: the two | others | s |",
        "|---|---|---|---|---|---|---|",
    ]
    for checkpoint, seconds in made:
        split = checkpoint.split("validation")
        moved = np.linalg.norm(split.vectors - broken.vectors, axis=1)
        lost = int((right & (split.predictions != world.validation.labels))[world.judged & ~world.span].sum())
        cells = [
            f"`{checkpoint.name}`",
            f"{accuracy(world, checkpoint, world.span):.3f}",
            f"{accuracy(world, checkpoint, ~world.span):.3f}",
            "–" if seconds is None or checkpoint is made[1][0] else f"{lost}",
            f"{moved[world.span].mean():.3f}",
            f"{moved[~world.span].mean():.3f}",
            "–" if seconds is None else f"{seconds:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def story(world: World, first: Checkpoint, broken: Checkpoint) -> list[str]:
    """What one round of the loop makes of the tampered checkpoint, when nobody tells it what was tampered with."""
    wrong = set(world.train.sample_ids[world.used != world.truth])
    with tempfile.TemporaryDirectory() as folder:
        store = stored(world, (first, broken), Path(folder) / "banking77.lance")
        (done, traced), seconds = timed(partial(looped, world, store))
    text = f"""\
## The loop with the trainer `lora`

`driftloop loop --once` on `wk0` and `wk5`, where nobody says which rows were tampered with ({seconds:.0f} s):

- {done.summary}
- {len(traced)} training rows were traced, {len(traced & wrong)} of the {len(wrong)} wrongly labelled among them.
- {"Accepted" if done.accepted else "Rejected"}: {done.reason}.

| judged by Driftloop's own half | before | after |
|---|---|---|"""
    return [
        *text.splitlines(),
        *(
            f"| {name} | {done.before[name]:.3f} | {done.after[name]:.3f} |"
            for name in ("span", "concept", "rest")
            if done.before.get(name) is not None
        ),
    ]


def environment() -> list[str]:
    names = ("torch", "sentence-transformers", "peft", "numpy")
    return [f"{', '.join(f'{name} {version(name)}' for name in names)}, Python {platform.python_version()}."]


def timed(make):
    began = time.perf_counter()
    return make(), time.perf_counter() - began


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Every Banking77 checkpoint against wk0, in one table: python tests/bench/banking77.py [FOLDER].

The folder holds `shift.parquet` and its siblings (really fine-tuned checkpoints, with and without relabelled
training rows). Where it is absent the benchmark says so and ends well: users don't have it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from driftcore import DriftReport, Store, compare, ingest, log_eval, make_frame, open_store
from driftcore.records import Frame
from driftcore.testing import rotated

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "banking77"
TAMPERED = ("Refund_not_showing_up", "request_refund", "cancel_transfer")

# (file, checkpoint in it, name here, was it tampered with)
SIDES = (
    *(("shift", f"wk{week}", f"wk{week}", week >= 2) for week in range(6)),
    ("shift_scratch", "wk5", "scratch-wk5", True),
    *(("null_continue", f"wk{week}", f"clean-wk{week}", False) for week in range(1, 6)),
    ("null_seed", "seed1", "seed1", False),
    ("null_seed", "seed2", "seed2", False),
    ("infrastructure", "wk0_int8_model", "int8-model", False),
    ("infrastructure", "wk0_int8_vectors", "int8-vectors", False),
    ("refresh", "minilm_l6_pretrained", "other-encoder-l6", False),
    ("refresh", "minilm_l3_pretrained", "other-encoder-l3", False),
)


def main(folder: Path) -> int:
    if not folder.is_dir():
        print(f"no Banking77 checkpoints at {folder.name}: skipped")
        return 0
    with tempfile.TemporaryDirectory() as place:
        store = open_store(Path(place) / "banking77.lance")
        for file, checkpoint, name, _ in SIDES:
            add(store, folder / f"{file}.parquet", checkpoint, name)
        add(store, folder / "shift.parquet", "wk0", "rotated-wk0", turn=True)
        print("| wk0 against | verdict | called moved (toward) | watch | tampered found | false alarms | seconds |")
        print("|---|---|---|---|---|---|---|")
        for name, tampered in [*((name, tampered) for _, _, name, tampered in SIDES), ("rotated-wk0", False)]:
            print(row(compare(store, "wk0", name), tampered=tampered))
        print_drawn(make_frame(store, "wk0", "wk5"))
    return 0


def add(store: Store, path: Path, checkpoint: str, name: str, *, turn: bool = False) -> None:
    table = pq.read_table(path, filters=[("checkpoint", "=", checkpoint)])
    columns = table.select(["sample_id", "label", "vector"]).to_pandas()
    vectors = np.stack(columns.pop("vector").to_numpy()).astype(np.float32)
    ingest(
        store,
        {
            "id": columns["sample_id"].to_numpy(object),
            "label": columns["label"].to_numpy(object),
            "embedding": rotated(vectors) if turn else vectors,
        },
        checkpoint=name,
    )
    log_eval(
        store,
        table.select(["sample_id", "pred", "confidence"]),
        checkpoint=name,
        mapping={"prediction": "pred"},
    )


def row(report: DriftReport, *, tampered: bool) -> str:
    moved = [concept for concept in report.concepts if concept.kind != "none"]
    watched = [concept.concept for concept in report.concepts if concept.verdict == "watch"]
    wanted = set(TAMPERED) if tampered else set()
    names = {concept.concept for concept in moved}
    cells = (
        report.current,
        report.verdict,
        ", ".join(f"{c.concept} ({c.toward}, z {c.standout or 0:.1f})" for c in moved) or "–",
        ", ".join(watched) or "–",
        f"{len(names & wanted)} of {len(wanted)}",
        str(len(names - wanted)),
        f"{report.provenance.duration_s:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def print_drawn(frame: Frame) -> None:
    """How far the map draws the tampered intents at wk5, beside all others."""
    first, last = frame.steps[0], frame.steps[-1]
    drawn = np.linalg.norm(last.centroids - first.centroids, axis=1)
    tampered = np.isin(np.array(first.concepts), TAMPERED)
    far = ", ".join(f"{first.concepts[k]} {drawn[k]:.3f}" for k in np.flatnonzero(tampered))
    rest = drawn[~tampered]
    print(f"\ndrawn on the map at wk5: {far}; others: median {np.median(rest):.3f}, 95th {np.quantile(rest, 0.95):.3f}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

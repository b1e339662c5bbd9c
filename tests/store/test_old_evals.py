"""Eval runs that were stored before tools and grades were known stay as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from driftcore import ingest, log_eval, open_store
from driftcore.records import EvalRun, Predictions, from_json, to_json


def test_a_register_entry_without_the_new_fields_is_read() -> None:
    old = {
        "checkpoint": "wk0",
        "split": "validation",
        "at": "2026-01-05T00:00:00+00:00",
        "n_samples": 2,
        "n_failed": 0,
        "accuracy": 0.5,
        "source": "frame",
        "fingerprint": "f",
    }

    run = from_json(EvalRun, old)

    assert (run.tool, run.metric, run.variant, run.matched_by, run.notes) == (None, None, None, None, ())
    assert to_json(run).items() >= {**old, "at": "2026-01-05T00:00:00Z"}.items()


def test_without_grades_the_table_and_its_fingerprint_are_what_they_always_were(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    ingest(store, {"id": ["a", "b"], "label": ["x", "y"], "embedding": np.eye(2)}, checkpoint="wk0")
    run, _ = log_eval(store, {"id": ["a", "b"], "prediction": ["x", "x"]}, checkpoint="wk0")
    (entry,) = store.evals._shelf.entries()

    columns = store.evals._shelf.data(entry).read().schema.names

    assert columns == ["sample_id", "prediction", "confidence", "correct"]
    # what the version before this one wrote for the same two rows
    assert run.fingerprint == "134e0b034bb67ec33b1cccde2b385aa6"


def test_grades_come_back_and_change_the_fingerprint(tmp_path: Path) -> None:
    stored = {}
    for name, scores in {"plain": None, "graded": np.array([0.25, np.nan], dtype=np.float32)}.items():
        nothing = np.full(2, np.nan, dtype=np.float32)
        rows = Predictions(
            sample_ids=np.array(["a", "b"], dtype=object),
            predictions=np.array(["x", "y"], dtype=object),
            confidences=nothing,
            correct=np.array([0, 1], dtype=np.float32),
            scores=scores,
        )
        store = open_store(tmp_path / name)
        stored[name], _ = store.evals.write(rows, checkpoint="wk0", split="validation", at=datetime.now(UTC))
        again = store.evals.rows("wk0", "validation")
        assert again is not None
        if scores is None:
            assert again.scores is None
        else:
            np.testing.assert_array_equal(again.scores, scores)

    assert stored["plain"].fingerprint != stored["graded"].fingerprint
    assert pa.types.is_float32(store.evals._shelf.data(store.evals._shelf.entries()[0]).schema().field("score").type)

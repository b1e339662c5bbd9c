"""What arrives is compared with the reference, and what cannot be compared is stored all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import ingest, open_store
from driftcore.store import Store
from driftcore.testing import moved
from driftcore.workflows.on_arrival import Arrival, compare_on_arrival
from tests.cli.road import MOVED, SHARE, TOWARD, driftloop, snapshot_file
from tests.cli.road import WORLD as ROAD
from tests.workflows.worlds import N_SAMPLES, WORLD, frame, store_checkpoint


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "store")
    store_checkpoint(opened, "wk0", week=0)
    return opened


def test_the_reference_itself_has_nothing_to_be_compared_with(store: Store) -> None:
    assert compare_on_arrival(store, "wk0", "validation") == Arrival()


def test_a_new_checkpoint_has_its_report_without_anyone_asking(store: Store) -> None:
    store_checkpoint(store, "wk1", week=1, share=0.3)
    arrival = compare_on_arrival(store, "wk1", "validation")
    assert arrival.report is not None
    assert (arrival.report.reference, arrival.report.current) == ("wk0", "wk1")
    assert store.reports.get(arrival.report.report_id) == arrival.report
    assert arrival.report.global_.cka is not None
    assert arrival.report.global_.procrustes_distance is not None


def test_training_rows_and_splits_that_the_reference_lacks_are_left_alone(store: Store) -> None:
    for split in ("train", "live"):
        ingest(store, frame(WORLD.vectors), checkpoint="wk1", split=split)
        assert compare_on_arrival(store, "wk1", split) == Arrival()


def test_what_cannot_be_compared_says_why_and_stays_stored(store: Store) -> None:
    wide = np.hstack([WORLD.vectors, WORLD.vectors])
    ingest(store, frame(wide), checkpoint="wk1")
    arrival = compare_on_arrival(store, "wk1", "validation")
    assert arrival.report is None
    assert arrival.note is not None and "--align" in arrival.note
    assert store.snapshots.get("wk1", "validation").n_samples == N_SAMPLES


def test_the_command_says_the_verdict_after_storing_unless_told_not_to(tmp_path: Path) -> None:
    place = tmp_path / "store"
    first = snapshot_file(tmp_path / "first.parquet", ROAD.vectors)
    later = snapshot_file(tmp_path / "later.parquet", moved(ROAD, MOVED, toward=TOWARD, share=SHARE))
    assert driftloop("ingest", first, "--checkpoint", "wk0", "--at", "2026-01-05", "--store", place).code == 0
    quiet = driftloop("ingest", later, "--checkpoint", "wk1", "--no-compare", "--json", "--store", place)
    assert quiet.json["verdict"] is None
    said = driftloop("ingest", later, "--checkpoint", "wk2", "--store", place).out
    assert f"silent: Since wk0 '{ROAD.names[MOVED]}'" in " ".join(said.split())

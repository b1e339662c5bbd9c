"""Windows of different samples by the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore.testing import moved, rotated
from tests.cli.road import MOVED, OF_THE_MOVED, SHARE, TOWARD, WORLD, driftloop, ingest, snapshot_file

EVEN = np.arange(len(WORLD.vectors)) % 2 == 0
NAME = WORLD.names[MOVED]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the world in `week1`; the other half in `week2`, where one concept went toward another."""
    folder = tmp_path_factory.mktemp("windows")
    store = folder / "store"
    later = moved(WORLD, MOVED, toward=TOWARD, share=SHARE)
    for split, vectors, rows in (("week1", WORLD.vectors, EVEN), ("week2", later, ~EVEN)):
        file = snapshot_file(folder / f"{split}.parquet", vectors, rows=np.flatnonzero(rows))
        assert ingest(file, "wk0", 1, store, "--split", split).code == 0
    return store


def test_two_windows_are_compared_and_told_to_a_machine(store: Path) -> None:
    done = driftloop(
        "compare", "wk0", "wk0", "--reference-split", "week1", "--split", "week2", "--json", "--store", store
    )

    assert (done.json["pairing"], done.json["cause"]["kind"]) == ("unpaired", "data")
    changed = [each["concept"] for each in done.json["windows"]["content"] if each["q_value"] < 0.01]
    assert changed == [NAME]
    assert done.json["global"]["cka"] is None


def test_two_windows_are_told_to_a_person(store: Path) -> None:
    done = driftloop("compare", "wk0", "wk0", "--reference-split", "week1", "--split", "week2", "--store", store)

    assert done.code == 0
    first = done.out.splitlines()[0]
    assert first.startswith(f"silent: From 'week1' to 'week2' what is said about '{NAME}' changed")
    assert "share of the window" in done.out
    assert "prototype_distance" in done.out


def test_a_span_of_two_windows_is_exported(store: Path, tmp_path: Path) -> None:
    done = driftloop(
        "compare", "wk0", "wk0", "--reference-split", "week1", "--split", "week2", "--json", "--store", store
    )
    span = done.json["spans"][0]
    out = tmp_path / "span.csv"

    assert driftloop("spans", "export", span["span_id"], "--out", out, "--store", store).code == 0
    assert set(WORLD.sample_ids[OF_THE_MOVED & ~EVEN]) >= {
        line.split(",")[0] for line in out.read_text().splitlines()[1:]
    }


def test_windows_of_different_encoders_without_anchors_end_with_what_to_do(store: Path, tmp_path: Path) -> None:
    file = snapshot_file(tmp_path / "other.parquet", rotated(WORLD.vectors), rows=np.flatnonzero(~EVEN))
    assert ingest(file, "other", 2, store, "--split", "week3").code == 0

    done = driftloop("compare", "wk0", "other", "--reference-split", "week1", "--split", "week3", "--store", store)

    assert done.code == 3
    assert "cannot be told apart. Embed the same 50 or more samples under both checkpoints" in done.complaint

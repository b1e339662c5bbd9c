"""`driftloop report` on the road's world: one file, one line, and the exit codes of every other command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore.testing import jittered, moved
from tests.cli.road import MOVED, N_SAMPLES, TOWARD, WORLD, driftloop, ingest, snapshot_file


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    store = folder / "store"
    for day, share in enumerate((0.0, 0.3)):
        place = moved(WORLD, MOVED, toward=TOWARD, share=share) if share else WORLD.vectors
        file = snapshot_file(folder / f"d{day}.parquet", jittered(place, scale=0.01, seed=day))
        assert ingest(file, f"d{day}", day + 1, store).code == 0
    # other samples, of a single concept: nothing can be measured between them and the others
    alone = snapshot_file(folder / "alone.parquet", WORLD.vectors, rows=np.flatnonzero(WORLD.concepts == 0))
    assert ingest(alone, "alone", 3, store, "--split", "live").code == 0
    assert ingest(alone, "alone2", 4, store, "--split", "live").code == 0
    return store


def test_one_file_is_written_and_said_in_one_line(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = driftloop("report", "d0", "d1", "--html", out, "--store", store)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{out}: 0.")
    assert len(done.out.splitlines()) == 1
    assert out.read_bytes().startswith(b"<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert b"utterance 130" in out.read_bytes()


def test_one_name_is_the_current_checkpoint_against_the_stores_reference(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert driftloop("report", "d1", "--html", out, "--no-text", "--store", store).code == 0
    page = out.read_text(encoding="utf-8")
    assert "d0 → d1" in page
    assert [row for row in range(N_SAMPLES) if f"utterance {row}" in page] == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("d0", "d9"), 2, "No checkpoint named 'd9'. Known: "),
        (("d0", "d1", "--split", "live"), 2, "live"),
        (("alone", "alone2", "--split", "live"), 3, "at least two concepts are needed"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(
    store: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused = driftloop("report", *arguments, "--html", tmp_path / "report.html", "--store", store)
    assert refused.code == code
    assert said in refused.complaint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(store: Path, tmp_path: Path) -> None:
    refused = driftloop("report", "d0", "no such checkpoint", "--html", tmp_path / "x" / "r.html", "--store", store)
    assert refused.code == 2
    assert "there is no folder" in refused.complaint


def test_a_file_name_is_needed(store: Path) -> None:
    assert driftloop("report", "d0", "d1", "--store", store).code == 2

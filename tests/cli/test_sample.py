"""`driftloop sample`: draw, label, estimate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from driftcore.testing import moved
from tests.cli.road import MOVED, N_SAMPLES, SHARE, TOWARD, WORLD, driftloop, ingest, snapshot_file


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    after = moved(WORLD, MOVED, toward=TOWARD, share=SHARE)
    for week, vectors in enumerate((WORLD.vectors, after)):
        file = snapshot_file(folder / f"wk{week}.parquet", vectors)
        assert ingest(file, f"wk{week}", week + 1, folder / "store").code == 0
    return folder / "store"


def test_a_draw_is_written_labelled_and_read_back(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "next.csv"
    done = driftloop("sample", "--store", store, "--n", 60, "--out", out)
    assert done.code == 0 and f"60 of {N_SAMPLES} samples drawn" in done.out and f"--estimate {out}" in done.out

    table = pd.read_csv(out)
    # a perfect eye: every label is right
    table["prediction"] = table["label"]
    table.to_csv(out, index=False)
    found = driftloop("sample", "--store", store, "--estimate", out, "--json").json
    assert (found["n"], found["n_labelled"], found["n_wrong"]) == (60, 60, 0)
    assert found["horvitz_thompson"]["value"] == 1.0 and found["horvitz_thompson"]["low"] < 1
    said = driftloop("sample", "--store", store, "--estimate", out).out.splitlines()[-1]
    assert said.startswith("'wk1' on validation: 100.0 % [")


def test_json_has_the_draw_and_a_row_for_each_sample(store: Path) -> None:
    answer = driftloop("sample", "--store", store, "--n", 25, "--json").json
    assert (answer["n"], answer["reference"], answer["current"], len(answer["rows"])) == (25, "wk0", "wk1", 25)
    assert {"sample_id", "concept", "probability", "weight", "reason"} <= set(answer["rows"][0])
    assert sum(row["weight"] for row in answer["rows"]) == pytest.approx(N_SAMPLES, rel=0.5)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Say either how many to draw"),
        (("--n", "5", "--estimate", "next.csv"), "Say either how many to draw"),
        (("--n", "0"), "--n 0 cannot be drawn"),
        (("--n", "5", "--uniform", "0"), "--uniform 0 is not a share"),
        (("--n", "5", "--current", "wk9"), "Known: wk0, wk1"),
        (("--n", "5", "--out", "next.xls"), "Unknown export format 'xls'"),
        (("--n", "5", "--out", "/no/such/folder/next.csv"), "Cannot write"),
        (("--estimate", "/no/such/file.csv"), "file.csv"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(store: Path, options: tuple[str, ...], says: str) -> None:
    done = driftloop("sample", "--store", store, *options)
    assert done.code == 2 and says in done.complaint

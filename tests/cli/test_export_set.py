"""`driftloop spans export` for trainers and labelling tools."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from driftcore.export import COLUMNS, SET_COLUMNS
from tests.cli.road import driftloop
from tests.workflows.loop_world import drifted, make_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "store.lance"
    driftloop("trace", drifted(make_store(folder)).span_id, "--store", folder)
    return folder


@pytest.fixture(scope="module")
def export(store: Path) -> tuple[object, ...]:
    span_id = driftloop("spans", "list", "--json", "--store", store).json[0]["span_id"]
    return ("spans", "export", span_id, "--store", store)


def test_without_asking_for_more_a_span_is_exported_as_ever(export: tuple[object, ...], tmp_path: Path) -> None:
    assert driftloop(*export, "--out", tmp_path / "span.csv").code == 0
    assert list(pd.read_csv(tmp_path / "span.csv").columns) == list(COLUMNS)


@pytest.mark.parametrize("asked", [("--set",), ("--replay", "0.5"), ("--no-traced",), ("--seed", "0")])
def test_what_only_a_set_has_makes_it_one(export: tuple[object, ...], tmp_path: Path, asked: tuple[str, ...]) -> None:
    assert driftloop(*export, "--out", tmp_path / "set.csv", *asked).code == 0
    table = pd.read_csv(tmp_path / "set.csv")
    assert list(table.columns) == [*COLUMNS, *SET_COLUMNS]
    counts = table["role"].value_counts()
    share = 0.5 if "--replay" in asked else 1.0
    assert counts["replay"] == round(share * (len(table) - counts["replay"]))
    assert ("correction" in counts) == ("--no-traced" not in asked)


def test_a_folder_says_what_was_left_out_and_is_not_written_over(export: tuple[object, ...], tmp_path: Path) -> None:
    out = tmp_path / "set"
    done = driftloop(*export, "--format", "sentence-transformers", "--shape", "triplet", "--out", out)
    assert done.code == 0
    n_rows = len(pd.read_parquet(out / "train.parquet"))
    facts = json.loads((out / "manifest.json").read_text("utf-8"))
    assert facts["shape"] == "triplet"
    assert f"{n_rows} samples in {out}" in done.out
    assert f"{facts['left_out']['holdout']} left out: holdout" in done.out
    again = driftloop(*export, "--format", "hf", "--out", out)
    assert again.code == 2
    assert "is there already: choose another place with --out" in again.complaint


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--format", "xls"), "Unknown export format 'xls'"),
        (("--format", "hf", "--shape", "label"), "Only sentence-transformers has shapes"),
        (("--shape", "pair", "--format", "sentence-transformers"), "Unknown shape 'pair'"),
        (("--holdout", "1"), "a holdout is a share below 1"),
        (("--replay", "nan"), "a holdout is a share below 1, replay 0 or more"),
    ],
)
def test_bad_input_ends_with_2_and_writes_nothing(
    export: tuple[object, ...], tmp_path: Path, asked: tuple[str, ...], says: str
) -> None:
    done = driftloop(*export, "--out", tmp_path / "set", *asked)
    assert done.code == 2
    assert says in done.complaint
    assert list(tmp_path.iterdir()) == []

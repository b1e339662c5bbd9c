"""A whole retraining set leaves the store: what is in the files, what is not, and what the manifest says of it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftcore import export
from driftcore.errors import BadInputError, NotFoundError
from driftcore.judging import is_judge
from driftcore.store import Store
from driftcore.workflows.export_set import export_set, reference_vectors
from driftcore.workflows.export_span import export_span, write_export
from driftcore.workflows.retraining_set import build_set
from driftcore.workflows.trace import trace
from tests.workflows.loop_world import TARGET, drifted, make_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = make_store(tmp_path_factory.mktemp("export") / "store.lance")
    trace(made, drifted(made).span_id)
    return made


def ids_in(store: Store, split: str) -> set[str]:
    return set(store.snapshots.labels("week 2", split)[0])


@pytest.mark.parametrize("format", export.FORMATS)
def test_the_plain_formats_hold_the_whole_set(store: Store, format: str) -> None:
    exported = export_set(store, [drifted(store).span_id], format=format)
    read = {
        "csv": lambda: pd.read_csv(io.BytesIO(exported.content)),
        "parquet": lambda: pd.read_parquet(io.BytesIO(exported.content)),
        "jsonl": lambda: pd.DataFrame(map(json.loads, exported.content.decode("utf-8").splitlines())),
    }[format]()
    assert list(read.columns) == [*export.COLUMNS, *export.SET_COLUMNS]
    assert set(read["role"]) == {"correction", "gold", "replay"}
    assert read["sample_id"].tolist() == exported.table["sample_id"].tolist()


@pytest.mark.parametrize("format", export.ALL_FORMATS)
def test_the_same_seed_makes_the_same_bytes(store: Store, format: str) -> None:
    first, second = (export_set(store, [drifted(store).span_id], format=format, seed=7) for _ in range(2))
    assert first.content == second.content
    assert first.manifest == second.manifest


@pytest.mark.parametrize("format", export.ALL_FORMATS)
def test_no_judge_leaves_the_store_in_a_set(store: Store, format: str) -> None:
    exported = export_set(store, [drifted(store).span_id], format=format)
    judged = ids_in(store, "validation") | ids_in(store, "live")
    inside = [each for each in exported.table["sample_id"] if each in judged]
    assert inside
    assert not is_judge(inside).any()


@pytest.mark.parametrize("shape", export.SHAPES)
def test_neither_do_judges_nor_the_holdout_stand_in_for_negatives(store: Store, shape: str) -> None:
    exported = export_set(
        store, [drifted(store).span_id], format="sentence-transformers", shape=shape, holdout=0.4, seed=1
    )
    files = exported.encoded.files
    train, who = (pd.read_parquet(io.BytesIO(files[name])) for name in ("train.parquet", "manifest.parquet"))
    assert len(train) == len(who) == len(exported.table)
    assert set(who["part"]) == {"train"}
    made = build_set(store, [drifted(store)], traces=[trace(store, drifted(store).span_id)], holdout=0.4, seed=1)
    held_out = set(made.table["sample_id"][made.table["part"] == "holdout"])
    for column in (name for name in who.columns if name.endswith("_id") and name != "span_id"):
        validation = set(who[column]) & ids_in(store, "validation")
        assert not is_judge(sorted(validation)).any()
        assert not set(who[column]) & held_out
    if shape == "triplet":
        # what was labelled as the destination learns to keep away from it
        target = {
            row for row, label in zip(*store.snapshots.labels("week 2", "validation"), strict=True) if label == TARGET
        }
        assert set(who["negative_id"][who["role"] == "gold"]) <= target


def test_the_manifest_tells_all_that_is_needed_to_make_the_set_again(store: Store) -> None:
    span = drifted(store)
    exported = export_set(store, [span.span_id], format="hf", replay=0.5, holdout=0.2, seed=3)
    facts = json.loads(exported.manifest)
    assert {name: facts[name] for name in ("format", "seed", "replay", "holdout")} == {
        "format": "hf",
        "seed": 3,
        "replay": 0.5,
        "holdout": 0.2,
    }
    assert [each["span"]["span_id"] for each in facts["spans"]] == [span.span_id]
    assert facts["spans"][0]["policy"]["min_samples"] == 20
    assert facts["checkpoints"]["week 2"] == {
        each.split: each.fingerprint for each in store.snapshots.all() if each.checkpoint == "week 2"
    }
    assert facts["store_version"] == store.stamp()
    assert facts["files"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in exported.encoded.files.items()
    }
    table = exported.table
    assert facts["roles"] == table["role"].value_counts().to_dict()
    assert facts["parts"] == table["part"].value_counts().to_dict()
    assert facts["labels"] == table["label"].value_counts().to_dict()
    # not where it stands, which may hold names and passwords
    assert store.uri not in exported.manifest.decode()


def test_traces_are_used_only_where_they_are_wanted_and_kept(store: Store) -> None:
    span_id = drifted(store).span_id
    kept = export_set(store, [span_id])
    n_traced = json.loads(kept.manifest)["traced"][span_id]
    assert (kept.table["role"] == "correction").sum() == n_traced > 0
    without = export_set(store, [span_id], traced=False)
    assert "correction" not in set(without.table["role"])
    assert json.loads(without.manifest)["traced"] == {}


def test_a_span_that_nobody_traced_says_how_to(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store.lance")
    notes = json.loads(export_set(store, [drifted(store).span_id]).manifest)["notes"]
    assert any(f"driftloop trace {drifted(store).span_id}" in note for note in notes)


def test_vectors_to_pull_back_to_are_those_of_the_reference(store: Store) -> None:
    span = drifted(store)
    table = build_set(store, [span], traces=[trace(store, span.span_id)]).table
    found = reference_vectors(store, [span], table)
    gold, corrected, replay = ((table["role"] == role).to_numpy() for role in ("gold", "correction", "replay"))
    expected = store.snapshots.vectors("week 1", "validation", table["sample_id"][gold].to_numpy(dtype=object))
    np.testing.assert_array_equal(found[gold], expected)
    # the reference never saw them, and where they are now is what drifted
    assert np.isnan(found[corrected]).all()
    # what did not drift was not moved by the world: laid onto the reference it is where it is
    own = store.snapshots.vectors("week 2", "train", table["sample_id"][replay].to_numpy(dtype=object))
    np.testing.assert_allclose(found[replay], own, atol=0.05 * np.abs(own).max())


def test_a_set_without_texts_is_refused_where_a_trainer_needs_them(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store.lance", with_texts=False)
    for format in (*export.TRAINING_FORMATS, "label-studio"):
        with pytest.raises(BadInputError, match=r"None of the \d+ rows has a text"):
            export_set(store, [drifted(store).span_id], format=format)
    assert len(export_set(store, [drifted(store).span_id], format="parquet").table)


def test_what_cannot_be_meant_is_refused(store: Store) -> None:
    span_id = drifted(store).span_id
    with pytest.raises(BadInputError, match="Unknown export format 'xls'"):
        export_set(store, [span_id], format="xls")
    with pytest.raises(BadInputError, match="Only sentence-transformers has shapes"):
        export_set(store, [span_id], format="hf", shape="triplet")
    with pytest.raises(BadInputError, match="Unknown shape 'pair'"):
        export_set(store, [span_id], format="sentence-transformers", shape="pair")
    with pytest.raises(NotFoundError, match="No span 'nothing'"):
        export_set(store, ["nothing"])
    with pytest.raises(BadInputError, match="No span to export"):
        export_set(store, [])
    with pytest.raises(BadInputError, match="export it with --set"):
        export_span(store, span_id, format="openai")


def test_a_folder_is_a_zip_for_a_browser_and_a_folder_on_disk(store: Store, tmp_path: Path) -> None:
    exported = export_span(store, drifted(store).span_id, format="label-studio")
    out, manifest = write_export(exported, tmp_path / "tasks")
    on_disk = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == on_disk
    assert set(on_disk) == {"tasks.json", "config.xml", "manifest.json"}
    assert manifest == out / "manifest.json"
    assert len(json.loads(on_disk["tasks.json"])) == drifted(store).n_samples

"""The whole road by the command, on a world whose answer is known: ingest, evaluate, compare, spans, export."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from driftcore.records import ConceptDrift, DriftPolicy
from driftcore.testing import moved, rotated
from tests.cli.road import (
    MOVED,
    N_SAMPLES,
    OF_THE_MOVED,
    SHARE,
    TOWARD,
    WORLD,
    Done,
    driftloop,
    driftloop_process,
    ingest,
    predictions_file,
    snapshot_file,
)

GONE = moved(WORLD, MOVED, toward=TOWARD, share=SHARE)
# 24 of the 60 samples of the moved concept are predicted as the other one: 0.6 of the concept, 0.95 of all are right
WRONG = np.flatnonzero(OF_THE_MOVED)[:24]
NAME, OTHER = WORLD.names[MOVED], WORLD.names[TOWARD]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a reference `wk0`, a silent drift `wk1`, and the same drift with a worse eval, `wk2`."""
    folder = tmp_path_factory.mktemp("road")
    store = folder / "store"
    for day, (checkpoint, vectors, wrong) in enumerate(
        [("wk0", WORLD.vectors, ()), ("wk1", GONE, ()), ("wk2", GONE, WRONG)], start=1
    ):
        embeddings = snapshot_file(folder / f"{checkpoint}.parquet", vectors)
        predictions = predictions_file(folder / f"{checkpoint}-eval.parquet", wrong=wrong)
        assert ingest(embeddings, checkpoint, day, store).code == 0
        assert driftloop("evaluate", predictions, "--checkpoint", checkpoint, "--store", store).code == 0
    return store


def compare(store: Path, *arguments: object) -> Any:
    return driftloop("compare", *arguments, "--json", "--store", store).json


def concept(report: Any, name: str) -> Any:
    return next(each for each in report["concepts"] if each["concept"] == name)


def moved_names(report: Any) -> set[str]:
    return {each["concept"] for each in report["concepts"] if each["kind"] == "moved"}


def test_ingest_says_what_it_stored(tmp_path: Path) -> None:
    file = snapshot_file(tmp_path / "a.parquet", WORLD.vectors)

    assert "'wk0' / 'validation' stored 480 samples × 32 dims." in ingest(file, "wk0", 1, tmp_path / "store").out
    assert "was stored already, nothing to do" in ingest(file, "wk0", 1, tmp_path / "store").out


def test_ingest_answers_a_machine_too(tmp_path: Path) -> None:
    file = snapshot_file(tmp_path / "a.parquet", WORLD.vectors)

    answer = ingest(file, "wk0", 1, tmp_path / "store", "--json").json

    assert answer["created"] is True
    assert answer["snapshot"]["n_samples"] == N_SAMPLES
    assert answer["snapshot"]["at"].startswith("2026-01-01T00:00:00")


def test_evaluate_says_the_accuracy(store: Path, tmp_path: Path) -> None:
    answer = driftloop(
        "evaluate", predictions_file(tmp_path / "e.parquet", wrong=WRONG), "--checkpoint", "wk2", "--store", store
    )

    # stored already by the fixture: the same content again is a no-op; 456 of 480 are right
    assert "was stored already, nothing to do: 480 predictions, accuracy 95.0 %, 0 failed." in answer.out


CONTRACT: dict[str, set[str]] = {
    "": {
        "reference", "current", "split", "pairing", "n_samples", "n_dims", "verdict", "summary", "cause", "global",
        "concepts", "pairs", "spans", "policy", "provenance", "notes",
    },
    "cause": {"kind", "evidence"},
    "global": {
        "cka", "procrustes_distance", "mean_shift", "accuracy_reference", "accuracy_current", "churn",
        "drift_error_auroc",
    },
    "concepts": {
        "concept", "n", "displacement", "p_value", "q_value", "verdict", "toward", "migration", "migration_low",
        "migration_high", "mean_shift", "neighbor_overlap", "accuracy_reference", "accuracy_current", "churn", "kind",
    },
    "pairs": {"a", "b", "gap_closure", "low", "high", "q_value"},
    "spans": {"span_id", "concept", "kind", "n_samples", "n_mispredicted", "mean_shift"},
    "provenance": {"versions", "seed", "engine", "duration_s"},
}  # fmt: skip


@pytest.mark.parametrize("part", CONTRACT, ids=lambda part: part or "report")
def test_compare_json_keeps_the_contract(store: Path, part: str) -> None:
    report = compare(store, "wk0", "wk2")
    value = report[part] if part else report

    for each in value if isinstance(value, list) else [value]:
        assert CONTRACT[part] <= each.keys()
    assert value


def test_the_report_quotes_the_policy_it_used(store: Path) -> None:
    policy = compare(store, "wk0", "wk1")["policy"]

    assert policy == {field.name: getattr(DriftPolicy(), field.name) for field in fields(DriftPolicy)}


def test_a_concept_that_moved_while_the_eval_stayed_is_silent_drift(store: Path) -> None:
    report = compare(store, "wk0", "wk1")

    assert report["verdict"] == "silent"
    assert moved_names(report) == {NAME}
    assert report["cause"]["kind"] == "semantic"
    found = concept(report, NAME)
    assert (found["verdict"], found["toward"], found["n"]) == ("silent", OTHER, 60)
    assert {each["verdict"] for each in report["concepts"] if each["concept"] != NAME} == {"stable"}


def test_the_same_movement_with_a_worse_eval_is_a_regression(store: Path) -> None:
    report = compare(store, "wk0", "wk2")
    found = concept(report, NAME)

    assert report["verdict"] == found["verdict"] == "regression"
    assert (found["accuracy_reference"], found["accuracy_current"]) == (1.0, pytest.approx(0.6))
    # 24 of 60 flipped, which is 24 of all 480
    assert found["churn"] == pytest.approx(0.4)
    gauges = report["global"]
    assert (gauges["accuracy_reference"], gauges["accuracy_current"]) == (1.0, 0.95)
    assert gauges["churn"] == pytest.approx(0.05)
    # the 24 errors are among the 60 that moved: each ranks above the 420 of the 456 right ones that stayed
    assert gauges["drift_error_auroc"] > 420 / 456


def test_the_movement_has_the_size_it_was_given(store: Path) -> None:
    report = compare(store, "wk0", "wk1")
    found, pair = concept(report, NAME), report["pairs"][0]

    # the concept went 0.3 of the way: the gap that is left is 0.7 of what it was
    assert {pair["a"], pair["b"]} == {NAME, OTHER}
    assert pair["gap_closure"] == pytest.approx(SHARE, abs=0.01)
    assert found["migration"] == pytest.approx(SHARE, abs=0.01)
    assert found["migration_low"] <= found["migration"] <= found["migration_high"]
    assert pair["low"] <= pair["gap_closure"] <= pair["high"]


def test_displacement_is_a_share_of_the_mean_gap(store: Path) -> None:
    centroids = np.stack([WORLD.vectors[WORLD.concepts == k].mean(axis=0) for k in range(8)])
    gaps = np.linalg.norm(centroids[:, None] - centroids[None], axis=2)
    mean_gap = gaps[np.triu_indices(8, 1)].mean()

    found = concept(compare(store, "wk0", "wk1"), NAME)

    # sampling noise is taken off the squared gaps, 2 · 0.09 / 60 of about 2: a thousandth
    assert found["displacement"] == pytest.approx(SHARE * gaps[MOVED, TOWARD] / mean_gap, rel=0.01)


def test_the_summary_names_who_came_closer_to_whom(store: Path) -> None:
    summary = compare(store, "wk0", "wk1")["summary"]

    assert summary.startswith(f"Since wk0 '{NAME}' has come 30 % [")
    assert f"closer to '{OTHER}' (q < 0.001)" in summary
    assert "60 samples are worth retraining on" in summary


def test_a_checkpoint_against_itself_is_stable_and_all_zero(store: Path) -> None:
    report = compare(store, "wk0", "wk0")

    assert report["verdict"] == "stable"
    assert report["cause"]["kind"] == "none"
    assert report["pairs"] == report["spans"] == []
    assert report["global"]["mean_shift"] == report["global"]["churn"] == 0
    assert report["global"]["procrustes_distance"] == pytest.approx(0, abs=1e-6)
    assert report["global"]["cka"] == pytest.approx(1)
    for each in report["concepts"]:
        assert each["displacement"] == each["migration"] == each["mean_shift"] == each["churn"] == 0
        assert each["neighbor_overlap"] == 1
        assert (each["verdict"], each["toward"], each["kind"]) == ("stable", None, "none")


def test_a_rotated_space_is_no_drift(store: Path, tmp_path: Path) -> None:
    ingest(snapshot_file(tmp_path / "r.parquet", rotated(WORLD.vectors)), "rotated", 9, store)

    report = compare(store, "wk0", "rotated")

    assert report["verdict"] == "stable"
    assert moved_names(report) == set()


def test_one_name_alone_is_compared_with_the_reference(store: Path) -> None:
    assert compare(store, "wk2")["reference"] == "wk0"


def test_a_second_compare_reads_the_report_back(store: Path) -> None:
    first, again = compare(store, "wk0", "wk1"), compare(store, "wk0", "wk1")

    # a report that had been computed anew would have taken another time
    assert again == first


def test_an_eval_that_comes_later_makes_another_report(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors), "wk0", 1, store)
    ingest(snapshot_file(tmp_path / "b.parquet", GONE), "wk1", 2, store)
    before = compare(store, "wk0", "wk1")
    for checkpoint in ("wk0", "wk1"):
        driftloop("evaluate", predictions_file(tmp_path / "e.parquet"), "--checkpoint", checkpoint, "--store", store)

    after = compare(store, "wk0", "wk1")

    assert after["report_id"] != before["report_id"]
    assert before["global"]["accuracy_current"] is None
    assert any("No eval run is stored" in note for note in before["notes"])
    assert after["global"]["accuracy_current"] == 1.0


def test_samples_are_paired_by_id_whatever_the_order_of_rows(store: Path, tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(N_SAMPLES)
    ingest(snapshot_file(tmp_path / "s.parquet", GONE, rows=order), "shuffled", 3, store)
    driftloop("evaluate", predictions_file(tmp_path / "e.parquet"), "--checkpoint", "shuffled", "--store", store)

    straight, shuffled = compare(store, "wk0", "wk1"), compare(store, "wk0", "shuffled")

    for part in ("concepts", "pairs", "global", "verdict", "n_samples"):
        assert shuffled[part] == straight[part]


def test_samples_missing_on_one_side_are_counted_and_said(store: Path, tmp_path: Path) -> None:
    # 30 of the reference's are gone, none is new
    ingest(snapshot_file(tmp_path / "p.parquet", GONE, rows=np.arange(30, N_SAMPLES)), "part", 4, store)

    report = compare(store, "wk0", "part")

    assert (report["n_samples"], report["n_only_reference"], report["n_only_current"]) == (N_SAMPLES - 30, 30, 0)
    assert any("30 samples are only in the reference and 0 only in the current" in note for note in report["notes"])
    assert moved_names(report) == {NAME}


def test_another_width_is_refused_with_both_widths_and_compared_with_align(store: Path, tmp_path: Path) -> None:
    # eight more dimensions in which nothing happens: the same cloud in a wider space
    wider = np.hstack([GONE, np.zeros((N_SAMPLES, 8), dtype=np.float32)])
    ingest(snapshot_file(tmp_path / "w.parquet", wider), "wide", 5, store)

    refused = driftloop("compare", "wk0", "wide", "--store", store)
    report = compare(store, "wk0", "wide", "--align")
    refused_again = driftloop("compare", "wk0", "wide", "--store", store)

    assert refused.code == refused_again.code == 2
    for message in (refused.complaint, refused_again.complaint):
        assert "'wk0' has 32 dims, 'wide' has 40: pass --align" in message
    assert moved_names(report) == {NAME}
    assert concept(report, NAME)["toward"] == OTHER


def test_without_labels_concepts_are_clusters_and_the_moved_one_is_found(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(snapshot_file(tmp_path / "a.parquet", WORLD.vectors, labels=False), "wk0", 1, store)
    ingest(snapshot_file(tmp_path / "b.parquet", GONE, labels=False), "wk1", 2, store)

    report = compare(store, "wk0", "wk1")
    (span,) = report["spans"]
    sample_ids = driftloop("spans", "show", span["span_id"], "--json", "--store", store).json["sample_ids"]

    assert any("HDBSCAN clusters of the reference" in note for note in report["notes"])
    assert len(report["concepts"]) == 8
    # leaf clusters call some samples noise; what is left of the concept is most of it, and nothing else
    assert set(sample_ids) <= set(WORLD.sample_ids[OF_THE_MOVED])
    assert len(sample_ids) > 30
    assert report["verdict"] == "silent"


def test_a_person_gets_a_table_and_the_sentence(store: Path) -> None:
    said = driftloop("compare", "wk0", "wk2", "--store", store).out
    sentence, *table = said.splitlines()

    assert sentence.startswith("regression: Since wk0 'concept 2' has come 30 %")
    assert sentence.endswith("and its accuracy fell from 100 % to 60 %: 60 samples are worth retraining on.")
    # cells fold in a narrow terminal, so the words of a row may stand on several lines
    assert {"concept", "verdict", "regression", "30.0"} <= set(" ".join(table).replace("│", " ").split())


def test_checkpoints_lists_what_is_stored_in_order_of_time(store: Path) -> None:
    answer = driftloop("checkpoints", "--json", "--store", store).json[:3]

    wanted = {"checkpoint", "order", "at", "splits", "n_samples", "n_dims", "fingerprint", "accuracy"}
    assert all(wanted <= each.keys() for each in answer)
    assert [(each["checkpoint"], each["accuracy"]) for each in answer] == [("wk0", 1.0), ("wk1", 1.0), ("wk2", 0.95)]
    assert [each["order"] for each in answer] == [0, 1, 2]


def test_pin_makes_another_checkpoint_the_reference(store: Path) -> None:
    try:
        listed = driftloop("checkpoints", "--pin", "wk1", "--json", "--store", store).json

        assert [each["checkpoint"] for each in listed if each["pinned"]] == ["wk1"]
        assert compare(store, "wk2")["reference"] == "wk1"
    finally:
        driftloop("checkpoints", "--pin", "wk0", "--store", store)


@pytest.fixture
def span(store: Path) -> Any:
    """The span of the regression."""
    return compare(store, "wk0", "wk2")["spans"][0]


def test_a_span_holds_exactly_the_samples_that_moved(store: Path, span: Any) -> None:
    shown = driftloop("spans", "show", span["span_id"], "--json", "--store", store).json

    assert set(shown["sample_ids"]) == set(WORLD.sample_ids[OF_THE_MOVED])
    assert (span["concept"], span["n_samples"], span["n_mispredicted"]) == (NAME, 60, 24)
    assert (shown["reference"], shown["current"], shown["toward"]) == ("wk0", "wk2", OTHER)


def test_spans_list_shows_it(store: Path, span: Any) -> None:
    listed = driftloop("spans", "list", "--json", "--store", store).json

    assert CONTRACT["spans"] <= listed[0].keys()
    assert span["span_id"] in {each["span_id"] for each in listed}
    assert span["span_id"] in driftloop("spans", "list", "--store", store).out


def test_spans_show_lists_samples_with_their_texts(store: Path, span: Any) -> None:
    first = WORLD.sample_ids[OF_THE_MOVED]
    said = driftloop("spans", "show", span["span_id"], "--store", store).out

    assert "60 samples, the most shifted first" in said
    assert any(sample_id in said for sample_id in first)


def test_export_writes_every_sample_with_its_columns_and_a_manifest(store: Path, span: Any, tmp_path: Path) -> None:
    out = tmp_path / "retrain.csv"
    done = driftloop("spans", "export", span["span_id"], "--out", out, "--store", store)

    assert done.code == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {sample_id: f"utterance {row}" for row, sample_id in enumerate(WORLD.sample_ids)}
    wrong = set(WORLD.sample_ids[WRONG])
    assert {row["sample_id"] for row in rows} == set(WORLD.sample_ids[OF_THE_MOVED])
    for row in rows:
        is_wrong = row["sample_id"] in wrong
        assert row["text"] == texts[row["sample_id"]]
        assert (row["label"], row["concept"], row["checkpoint"]) == (NAME, NAME, "wk2")
        assert row["prediction"] == (OTHER if is_wrong else NAME)
        assert float(row["weight"]) == (2 if is_wrong else 1)
        assert row["reason"] == f"moved with {NAME} toward {OTHER}" + (f"; predicted as {OTHER}" if is_wrong else "")
    shifts = [float(row["shift"]) for row in rows]
    assert shifts == sorted(shifts, reverse=True)

    manifest = json.loads((tmp_path / "retrain.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert manifest["n_rows"] == 60
    assert manifest["labels"] == {NAME: 60}
    assert manifest["span"]["span_id"] == span["span_id"]


def test_a_text_that_a_spreadsheet_would_run_is_neutralised(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    store = tmp_path / "store"
    for day, (name, vectors) in enumerate([("wk0", WORLD.vectors), ("wk1", GONE)], start=1):
        file = snapshot_file(tmp_path / f"{name}.parquet", vectors)
        table = pq.read_table(file)
        formulas = [f'=HYPERLINK("x{row}")' for row in range(N_SAMPLES)]
        pq.write_table(table.set_column(table.column_names.index("text"), "text", [formulas]), file)
        assert ingest(file, name, day, store).code == 0
    (span,) = compare(store, "wk0", "wk1")["spans"]

    driftloop("spans", "export", span["span_id"], "--out", tmp_path / "out.csv", "--store", store)

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert all(row["text"].startswith("'=HYPERLINK") for row in csv.DictReader(file))


def test_clusters_says_which_one_vanished_and_that_the_others_survived(store: Path, tmp_path: Path) -> None:
    dissolved = WORLD.vectors.copy()
    dissolved[OF_THE_MOVED] = np.random.default_rng(0).normal(scale=3 / np.sqrt(32), size=(60, 32))
    ingest(snapshot_file(tmp_path / "d.parquet", dissolved), "dissolved", 6, store)

    said = driftloop("clusters", "wk0", "dissolved", "--store", store).out
    answer = driftloop("clusters", "dissolved", "--json", "--store", store).json

    assert said.startswith("8 clusters in wk0, 7 in dissolved; 0.0 % and 12.5 % noise. 1 event is sure (p ≤ 0.01)")
    assert "7 clusters survived." in said
    assert {"vanished", "0.01"} <= set(said.replace("│", " ").split())
    assert answer["reference"] == "wk0"
    assert [(e["kind"], e["names_reference"]) for e in answer["events"] if e["sure"]] == [
        ("vanished", [f"mostly {NAME}, 100 %"])
    ]


def test_map_keeps_a_frame_and_a_checkpoint_that_does_not_exist_is_refused(store: Path) -> None:
    refused = driftloop("map", "wk0", "wk9", "--store", store)

    assert refused.code == 2
    assert "No checkpoint named 'wk9'. Known: wk0, wk1, wk2" in refused.complaint


def test_every_field_of_a_concept_has_a_value_or_a_reason(store: Path) -> None:
    for each in compare(store, "wk0", "wk1")["concepts"]:
        missing = {field.name for field in fields(ConceptDrift) if each[field.name] is None}
        # a concept that went nowhere heads for nobody, and has no interval; one that moved as a whole has no part
        assert missing <= {"toward", "migration_low", "migration_high", "part"}


def test_the_command_says_all_that_in_a_process_of_its_own(store: Path) -> None:
    done: Done = driftloop_process("compare", "wk0", "wk1", "--json", "--store", store)

    assert done.code == 0
    assert done.err == ""
    assert done.json == compare(store, "wk0", "wk1")


def test_a_person_hears_what_would_have_found_the_new_errors(store: Path) -> None:
    said = driftloop("compare", "wk0", "wk2", "--store", store).out

    assert "24 that were right are wrong now; chance that one ranks above one that stayed right: shift 0." in said
    assert "low confidence at the reference 0." in said


def test_a_decision_about_a_span_is_listed_and_several_are_exported_once(
    store: Path, span: Any, tmp_path: Path
) -> None:
    (other,) = compare(store, "wk0", "wk1")["spans"]
    assert driftloop("spans", "accept", span["span_id"], other["span_id"], "--store", store).code == 0
    assert driftloop("spans", "dismiss", other["span_id"], "--note", "too early", "--store", store).code == 0

    listed = {each["span_id"]: each for each in driftloop("spans", "list", "--json", "--store", store).json}
    assert (listed[span["span_id"]]["status"], listed[span["span_id"]]["note"]) == ("accepted", "")
    assert (listed[other["span_id"]]["status"], listed[other["span_id"]]["note"]) == ("dismissed", "too early")
    assert "dismissed" in driftloop("spans", "list", "--store", store).out

    out = tmp_path / "both.jsonl"
    export = ("spans", "export", span["span_id"], other["span_id"], "--out", out, "--format", "jsonl")
    assert driftloop(*export, "--store", store).code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    # both spans hold the samples of the one concept that moved
    assert sorted(row["sample_id"] for row in rows) == sorted(WORLD.sample_ids[OF_THE_MOVED])
    assert {row["checkpoint"] for row in rows} == {"wk2"}
    manifest = json.loads((tmp_path / "both.jsonl.manifest.json").read_text(encoding="utf-8"))
    assert {each["span"]["span_id"] for each in manifest["spans"]} == {span["span_id"], other["span_id"]}

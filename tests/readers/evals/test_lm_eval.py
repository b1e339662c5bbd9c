"""lm-evaluation-harness: filters, log-probs as text, targets by index, and what lies beside the samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcore.errors import BadInputError, UnreadableFileError
from driftcore.readers.evals import EvalReading, choose, read_eval, with_mapping
from tests.readers.evals.logs import CHOICES, lm_choice, lm_generated, write_json, write_lines


def reading_of(path: Path) -> EvalReading:
    reading = read_eval(path)
    assert reading is not None and reading.tool == "lm-eval"
    return reading


def test_a_generated_answer_is_the_filtered_one(tmp_path: Path) -> None:
    (row,) = reading_of(write_lines(tmp_path / "x.jsonl", [lm_generated("s2")])).rows

    assert (row.prediction, row.targets, row.scores["exact_match"].value) == ("card_arrival", ("pending_transfer",), 0)


def test_ids_are_the_hash_and_whatever_the_user_put_into_the_document(tmp_path: Path) -> None:
    reading = reading_of(write_lines(tmp_path / "x.jsonl", [lm_generated("s1"), lm_generated("s2")]))

    assert reading.own_ids == ("doc_hash",)
    assert reading.rows[1].fields["doc_hash"] == "hash of s2"
    assert (reading.rows[1].fields["doc.id"], reading.rows[1].fields["doc.text"]) == ("s2", "My transfer is pending")


def test_multiple_choice_is_the_likeliest_choice_though_log_probs_are_text(tmp_path: Path) -> None:
    # as text "-10.0" would come before "-9.5"; and the last of them is the largest number
    lines = [lm_choice("s1", [-9.5, -10.0, -11.0, -9.0]), lm_choice("s3", [-0.5, -0.7, -0.25, -1e-3])]

    rows = reading_of(write_lines(tmp_path / "x.jsonl", lines)).rows

    assert [row.prediction for row in rows] == ["top_up", "top_up"]


def test_the_target_of_multiple_choice_is_the_name_behind_its_index(tmp_path: Path) -> None:
    lines = [lm_choice("s2", [-1, -2, -3, -4]), lm_choice("s2", [-1, -2, -3, -4], target="[0, 2]")]

    rows = reading_of(write_lines(tmp_path / "x.jsonl", lines)).rows

    assert [row.targets for row in rows] == [("pending_transfer",), ("lost_card", "card_arrival")]


def test_a_target_that_is_a_choice_already_stays(tmp_path: Path) -> None:
    (row,) = reading_of(write_lines(tmp_path / "x.jsonl", [lm_choice("s3", [-1, -2, -3, -4], target="top_up")])).rows

    assert row.targets == ("top_up",)


def test_unconditional_log_probs_are_not_choices(tmp_path: Path) -> None:
    line = lm_choice("s1", [-5.0, -4.0, -3.0, -2.0])
    alone = {f"gen_args_{4 + i}": {"arg_0": "", "arg_1": f" {choice}"} for i, choice in enumerate(CHOICES)}
    line["arguments"] |= alone
    line["filtered_resps"] = [*line["filtered_resps"], *([["-0.1", "False"]] * 4)]

    (row,) = reading_of(write_lines(tmp_path / "x.jsonl", [line])).rows

    assert row.prediction == "top_up"


def test_a_normalised_accuracy_has_the_likeliest_choice_per_letter(tmp_path: Path) -> None:
    # per letter: lost_card -9/9 = -1, pending_transfer -12/16 = -0.75, the largest
    line = lm_choice("s2", [-9.0, -12.0, -60.0, -60.0], metrics=["acc", "acc_norm"], acc_norm=1.0)

    (row,) = reading_of(write_lines(tmp_path / "x.jsonl", [line])).rows

    assert (row.prediction, row.scores["acc_norm"].answer) == ("lost_card", "pending_transfer")


def test_each_filter_is_a_variant_and_one_must_be_named(tmp_path: Path) -> None:
    lines = [lm_generated("s1", filter="strict", answer="x"), lm_generated("s1", filter="flexible")]
    reading = reading_of(write_lines(tmp_path / "x.jsonl", lines))

    with pytest.raises(BadInputError, match=r"2 filters.*--variant NAME. There are: strict, flexible"):
        choose(reading)

    assert [row.prediction for row in choose(reading, variant="flexible").rows] == ["lost_card"]
    assert choose(reading, variant="flex").variant == "flexible"
    with pytest.raises(BadInputError, match=r"none of the filters is 'third'. There are: strict, flexible"):
        choose(reading, variant="third")


def test_the_first_metric_of_right_and_wrong_decides(tmp_path: Path) -> None:
    more = {"metrics": ["brier_score", "f1", "acc", "acc_norm"], "brier_score": [1, [0.2, 0.8]], "f1": 0.4}
    lines = [lm_choice("s1", [-1, -2, -3, -4], **more, acc_norm=0.0)]
    reading = reading_of(write_lines(tmp_path / "x.jsonl", lines))

    chosen = choose(reading)

    assert (chosen.metric, chosen.others) == ("acc", ("f1", "acc_norm"))
    assert chosen.scores[0].correct is True
    assert choose(reading, metric="acc_norm").scores[0].correct is False


def test_a_text_that_was_only_rated_has_no_answer(tmp_path: Path) -> None:
    rolling = {"filtered_resps": ["-31.5"], "arguments": {"gen_args_0": {"arg_0": "I lost my card"}}, "metrics": []}
    line = {key: value for key, value in lm_generated("s1").items() if key != "exact_match"} | rolling

    with pytest.raises(BadInputError, match="nothing in it is named as the prediction"):
        with_mapping(reading_of(write_lines(tmp_path / "x.jsonl", [line, line])), {})


def test_files_of_the_first_versions_are_one_list_without_filter_and_metrics(tmp_path: Path) -> None:
    line = lm_generated("s2", arguments=[["My transfer is pending", {"until": ["\n"]}]])
    old = {key: line[key] for key in line if key not in {"filter", "metrics", "doc_hash"}}

    (row,) = reading_of(write_json(tmp_path / "x.jsonl", [old], indent=2)).rows

    assert (row.prediction, row.variant, list(row.scores)) == ("card_arrival", "", ["exact_match"])


def test_the_totals_are_refused_and_the_samples_named(tmp_path: Path) -> None:
    path = write_json(tmp_path / "results.json", {"results": {"t": {"acc,none": 1}}, "configs": {}, "versions": {}})

    with pytest.raises(BadInputError, match=r"totals, not its samples: run it with --log_samples.*samples_<task>"):
        read_eval(path)


def test_a_last_line_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x.jsonl", [lm_generated("s1"), lm_generated("s2")])
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(UnreadableFileError, match=r"line 2 is not JSON .*Is it cut off"):
        read_eval(path)

"""Inspect AI: both forms of a log say the same; failed samples, scorers, epochs, and logs that did not end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from driftcore.errors import BadInputError, UnreadableFileError
from driftcore.readers.evals import EvalReading, choose, read_eval
from tests.readers.evals.logs import (
    TEXTS,
    Record,
    inspect_failed,
    inspect_log,
    inspect_parts,
    inspect_sample,
    write_json,
    write_zip,
)

ENDINGS = ["json", "eval"]
ALL = [inspect_sample(name) for name in TEXTS]


def written(folder: Path, ending: str, samples: Sequence[Record], status: str = "success") -> Path:
    path = folder / f"log.{ending}"
    if ending == "json":
        return write_json(path, inspect_log(samples, status=status))
    return write_zip(path, inspect_parts(samples, status=status))


def reading_of(path: Path) -> EvalReading:
    reading = read_eval(path)
    assert reading is not None and reading.tool == "inspect"
    return reading


@pytest.mark.parametrize("ending", ENDINGS)
def test_both_forms_of_a_log_say_the_same(tmp_path: Path, ending: str) -> None:
    reading = reading_of(written(tmp_path, ending, ALL))

    assert reading.own_ids == ("id",)
    assert [row.fields["id"] for row in reading.rows] == ["s1", "s2", "s3"]
    assert [row.prediction for row in reading.rows] == ["lost_card", "card_arrival", "top_up"]
    assert [row.targets for row in reading.rows] == [("lost_card",), ("pending_transfer",), ("top_up",)]
    assert [score.correct for score in choose(reading).scores] == [True, False, True]


def test_members_that_are_not_packed_are_read_too(tmp_path: Path) -> None:
    reading = reading_of(write_zip(tmp_path / "log.eval", inspect_parts(ALL), method=0))

    assert len(reading.rows) == 3


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_failed_sample_is_unknown_and_never_wrong(tmp_path: Path, ending: str) -> None:
    reading = reading_of(written(tmp_path, ending, [inspect_sample("s1"), inspect_failed("s2")]))

    assert reading.rows[1].error == "boom"
    assert [score.correct for score in choose(reading).scores] == [True, None]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_failed_sample_that_was_scored_all_the_same_is_unknown(tmp_path: Path, ending: str) -> None:
    failed = inspect_failed("s2", scores={"match": {"value": "I", "answer": "x"}})

    assert choose(reading_of(written(tmp_path, ending, [inspect_sample("s1"), failed]))).scores[1].correct is None


@pytest.mark.parametrize(
    ("value", "score", "correct"),
    [
        ("C", 1.0, True),
        ("P", 0.5, False),
        ("I", 0.0, False),
        ("N", 0.0, False),
        (True, 1.0, True),
        ("no", 0.0, False),
        (0.75, 0.75, True),
        ("0.25", 0.25, False),
        (float("nan"), None, None),
        ("who knows", None, None),
    ],
)
def test_every_grade_has_its_score(tmp_path: Path, value: Any, score: float | None, correct: bool | None) -> None:
    sample = inspect_sample("s1", scores={"graded": {"value": value, "answer": "lost_card"}})

    (found,) = choose(reading_of(written(tmp_path, "json", [sample]))).scores

    assert (found.value, found.correct) == (score, correct)


def test_one_of_several_scorers_must_be_named_and_brings_its_own_answer(tmp_path: Path) -> None:
    scores = {"match": {"value": "I", "answer": "It is lost_card"}, "includes": {"value": "C", "answer": "lost_card"}}
    reading = reading_of(written(tmp_path, "json", [inspect_sample("s1", scores=scores)]))

    with pytest.raises(BadInputError, match=r"2 scorers.*--metric NAME. There are: match, includes"):
        choose(reading)

    (score,) = choose(reading, metric="includes").scores
    assert (score.correct, score.answer) == (True, "lost_card")


def test_a_scorer_of_several_values_is_several_metrics(tmp_path: Path) -> None:
    sample = inspect_sample("s1", scores={"both": {"value": {"tone": 1, "facts": 0}}})
    reading = reading_of(written(tmp_path, "json", [sample]))

    assert choose(reading, metric="both.facts").scores[0].correct is False
    assert choose(reading, metric="tone").scores[0].correct is True


def test_where_the_summary_has_no_answer_the_sample_has_it(tmp_path: Path) -> None:
    sample = inspect_sample("s2", scores={"judge": {"value": 1}})

    (row,) = reading_of(written(tmp_path, "eval", [sample])).rows

    assert row.prediction == "card_arrival"


def test_a_shortened_text_is_read_from_the_sample(tmp_path: Path) -> None:
    whole = "word " * 3000
    parts = inspect_parts([inspect_sample("s1", input=whole)])
    parts["summaries.json"][0]["input"] = whole[:10000] + "...\n(content truncated)"

    (row,) = reading_of(write_zip(tmp_path / "log.eval", parts)).rows

    assert row.fields["input"] == whole


def test_messages_are_what_the_user_says_last_and_a_list_is_any_of_the_targets(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "How do I top up?"}, {"type": "image", "image": "data:"}]
    messages = [{"role": "system", "content": "Name it."}, {"role": "user", "content": parts}]
    sample = inspect_sample("s3", input=messages, target=["top_up", "topup"])

    (row,) = reading_of(written(tmp_path, "json", [sample])).rows

    assert (row.fields["input"], row.targets) == ("How do I top up?", ("top_up", "topup"))


def test_numbers_are_ids_as_well(tmp_path: Path) -> None:
    (row,) = reading_of(written(tmp_path, "eval", [inspect_sample("s1") | {"id": 7}])).rows

    assert row.fields["id"] == "7"


def test_a_killed_run_is_read_from_its_journal_and_the_last_attempt_counts(tmp_path: Path) -> None:
    parts = inspect_parts([inspect_failed("s1"), inspect_sample("s2")])
    again = {key: value for key, value in inspect_sample("s1").items() if key != "output"}
    parts["_journal/summaries/10.json"] = [again]
    killed = {name: parts[name] for name in parts if name not in {"summaries.json", "header.json"}}

    reading = reading_of(write_zip(tmp_path / "log.eval", killed))

    assert {row.fields["id"]: row.error for row in reading.rows} == {"s1": None, "s2": None}
    assert reading.notes == ("the log's status is 'started': 2 samples of 3 were run",)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cancelled_log_says_so(tmp_path: Path, ending: str) -> None:
    reading = reading_of(written(tmp_path, ending, ALL[:2], "cancelled"))

    assert reading.notes == ("the log's status is 'cancelled': 2 samples of 3 were run",)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_log_without_samples_is_refused(tmp_path: Path, ending: str) -> None:
    with pytest.raises(BadInputError, match="without samples"):
        read_eval(written(tmp_path, ending, []))


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "eval", ALL)
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(UnreadableFileError, match="zip that cannot be opened"):
        read_eval(path)


def test_a_member_whose_check_sum_is_another_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "log.eval", inspect_parts(ALL), method=0)
    path.write_bytes(path.read_bytes().replace(b"lost_card", b"lost_cart"))

    with pytest.raises(UnreadableFileError, match="is damaged"):
        read_eval(path)


def test_another_zip_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no log of Inspect: it holds a\.txt"):
        read_eval(write_zip(tmp_path / "a.zip", {"a.txt": "hello"}, method=0))

"""OpenAI evals: events that are pivoted to samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcore.errors import BadInputError
from driftcore.readers.evals import EvalReading, choose, read_eval
from tests.readers.evals.logs import TEXTS, Record, openai_events, openai_log, write_lines

ALL = [event for name in TEXTS for event in openai_events(name)]


def event(name: str, kind: str, **data: object) -> Record:
    return {"run_id": "run1", "event_id": 9, "sample_id": f"intents.dev.{name}", "type": kind, "data": data}


def reading_of(folder: Path, records: Sequence[Record]) -> EvalReading:
    reading = read_eval(write_lines(folder / "log.jsonl", records))
    assert reading is not None and reading.tool == "openai-evals"
    return reading


def test_events_become_one_row_a_sample_whatever_their_order(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, openai_log(sorted(ALL, key=lambda one: str(one["type"]))))

    assert [row.fields["sample_id"] for row in reading.rows] == [f"intents.dev.{name}" for name in TEXTS]
    assert [row.fields["prompt"] for row in reading.rows] == list(TEXTS.values())
    assert [score.correct for score in choose(reading).scores] == [True, False, True]
    assert reading.notes == ()


def test_a_wrong_match_picked_nothing_and_its_answer_is_what_was_sampled(tmp_path: Path) -> None:
    (row,) = reading_of(tmp_path, openai_log(openai_events("s2"))).rows

    assert (row.prediction, row.targets) == ("card_arrival", ("pending_transfer",))


def test_an_error_is_unknown_and_never_wrong(tmp_path: Path) -> None:
    failed = [event("s2", "error", type="RateLimitError", message="slow down")]
    reading = reading_of(tmp_path, openai_log([*openai_events("s1"), *failed]))

    assert [row.error for row in reading.rows] == [None, "slow down"]
    assert [score.correct for score in choose(reading).scores] == [True, None]


def test_a_sample_without_a_match_is_unknown(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, openai_log([*openai_events("s1"), openai_events("s2")[0]]))

    assert [score.correct for score in choose(reading).scores] == [True, None]


def test_several_expected_answers_are_any_of_them(tmp_path: Path) -> None:
    (row,) = reading_of(
        tmp_path, openai_log([event("s1", "match", correct=True, expected=["a", "b"], picked="b")])
    ).rows

    assert (row.prediction, row.targets) == ("b", ("a", "b"))


def test_metrics_without_a_match_are_scores(tmp_path: Path) -> None:
    events = [openai_events("s1")[0], event("s1", "metrics", choice="Correct", score=0.75)]

    chosen = choose(reading_of(tmp_path, openai_log(events)), metric="score")

    assert (chosen.scores[0].value, chosen.scores[0].correct) == (0.75, True)


def test_two_runs_in_a_file_are_variants(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, openai_log([*openai_events("s1"), *openai_events("s1", run="run2")]))

    with pytest.raises(BadInputError, match=r"2 runs.*There are: run1, run2"):
        choose(reading)


def test_a_run_that_did_not_end_says_so_and_one_without_samples_is_refused(tmp_path: Path) -> None:
    assert reading_of(tmp_path, openai_log(ALL)[:-1]).notes == (
        "the run has no final report: it did not come to its end",
    )
    with pytest.raises(BadInputError, match="no events of samples"):
        reading_of(tmp_path, openai_log([]))

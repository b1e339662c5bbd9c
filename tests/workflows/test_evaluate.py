"""Logging an eval: what is right, what is wrong, and what is not known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import ingest, log_eval, open_store
from driftcore.errors import BadInputError, BadRowsError, NotFoundError
from driftcore.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One checkpoint of four samples with the labels x, y, x and none."""
    store = open_store(tmp_path / "store")
    columns = {"id": ["a", "b", "c", "d"], "label": ["x", "y", "x", None], "embedding": np.eye(4)}
    ingest(store, columns, checkpoint="wk0")
    return store


def correct_by_id(store: Store) -> dict[str, float]:
    rows = store.evals.rows("wk0", "validation")
    assert rows is not None
    return dict(zip(rows.sample_ids.tolist(), rows.correct.tolist(), strict=True))


def test_a_prediction_is_right_when_it_is_the_stored_label(store: Store) -> None:
    run, created = log_eval(store, {"id": ["c", "a", "b"], "prediction": ["y", "x", "y"]}, checkpoint="wk0")

    assert created
    assert correct_by_id(store) == {"a": 1, "b": 1, "c": 0}
    assert run.accuracy == pytest.approx(2 / 3)


def test_a_target_in_the_data_goes_before_the_stored_label(store: Store) -> None:
    log_eval(store, {"id": ["a"], "prediction": ["y"], "target": ["y"]}, checkpoint="wk0")

    assert correct_by_id(store) == {"a": 1}


def test_what_the_data_call_correct_is_believed(store: Store) -> None:
    log_eval(store, {"id": ["a", "b"], "prediction": ["free text", "x"], "correct": [True, False]}, checkpoint="wk0")

    assert correct_by_id(store) == {"a": 1, "b": 0}


def test_a_failed_prediction_is_unknown_and_never_wrong(store: Store) -> None:
    run, _ = log_eval(store, {"id": ["a", "b", "c"], "prediction": ["x", None, "y"]}, checkpoint="wk0")

    assert np.isnan(correct_by_id(store)["b"])
    assert (run.n_failed, run.accuracy) == (1, 0.5)


def test_a_sample_without_a_label_is_unknown_too(store: Store) -> None:
    run, _ = log_eval(store, {"id": ["a", "d"], "prediction": ["x", "x"]}, checkpoint="wk0")

    assert np.isnan(correct_by_id(store)["d"])
    assert run.accuracy == 1


def test_an_eval_of_a_part_of_the_samples_is_fine(store: Store) -> None:
    run, _ = log_eval(store, {"id": ["a"], "prediction": ["x"]}, checkpoint="wk0")

    assert run.n_samples == 1


def test_the_same_eval_again_is_a_no_op(store: Store) -> None:
    eval_ = {"id": ["a", "b"], "prediction": ["x", "x"], "confidence": [0.9, 0.4]}
    first, _ = log_eval(store, eval_, checkpoint="wk0")

    again, created = log_eval(store, eval_, checkpoint="wk0")

    assert not created
    assert again == first


def test_foreign_ids_are_counted_and_shown(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"2 of 3 ids are not in the snapshot 'wk0' / 'validation' \(p, q\)"):
        log_eval(store, {"id": ["a", "p", "q"], "prediction": ["x", "x", "x"]}, checkpoint="wk0")

    assert store.evals.all() == ()


def test_a_sample_predicted_twice_is_refused(store: Store) -> None:
    with pytest.raises(BadRowsError) as refusal:
        log_eval(store, {"id": ["a", "b", "a"], "prediction": ["x", "x", "y"]}, checkpoint="wk0")

    assert refusal.value.rows == (3,)


def test_a_snapshot_must_be_stored_first(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Known: wk0"):
        log_eval(store, {"id": ["a"], "prediction": ["x"]}, checkpoint="wk1")

"""The gate says one thing: in its status, its sentence, its last line and its exit code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import DriftPolicy, assert_no_drift, check, ingest, open_store
from driftcore.errors import BadInputError, NotComparableError, NotFoundError
from driftcore.records import Gate, from_json, to_json
from driftcore.store import Store
from driftcore.workflows.check import VERDICTS, ending
from tests.workflows.worlds import WORLD, frame, store_checkpoint


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three checkpoints: nothing moved in the second, concept 1 went 30 % toward concept 4 in the third."""
    made = open_store(tmp_path_factory.mktemp("gate") / "store.lance")
    store_checkpoint(made, "W1", week=0)
    store_checkpoint(made, "W2", week=1)
    store_checkpoint(made, "W3", week=2, share=0.3)
    return made


def test_a_checkpoint_in_which_nothing_moved_passes(store: Store) -> None:
    gate = check(store, current="W2")
    assert (gate.status, gate.failures, ending(gate)[1]) == ("passed", (), 0)
    assert ending(gate)[0] == "passed: 'W2' against 'W1' on validation: 8 concepts, none silent or regression."


def test_a_concept_that_moved_fails_the_last_checkpoint_and_is_named(store: Store) -> None:
    gate = check(store)
    assert (gate.reference, gate.current, gate.status, ending(gate)[1]) == ("W1", "W3", "failed", 1)
    assert "concept 1" in {failed.concept for failed in gate.failures}
    assert ending(gate)[0].startswith("failed: 'W3' against 'W1' on validation: ")
    failed = next(each for each in gate.failures if each.concept == "concept 1")
    assert "toward 'concept 4', accuracy unknown" in failed.why


def test_the_gate_quotes_a_report_that_is_kept(store: Store) -> None:
    gate = check(store)
    assert gate.report_id is not None
    report = store.reports.get(gate.report_id)
    assert report is not None
    assert {each.concept: each.displacement for each in gate.checks if each.concept} == {
        each.concept: each.displacement for each in report.concepts
    }


def test_a_gate_fails_on_the_verdicts_that_were_asked_for(store: Store) -> None:
    assert check(store, fail_on=("regression",)).status == "passed"
    everything = check(store, fail_on=VERDICTS)
    assert len(everything.failures) == 8


@pytest.mark.parametrize("fail_on", [(), ("silnet",), "silnet", ("silent", "")])
def test_a_verdict_that_does_not_exist_is_refused_with_those_that_do(store: Store, fail_on: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError, match="stable, watch, silent, regression, boundary, improved"):
        check(store, fail_on=fail_on)


def test_concepts_too_small_to_be_judged_are_said_and_do_not_fail(store: Store) -> None:
    # each concept has 40 samples
    gate = check(store, policy=DriftPolicy(min_samples=41))
    assert (gate.status, ending(gate)[1]) == ("not_evaluated", 3)
    assert "none of 8 concepts has the 41 samples" in gate.sentence
    assert {each.verdict for each in gate.checks if each.concept} == {None}


def test_some_small_concepts_are_counted_in_the_sentence(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    kept = ~((WORLD.concepts == 7) & (np.cumsum(WORLD.concepts == 7) > 10))
    for name in ("W1", "W2"):
        ingest(store, frame(WORLD.vectors)[kept], checkpoint=name)
    gate = check(store)
    assert gate.sentence == (
        "'W2' against 'W1' on validation: 7 concepts, none silent or regression. 1 too small to be judged."
    )


def test_the_reference_itself_cannot_be_evaluated(store: Store) -> None:
    gate = check(store, current="W1")
    assert ending(gate) == ("not evaluated: 'W1' is the reference itself: nothing to compare.", 3)


def test_checkpoints_of_another_width_cannot_be_evaluated(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    ingest(store, frame(WORLD.vectors), checkpoint="wide")
    ingest(store, frame(WORLD.vectors[:, :12].copy()), checkpoint="narrow")
    gate = check(store)
    assert (gate.status, gate.report_id, ending(gate)[1]) == ("not_evaluated", None, 3)
    assert "24" in gate.sentence and "12" in gate.sentence


def test_what_is_not_stored_is_bad_input(store: Store, tmp_path: Path) -> None:
    for wrong in ({"current": "W9"}, {"reference": "W9"}, {"split": "live"}, {"reference": "W9", "current": "W9"}):
        with pytest.raises(NotFoundError):
            check(store, **wrong)
    with pytest.raises(NotFoundError, match="is empty"):
        check(open_store(tmp_path / "empty.lance"))


def test_a_gate_goes_into_json_and_back(store: Store) -> None:
    gate = check(store)
    assert from_json(Gate, to_json(gate)) == gate


def test_in_a_test_drift_is_an_assertion_error_that_names_the_concepts(store: Store) -> None:
    with pytest.raises(AssertionError, match=r"failed: 'W3' against 'W1'") as failed:
        assert_no_drift(store)
    assert "\n  concept concept 1: silent: moved" in str(failed.value)


def test_in_a_test_what_passes_is_handed_back_and_a_store_may_be_named_by_its_place(store: Store) -> None:
    assert assert_no_drift(store.uri, "W2", reference="W1").status == "passed"


def test_a_test_that_measured_nothing_is_not_green(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotComparableError, match="not evaluated"):
        assert_no_drift(store, "W1")
    with pytest.raises(NotFoundError, match="No store at"):
        assert_no_drift(tmp_path / "nowhere.lance")

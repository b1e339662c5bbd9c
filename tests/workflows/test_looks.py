"""Repeated looks: what one look may say that a later one may not, and the sentence about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from driftcore.records import Cause, ConceptDrift, ConceptTrend, DriftPolicy, DriftReport, PairTrend, Provenance
from driftcore.workflows._looks import Signs, signs
from driftcore.workflows._trend_sentence import trend_sentence
from tests.workflows.test_sentence import BOUNDARY, GAUGES, REGRESSION, SILENT, STILL

POLICY = DriftPolicy()
SURE = replace(SILENT, p_value=1e-9)


def report(*concepts: ConceptDrift) -> DriftReport:
    return DriftReport(
        report_id="r",
        reference="wk0",
        current="wk1",
        split="validation",
        pairing="paired",
        n_samples=90,
        n_dims=8,
        n_only_reference=0,
        n_only_current=0,
        verdict="stable",
        summary="",
        cause=Cause(kind="none"),
        global_=GAUGES,
        concepts=concepts,
        pairs=(),
        spans=(),
        policy=POLICY,
        provenance=Provenance(versions={}, seed=0, engine="local", duration_s=0.0),
    )


def onset(*concepts: ConceptDrift) -> int | None:
    """The onset of the first concept, seen once at each look, beside another concept that was tested too."""
    reports = [report(concept, replace(STILL, concept="other")) for concept in concepts]
    return signs(reports, POLICY)[concepts[0].concept].onset


def test_what_suffices_at_the_first_look_does_not_at_the_fifth() -> None:
    # 2 tests: 0.02 is below 0.05 / 2 and above 0.05 / 6
    weak = replace(SILENT, p_value=0.01)

    assert onset(weak) == 0
    assert onset(STILL, weak, weak) is None
    assert onset(STILL, weak, SURE, SURE) == 2


def test_a_sure_test_is_no_onset_where_the_policy_saw_no_movement() -> None:
    assert onset(replace(STILL, p_value=1e-9)) is None


def test_a_moved_part_is_judged_by_its_own_tests() -> None:
    assert onset(STILL, replace(SILENT, kind="split", p_value=0.9)) == 1


def test_a_look_that_was_not_taken_still_counts_in_the_level() -> None:
    weak = replace(SILENT, p_value=0.01)
    beside = replace(STILL, concept="other")

    assert signs([None, report(weak, beside)], POLICY)[weak.concept].onset is None
    assert signs([None, report(SURE, beside)], POLICY)[SURE.concept].onset == 1


def test_what_stood_out_once_and_came_back_did_not_start() -> None:
    looks = tuple(range(6))

    assert Signs(looks=looks, outstanding=(1,)).onset is None
    assert Signs(looks=looks, outstanding=(1, 3, 4)).onset == 3


def test_an_onset_is_confirmed_by_the_next_look() -> None:
    looks = tuple(range(4))

    assert Signs(looks=looks).confirmed is None
    # at the last look nothing can have come back yet
    assert (Signs(looks=looks, outstanding=(3,)).onset, Signs(looks=looks, outstanding=(3,)).confirmed) == (3, False)
    assert (Signs(looks=looks, outstanding=(2, 3)).onset, Signs(looks=looks, outstanding=(2, 3)).confirmed) == (2, True)


def test_the_next_look_is_the_next_that_was_taken() -> None:
    assert Signs(looks=(0, 1, 4), outstanding=(1, 4)).onset == 1


def test_accuracy_falls_by_the_reports_word_or_by_the_concepts_own_test() -> None:
    # five of five flips: p = 1/16; nine of nine: 1/256, below 0.05 / 2 and 0.05 / 6
    few = replace(STILL, n_worse=5, n_better=0, accuracy_current=0.89)
    many = replace(STILL, n_worse=9, n_better=0, accuracy_current=0.85)
    small_change = replace(many, accuracy_current=0.94)

    assert signs([report(few)], POLICY)[STILL.concept].drop is None
    assert signs([report(few), report(many)], POLICY)[STILL.concept].drop == 1
    assert signs([report(small_change)], POLICY)[STILL.concept].drop is None
    assert signs([report(BOUNDARY)], POLICY)[BOUNDARY.concept].drop == 0
    assert signs([report(REGRESSION)], POLICY)[REGRESSION.concept].drop == 0


def test_a_lead_is_negative_where_the_eval_was_first() -> None:
    found = signs([report(replace(STILL, verdict="boundary")), report(SURE)], POLICY)[SURE.concept]

    assert (found.onset, found.drop, found.lead, found.silent_looks) == (1, 0, -1, 0)


def test_silence_lasts_until_the_drop_or_the_last_look() -> None:
    assert Signs(looks=(0, 1, 2, 3), outstanding=(1, 2, 3)).silent_looks == 3
    assert Signs(looks=(0, 1, 2, 3), outstanding=(1, 2, 3), fallen=(3,)).silent_looks == 2


CONCEPT = ConceptTrend(
    concept="refund",
    n=90,
    verdicts=("stable", "silent", "silent"),
    displacement=(0.0, 0.1, 0.2),
    standout=(0.0, 8.0, 9.0),
    toward=("cancel", "cancel", "cancel"),
    accuracy=(0.95, 0.95, 0.95),
    margin=(0.1, 0.1, 0.1),
    step_displacement=(0.0, 0.1, 0.1),
    slope=0.1,
    slope_low=None,
    slope_high=None,
    too_fast=True,
    onset="wk2",
    confirmed=True,
    accuracy_drop=None,
    lead_looks=None,
    lead_days=None,
    silent_looks=2,
)
PAIR = PairTrend(
    a="refund",
    b="cancel",
    gap_closure=(0.0, 0.1, 0.2),
    step_gap_closure=(0.0, 0.1, 0.1),
    migration=(None, 0.1, 0.2),
    slope=0.021,
    slope_low=0.018,
    slope_high=0.024,
    p_value=0.3,
    q_value=0.9,
)
QUIET = replace(CONCEPT, concept="card", onset=None, silent_looks=None, confirmed=None)


def told(*concepts: ConceptTrend, pairs: tuple[PairTrend, ...] = (), unit: Any = "week") -> str:
    # the sentence only counts the looks
    return trend_sentence("wk0", [object()] * 3, concepts, pairs, unit)


def test_silent_drift_is_counted_in_checkpoints_and_has_its_speed() -> None:
    assert told(CONCEPT, pairs=(PAIR,)) == (
        "'refund' started to move at wk2 and has been silent for 2 checkpoints; it goes 2.1 % [1.8, 2.4] of a gap "
        "toward 'cancel' each week."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lead_looks": 1, "accuracy_drop": "wk3"}, "at wk2 and its accuracy fell 1 checkpoint later, at wk3."),
        ({"lead_looks": 0, "accuracy_drop": "wk2"}, "at wk2 and its accuracy fell at once."),
        ({"lead_looks": -1, "accuracy_drop": "wk1"}, "at wk2 after its accuracy had fallen at wk1."),
        ({"accuracy": (None, None, None)}, "at wk2 while no eval of it is stored."),
        ({"verdicts": ("stable", "improved", "improved")}, "at wk2 and its accuracy rose."),
    ],
)
def test_what_the_eval_saw_is_said(change: dict[str, Any], words: str) -> None:
    assert told(replace(CONCEPT, **change)) == f"'refund' started to move {words}"


def test_an_unconfirmed_onset_waits_for_the_next_checkpoint() -> None:
    assert told(replace(CONCEPT, onset="wk3", confirmed=False, silent_looks=1)) == (
        "'refund' may have started to move at wk3 (the next checkpoint will tell) and has been silent for 1 checkpoint."
    )


def test_others_that_started_are_named() -> None:
    second, third = replace(CONCEPT, concept="pin"), replace(CONCEPT, concept="card", onset="wk3")

    assert told(CONCEPT, third).endswith("; 'card' started too, at wk3.")
    assert told(CONCEPT, second, third).endswith("; 'pin', 'card' started too, the first at wk2.")


def test_a_gap_that_opens_has_no_speed_toward_anybody() -> None:
    assert "it goes" not in told(CONCEPT, pairs=(replace(PAIR, slope=-0.02),))


def test_few_checkpoints_have_a_speed_without_an_interval() -> None:
    pair = replace(PAIR, slope_low=None, slope_high=None)

    assert "it goes 2.1 % of a gap toward 'cancel' each checkpoint" in told(CONCEPT, pairs=(pair,), unit="checkpoint")


def test_where_nobody_started_the_eval_still_has_a_word() -> None:
    assert told(QUIET) == "No concept started to move in 3 checkpoints since wk0."
    assert told(replace(QUIET, accuracy_drop="wk2")) == (
        "No concept started to move in 3 checkpoints since wk0; accuracy fell without movement for 'card'."
    )

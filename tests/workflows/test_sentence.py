"""The one sentence, for every verdict: read by a manager who has never seen the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from driftcore.records import ConceptDrift, DriftPolicy, Gauges, PairDrift, SpanBrief
from driftcore.workflows._sentence import sentence

GAUGES = Gauges(
    cka=0.9,
    procrustes_distance=0.1,
    mean_shift=0.02,
    accuracy_reference=0.94,
    accuracy_current=0.94,
    churn=0.02,
    drift_error_auroc=0.9,
)
STILL = ConceptDrift(
    concept="refund",
    n=90,
    displacement=0.01,
    p_value=0.5,
    q_value=0.5,
    standout=0.1,
    verdict="stable",
    toward="cancel",
    migration=0.01,
    migration_low=None,
    migration_high=None,
    mean_shift=0.01,
    neighbor_overlap=0.9,
    accuracy_reference=0.95,
    accuracy_current=0.95,
    churn=0.0,
    kind="none",
)
SILENT = replace(STILL, verdict="silent", kind="moved", displacement=0.12, migration=0.15)
REGRESSION = replace(SILENT, verdict="regression", accuracy_current=0.6)
IMPROVED = replace(SILENT, verdict="improved", accuracy_reference=0.6)
BOUNDARY = replace(STILL, concept="top up", verdict="boundary", accuracy_current=0.7)
WATCH = replace(STILL, concept="card", verdict="watch")
CLOSER = PairDrift(a="cancel", b="refund", gap_closure=0.154, low=0.12, high=0.18, q_value=1e-9)
SPAN = SpanBrief(span_id="s", concept="refund", kind="moved", n_samples=90, n_mispredicted=3, mean_shift=0.2)


def said(
    *concepts: ConceptDrift, pairs: tuple[PairDrift, ...] = (), spans: tuple[SpanBrief, ...] = (SPAN,), **gauges: Any
) -> str:
    return sentence("wk0", "wk5", concepts, pairs, replace(GAUGES, **gauges), spans, DriftPolicy())


def test_silent_drift_is_movement_while_accuracy_stayed() -> None:
    assert said(SILENT, pairs=(CLOSER,)) == (
        "Since wk0 'refund' has come 15 % [12, 18] closer to 'cancel' (q < 0.001) while accuracy stayed at 94 %: "
        "90 samples are worth retraining on."
    )


def test_a_regression_says_from_where_accuracy_fell() -> None:
    assert said(REGRESSION, pairs=(CLOSER,)).endswith(
        "and its accuracy fell from 95 % to 60 %: 90 samples are worth retraining on."
    )


def test_what_improved_asks_for_nothing() -> None:
    assert said(IMPROVED, pairs=(CLOSER,)).endswith(
        "and its accuracy rose from 60 % to 95 %: nothing to do, it is better than before."
    )


def test_samples_of_a_concept_that_is_better_are_not_worth_retraining_on() -> None:
    other = replace(IMPROVED, concept="lost card")
    spans = (SPAN, replace(SPAN, concept="lost card", n_samples=40))

    assert said(SILENT, other, spans=spans).endswith(": 90 samples are worth retraining on.")


def test_of_several_that_moved_the_eval_chooses_the_subject() -> None:
    other = replace(REGRESSION, concept="lost card", migration=0.05)
    spans = (SPAN, replace(SPAN, concept="lost card", n_samples=40))

    assert said(SILENT, other, spans=spans) == (
        "Since wk0 'lost card' has moved 12 % of the mean gap between concepts toward 'cancel' and its accuracy fell "
        "from 95 % to 60 %: 130 samples of 2 concepts that moved are worth retraining on."
    )


def test_a_fall_that_may_be_chance_is_not_called_stayed() -> None:
    assert "while its accuracy went from 95 % to 88 %, which may be chance:" in said(
        replace(SILENT, accuracy_current=0.88)
    )


def test_accuracy_that_others_lost_is_not_said_to_have_stayed() -> None:
    assert "while its own accuracy stayed at 95 %:" in said(SILENT, accuracy_current=0.9)


def test_without_an_eval_on_both_sides_nothing_is_said_of_accuracy() -> None:
    assert "while no eval of it is stored:" in said(replace(SILENT, accuracy_reference=None), accuracy_reference=None)
    assert "while no eval of it is stored:" in said(replace(SILENT, accuracy_current=None), accuracy_current=None)


@pytest.mark.parametrize(
    ("kind", "how"), [("split", "gone their own way"), ("scattered", "scattered away from the others")]
)
def test_a_part_that_moved_is_counted_against_the_whole(kind: Any, how: str) -> None:
    part = replace(SILENT, kind=kind, displacement=0.01)

    assert said(part, spans=(replace(SPAN, n_samples=30),)) == (
        f"Since wk0 30 of the 90 samples of 'refund' have {how} while accuracy stayed at 94 %: "
        "30 samples are worth retraining on."
    )


def test_where_nothing_happened_the_sentence_says_so() -> None:
    assert said(STILL, spans=(), mean_shift=0.0) == "Nothing moved between wk0 and wk5; accuracy stayed at 94 %."
    assert said(STILL, spans=()) == (
        "No concept moved more than training moved all of them between wk0 and wk5; accuracy stayed at 94 %."
    )


def test_a_boundary_names_the_classifier_and_not_the_embeddings() -> None:
    second = replace(BOUNDARY, concept="pin", accuracy_current=0.8)

    assert said(BOUNDARY, second, spans=(), accuracy_current=0.92) == (
        "No concept moved more than training moved all of them between wk0 and wk5, yet the accuracy of 'top up' fell "
        "from 95 % to 70 %, as did that of 1 more: look at the classifier on top, not at the embeddings; accuracy went "
        "from 94 % to 92 %."
    )


def test_a_boundary_beside_a_movement_is_not_lost() -> None:
    assert said(SILENT, BOUNDARY).endswith("worth retraining on; besides, accuracy fell without movement for 'top up'.")


def test_what_is_worth_watching_is_named_with_what_to_do() -> None:
    assert said(WATCH, spans=()) == (
        "No concept moved more than training moved all of them between wk0 and wk5; 'card' stands out, but not enough "
        "to be sure: look again next time; accuracy stayed at 94 %."
    )


def test_more_names_than_one_reads_are_counted() -> None:
    watched = [replace(WATCH, concept=name) for name in "abcde"]

    assert "; 'a', 'b', 'c' and 2 more stand out" in said(*watched, spans=())


def test_concepts_that_all_ran_together_are_said_though_none_stands_out() -> None:
    assert "; all of them ran together: their gaps are 30 % smaller beside their own width" in said(
        STILL, spans=(), separation=-0.3
    )
    assert "ran together" not in said(STILL, spans=(), separation=-0.01)


def test_a_too_small_concept_is_neither_praised_nor_blamed() -> None:
    assert said(replace(STILL, verdict=None), spans=()) == said(STILL, spans=())


def test_a_name_of_several_lines_stays_in_the_sentence() -> None:
    assert "\n" not in said(replace(SILENT, concept="re\nfund", toward="can\x1b[31mcel"))

"""Evals beside drift: who went wrong, and whether movement or doubt had said so before."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import ConceptDrift, DriftReport, Gauges, from_json, to_json
from driftcore.store import Store
from driftcore.testing import jittered, moved
from tests.workflows.worlds import N_SAMPLES, WORLD, frame

MOVED, OTHER = 1, 4
OF_IT = np.flatnonzero(WORLD.concepts == MOVED)
# right before and wrong now: half of the concept that moves; the other way round: three samples of another one
WORSE, BETTER = OF_IT[:20], np.flatnonzero(WORLD.concepts == 6)[:3]


def evaluate(store: Store, checkpoint: str, wrong: ArrayLike, confidences: np.ndarray | None) -> None:
    predictions = WORLD.labels.copy()
    predictions[np.asarray(wrong, dtype=int)] = "something else"
    columns = {"id": WORLD.sample_ids, "prediction": predictions}
    log_eval(store, columns | ({} if confidences is None else {"confidence": confidences}), checkpoint=checkpoint)


def report(place: Path, *, confidences: np.ndarray | None = None, evaluated: bool = True) -> DriftReport:
    store = open_store(place / "store")
    ingest(store, frame(WORLD.vectors), checkpoint="wk0")
    gone = moved(WORLD, MOVED, toward=OTHER, share=0.3)
    ingest(store, frame(jittered(gone, scale=0.01)), checkpoint="wk1")
    if evaluated:
        evaluate(store, "wk0", BETTER, confidences)
        evaluate(store, "wk1", WORSE, confidences)
    return compare(store, "wk0", "wk1")


def of(report: DriftReport, concept: int) -> ConceptDrift:
    return next(each for each in report.concepts if each.concept == WORLD.names[concept])


def test_flips_are_counted_each_way_with_their_q_value(tmp_path: Path) -> None:
    found = report(tmp_path)

    assert (of(found, MOVED).n_worse, of(found, MOVED).n_better) == (20, 0)
    assert (of(found, 6).n_worse, of(found, 6).n_better) == (0, 3)
    # McNemar of 20 flips one way, 2 · 2⁻²⁰, the smallest of 8; of 3 flips, 2 · 2⁻³, the second smallest
    assert of(found, MOVED).accuracy_q_value == pytest.approx(8 * 2 * 2**-20)
    assert of(found, 6).accuracy_q_value == pytest.approx(8 / 2 * 0.25)
    assert found.global_.n_new_errors == 20


def test_movement_that_brings_the_errors_ranks_them_first(tmp_path: Path) -> None:
    gauges = report(tmp_path).global_

    # the 20 are half of the 40 that moved: each ranks above all 277 that stayed and were right, and amid the 20
    assert gauges.drift_error_auroc is not None
    assert gauges.drift_error_interval is not None
    assert 277 / 297 < gauges.drift_error_auroc < 1
    assert gauges.drift_error_interval[0] < gauges.drift_error_auroc < gauges.drift_error_interval[1]


def test_doubt_is_ranked_beside_movement_and_with_it(tmp_path: Path) -> None:
    # nobody was as unsure as the 20, though half of those that stayed put are sure and half are not
    confidences = np.where(np.isin(np.arange(N_SAMPLES), WORSE), 0.1, np.linspace(0.2, 1.0, N_SAMPLES))

    gauges = report(tmp_path, confidences=confidences).global_

    assert gauges.confidence_error_auroc == 1
    assert gauges.confidence_error_interval is not None
    assert 0.9 < gauges.confidence_error_interval[0] < gauges.confidence_error_interval[1] == 1
    assert gauges.combined_error_auroc is not None
    assert gauges.drift_error_auroc is not None
    assert gauges.drift_error_auroc < gauges.combined_error_auroc <= 1


def test_odds_are_those_of_the_most_displaced_tenth_of_each_concept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    number_in_concept = np.arange(N_SAMPLES) % 40
    pushed = jittered(WORLD.vectors, scale=0.01)
    step = np.random.default_rng(0).normal(size=pushed.shape[1:])
    pushed[number_in_concept < 4] += step.astype(np.float32)
    ingest(store, frame(WORLD.vectors), checkpoint="wk0")
    ingest(store, frame(pushed), checkpoint="wk1")
    evaluate(store, "wk0", [], None)
    # of the four that were pushed three went wrong, of the others one
    evaluate(store, "wk1", np.flatnonzero(np.isin(number_in_concept, (0, 1, 2, 20))), None)

    gauges = compare(store, "wk0", "wk1").global_

    # 3 · 35 / (1 · 1) in every concept
    assert gauges.shift_error_odds == pytest.approx(105)
    assert gauges.shift_error_odds_interval is not None
    assert 1 < gauges.shift_error_odds_interval[0] < 105 < gauges.shift_error_odds_interval[1]


def test_without_confidences_only_movement_is_ranked(tmp_path: Path) -> None:
    gauges = report(tmp_path).global_

    assert (gauges.confidence_error_auroc, gauges.combined_error_auroc) == (None, None)


def test_without_an_eval_nothing_is_said(tmp_path: Path) -> None:
    found = report(tmp_path, evaluated=False)

    assert {each.n_worse for each in found.concepts} == {each.accuracy_q_value for each in found.concepts} == {None}
    gauges = found.global_
    assert (gauges.n_new_errors, gauges.drift_error_auroc, gauges.shift_error_odds) == (None, None, None)


def test_margins_shrink_on_both_sides_of_a_gap_that_closes(tmp_path: Path) -> None:
    found = report(tmp_path)

    for concept in (MOVED, OTHER):
        before, after = of(found, concept).margin_reference, of(found, concept).margin_current
        assert before is not None
        assert after is not None
        # 0.3 of about a mean gap has gone, for those whose next concept is the other of the two
        assert -0.35 < after - before < -0.1
    for concept in (0, 7):
        assert of(found, concept).margin_current == pytest.approx(of(found, concept).margin_reference, abs=0.05)


def test_a_report_kept_before_these_numbers_existed_is_still_read(tmp_path: Path) -> None:
    found = to_json(report(tmp_path))
    new = {
        "global": [
            field.name for field in fields(Gauges) if "error" in field.name and field.name != "drift_error_auroc"
        ],
        "concepts": ["margin_reference", "margin_current", "accuracy_q_value", "n_worse", "n_better"],
    }
    for part in (found["global"], *found["concepts"]):
        for name in (*new["global"], *new["concepts"]):
            part.pop(name, None)

    old = from_json(DriftReport, found)

    assert old.global_.combined_error_auroc is None
    assert {each.margin_current for each in old.concepts} == {None}

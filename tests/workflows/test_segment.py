"""Spans of a comparison: what stayed where it was and is answered wrongly is one, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from driftcore import compare, export_span, ingest, log_eval, open_store
from driftcore.records import RetrainingPolicy
from driftcore.store import Store
from driftcore.testing import resampled
from driftcore.workflows.describe_span import describe_span
from driftcore.workflows.loop import loop_once
from tests.workflows.worlds import WORLD

LOST, ANSWER = "concept 2", "concept 5"
TRAIN = resampled(WORLD, seed=1)
TRAIN_IDS = np.array([f"t{row:04d}" for row in range(len(TRAIN.labels))], dtype=object)
MEMBERS = WORLD.labels == LOST


def a_classifier_that_lost_a_concept(path: Path) -> Store:
    """Two weeks of the same vectors, in the second of which two thirds of a concept are taken for another."""
    store = open_store(path)
    rows = np.flatnonzero(MEMBERS)
    wrong = WORLD.labels.copy()
    wrong[rows[: 2 * len(rows) // 3]] = ANSWER
    for name, predictions in (("week 1", WORLD.labels), ("week 2", wrong)):
        ingest(store, {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}, checkpoint=name)
        ingest(
            store, {"id": TRAIN_IDS, "label": TRAIN.labels, "embedding": TRAIN.vectors}, checkpoint=name, split="train"
        )
        log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint=name)
    return store


def test_a_concept_that_stayed_and_lost_accuracy_is_a_span_of_all_its_samples(tmp_path: Path) -> None:
    # not of those that are wrong: on them any other checkpoint would gain by chance
    store = a_classifier_that_lost_a_concept(tmp_path / "store")
    report = compare(store, "week 1", "week 2")
    assert report.verdict == "boundary"
    (brief,) = report.spans
    span = store.spans.get(brief.span_id)
    assert (span.kind, span.concept, span.toward) == ("boundary", LOST, ANSWER)
    assert span.name == f"{LOST}, answered as {ANSWER}"
    assert set(span.sample_ids) == set(WORLD.sample_ids[MEMBERS])
    assert span.n_mispredicted == 2 * MEMBERS.sum() // 3
    said = describe_span(store, span).sentence
    assert f"of {LOST} stayed, and are answered wrongly more often, mostly as {ANSWER}" in said
    reasons = set(export_span(store, span.span_id).table["reason"])
    assert any(f"{LOST}, whose accuracy fell, mostly answered as {ANSWER}" in reason for reason in reasons)


def test_the_loop_retrains_on_it(tmp_path: Path) -> None:
    store = a_classifier_that_lost_a_concept(tmp_path / "store")
    done = loop_once(store, policy=RetrainingPolicy(trainer="head"))
    assert done.accepted, done.reason
    before, after = done.before["concept"], done.after["concept"]
    assert before is not None and after is not None and before < 0.5 and after > 0.9

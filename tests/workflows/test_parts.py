"""A part of a concept that moves alone is reported, judged, named by its words, and becomes a span of its own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from driftcore import DriftReport, Store, compare, export_span, ingest, log_eval, open_store
from driftcore.records import ConceptDrift, from_json, to_json
from driftcore.testing import jittered, make_world, part_moved, part_of, scattered, split

WORLD = make_world(n_concepts=8, n_per_concept=90, n_dims=32, seed=3)
A, B = 2, 5
NAME, TOWARD = WORLD.names[A], WORLD.names[B]
PART = part_of(WORLD, A, n=30)
PART_MOVED = part_moved(WORLD, A, toward=B, share=0.2, n=30)
NOISE = 0.03 * WORLD.mean_gap / np.sqrt(32)


def texts() -> list[str]:
    """All say which of a dozen things they want; the part says that it has been frozen, too."""
    rng = np.random.default_rng(0)
    things = ["card", "account", "transfer", "payment", "statement", "phone", "limit", "branch", "rate", "loan"]
    said = [f"about the {rng.choice(things)} and my {rng.choice(things)}" for _ in WORLD.vectors]
    for row in PART:
        said[row] += ", which is frozen"
    return said


def store_checkpoint(store: Store, name: str, vectors: NDArray[np.float32], *, wrong: NDArray[np.int64] | None) -> None:
    """A checkpoint with its eval: right but for the rows `wrong`; no eval where that is None."""
    frame = {"id": WORLD.sample_ids, "label": WORLD.labels, "text": texts(), "embedding": list(vectors)}
    ingest(store, pd.DataFrame(frame), checkpoint=name)
    if wrong is not None:
        predictions = WORLD.labels.copy()
        predictions[wrong] = TOWARD
        log_eval(store, pd.DataFrame({"sample_id": WORLD.sample_ids, "prediction": predictions}), checkpoint=name)


def compared(place: Path, vectors: NDArray[np.float32], *, wrong: NDArray[np.int64] | None = None) -> DriftReport:
    store = open_store(place / "store.lance")
    store_checkpoint(store, "before", WORLD.vectors, wrong=None if wrong is None else np.empty(0, dtype=np.int64))
    store_checkpoint(store, "after", jittered(vectors, scale=NOISE, seed=1), wrong=wrong)
    return compare(store, "before", "after")


def concept_a(report: DriftReport) -> ConceptDrift:
    return next(each for each in report.concepts if each.concept == NAME)


def kinds(report: DriftReport) -> dict[str, str]:
    return {each.concept: each.kind for each in report.concepts if each.kind != "none"}


def test_a_part_that_moved_alone_is_a_span_with_its_own_samples_and_words(tmp_path: Path) -> None:
    report = compared(tmp_path, PART_MOVED)

    assert kinds(report) == {NAME: "part"}
    (brief,) = report.spans
    span = open_store(tmp_path / "store.lance").spans.get(brief.span_id)
    assert set(span.sample_ids) == set(WORLD.sample_ids[PART])
    assert (span.kind, span.toward, span.words, brief.words) == ("part", TOWARD, ("frozen",), ("frozen",))
    assert span.name == f"part of {NAME} → {TOWARD}: frozen"


def test_the_report_says_how_far_the_part_went_and_that_the_rest_stayed(tmp_path: Path) -> None:
    part = concept_a(compared(tmp_path, PART_MOVED)).part

    assert part is not None
    assert (part.n, part.toward, part.words) == (30, TOWARD, ("frozen",))
    gap = np.linalg.norm(WORLD.centroids[B] - WORLD.centroids[A]) / WORLD.mean_gap
    assert part.displacement == pytest.approx(0.2 * gap, abs=0.02)
    assert part.rest_displacement == pytest.approx(0, abs=0.02)
    assert part.p_value is not None and part.p_value < 0.001
    assert part.standout is not None and part.standout > 10
    # its samples were drawn as neighbours, and lost some of those that stayed
    assert part.cohesion is not None and part.cohesion > 0.1
    assert part.neighbor_overlap is not None and part.neighbor_overlap_rest is not None
    assert part.neighbor_overlap < part.neighbor_overlap_rest


def test_the_exported_part_carries_its_samples_and_why_they_are_in_it(tmp_path: Path) -> None:
    report = compared(tmp_path, PART_MOVED)

    table = pd.read_csv(io.BytesIO(export_span(open_store(tmp_path / "store.lance"), report.spans[0].span_id).content))

    assert set(table["sample_id"]) == set(WORLD.sample_ids[PART])
    assert table["text"].str.contains("frozen").all()
    assert set(table["reason"]) == {f"moved with a part of {NAME} toward {TOWARD}"}


def test_a_part_is_judged_by_the_accuracy_of_its_own_samples(tmp_path: Path) -> None:
    # ten of the thirty go wrong: 67 % of the part, 89 % of the concept
    drift = concept_a(compared(tmp_path, PART_MOVED, wrong=PART[:10]))

    assert drift.verdict == "regression"
    assert drift.accuracy_current == pytest.approx(80 / 90)
    assert drift.part is not None
    assert drift.part.accuracy_reference == 1
    assert drift.part.accuracy_current == pytest.approx(20 / 30)


def test_a_part_that_is_still_right_drifted_silently_whatever_the_rest_got_wrong(tmp_path: Path) -> None:
    rest = np.setdiff1d(np.flatnonzero(WORLD.concepts == A), PART)

    drift = concept_a(compared(tmp_path, PART_MOVED, wrong=rest[:20]))

    assert drift.verdict == "silent"
    assert drift.accuracy_current == pytest.approx(70 / 90)


def test_the_sentence_tells_of_the_part(tmp_path: Path) -> None:
    summary = compared(tmp_path, PART_MOVED, wrong=PART[:10]).summary

    assert summary.startswith(f"Since before 30 of the 90 samples of '{NAME}' (“frozen”) have moved ")
    assert f"toward '{TOWARD}' and their accuracy fell from 100 % to 67 %: 30 samples are worth retraining" in summary


def test_a_cloud_torn_in_two_is_split(tmp_path: Path) -> None:
    report = compared(tmp_path, split(WORLD, A, share=0.2, seed=4))

    assert kinds(report) == {NAME: "split"}
    assert report.spans[0].n_samples == 45


def test_members_that_leave_one_by_one_scatter(tmp_path: Path) -> None:
    there = scattered(WORLD, A, n=12, share=0.6, seed=4)

    report = compared(tmp_path, there)

    assert kinds(report) == {NAME: "scattered"}
    span = open_store(tmp_path / "store.lance").spans.get(report.spans[0].span_id)
    assert set(span.sample_ids) == set(WORLD.sample_ids[(there != WORLD.vectors).any(axis=1)])
    assert span.toward is None


def test_nothing_but_noise_has_no_part(tmp_path: Path) -> None:
    report = compared(tmp_path, WORLD.vectors)

    assert (report.verdict, report.spans, kinds(report)) == ("stable", (), {})
    assert all(each.part is None for each in report.concepts)


def test_a_report_with_a_part_is_the_same_after_the_store(tmp_path: Path) -> None:
    report = compared(tmp_path, PART_MOVED)

    assert from_json(DriftReport, to_json(report)) == report
    assert open_store(tmp_path / "store.lance").reports.get(report.report_id) == report

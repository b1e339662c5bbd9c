"""Compare and what follows from it: reports that are kept, spans, the timeline, the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import DriftPolicy, compare, export_span, ingest, log_eval, open_store
from driftcore.errors import NotComparableError, NotFoundError, WidthMismatchError
from driftcore.export import COLUMNS
from driftcore.store import Store
from driftcore.testing import moved
from driftcore.workflows.compare import kept_report
from driftcore.workflows.timeline import fill_timeline, pair_history, pairs_to_watch, timeline
from tests.workflows.worlds import N_SAMPLES, WORLD, frame, store_checkpoint

SHARES = (0.0, 0.1, 0.2, 0.3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Four weeks in which concept 1 goes a tenth of the way to concept 4 each week."""
    store = open_store(tmp_path_factory.mktemp("workflows") / "store")
    for week, share in enumerate(SHARES):
        store_checkpoint(store, f"wk{week}", week=week, share=share)
    return store


def test_a_report_is_kept_under_what_it_was_computed_from(store: Store) -> None:
    assert kept_report(store, "wk1", "wk2") is None

    report = compare(store, "wk1", "wk2")

    assert kept_report(store, "wk1", "wk2") == report
    assert kept_report(store, "wk2", "wk1") is None


def test_another_policy_or_seed_is_another_report(store: Store) -> None:
    ids = {
        compare(store, "wk0", "wk3").report_id,
        compare(store, "wk0", "wk3", seed=1).report_id,
        compare(store, "wk0", "wk3", policy=DriftPolicy(min_effect=0.5)).report_id,
    }

    assert len(ids) == 3


def test_what_is_called_moved_is_the_policys_word(store: Store) -> None:
    # the gap between the two is about the mean gap: 0.3 of it is far more than 0.05 and less than 0.9
    strict = compare(store, "wk0", "wk3", policy=DriftPolicy(min_effect=0.9))
    usual = compare(store, "wk0", "wk3")

    assert usual.verdict == "silent"
    assert strict.verdict == "stable"
    by_name = {each.concept: each.displacement for each in usual.concepts}
    assert {each.concept: each.displacement for each in strict.concepts} == by_name


def test_the_seed_moves_the_intervals_and_never_the_numbers(store: Store) -> None:
    one, other = (compare(store, "wk0", "wk3", seed=seed) for seed in (0, 1))

    assert [each.displacement for each in one.concepts] == [each.displacement for each in other.concepts]
    assert [each.q_value for each in one.concepts] == [each.q_value for each in other.concepts]
    assert one.pairs[0].gap_closure == other.pairs[0].gap_closure
    assert (one.pairs[0].low, one.pairs[0].high) != (other.pairs[0].low, other.pairs[0].high)


def test_a_store_computes_the_same_report_as_another_store(store: Store, tmp_path: Path) -> None:
    other = open_store(tmp_path / "store")
    for week in (0, 3):
        store_checkpoint(other, f"wk{week}", week=week, share=SHARES[week])

    here, there = compare(store, "wk0", "wk3"), compare(other, "wk0", "wk3")

    assert here.report_id == there.report_id
    assert (here.concepts, here.pairs, here.spans) == (there.concepts, there.pairs, there.spans)


def test_samples_that_moved_stand_out_from_those_that_stayed(store: Store) -> None:
    report = compare(store, "wk0", "wk3")
    samples = store.reports.samples(report.report_id)
    went = samples.concepts == WORLD.names[1]

    # all of them went exactly as far as their centroid, and nobody else went anywhere
    np.testing.assert_allclose(samples.share[went], 1, atol=0.05)
    assert samples.shift[went].min() > 10 * samples.shift[~went].max()


def test_gap_closure_is_kept_for_every_pair(store: Store) -> None:
    gaps = store.reports.gap_closures(compare(store, "wk0", "wk3").report_id)

    assert gaps.concepts == WORLD.names
    assert gaps.values[1, 4] == gaps.values[4, 1] == pytest.approx(0.3, abs=0.01)
    untouched = np.delete(np.delete(gaps.values, 1, axis=0), 1, axis=1)
    np.testing.assert_allclose(untouched[np.triu_indices(7, 1)], 0, atol=1e-3)


def test_a_relabeled_sample_keeps_the_references_label_and_is_said(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    labels = WORLD.labels.copy()
    labels[:3] = WORLD.names[7]
    ingest(store, frame(WORLD.vectors), checkpoint="wk0")
    ingest(store, frame(WORLD.vectors, labels=labels), checkpoint="wk1")

    report = compare(store, "wk0", "wk1")

    assert any("3 samples have another label in the current snapshot" in note for note in report.notes)
    assert {each.n for each in report.concepts} == {40}


def test_samples_without_a_label_belong_to_no_concept_and_are_said(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    labels = WORLD.labels.copy()
    labels[:5] = None
    for checkpoint in ("wk0", "wk1"):
        ingest(store, frame(WORLD.vectors, labels=labels), checkpoint=checkpoint)

    report = compare(store, "wk0", "wk1")

    assert any("5 samples belong to no concept" in note for note in report.notes)
    assert sum(each.n for each in report.concepts) == N_SAMPLES - 5


def test_a_concept_too_small_to_be_judged_is_reported_without_a_verdict(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    # of concept 1, which moves, 19 samples are left: one fewer than a verdict needs
    keep = np.flatnonzero((WORLD.concepts != 1) | (np.cumsum(WORLD.concepts == 1) <= 19))
    for checkpoint, vectors in (("wk0", WORLD.vectors), ("wk1", moved(WORLD, 1, toward=4, share=0.3))):
        ingest(store, frame(vectors).iloc[keep], checkpoint=checkpoint)

    report = compare(store, "wk0", "wk1")

    (small,) = (each for each in report.concepts if each.concept == WORLD.names[1])
    assert (small.n, small.verdict, small.kind) == (19, None, "none")
    assert any("1 concepts have fewer than 20 samples" in note for note in report.notes)


def test_another_width_is_refused_even_where_the_report_is_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    wide = np.hstack([WORLD.vectors, np.zeros((N_SAMPLES, 1), dtype=np.float32)])
    ingest(store, frame(WORLD.vectors), checkpoint="narrow")
    ingest(store, frame(wide), checkpoint="wide")
    assert compare(store, "narrow", "wide", align=True).verdict == "stable"

    with pytest.raises(WidthMismatchError, match="'narrow' has 24 dims, 'wide' has 25"):
        compare(store, "narrow", "wide")


def test_checkpoints_that_share_no_samples_are_not_comparable(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    ingest(store, frame(WORLD.vectors), checkpoint="wk0")
    ingest(store, frame(WORLD.vectors).assign(id=[f"new {row}" for row in range(N_SAMPLES)]), checkpoint="wk1")

    with pytest.raises(NotComparableError, match="share 0 sample ids"):
        compare(store, "wk0", "wk1")
    assert store.reports.all() == ()


def test_an_unknown_span_lists_those_that_exist(store: Store) -> None:
    (span,) = compare(store, "wk0", "wk3").spans

    with pytest.raises(NotFoundError, match=span.span_id):
        store.spans.get("nothing")


def test_an_exported_span_has_every_column_and_says_why_each_sample_is_in_it(store: Store) -> None:
    (span,) = compare(store, "wk0", "wk3").spans

    table = export_span(store, span.span_id).table

    assert tuple(table.columns) == COLUMNS
    assert set(table["reason"]) == {f"moved with {WORLD.names[1]} toward {WORLD.names[4]}"}
    # nobody evaluated it: there is no prediction, and no row counts more than another
    assert table["prediction"].isna().all()
    assert set(table["weight"]) == {1.0}


def test_the_timeline_computes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store_checkpoint(store, "wk0", week=0)
    store_checkpoint(store, "wk1", week=1, share=0.2)

    assert [moment.report for moment in timeline(store, "wk0")] == [None, None]
    assert store.reports.all() == ()


def test_a_filled_timeline_shows_the_pair_coming_closer_week_by_week(store: Store) -> None:
    moments = fill_timeline(store, "wk0")
    (pair,) = pairs_to_watch(moments)
    closures = [point.gap_closure for point in pair_history(store, moments, pair)]

    assert [moment.checkpoint for moment in moments] == ["wk0", "wk1", "wk2", "wk3"]
    assert set(pair) == {WORLD.names[1], WORLD.names[4]}
    np.testing.assert_allclose(np.array(closures, dtype=float), SHARES, atol=0.01)


def test_the_timeline_carries_every_splits_accuracy(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    tenth_wrong = WORLD.labels.copy()
    tenth_wrong[::10] = "something else"
    for split, predictions in (("validation", WORLD.labels), ("live", tenth_wrong)):
        ingest(store, frame(WORLD.vectors), checkpoint="wk0", split=split)
        log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint="wk0", split=split)

    (moment,) = timeline(store, "wk0")

    assert moment.accuracy == (("live", 0.9), ("validation", 1.0))

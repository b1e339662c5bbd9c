"""Unpaired windows: what changed in the data, told apart from what a checkpoint did to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from driftcore import DriftPolicy, DriftReport, compare, export_span, open_store
from driftcore.errors import NotComparableError
from driftcore.records import from_json, to_json
from driftcore.store import Store
from driftcore.workflows.compare_windows import compare_windows, kept_windows
from tests.workflows.windows_world import N_CONCEPTS, NAMES, Draw, draw, evaluated, keep, turned, under_two_checkpoints


def compared(tmp_path: Path, before: Draw, after: Draw, **options: object) -> tuple[Store, DriftReport]:
    store = open_store(tmp_path / "store")
    keep(store, before, "week1")
    keep(store, after, "week2", **options)
    return store, compare(store, "wk0", "wk0", reference_split="week1", split="week2")


# what changed


def test_two_draws_of_the_same_data_are_stable(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1), draw(2))

    assert (report.verdict, report.pairing, report.cause.kind) == ("stable", "unpaired", "none")
    assert report.windows is not None
    assert report.windows.spaces == "same encoder"
    assert report.summary.startswith("Nothing changed from 'week1' to 'week2'")
    assert report.spans == ()


def test_other_things_said_about_one_concept_are_its_content_and_not_the_mix(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1), draw(2, shift=0.3))

    (changed,) = [each for each in report.concepts if each.verdict != "stable"]
    assert (changed.concept, changed.verdict, changed.toward, changed.kind) == (NAMES[1], "silent", NAMES[2], "moved")
    # all gaps are √2, so that the share of the mean gap is the share of this gap
    assert changed.displacement == pytest.approx(0.3, abs=0.05)
    assert (report.verdict, report.cause.kind) == ("silent", "data")
    assert report.windows is not None
    assert report.windows.composition.p_value == 1.0
    assert "what is said about 'concept 1' changed" in report.summary


def test_another_mix_is_composition_and_not_content(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1), draw(2, (30, 30, 30, 30, 30, 90)))

    assert (report.verdict, report.cause.kind) == ("watch", "data")
    assert {each.verdict for each in report.concepts} == {"stable"}
    assert "the mix changed, most of all 'concept 5' (from 17 % of the samples to 38 %)" in report.summary
    assert report.windows is not None
    assert report.windows.composition.p_value is not None
    assert report.windows.composition.p_value < 0.001


def test_new_samples_are_listed_most_novel_first_and_become_a_span(tmp_path: Path) -> None:
    after = draw(2)
    far = np.arange(4, 180, 10)
    after.vectors[far] += np.float32(3.0)
    after.vectors[14] += np.float32(3.0)
    store, report = compared(tmp_path, draw(1), after)

    assert report.windows is not None
    new = report.windows.novelty
    assert new is not None
    assert new.sample_ids[0] == "w2-14"
    assert {after.ids[row] for row in far} <= set(new.sample_ids)
    assert sum(each.n for each in new.nearest) == new.n
    (span,) = [each for each in report.spans if each.kind == "novel"]
    assert store.spans.get(span.span_id).sample_ids == new.sample_ids


def test_a_concept_that_only_one_window_has_is_in_the_mix_and_too_small_to_judge(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1, (30, 30, 30, 30, 30, 0)), draw(2))

    new = next(each for each in report.concepts if each.concept == NAMES[5])
    assert new.verdict is None
    assert report.windows is not None
    assert report.windows.composition.shares[5].share_reference == 0.0
    small = f"1 concepts have fewer than {DriftPolicy().min_samples} samples in a window"
    assert any(small in note for note in report.notes)


def test_where_no_concept_is_large_enough_the_sentence_does_not_claim_the_same_content(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1, (9,) * N_CONCEPTS), draw(2, (9,) * N_CONCEPTS))

    assert "no concept has enough samples to say whether other things are said" in report.summary
    assert {each.verdict for each in report.concepts} == {None}


def test_a_changed_concept_whose_accuracy_fell_is_a_regression(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    before, after = draw(1), draw(2, shift=0.3)
    keep(store, before, "week1")
    keep(store, after, "week2")
    evaluated(store, before, "week1")
    evaluated(store, after, "week2", wrong=(after.concepts == 1) & (np.arange(len(after.concepts)) % 2 == 0))

    report = compare(store, "wk0", "wk0", reference_split="week1", split="week2")

    changed = next(each for each in report.concepts if each.concept == NAMES[1])
    assert (changed.verdict, changed.accuracy_reference, changed.accuracy_current) == ("regression", 1.0, 0.5)
    assert report.global_.accuracy_current == pytest.approx(1 - 15 / 180)
    assert report.spans[0].n_mispredicted is not None


def test_what_needs_the_same_samples_is_unknown_and_said_so(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1), draw(2))

    assert (report.global_.cka, report.global_.mean_shift, report.global_.churn, report.pairs) == (None, None, None, ())
    assert any("The windows have different samples" in note for note in report.notes)
    assert (report.n_only_reference, report.n_only_current) == (180, 180)


# concepts


def test_an_unlabelled_window_is_read_by_the_same_rule_on_both_sides(tmp_path: Path) -> None:
    _, report = compared(tmp_path, draw(1), draw(2, shift=0.3), labels=False)

    assert any("nearest centroid of the reference's labels" in note for note in report.notes)
    assert [each.concept for each in report.concepts if each.verdict not in ("stable", None)] == [NAMES[1]]


def test_predictions_stand_in_where_both_windows_have_them(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    before, after = draw(1), draw(2, (30, 30, 30, 30, 30, 90))
    for window, split in ((before, "week1"), (after, "week2")):
        keep(store, window, split, labels=False)
        evaluated(store, window, split)

    report = compare(store, "wk0", "wk0", reference_split="week1", split="week2")

    assert any("concepts are what the evals of both predicted" in note for note in report.notes)
    assert "the mix changed, most of all 'concept 5'" in report.summary


def test_unlabelled_windows_take_the_names_of_a_labelled_split(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    keep(store, draw(0), "validation")
    keep(store, draw(1), "week1", labels=False)
    keep(store, draw(2), "week2", labels=False)

    report = compare(store, "wk0", "wk0", reference_split="week1", split="week2")

    assert {each.concept for each in report.concepts} == set(NAMES)
    assert report.verdict == "stable"


def test_without_any_label_the_concepts_are_clusters_of_the_reference(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    keep(store, draw(1), "week1", labels=False)
    keep(store, draw(2), "week2", labels=False)

    report = compare(store, "wk0", "wk0", reference_split="week1", split="week2")

    assert {each.concept for each in report.concepts} == {f"cluster {k}" for k in range(N_CONCEPTS)}
    assert report.verdict == "stable"


# two checkpoints


def test_the_same_encoder_under_two_names_is_recognised_by_its_anchors(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for week, checkpoint in enumerate(("wk0", "wk1")):
        keep(store, draw(0), "validation", checkpoint=checkpoint, week=week)
        keep(store, draw(1 + week), "live", checkpoint=checkpoint, week=week)

    # no id of the live windows is in both: compared as windows without being asked to
    report = compare(store, "wk0", "wk1", split="live")

    assert report.windows is not None
    assert (report.windows.spaces, report.windows.n_anchors, report.verdict) == ("same encoder", 180, "stable")
    assert "from 'live' of wk0 to 'live' of wk1" in report.summary


def test_what_the_model_did_is_not_called_data_drift(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    under_two_checkpoints(store, draw(1), draw(2))

    report = compare(store, "wk0", "wk1", split="live")

    assert report.windows is not None
    assert (report.windows.spaces, report.windows.n_anchors) == ("anchors", 480)
    assert (report.verdict, report.cause.kind) == ("stable", "none")
    assert any("480 anchors in 'validation'" in note and "most: concept 3" in note for note in report.notes)
    assert report.windows.divergences == ()


def test_data_drift_is_seen_through_a_change_of_the_model(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    under_two_checkpoints(store, draw(1), draw(2, shift=0.3))

    report = compare(store, "wk0", "wk1", split="live")

    assert [each.concept for each in report.concepts if each.verdict not in ("stable", None)] == [NAMES[1]]
    assert (report.verdict, report.cause.kind) == ("silent", "data")


def test_unlabelled_windows_under_two_checkpoints_are_each_read_by_their_own_anchors(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    under_two_checkpoints(store, draw(1), draw(2))
    keep(store, draw(3), "night", labels=False)
    keep(store, turned(draw(4), noise=0.2), "night", checkpoint="wk1", week=1, labels=False)

    report = compare(store, "wk0", "wk1", split="night")

    assert any("nearest centroid of the anchors in 'validation'" in note for note in report.notes)
    assert report.verdict == "stable"


def test_few_anchors_leave_fewer_directions_and_say_so(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    under_two_checkpoints(store, draw(1), draw(2), n_anchors=10)

    report = compare(store, "wk0", "wk1", split="live")

    # a fifth of 60 anchors
    assert any("60 anchors are few for 16 dims" in note and "in the 12 directions" in note for note in report.notes)


def test_another_encoder_without_anchors_is_refused_with_what_to_do(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    keep(store, draw(1), "live")
    keep(store, turned(draw(2)), "live", checkpoint="wk1", week=1)

    with pytest.raises(NotComparableError, match=r"share 0 sample ids.*Embed the same 50 or more samples"):
        compare(store, "wk0", "wk1", split="live")
    assert store.reports.all() == ()


def test_another_width_is_compared_beside_anchors_and_refused_without(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")

    def wide(window: Draw) -> Draw:
        return replace(window, vectors=np.hstack([window.vectors, np.zeros((len(window.concepts), 8), np.float32)]))

    keep(store, draw(1), "live")
    keep(store, wide(draw(2)), "live", checkpoint="wk1", week=1)
    with pytest.raises(NotComparableError, match="two checkpoints"):
        compare(store, "wk0", "wk1", split="live")

    anchors = draw(0, (80,) * N_CONCEPTS)
    keep(store, anchors, "validation")
    keep(store, wide(anchors), "validation", checkpoint="wk1", week=1)
    assert compare(store, "wk0", "wk1", split="live").verdict == "stable"


# kept


def test_the_report_of_windows_is_kept_and_goes_through_json(tmp_path: Path) -> None:
    store, report = compared(tmp_path, draw(1), draw(2, shift=0.3))

    again = compare_windows(store, "wk0", "wk0", reference_split="week1", split="week2")

    assert again == report
    assert len(store.reports.all()) == 1
    assert from_json(DriftReport, to_json(report)) == report


def test_another_policy_seed_or_anchor_split_is_another_report(tmp_path: Path) -> None:
    store, report = compared(tmp_path, draw(1), draw(2))
    sides = {"reference_split": "week1", "split": "week2"}

    others = {
        compare(store, "wk0", "wk0", **sides, seed=1).report_id,
        compare(store, "wk0", "wk0", **sides, policy=DriftPolicy(alpha=0.01)).report_id,
    }
    keep(store, draw(7), "validation")
    others.add(compare(store, "wk0", "wk0", **sides).report_id)

    assert len(others | {report.report_id}) == 4


def test_a_span_of_a_window_is_exported_with_why_each_sample_is_in_it(tmp_path: Path) -> None:
    store, report = compared(tmp_path, draw(1), draw(2, shift=0.3))

    table = export_span(store, report.spans[0].span_id).table

    assert set(table["concept"]) == {NAMES[1]}
    assert set(table["reason"]) == {f"said differently about {NAMES[1]} toward {NAMES[2]}"}
    # nearly all of a concept that moved two of its widths is more typical of the new window than of the old
    assert len(table) > 15


def test_a_window_report_is_found_again_without_computing_it_and_only_while_nothing_changed(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    keep(store, draw(1), "week1")
    keep(store, draw(2), "week2")
    sides = {"reference_split": "week1", "split": "week2"}
    assert kept_windows(store, "wk0", "wk0", **sides) is None
    report = compare_windows(store, "wk0", "wk0", **sides)
    assert kept_windows(store, "wk0", "wk0", **sides) == report
    assert kept_windows(store, "wk0", "wk0", reference_split="week2", split="week1") is None
    evaluated(store, draw(2), "week2")
    assert kept_windows(store, "wk0", "wk0", **sides) is None

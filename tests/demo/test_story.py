"""The story that `driftloop demo` tells: silent on validation, loud in live traffic, caused in the labels."""

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from driftcore.demo import weeks

QUIET, DRIFTING = slice(0, 4), slice(4, None)


def split(week, name):
    (found,) = (part for part in week.splits if part.split == name)
    return found


def accuracy(part, intent=None):
    intended = np.array(part.intended_labels)
    asked = intended == intent if intent else np.ones(len(intended), dtype=bool)
    return float((np.array(part.predictions) == intended)[asked].mean())


def gap_closures(reference, current):
    """METHODS.md 2, the gap closure of every pair: g = 1 - s |nu_a - nu_b| / |mu_a - mu_b|, s the median over pairs."""
    before, after = (_gaps(part) for part in (reference, current))
    shrink = {pair: after[pair] / before[pair] for pair in before}
    typical = np.median(list(shrink.values()))
    return {pair: float(1 - ratio / typical) for pair, ratio in shrink.items()}


def _gaps(part):
    labels = np.array(part.labels)
    centroids = {name: part.vectors[labels == name].mean(axis=0) for name in sorted(set(part.labels))}
    return {(a, b): np.linalg.norm(centroids[a] - centroids[b]) for a in centroids for b in centroids if a < b}


@pytest.fixture(scope="module")
def closures(story):
    """Gap closures on validation against week 1, from week 2 on."""
    first, *later = (split(week, "validation") for week in story)
    return [gap_closures(first, part) for part in later]


def test_twelve_weeks_each_on_its_monday(story):
    assert [week.checkpoint for week in story] == [f"2026-W{number:02d}" for number in range(1, 13)]
    # the ISO week 2026-W01 begins on 29 December 2025
    assert story[0].at == datetime(2025, 12, 29, tzinfo=UTC)
    assert all(week.at.isocalendar()[:3] == (2026, number, 1) for number, week in enumerate(story, start=1))


def test_the_same_seed_yields_the_same_bytes_however_many_weeks_follow(story, phrases):
    (again,) = weeks(phrases, n_weeks=1)
    for one, other in zip(story[0].splits, again.splits, strict=True):
        assert (one.sample_ids, one.texts, one.labels) == (other.sample_ids, other.texts, other.labels)
        assert one.vectors.tobytes() == other.vectors.tobytes()
        assert one.predictions == other.predictions
        assert one.confidences.tobytes() == other.confidences.tobytes()


def test_every_row_is_whole(story):
    for part in (part for week in story for part in week.splits):
        n_samples = len(part.sample_ids)
        columns = (part.texts, part.labels, part.intended_labels, part.predictions, part.confidences)
        assert all(len(column) == n_samples for column in columns)
        assert part.vectors.dtype == np.float32 and part.vectors.shape == (n_samples, 96)
        assert np.isfinite(part.vectors).all() and (np.linalg.norm(part.vectors, axis=1) > 0.1).all()
        assert ((part.confidences > 0) & (part.confidences <= 1)).all()
        assert all(part.texts)


def test_an_id_names_one_sample(story):
    for name in ("live", "train"):
        ids = [sample_id for week in story for sample_id in split(week, name).sample_ids]
        assert len(set(ids)) == len(ids)
    assert split(story[4], "live").sample_ids[12] == "live-W05-0012"
    assert split(story[4], "train").sample_ids[12] == "train-W05-0012"
    assert split(story[4], "validation").sample_ids[12] == "val-00012"


def test_the_validation_set_never_changes(story):
    first = split(story[0], "validation")
    for part in (split(week, "validation") for week in story):
        assert (part.sample_ids, part.texts, part.labels) == (first.sample_ids, first.texts, first.labels)


def test_live_traffic_and_training_sets_are_new_every_week(story):
    for name in ("live", "train"):
        assert len({split(week, name).texts for week in story}) == len(story)


def test_accuracy_on_validation_says_nothing(story):
    scores = np.array([accuracy(split(week, "validation")) for week in story])
    assert 0.93 < scores.mean() < 0.955
    assert np.abs(scores - scores[0]).max() < 0.0125


def test_the_quiet_weeks_are_quiet(closures):
    # weeks 2, 3 and 4 against week 1: an ordinary training closes no gap worth speaking of
    assert max(closure for week in closures[:3] for closure in week.values()) < 0.03


def test_refund_creeps_toward_cancel_from_week_five(closures):
    gap = [week["cancel", "refund"] for week in closures]
    week_5, week_6, week_8, week_12 = gap[3], gap[4], gap[6], gap[10]
    assert week_5 > 0.03
    assert week_6 > 0.08
    assert week_8 > 0.13
    assert week_12 > 0.18
    assert week_5 < week_6 < week_8 < week_12


def test_no_other_pair_comes_nearly_as_close(closures):
    for week in closures[4:]:
        others = [closure for pair, closure in week.items() if pair != ("cancel", "refund")]
        assert max(others) < 0.5 * week["cancel", "refund"]


def test_live_traffic_gets_worse_and_refunds_most_of_all(story):
    live = [split(week, "live") for week in story]
    assert _lost(live, intent=None) > 0.03
    assert _lost(live, intent="refund") > 0.25


def _lost(live, intent):
    """Mean accuracy of the quiet weeks less that of the last three."""
    return np.mean([accuracy(part, intent) for part in live[QUIET]]) - np.mean(
        [accuracy(part, intent) for part in live[-3:]]
    )


def test_the_missed_refunds_are_taken_for_cancellations(story):
    live = split(story[-1], "live")
    rows = zip(live.intended_labels, live.predictions, strict=True)
    missed = [prediction for intended, prediction in rows if intended == "refund" != prediction]
    assert missed.count("cancel") > 0.8 * len(missed)


def test_the_cause_lies_in_the_labels_of_the_training_rows(story):
    relabelled = [
        [
            (intended, label)
            for intended, label in zip(train.intended_labels, train.labels, strict=True)
            if intended != label
        ]
        for train in (split(week, "train") for week in story)
    ]
    assert not any(relabelled[QUIET])
    assert {pair for week in relabelled for pair in week} == {("refund", "cancel")}
    assert all(len(week) > 20 for week in relabelled[DRIFTING])
    assert len(relabelled[-1]) > 4 * len(relabelled[4])


def test_labels_outside_training_are_honest(story):
    for part in (split(week, name) for week in story for name in ("validation", "live")):
        assert part.labels == part.intended_labels


def test_importing_the_demo_loads_no_learning_library():
    code = "import sys, driftcore.demo; sys.exit(any(name in sys.modules for name in ('sklearn', 'scipy', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

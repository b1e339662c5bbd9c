"""A sequence of checkpoints whose story is known: one concept starts in week 3, and the eval sees it in week 5."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from driftcore import DriftPolicy, Trend, ingest, log_eval, open_store, trend
from driftcore.errors import NotComparableError, NotFoundError
from driftcore.records import ConceptTrend, from_json, to_json
from driftcore.store import Store
from driftcore.testing import jittered, moved
from driftcore.workflows.timeline import fill_timeline
from driftcore.workflows.trend import onsets
from tests.workflows.worlds import N_SAMPLES, START, WORLD, frame

# how far concept 1 has gone to concept 4 in weeks 1 to 6
SHARES = (0.0, 0.0, 0.1, 0.2, 0.3, 0.4)
NAME, OTHER = WORLD.names[1], WORLD.names[4]
HALF_OF_IT = np.flatnonzero(WORLD.concepts == 1)[:20]


def add(store: Store, week: int, *, share: float = 0.0, wrong: bool | None = None, labels: bool = True) -> None:
    """Checkpoint `week`, its vectors jittered as those of any week are; `wrong` is None where nobody evaluated it."""
    place = moved(WORLD, 1, toward=4, share=share) if share else WORLD.vectors
    table = frame(jittered(place, scale=0.01, seed=week))
    if not labels:
        table = table.drop(columns="label")
    ingest(store, table, checkpoint=f"wk{week}", at=START + timedelta(weeks=week))
    if wrong is not None:
        predictions = WORLD.labels.copy()
        predictions[HALF_OF_IT if wrong else []] = OTHER
        log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint=f"wk{week}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("trend") / "store")
    for week, share in enumerate((0.0, *SHARES)):
        add(store, week, share=share, wrong=week >= 5)
    return store


@pytest.fixture(scope="module")
def found(store: Store) -> Trend:
    return trend(store)


def of(trend: Trend, name: str = NAME) -> ConceptTrend:
    return next(concept for concept in trend.concepts if concept.concept == name)


def test_the_onset_comes_two_checkpoints_before_the_eval_sees_it(found: Trend) -> None:
    concept = of(found)

    assert (concept.onset, concept.confirmed) == ("wk3", True)
    assert (concept.accuracy_drop, concept.lead_looks, concept.lead_days) == ("wk5", 2, 14)
    assert concept.silent_looks == 2
    assert concept.verdicts == ("stable", "stable", "silent", "silent", "regression", "regression")


def test_nobody_else_starts(found: Trend) -> None:
    assert found.concepts[0].concept == NAME
    assert {concept.onset for concept in found.concepts[1:]} == {None}
    assert {concept.accuracy_drop for concept in found.concepts[1:]} == {None}


def test_the_sentence_tells_the_story(found: Trend) -> None:
    assert found.summary.startswith(
        f"'{NAME}' started to move at wk3 and its accuracy fell 2 checkpoints later, at wk5; it goes "
    )
    assert found.summary.endswith(f"] of a gap toward '{OTHER}' each week.")


def test_every_look_has_its_time_and_its_level(found: Trend) -> None:
    assert found.unit == "week"
    assert [look.checkpoint for look in found.looks] == [f"wk{week}" for week in range(1, 7)]
    assert [look.time for look in found.looks] == [1, 2, 3, 4, 5, 6]
    assert [look.before for look in found.looks] == [f"wk{week}" for week in range(6)]
    # 0.05 / (t (t + 1))
    assert [look.alpha for look in found.looks] == pytest.approx([0.05 / (t * (t + 1)) for t in range(1, 7)])
    assert any("6 looks were taken" in note for note in found.notes)


def test_the_pair_closes_as_it_was_planted(found: Trend) -> None:
    (pair,) = found.pairs
    slopes = [(SHARES[j] - SHARES[i]) / (j - i) for i in range(6) for j in range(i + 1, 6)]

    assert (pair.a, pair.b) == (NAME, OTHER)
    np.testing.assert_allclose(np.array(pair.gap_closure, dtype=float), SHARES, atol=0.01)
    assert pair.migration[2:] == pytest.approx(SHARES[2:], abs=0.01)
    assert pair.slope == pytest.approx(np.median(slopes), abs=0.005)
    assert pair.slope is not None
    assert pair.slope_low is not None
    assert pair.slope_high is not None
    assert pair.slope_low <= pair.slope <= pair.slope_high


def test_from_week_to_week_a_gap_closes_by_a_share_of_what_was_left(found: Trend) -> None:
    (pair,) = found.pairs

    left = 1 - np.array((0.0, *SHARES))
    np.testing.assert_allclose(np.array(pair.step_gap_closure, dtype=float), 1 - left[1:] / left[:-1], atol=0.015)
    gap = of(found).displacement[-1]
    assert gap is not None
    # the same length each week from week 3 on, a quarter of all in the end
    np.testing.assert_allclose(np.array(of(found).step_displacement[2:], dtype=float), gap / 4, rtol=0.1)


def test_the_test_of_a_pair_pays_for_all_pairs(found: Trend) -> None:
    (pair,) = found.pairs

    assert found.n_pairs == 28
    assert found.smallest_p_value == pytest.approx(2 / 720)
    assert pair.p_value is not None
    assert pair.q_value is not None
    assert found.smallest_p_value <= pair.p_value < pair.q_value


def test_the_same_again_is_read_back(store: Store, found: Trend) -> None:
    kept = len(store.reports.all())

    assert trend(store) == found
    assert len(store.reports.all()) == kept


def test_it_goes_into_json_and_back(found: Trend) -> None:
    assert from_json(Trend, json.loads(json.dumps(to_json(found), allow_nan=False))) == found


def test_a_later_checkpoint_takes_no_onset_back(store: Store, found: Trend) -> None:
    for last, confirmed in (("wk3", False), ("wk4", True)):
        earlier = trend(store, current=last)

        assert earlier.looks[-1].checkpoint == last
        assert (of(earlier).onset, of(earlier).confirmed) == ("wk3", confirmed)
        assert (of(earlier).accuracy_drop, of(earlier).lead_looks) == (None, None)
    assert "has been silent for 2 checkpoints" in earlier.summary


def test_another_reference_starts_another_count(store: Store) -> None:
    later = trend(store, reference="wk2")

    assert later.looks[0].checkpoint == "wk3"
    assert (of(later).onset, of(later).lead_looks) == ("wk3", 2)


def test_the_weekly_limit_is_the_policys(store: Store, found: Trend) -> None:
    concept = of(found)

    assert concept.slope is not None
    assert concept.too_fast == (concept.slope > 0.05) is True
    assert any(f"Faster than 5 % of the mean gap a week: {NAME}" in note for note in found.notes)
    patient = trend(store, policy=DriftPolicy(max_weekly_drift=0.5))
    assert not of(patient).too_fast


def test_onsets_can_be_told_from_the_kept_timeline_alone(store: Store, found: Trend) -> None:
    moments = fill_timeline(store, "wk0")

    assert onsets("wk0", moments) == ((NAME, "wk3"),)
    # what came before the reference is no look at it
    assert onsets("wk6", moments) == ()


def test_a_creep_too_slow_for_any_week_is_found_since_the_reference(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for week in range(9):
        add(store, week, share=0.01 * week)

    slow = trend(store)

    # 1 % of a gap a week is below the smallest effect, 2 %, in every week; eight of them are not
    assert {look.step_verdict for look in slow.looks} == {"stable"}
    assert slow.looks[-1].verdict == "silent"
    assert of(slow).onset is not None
    assert not of(slow).too_fast
    assert "while no eval of it is stored" in slow.summary


def test_weeks_in_which_nothing_happens_have_no_onset(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for week in range(9):
        add(store, week, wrong=False)

    quiet = trend(store)

    assert {concept.onset for concept in quiet.concepts} == {None}
    assert quiet.pairs == ()
    assert quiet.summary == "No concept started to move in 8 checkpoints since wk0."


def test_checkpoints_stored_at_once_are_counted(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for number, share in enumerate((0.0, 0.1, 0.2)):
        vectors = moved(WORLD, 1, toward=4, share=share) if share else WORLD.vectors
        ingest(store, frame(vectors), checkpoint=f"step {number}", at=START + timedelta(minutes=number))

    found = trend(store)

    assert found.unit == "checkpoint"
    assert [look.time for look in found.looks] == [1, 2]
    assert any("driftloop ingest --at" in note for note in found.notes)
    assert "each checkpoint" in found.summary


def test_without_labels_nothing_is_said_from_checkpoint_to_checkpoint(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for week, share in enumerate((0.0, 0.0, 0.4)):
        add(store, week, share=share, labels=False)

    found = trend(store)

    assert of(found, found.concepts[0].concept).onset == "wk2"
    assert {value for concept in found.concepts for value in concept.step_displacement} == {None}
    assert any("the clusters of one checkpoint are not those of the next" in note for note in found.notes)


def test_samples_that_one_checkpoint_lacks_do_not_break_the_series(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for week in (0, 2):
        add(store, week)
    # without any sample of the last concept
    ingest(
        store,
        frame(WORLD.vectors).iloc[: N_SAMPLES - 40],
        checkpoint="wk1",
        at=START + timedelta(weeks=1),
    )

    gone = of(trend(store), WORLD.names[7])

    assert gone.displacement[0] is None
    assert gone.displacement[1] is not None


def test_a_reference_without_successors_lists_what_there_is(store: Store) -> None:
    with pytest.raises(NotComparableError, match="No checkpoint of split 'validation' comes after 'wk6'"):
        trend(store, reference="wk6")
    with pytest.raises(NotComparableError, match="In order of time: wk0, wk1"):
        trend(store, reference="wk3", current="wk1")


def test_an_unknown_checkpoint_lists_the_known(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Known: wk0"):
        trend(store, current="wk9")
    with pytest.raises(NotFoundError, match="has no split 'live'"):
        trend(store, split="live")

"""The benchmark itself: it runs, deals everything out, and counts right. Peers take no part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from driftcore.testing import make_world, moved, rotated
from tests.bench.detection import plain, score
from tests.bench.detection.__main__ import main
from tests.bench.detection.cases import (
    DRIFTS,
    DRIFTS_A_SEED,
    NULLS,
    NULLS_A_SEED,
    REPORT_SEEDS,
    TUNE_SEEDS,
    cases,
    dealt,
    drift_case,
    random,
    shape_of,
)
from tests.bench.detection.crew import Outcome
from tests.bench.detection.happenings import DRIFT_MAKERS
from tests.bench.detection.protocol import Given
from tests.bench.detection.real import known, pairs

SAID = Outcome(
    method="m",
    seed=1,
    case="1",
    family="drift",
    kind="move 5 %",
    condition="rotated",
    shape=(100, 8, 5),
    planted_size=100,
    truth=(1, 2),
    true_toward={1: 4},
    everywhere=False,
    alarm=True,
    moved=(1, 3),
    toward={1: 4, 3: 0},
    noted=False,
    seconds=1.0,
    peak_mb=100.0,
)


def test_a_tiny_run_prints_every_table(capsys):
    quick = ["--only", "driftloop", "--quick", "--no-real", "--jobs", "1", "--seeds", "tune", "--runs", "1"]
    assert main(quick) == 0
    printed = capsys.readouterr().out
    assert "| Driftloop | " in printed
    assert "### False alarms, by null" in printed
    assert "Skipped: its checkpoints are not here." in printed


def test_no_seed_is_used_for_both_tuning_and_reporting():
    assert not {*TUNE_SEEDS} & {*REPORT_SEEDS}


def test_twelve_seeds_meet_every_width_with_every_number_of_concepts():
    assert len({(shape_of(seed)["n_dims"], shape_of(seed)["n_concepts"]) for seed in range(1000, 1012)}) == 12


@pytest.mark.parametrize(("pack", "n", "seeds"), [(NULLS, NULLS_A_SEED, 9), (DRIFTS, DRIFTS_A_SEED, 33)])
def test_every_kind_is_dealt_equally_often_and_to_every_width(pack, n, seeds):
    given = [(kind, seed % 3) for seed in range(seeds) for kind in dealt(pack, seed, n)]
    counts = [sum(kind == each for each, _ in given) for kind in pack]
    assert set(counts) == {n}
    assert {kind: len({width for each, width in given if each == kind}) == 3 for kind in pack} == dict.fromkeys(
        pack, True
    )


def test_the_same_seed_makes_the_same_cases():
    first, again = (list(cases(0, quick=True)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.name == other.name
        assert np.array_equal(one.current, other.current)
        assert one.truth == other.truth


@pytest.mark.parametrize("kind", DRIFT_MAKERS)
def test_a_drift_moves_members_of_the_concepts_it_names_and_no_other(kind):
    world = make_world(n_concepts=7, n_per_concept=50, n_dims=16, neighborhoods=(2, 5))
    planted = DRIFT_MAKERS[kind](world, random(3, kind))
    changed = (planted.world.vectors != world.vectors).any(axis=1)
    assert {*world.concepts[changed].tolist()} == planted.truth


def test_what_the_space_does_meanwhile_takes_no_answer_away():
    world = make_world(n_concepts=7, n_per_concept=50, n_dims=16)
    still, turned = (drift_case(world, "move 15 %", condition, 3) for condition in ("still", "rotated"))
    assert still.truth == turned.truth
    assert still.toward == turned.toward
    # a rotation keeps the lengths of what was moved and jittered
    assert np.linalg.norm(turned.current, axis=1) == pytest.approx(np.linalg.norm(still.current, axis=1), rel=1e-5)


def test_tampering_begins_in_the_second_week_and_then_grows():
    week = {n: ("shift", f"wk{n}") for n in range(6)}
    assert known(week[0], week[1]) == ("null", "clean week")
    assert known(week[1], week[2]) == ("drift", "tampered")
    assert known(week[3], week[4]) == ("drift", "truth: growing")
    assert known(week[0], ("shift_scratch", "wk5"))[0] == "drift"
    assert known(week[0], ("null_seed", "seed1")) == ("null", "other seed")


def test_pairs_are_within_a_file_or_against_the_start():
    checkpoints = (("shift", "wk0"), ("shift", "wk1"), ("null_seed", "seed1"), ("null_seed", "seed2"))
    assert len(pairs(checkpoints)) == 1 + 1 + 2


def test_no_alarm_in_n_nulls_leaves_a_rate_of_up_to_one_minus_the_nth_root():
    rate = score.Rate(hits=0, n=59)
    # (1 − p)^n = .025 at the upper end
    assert rate.low == 0
    assert rate.high == pytest.approx(1 - 0.025 ** (1 / 59))
    assert score.Rate(hits=59, n=59).low == pytest.approx(0.025 ** (1 / 59))


def test_f1_counts_named_concepts_over_all_cases():
    # named 1 and 3, wanted 1 and 2: one right of two and two; beside it, a case that is wholly right
    right = replace(SAID, moved=(1, 2))
    assert score.localization_f1([SAID]) == pytest.approx(0.5)
    assert score.localization_f1([SAID, right]) == pytest.approx(2 * 3 / 8)
    assert score.localization_f1([replace(SAID, moved=None)]) is None


def test_direction_is_asked_only_of_concepts_that_were_named_and_went_to_another():
    assert score.direction([SAID]) == score.Rate(hits=1, n=1)
    assert score.direction([replace(SAID, toward={1: 0, 3: 0})]) == score.Rate(hits=0, n=1)
    assert score.direction([replace(SAID, toward=None)]) is None


def test_a_method_that_does_not_apply_is_not_counted():
    assert score.alarms([SAID, replace(SAID, alarm=None)]) == score.Rate(hits=1, n=1)


def test_a_note_about_the_whole_space_counts_only_where_the_whole_space_changed():
    noted = replace(SAID, alarm=False, noted=True)
    assert score.alarms([noted, replace(noted, everywhere=True)]) == score.Rate(hits=1, n=2)


def given(world, current) -> Given:
    return Given(
        reference=world.vectors,
        current=current,
        concepts=world.concepts,
        current_concepts=world.concepts,
        n_concepts=len(world.names),
        paired=True,
        seed=0,
    )


def test_plain_methods_see_what_they_can_see():
    world = make_world(n_concepts=6, n_per_concept=60, n_dims=24)
    after = moved(world, 2, toward=5, share=0.4)
    # least squares drags the target along, so it may be named as well
    assert plain.turned_distances_of_means(given(world, rotated(after))).toward[2] == 5
    assert 2 in plain.turned_mmd(given(world, after)).moved
    assert not plain.raw_cosine(given(world, world.vectors)).alarm
    assert not plain.kmeans_jsd(given(world, world.vectors)).alarm


def test_a_rotation_alarms_those_who_compare_coordinates_and_not_cka():
    world = make_world(n_concepts=6, n_per_concept=60, n_dims=24)
    turned = given(world, rotated(world.vectors))
    assert plain.raw_cosine(turned).alarm
    assert plain.distance_of_means(turned).alarm
    assert not plain.cka(turned).alarm
    assert not plain.turned_cosine(turned).alarm

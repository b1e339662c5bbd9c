"""The corridor of two concepts on worlds whose answer is known."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftcore import compare, ingest, log_eval, open_store
from driftcore.errors import NotFoundError
from driftcore.records import Corridor, CorridorStep
from driftcore.store import Store
from driftcore.testing import make_world, moved, rotation
from driftcore.workflows.corridor import between, kept_corridor, make_corridor, missing_steps
from tests.workflows.worlds import START, WORLD, store_checkpoint

PAIR = ("concept 1", "concept 4")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Concept 1 goes a quarter of the way to concept 4, then half of it."""
    opened = open_store(tmp_path / "store")
    for week, share in enumerate((0.0, 0.25, 0.5)):
        store_checkpoint(opened, f"wk{week}", week=week, share=share)
    return opened


def step_of(corridor: Corridor, checkpoint: str) -> CorridorStep:
    step = corridor.step(checkpoint)
    assert step is not None
    return step


def test_every_sample_of_both_concepts_has_a_place_at_every_checkpoint(store: Store) -> None:
    corridor = make_corridor(store, "wk0", PAIR)

    assert [step.checkpoint for step in corridor.steps] == ["wk0", "wk1", "wk2"]
    for step in corridor.steps:
        assert set(step.sample_ids[step.of_a]) == set(WORLD.sample_ids[WORLD.concepts == 1])
        assert set(step.sample_ids[~step.of_a]) == set(WORLD.sample_ids[WORLD.concepts == 4])


def test_a_concept_stands_where_it_went_and_the_other_where_it_was(store: Store) -> None:
    corridor = make_corridor(store, "wk0", PAIR)

    for checkpoint, share in (("wk0", 0.0), ("wk1", 0.25), ("wk2", 0.5)):
        step = step_of(corridor, checkpoint)
        # the alignment is fitted to all samples but those that moved: 1 % of the way is its error
        assert step.positions[step.of_a].mean() == pytest.approx(share, abs=0.01)
        assert step.positions[~step.of_a].mean() == pytest.approx(1, abs=0.01)


def test_in_its_own_space_each_concept_stays_at_its_end(store: Store) -> None:
    step = step_of(make_corridor(store, "wk0", PAIR), "wk2")

    assert step.own_positions[step.of_a].mean() == pytest.approx(0, abs=1e-5)
    assert step.own_positions[~step.of_a].mean() == pytest.approx(1, abs=1e-5)
    assert step.positions[step.of_a].mean() > 0.4


def test_the_gap_closure_is_that_of_the_report_and_lies_in_its_interval(store: Store) -> None:
    step = step_of(make_corridor(store, "wk0", PAIR), "wk1")
    gaps = store.reports.gap_closures(compare(store, "wk0", "wk1").report_id)

    assert step.gap_closure == pytest.approx(gaps.values[1, 4], abs=1e-4)
    assert step.low is not None and step.high is not None
    assert step.low < 0.25 < step.high


@pytest.mark.parametrize("n_per_concept", [40, 12])
def test_turning_and_shifting_the_space_of_a_checkpoint_moves_nobody(tmp_path: Path, n_per_concept: int) -> None:
    # with 12 a concept there are fewer than five samples a dimension: measured in the leading directions
    world = make_world(n_concepts=8, n_per_concept=n_per_concept, n_dims=24)
    vectors = moved(world, 1, toward=4, share=0.25)
    turned = vectors @ rotation(24, seed=3).astype(np.float32)
    store = open_store(tmp_path / "turned")
    for week, embedded in enumerate((world.vectors, vectors, turned)):
        columns = {"id": world.sample_ids, "label": world.labels, "embedding": embedded}
        ingest(store, columns, checkpoint=f"wk{week}", at=START + timedelta(weeks=week))

    corridor = make_corridor(store, "wk0", PAIR)

    straight, around = step_of(corridor, "wk1"), step_of(corridor, "wk2")
    np.testing.assert_allclose(around.positions, straight.positions, atol=2e-3)
    np.testing.assert_allclose(around.own_positions, straight.own_positions, atol=2e-3)


def test_a_corridor_is_computed_once(store: Store) -> None:
    first = make_corridor(store, "wk0", PAIR)
    stamp = store.stamp()

    again = make_corridor(store, "wk0", PAIR)

    assert store.stamp() == stamp
    np.testing.assert_array_equal(step_of(again, "wk2").positions, step_of(first, "wk2").positions)


def test_without_a_computed_corridor_all_checkpoints_are_missing_and_nothing_is_computed(store: Store) -> None:
    stamp = store.stamp()

    corridor = kept_corridor(store, "wk0", PAIR)

    assert corridor.steps == ()
    assert missing_steps(store, corridor) == ("wk0", "wk1", "wk2")
    assert store.stamp() == stamp


def test_a_new_checkpoint_is_the_only_one_that_is_missing(store: Store) -> None:
    make_corridor(store, "wk0", PAIR)
    store_checkpoint(store, "wk3", week=3, share=0.6)

    assert missing_steps(store, kept_corridor(store, "wk0", PAIR)) == ("wk3",)
    assert missing_steps(store, make_corridor(store, "wk0", PAIR)) == ()


def test_a_checkpoint_of_other_samples_has_no_step_and_lacks_none(store: Store) -> None:
    other = make_world(n_concepts=8, n_per_concept=40, n_dims=24, seed=1)
    ids = [f"other {row}" for row in range(len(other.vectors))]
    columns = {"id": ids, "label": other.labels, "embedding": other.vectors}
    ingest(store, columns, checkpoint="elsewhere", at=START + timedelta(weeks=9))

    corridor = make_corridor(store, "wk0", PAIR)

    assert [step.checkpoint for step in corridor.steps] == ["wk0", "wk1", "wk2"]
    assert missing_steps(store, corridor) == ()


def test_a_concept_that_nobody_has_is_refused_with_those_that_there_are(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"No concept named 'refund'\. Known: concept 0,"):
        make_corridor(store, "wk0", ("refund", "concept 4"))


@pytest.fixture
def crossing(tmp_path: Path) -> Store:
    """Nothing moves but three samples of concept 1: one to the middle, one beyond it, one all the way to concept 4."""
    opened = open_store(tmp_path / "crossing")
    centres = [WORLD.vectors[WORLD.concepts == k].mean(axis=0) for k in (1, 4)]
    after = WORLD.vectors.copy()
    rows = np.flatnonzero(WORLD.concepts == 1)[:3]
    after[rows] = [centres[0] + share * (centres[1] - centres[0]) for share in (0.5, 0.8, 1.0)]
    labels = np.array(WORLD.labels)
    texts = ["one and the same text"] * len(labels)
    for week, vectors in enumerate((WORLD.vectors, after)):
        columns = {"id": WORLD.sample_ids, "label": labels, "text": texts, "embedding": vectors}
        ingest(opened, pd.DataFrame({**columns, "embedding": list(vectors)}), checkpoint=f"wk{week}")
    predictions = np.array(labels)
    predictions[rows[2]] = "concept 4"
    log_eval(opened, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint="wk1")
    return opened


def test_who_crossed_or_stands_near_the_middle_is_in_between_the_farthest_gone_first(crossing: Store) -> None:
    found = between(crossing, make_corridor(crossing, "wk0", PAIR), "wk1")

    rows = np.flatnonzero(WORLD.concepts == 1)[:3]
    # the gap is 1.4 and a concept 0.3 wide: nobody else comes near the middle
    assert found.sample_ids.tolist() == WORLD.sample_ids[rows[::-1]].tolist()
    assert found.crossed.tolist()[:2] == [True, True]
    assert found.concepts.tolist() == ["concept 1"] * 3
    assert found.predictions_current.tolist() == ["concept 4", "concept 1", "concept 1"]
    assert found.predictions_reference.tolist() == [None] * 3
    # three of forty went 2.3 gaps together: their own concept's centroid is 2.3 / 40 = 0.06 of the gap nearer
    np.testing.assert_allclose(found.positions_current, [1.0, 0.8, 0.5], atol=0.06)
    assert found.words == ()


def test_where_nothing_moved_only_who_stood_in_the_middle_already_is_in_between(crossing: Store) -> None:
    found = between(crossing, make_corridor(crossing, "wk0", PAIR), "wk0")

    assert not found.crossed.any()
    assert (np.abs(found.positions_current - 0.5) <= 0.1 + 1e-6).all()


def test_where_two_concepts_became_one_nobody_is_in_between(tmp_path: Path) -> None:
    store = open_store(tmp_path / "merged")
    centres = [WORLD.vectors[WORLD.concepts == k].mean(axis=0) for k in (1, 4)]
    merged = WORLD.vectors + (WORLD.concepts == 1)[:, None] * (centres[1] - centres[0])
    for week, vectors in enumerate((WORLD.vectors, merged)):
        columns = {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": vectors}
        ingest(store, columns, checkpoint=f"wk{week}", at=START + timedelta(weeks=week))

    corridor = make_corridor(store, "wk0", PAIR)

    step = step_of(corridor, "wk1")
    assert not step.apart
    assert not step.beyond.any()
    assert step.gap_closure == pytest.approx(1)
    assert len(between(store, corridor, "wk1").sample_ids) == 0
    # on the reference's line both stand where they met
    assert step.positions[step.of_a].mean() == pytest.approx(step.positions[~step.of_a].mean(), abs=1e-3)


def test_a_checkpoint_that_the_corridor_lacks_is_said(crossing: Store) -> None:
    with pytest.raises(NotFoundError, match="lacks 'wk9': compute it first"):
        between(crossing, make_corridor(crossing, "wk0", PAIR), "wk9")

from dataclasses import replace

import numpy as np
import pytest

from driftcore.adapters._places import right_places
from driftcore.adapters._rows import training_rows
from driftcore.adapters.lowrank import (
    Gate,
    LowRankTrainer,
    apply_adapter,
    fit_adapter,
    fit_gate,
    gate_values,
    load_adapter,
    save_adapter,
)
from driftcore.errors import TrainingError
from driftcore.testing import make_world, moved, resampled, rotated
from tests.adapters.tasks import accuracy, rows_of, silent, split_of, task_of

OPEN = Gate(centres=np.zeros((1, 16)), inside=np.array([True]), width=1.0)


@pytest.fixture(scope="module")
def world():
    return make_world(n_concepts=5, n_per_concept=60, n_dims=16, spread=0.3, seed=8)


@pytest.fixture(scope="module")
def later(world):
    return resampled(world, seed=3)


def drifted(world):
    """Concept 1 has gone two thirds of the way to concept 2."""
    return moved(world, 1, toward=2, share=0.66)


def drifted_task(folder, world, later, **others):
    """Half of concept 1 was learnt as concept 2, and is corrected now; the reference saw the live samples too."""
    wrong = np.flatnonzero(world.concepts == 1)[::2]
    labels = world.labels.copy()
    labels[wrong] = "concept 2"
    train_split = split_of(drifted(world), labels, split="train")
    live = split_of(drifted(later), later.labels, split="live")
    corrections = rows_of(train_split, wrong, role="correction", labels=world.labels[wrong], label_used=labels[wrong])
    reference = (
        split_of(later.vectors, later.labels, split="live"),
        split_of(world.vectors, world.labels, split="train", prefix="old"),
    )
    return task_of(folder, [live, train_split], corrections, reference_splits=reference, **others)


def train(task):
    return LowRankTrainer().train(task, beat=silent, log=silent)


def test_a_planted_map_of_low_rank_is_found(world):
    rng = np.random.default_rng(0)
    planted = rng.normal(size=(16, 2)) @ rng.normal(size=(2, 16))
    targets = (world.vectors + world.vectors @ planted).astype(np.float32)
    adapter = fit_adapter(world.vectors, targets, gate=OPEN, seed=0, rank=2, strength=1e-6)
    assert np.abs(adapter.down @ adapter.up - planted).max() < 1e-3
    assert adapter.way == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("rank", [1, 3, 16])
def test_the_rank_is_respected(world, rank):
    adapter = fit_adapter(world.vectors, np.roll(world.vectors, 60, axis=0), gate=OPEN, seed=0, rank=rank)
    assert adapter.down.shape == (16, rank)
    assert np.linalg.matrix_rank(adapter.down @ adapter.up) <= rank


def test_with_full_rank_the_map_is_the_plain_ridge_solution(world):
    targets = np.roll(world.vectors, 60, axis=0)
    y, residuals = world.vectors.astype(np.float64), targets.astype(np.float64) - world.vectors
    weight = 0.1 * (y**2).sum() / 16
    expected = np.linalg.solve(y.T @ y + weight * np.eye(16), y.T @ residuals)
    adapter = fit_adapter(world.vectors, targets, gate=OPEN, seed=0, strength=0.1)
    assert np.abs(adapter.down @ adapter.up - expected).max() < 1e-5


def test_an_endless_ridge_moves_nothing(world):
    adapter = fit_adapter(world.vectors, np.roll(world.vectors, 60, axis=0), gate=OPEN, seed=0, strength=1e9)
    assert np.abs(apply_adapter(adapter, world.vectors) - world.vectors).max() < 1e-6


def test_rows_that_are_where_they_belong_are_not_moved(world):
    adapter = fit_adapter(world.vectors, world.vectors, gate=OPEN, seed=0)
    assert np.array_equal(apply_adapter(adapter, world.vectors), world.vectors)


def test_the_gate_is_the_share_of_the_zone_in_the_kernels():
    # squared distances 1 and 4 at width 2: e^-0.5 / (e^-0.5 + e^-2)
    gate = Gate(centres=np.array([[1.0, 0.0], [0.0, 2.0]]), inside=np.array([True, False]), width=2.0)
    expected = np.exp(-0.5) / (np.exp(-0.5) + np.exp(-2.0))
    assert gate_values(gate, np.zeros((1, 2), dtype=np.float32))[0] == pytest.approx(expected)


def test_the_gate_is_open_in_the_zone_and_shut_elsewhere(world, later):
    gate = fit_gate(world.vectors, world.labels, np.isin(world.concepts, (1, 2)))
    values = gate_values(gate, later.vectors)
    zone = np.isin(later.concepts, (1, 2))
    assert np.median(values[zone]) > 0.99
    assert np.median(values[~zone]) < 0.01


def test_vectors_of_length_one_keep_it(world):
    unit = world.vectors / np.linalg.norm(world.vectors, axis=1, keepdims=True)
    adapter = fit_adapter(unit, np.roll(unit, 60, axis=0), gate=OPEN, seed=0)
    assert np.abs(np.linalg.norm(apply_adapter(adapter, unit), axis=1) - 1).max() < 1e-6


def test_a_corrected_concept_comes_back_and_the_others_stay(tmp_path, world, later):
    trained = train(drifted_task(tmp_path, world, later))
    here, before = trained.splits[0].vectors, drifted(later)
    one, zone = later.concepts == 1, np.isin(later.concepts, (1, 2))
    left, came = (np.linalg.norm(each[one].mean(axis=0) - later.vectors[one].mean(axis=0)) for each in (here, before))
    assert left < came / 2
    assert np.median(np.linalg.norm(here - before, axis=1)[~zone]) < 0.01
    assert accuracy(trained, "live", later.labels) > 0.95


def test_corrected_rows_belong_where_the_reference_has_their_concept(tmp_path, world, later):
    # the current checkpoint is turned: the reference's place of concept 1 is to be looked for in the turned space
    task = drifted_task(tmp_path, world, later)
    turned = tuple(replace(split, vectors=rotated(split.vectors, seed=5)) for split in task.splits)
    task = replace(task, splits=turned, row_vectors=rotated(task.row_vectors, seed=5))
    rows = training_rows(task)
    stable = np.isin(later.concepts, (0, 3, 4))
    places = right_places(task, rows, outside=lambda vectors: stable)
    expected = rotated(world.vectors, seed=5)[world.concepts == 1].mean(axis=0)
    assert np.abs(places.targets[rows.moved] - expected).max() < 1e-4
    assert np.array_equal(places.targets[~rows.moved], rows.vectors[~rows.moved])


def test_a_gold_row_that_the_reference_knows_goes_to_its_own_place(tmp_path, world, later):
    live, before = (split_of(each, later.labels, split="live") for each in (drifted(later), later.vectors))
    gold, replay = np.flatnonzero(later.concepts == 1)[:20], np.flatnonzero(later.concepts != 1)
    task = task_of(
        tmp_path,
        [live],
        rows_of(live, gold, role="gold"),
        rows_of(live, replay, role="replay"),
        reference_splits=[before],
    )
    rows = training_rows(task)
    places = right_places(task, rows, outside=lambda vectors: later.concepts != 1)
    assert np.array_equal(places.targets[rows.moved], later.vectors[gold])


def test_without_a_reference_clean_rows_say_where_a_concept_is(tmp_path, world, later):
    task = replace(drifted_task(tmp_path, world, later), reference_splits=())
    rows = training_rows(task)
    places = right_places(task, rows, outside=lambda vectors: np.ones(len(vectors), dtype=bool))
    clean = (rows.labels == "concept 1") & ~rows.moved
    assert np.abs(places.targets[rows.moved] - rows.vectors[clean].mean(axis=0)).max() < 1e-6
    assert places.said == "those of clean rows"


def test_the_same_task_trains_the_same_model(tmp_path, world, later):
    once, again = (train(drifted_task(tmp_path, world, later, seed=4)) for _ in range(2))
    assert once.model == again.model


def test_an_adapter_comes_back_as_it_was_kept(tmp_path, world, later):
    trained = train(drifted_task(tmp_path, world, later))
    again = load_adapter(trained.model)
    assert np.array_equal(apply_adapter(again, drifted(later)), trained.splits[0].vectors)
    assert save_adapter(load_adapter(save_adapter(again))) == save_adapter(again)


def test_the_rank_that_was_asked_for_is_used(tmp_path, world, later):
    task = replace(drifted_task(tmp_path, world, later), options={"rank": "2"})
    assert train(task).facts["rank"] == "2"


@pytest.mark.parametrize("rank", ["0", "17", "two", "-1", "²", ""])
def test_an_unusable_rank_is_refused(tmp_path, world, later, rank):
    with pytest.raises(TrainingError, match="from 1 to 16"):
        train(replace(drifted_task(tmp_path, world, later), options={"rank": rank}))


def test_replay_alone_does_not_say_where_to(tmp_path, world):
    pool = split_of(world.vectors, world.labels)
    with pytest.raises(TrainingError, match="no corrected or gold rows"):
        train(task_of(tmp_path, [pool], rows_of(pool, np.arange(300), role="replay")))


def test_gold_alone_does_not_say_what_shall_stay(tmp_path, world):
    pool = split_of(world.vectors, world.labels)
    with pytest.raises(TrainingError, match="nothing says what shall stay: add replay"):
        train(task_of(tmp_path, [pool], rows_of(pool, np.arange(300), role="gold")))

"""The trainer `lora` with real weights on real texts: `make test-lora`, some minutes; plain pytest passes it by."""

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from driftcore.errors import TrainingError
from tests.bench.lora.world import (
    TAMPERED,
    AbsentError,
    accuracy,
    looped,
    read_world,
    reference,
    repaired,
    stored,
    tampered,
)


@pytest.fixture(scope="module")
def world():
    try:
        return read_world()
    except AbsentError as absent:
        pytest.fail(str(absent), pytrace=False)


@pytest.fixture(scope="module")
def broken(world):
    return tampered(world, print)


def test_a_week_of_wrong_labels_costs_the_two_intents_and_no_other(world, broken):
    before = reference(world)
    assert accuracy(world, before, world.span) - accuracy(world, broken, world.span) > 0.3
    assert accuracy(world, broken, ~world.span) > accuracy(world, before, ~world.span) - 0.02


def test_lora_on_corrections_gold_and_replay_repairs_the_two_intents_and_keeps_the_others(world, broken):
    lines = []
    fixed = repaired(world, broken, "lora", corrections=True, tell=lines.append)
    assert accuracy(world, fixed, world.span) - accuracy(world, broken, world.span) > 0.3
    assert accuracy(world, fixed, ~world.span) > accuracy(world, broken, ~world.span) - 0.02
    assert any(line.startswith("epoch 8 of 8: loss") for line in lines)
    assert set(TAMPERED) <= set(fixed.split("validation").predictions)
    # weights that nobody has to unpickle
    names = zipfile.ZipFile(BytesIO(fixed.trained.model)).namelist()
    assert names == ["adapter_config.json", "adapter_model.safetensors", "head.npz"]


def test_a_model_that_does_not_make_the_checkpoint_s_vectors_is_refused(world, broken):
    # without its adapter the encoder is the one before the tampered week
    lost = replace(broken, trained=replace(broken.trained, model=None))
    with pytest.raises(
        TrainingError, match=r"does not make the vectors of the current checkpoint \(mean cosine 0\.\d\d\)"
    ):
        repaired(world, lost, "lora", corrections=False, tell=print)


def test_the_loop_traces_the_tampered_rows_by_itself_and_lora_repairs_what_they_did(world, broken, tmp_path):
    done, traced = looped(world, stored(world, (reference(world), broken), tmp_path / "banking77.lance"))
    wrong = set(world.train.sample_ids[world.used != world.truth])
    assert len(traced & wrong) > 0.8 * len(traced) > 0
    assert done.accepted, done.reason
    assert done.after["concept"] - done.before["concept"] > 0.3
    assert done.after["rest"] > done.before["rest"] - 0.02

import io

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from sklearn.linear_model import Ridge

from driftcore.adapters._folds import moments
from driftcore.adapters.align import (
    STRENGTHS,
    AlignTrainer,
    LinearMap,
    apply_map,
    fit_realignment,
    load_map,
    procrustes,
    ridges,
    save_map,
)
from driftcore.errors import TrainingError, UnreadableFileError
from driftcore.testing import jittered, make_world, retrained, rotated, rotation
from tests.adapters.tasks import accuracy, silent, split_of, task_of


@pytest.fixture(scope="module")
def world():
    return make_world(n_concepts=6, n_per_concept=50, n_dims=24, spread=0.3, seed=2)


def train(task):
    return AlignTrainer().train(task, beat=silent, log=silent)


def cosines(a, b):
    return np.einsum("ij,ij->i", a, b) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_nothing_is_mapped_where_nothing_moved(world):
    realigned = fit_realignment(world.vectors, world.vectors, seed=0)
    assert realigned.map.kind == "none"
    assert apply_map(realigned.map, world.vectors) is world.vectors


def test_a_planted_rotation_is_undone_to_machine_precision(world):
    realigned = fit_realignment(rotated(world.vectors), world.vectors, seed=0)
    assert realigned.map.kind == "procrustes"
    assert np.abs(apply_map(realigned.map, rotated(world.vectors)) - world.vectors).max() < 1e-5


def test_procrustes_is_that_of_scipy_on_centred_clouds(world):
    current = retrained(world, seed=4)
    centred = [side.astype(np.float64) - side.mean(axis=0, dtype=np.float64) for side in (current, world.vectors)]
    expected, _ = orthogonal_procrustes(*centred)
    assert np.abs(procrustes(moments(current, world.vectors)).matrix - expected).max() < 1e-6


def test_the_ridge_is_that_of_scikit_learn_on_the_residuals(world):
    # min ‖YW − X‖² + λ‖W − I‖² is the plain ridge of X − Y on Y, plus the identity
    current, strength = retrained(world, seed=4).astype(np.float64), STRENGTHS[3]
    weight = strength * (current**2).sum() / current.shape[1]
    peer = Ridge(alpha=weight, fit_intercept=False, solver="cholesky").fit(current, world.vectors - current)
    found = ridges(moments(current.astype(np.float32), world.vectors))[3]
    assert np.abs(found.matrix - np.eye(24) - peer.coef_.T).max() < 1e-6


def test_the_stronger_the_ridge_the_nearer_the_identity(world):
    distances = [
        np.linalg.norm(each.matrix - np.eye(24)) for each in ridges(moments(rotated(world.vectors), world.vectors))
    ]
    assert distances == sorted(distances)
    assert distances[0] < 0.02 < distances[-1]


def test_with_fewer_pairs_than_dims_procrustes_is_not_taken():
    # 25 pairs cannot settle a rotation of 64 dims: what they leave open is turned at random
    world = make_world(n_concepts=10, n_per_concept=60, n_dims=64, spread=0.8, seed=1)
    current = jittered(world.vectors, scale=0.02, seed=1)
    some = np.random.default_rng(0).permutation(len(current))[:25]
    rest = np.setdiff1d(np.arange(len(current)), some)
    realigned = fit_realignment(current[some], world.vectors[some], seed=0)
    assert realigned.map.kind != "procrustes"
    turned = apply_map(procrustes(moments(current[some], world.vectors[some])), current[rest])
    mapped = apply_map(realigned.map, current[rest])
    assert cosines(turned, world.vectors[rest]).mean() < cosines(current[rest], world.vectors[rest]).mean()
    assert cosines(mapped, world.vectors[rest]).mean() > cosines(current[rest], world.vectors[rest]).mean() - 0.01


@pytest.mark.parametrize("width", [16, 32])
def test_an_encoder_of_other_width_is_mapped_into_the_reference(world, width):
    # 24 dims embedded in 32 are all there; of 24 dims turned and cut to 16 the rest cannot come back
    turned = world.vectors @ rotation(max(width, 24), seed=3)[:24, :width].astype(np.float32)
    realigned = fit_realignment(turned, world.vectors, seed=0)
    mapped = apply_map(realigned.map, turned)
    assert mapped.shape == world.vectors.shape
    assert cosines(mapped, world.vectors).mean() > (0.999 if width == 32 else 0.8)
    assert not any(name == "none" for name, _ in realigned.held_out)


def test_vectors_of_length_one_keep_it(world):
    unit = world.vectors / np.linalg.norm(world.vectors, axis=1, keepdims=True)
    current = unit + 0.3 * unit @ rotation(24, seed=1).astype(np.float32)
    current /= np.linalg.norm(current, axis=1, keepdims=True)
    realigned = fit_realignment(current, unit, seed=0)
    assert realigned.map.kind != "none"
    assert np.abs(np.linalg.norm(apply_map(realigned.map, current), axis=1) - 1).max() < 1e-6


def test_the_same_seed_finds_the_same_map(world):
    current = retrained(world, seed=4)
    once, again = (fit_realignment(current, world.vectors, seed=7) for _ in range(2))
    assert once.held_out == again.held_out
    assert save_map(once.map) == save_map(again.map)


def test_a_map_comes_back_as_it_was_kept():
    mapping = LinearMap(kind="ridge", matrix=np.eye(3), offset=np.arange(3.0), unit=True, strength=0.1)
    again = load_map(save_map(mapping))
    assert (again.kind, again.unit, again.strength) == ("ridge", True, 0.1)
    assert np.array_equal(again.matrix, mapping.matrix) and np.array_equal(again.offset, mapping.offset)
    assert load_map(save_map(LinearMap(kind="none", matrix=np.eye(2), offset=np.zeros(2)))).strength is None


def test_a_model_of_another_kind_is_refused():
    buffer = io.BytesIO()
    np.savez(buffer, driftloop=np.array("align/99"))
    with pytest.raises(UnreadableFileError, match="'align/99', not 'align/1'"):
        load_map(buffer.getvalue())


def test_a_rotated_checkpoint_is_read_as_the_reference_was(tmp_path, world):
    reference, current = (split_of(vectors, world.labels) for vectors in (world.vectors, rotated(world.vectors)))
    trained = train(task_of(tmp_path, [current], reference_splits=[reference]))
    assert accuracy(trained, "validation", world.labels) > 0.95
    assert trained.facts["map"] == "procrustes"
    assert np.abs(trained.splits[0].vectors - world.vectors).max() < 1e-5
    assert load_map(trained.model).kind == "procrustes"


def test_no_sample_is_read_by_a_classifier_that_saw_it(tmp_path, world):
    # labels that say nothing about the vectors: whoever saw a sample's own label could still repeat it
    labels = np.random.default_rng(0).permutation(world.labels)
    split = split_of(world.vectors, labels)
    trained = train(task_of(tmp_path, [split], reference_splits=[split]))
    # six concepts: 1/6 ± 3 standard errors of 300 samples
    assert accuracy(trained, "validation", labels) < 1 / 6 + 3 * np.sqrt(5 / 36 / 300)


def test_the_train_split_of_the_reference_is_what_its_classifier_learnt_from(tmp_path, world):
    unlabelled = split_of(world.vectors, np.full(len(world.vectors), None, dtype=object))
    learnt = split_of(world.vectors, world.labels, split="train", prefix="old")
    trained = train(task_of(tmp_path, [unlabelled], reference_splits=[unlabelled, learnt]))
    assert trained.facts["classifier"] == "fitted on the reference's train split"
    assert accuracy(trained, "validation", world.labels) > 0.95


def test_samples_that_the_reference_never_saw_are_read_by_the_whole(tmp_path, world):
    # one live sample of each concept beside the validation samples that the map and the classifier are learnt from
    pairs = split_of(world.vectors[1:], world.labels[1:])
    live = split_of(world.vectors[::50], world.labels[::50], split="live")
    trained = train(task_of(tmp_path, [pairs, live], reference_splits=[pairs]))
    assert accuracy(trained, "live", live.labels) == 1.0


def test_without_labels_there_are_vectors_only(tmp_path, world):
    split = split_of(world.vectors, np.full(len(world.vectors), None, dtype=object))
    trained = train(task_of(tmp_path, [split], reference_splits=[split]))
    assert trained.splits[0].predictions is None
    assert trained.facts["classifier"] == "none: the reference has no labels of two concepts"


def test_checkpoints_without_a_common_sample_cannot_be_realigned(tmp_path, world):
    ours, theirs = (split_of(world.vectors, world.labels, prefix=prefix) for prefix in ("new", "old"))
    with pytest.raises(TrainingError, match="No sample stands under both checkpoints"):
        train(task_of(tmp_path, [ours], reference_splits=[theirs]))


def test_too_few_pairs_are_refused(tmp_path, world):
    few = split_of(world.vectors[:9], world.labels[:9])
    with pytest.raises(TrainingError, match="needs 10 samples that both checkpoints embedded, and there are 9"):
        train(task_of(tmp_path, [few], reference_splits=[few]))

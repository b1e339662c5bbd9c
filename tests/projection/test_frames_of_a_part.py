"""A frame whose layout is that of a part of the reference: it says so, repeats itself, and shows the same movement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score

from driftcore.records import Frame, FrameStep, Snapshot
from driftcore.store import Store, open_store
from driftcore.testing import World, jittered, make_world, moved, rotated
from driftcore.workflows._moved_step import moved_step
from driftcore.workflows._reference_step import drawn_part, reference_step
from driftcore.workflows.ingest import ingest
from driftcore.workflows.make_frame import fitted_part, kept_outline, kept_step, make_frame

A, B, SHARE = 2, 5, 0.25
AT_MOST = 300


@pytest.fixture(scope="module")
def world() -> World:
    # of the last concept there are fewer than some tens
    return make_world(n_concepts=8, sizes=(150,) * 7 + (12,), n_dims=24, seed=1)


def stored(place: Path, world: World, order: NDArray[np.int64]) -> Store:
    store = open_store(place / "store.lance")
    went = jittered(rotated(moved(world, A, toward=B, share=SHARE)), scale=0.01)
    for week, vectors in enumerate((world.vectors, went)):
        columns = {"id": world.sample_ids[order], "embedding": vectors[order], "label": world.labels[order]}
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
        ingest(store, columns, checkpoint=("reference", "moved")[week], at=at)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, world: World) -> Store:
    return stored(tmp_path_factory.mktemp("part"), world, np.arange(len(world.vectors)))


@pytest.fixture(scope="module")
def base(store: Store) -> FrameStep:
    return reference_step(store, side(store, "reference"), seed=0, at_most=AT_MOST)


def side(store: Store, checkpoint: str) -> Snapshot:
    return store.snapshots.get(checkpoint, "validation")


def framed(step: FrameStep) -> Frame:
    return Frame(reference="reference", split="validation", method="", steps=(step,))


def test_it_says_how_many_of_how_many_gave_the_layout(base: FrameStep, world: World) -> None:
    assert base.n_reference == len(world.vectors) == 1062
    # every concept rounds its share up, and the small one is whole
    assert AT_MOST <= base.n_fitted <= AT_MOST + 8 + 12
    said = fitted_part(framed(base))
    assert said is not None and f"{base.n_fitted} of 1,062 samples" in said


def test_every_concept_is_in_the_part(world: World) -> None:
    part = drawn_part(world.sample_ids, world.concepts, seed=0, at_most=AT_MOST)

    # 300 · 150/1,062 = 42.4, and 12 of the concept that has only so many
    assert np.bincount(world.concepts[part]).tolist() == [43] * 7 + [12]


def test_samples_without_a_concept_are_in_the_part_too(world: World) -> None:
    codes = np.where(world.concepts == 0, -1, world.concepts)

    part = drawn_part(world.sample_ids, codes, seed=0, at_most=AT_MOST)

    assert (codes[part] == -1).sum() == 43


def test_below_the_limit_every_sample_is_fitted_and_nothing_is_said(store: Store, world: World) -> None:
    whole = reference_step(store, side(store, "reference"), seed=0, at_most=len(world.vectors))

    assert whole.n_fitted == whole.n_reference == len(world.vectors)
    assert fitted_part(framed(whole)) is None


def test_the_rest_stands_where_its_concept_stands(base: FrameStep, world: World) -> None:
    assert trustworthiness(world.vectors, base.points, n_neighbors=10, metric="cosine") > 0.93


def test_the_clusters_of_the_rest_are_those_of_its_neighbors(base: FrameStep, world: World) -> None:
    inside = base.clusters >= 0

    assert inside.mean() > 0.7
    assert adjusted_rand_score(world.concepts[inside], base.clusters[inside]) > 0.95


def test_the_same_seed_gives_the_same_map_and_another_seed_another(store: Store, base: FrameStep) -> None:
    again, other = (reference_step(store, side(store, "reference"), seed=seed, at_most=AT_MOST) for seed in (0, 1))

    assert np.array_equal(again.points, base.points) and np.array_equal(again.clusters, base.clusters)
    assert not np.array_equal(other.points, base.points)


def test_the_order_in_which_samples_were_ingested_changes_nothing(
    tmp_path: Path, world: World, base: FrameStep
) -> None:
    order = np.random.default_rng(7).permutation(len(world.vectors))
    shuffled = stored(tmp_path, world, order)

    found = reference_step(shuffled, side(shuffled, "reference"), seed=0, at_most=AT_MOST)

    assert found.sample_ids.tolist() == world.sample_ids[order].tolist()
    # sums over all rows round otherwise in another order
    np.testing.assert_allclose(found.points, base.points[order], atol=1e-5)
    assert np.array_equal(found.clusters, base.clusters[order])


def test_a_quarter_of_the_way_is_drawn_as_that_on_a_map_of_a_part(store: Store, base: FrameStep, world: World) -> None:
    # the movement is measured by a part as well
    step = moved_step(store, side(store, "reference"), side(store, "moved"), base, seed=0, measured_by=400)

    shifts, way = step.centroids - base.centroids, base.centroids[B] - base.centroids[A]
    assert np.linalg.norm(shifts[A] - SHARE * way) < 0.05 * np.linalg.norm(way)
    assert np.linalg.norm(np.delete(shifts, A, axis=0), axis=1).max() < 0.02
    # those by which it was not measured go with their concept, too
    measuring = drawn_part(world.sample_ids, world.concepts, seed=0, at_most=400)
    others = np.setdiff1d(np.flatnonzero(world.concepts == A), measuring)
    assert len(others) > 50
    np.testing.assert_allclose((step.points - base.points)[others].mean(axis=0), shifts[A], atol=0.02)


def test_wide_spaces_are_looked_at_in_the_axes_of_the_concepts(tmp_path: Path) -> None:
    # more dims than axes, and samples enough for them: 5 · 160
    wide = make_world(n_concepts=8, n_per_concept=110, n_dims=160)
    shown = stored(tmp_path, wide, np.arange(len(wide.vectors)))
    first = reference_step(shown, side(shown, "reference"), seed=0)

    step = moved_step(shown, side(shown, "reference"), side(shown, "moved"), first, seed=0)

    shifts, way = step.centroids - first.centroids, first.centroids[B] - first.centroids[A]
    assert np.linalg.norm(shifts[A] - SHARE * way) < 0.05 * np.linalg.norm(way)
    assert np.linalg.norm(np.delete(shifts, A, axis=0), axis=1).max() < 0.02
    # what moved lies between the concepts
    assert step.explained > 0.9


def test_a_step_has_the_references_clusters_until_its_own_are_kept(store: Store, base: FrameStep) -> None:
    step = moved_step(store, side(store, "reference"), side(store, "moved"), base, seed=0)
    store.frames.write(step, "a test's own")

    before = store.frames.get("a test's own")
    assert before is not None and not before.clustered and not store.frames.clustered("a test's own")
    assert np.array_equal(before.clusters, base.clusters)

    store.frames.write_clusters(np.zeros_like(base.clusters), "a test's own")
    after = store.frames.get("a test's own")
    assert after is not None and after.clustered and store.frames.clustered("a test's own")
    assert not after.clusters.any()
    assert np.array_equal(after.points, before.points)


def test_a_made_frame_has_every_checkpoints_own_clusters(store: Store) -> None:
    frame = make_frame(store, "reference")

    assert [step.clustered for step in frame.steps] == [True, True]
    outline = kept_outline(store, "reference")
    assert outline is not None and [step.clustered for step in outline.steps] == [True, True]
    kept = kept_step(store, "reference", "moved")
    assert kept is not None and (kept.clusters >= 0).mean() > 0.7


def test_clusters_that_a_killed_process_did_not_come_to_are_computed_by_the_next(tmp_path: Path, world: World) -> None:
    broken = stored(tmp_path, world, np.arange(len(world.vectors)))
    stop = RuntimeError("killed")

    def until_clusters(what: str, _share: float) -> None:
        if what == "clustering moved":
            raise stop

    with pytest.raises(RuntimeError):
        make_frame(broken, "reference", progress=until_clusters)
    half = kept_outline(broken, "reference")
    assert half is not None and [step.clustered for step in half.steps] == [True, False]

    assert all(step.clustered for step in make_frame(broken, "reference").steps)


def test_a_frame_without_labels_is_drawn_by_the_clusters_of_all(tmp_path: Path, world: World) -> None:
    store = open_store(tmp_path / "store.lance")
    for name in ("reference", "next"):
        ingest(store, {"id": world.sample_ids, "embedding": world.vectors}, checkpoint=name)

    first = reference_step(store, side(store, "reference"), seed=0, at_most=AT_MOST)

    assert first.concepts == tuple(f"cluster {number}" for number in range(int(first.clusters.max()) + 1))
    then = moved_step(store, side(store, "reference"), side(store, "next"), first, seed=0)
    assert np.array_equal(then.points, first.points)


def test_no_part_is_declared_where_nobody_told(base: FrameStep) -> None:
    assert fitted_part(framed(replace(base, n_fitted=0, n_reference=0))) is None

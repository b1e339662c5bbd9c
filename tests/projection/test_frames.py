"""The map of a store: what did not move stands still, and a quarter of the way is drawn as a quarter of the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore.records import Frame, FrameStep
from driftcore.store import Store, open_store
from driftcore.testing import World, jittered, make_world, moved, rotated
from driftcore.workflows.ingest import ingest
from driftcore.workflows.make_frame import kept_frame, make_frame

A, B, SHARE = 2, 5, 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A world whose checkpoints were drawn; the concepts' names are in the order of their numbers."""

    world: World
    store: Store
    frame: Frame

    def step(self, checkpoint: str) -> FrameStep:
        found = self.frame.step(checkpoint)
        assert found is not None
        return found

    def shifts(self, checkpoint: str) -> NDArray[np.float64]:
        """How far each concept's centre was drawn from its place, shape (n_concepts, 2)."""
        return self.step(checkpoint).centroids.astype(float) - self.step("reference").centroids

    def sample_shifts(self, checkpoint: str) -> NDArray[np.float64]:
        return self.step(checkpoint).points.astype(float) - self.step("reference").points


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    world = make_world(n_concepts=10, n_per_concept=40, n_dims=32)
    went = moved(world, A, toward=B, share=SHARE)
    checkpoints = {
        "reference": world.vectors,
        "copy": world.vectors,
        "rotated": rotated(world.vectors),
        "moved": went,
        "moved and rotated": rotated(went),
        "noisy": jittered(rotated(went), scale=0.01),
    }
    store = open_store(tmp_path_factory.mktemp("frames") / "store.lance")
    for week, (checkpoint, vectors) in enumerate(checkpoints.items()):
        data = {"id": world.sample_ids, "embedding": vectors, "label": world.labels}
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
        ingest(store, data, checkpoint=checkpoint, at=at)
    return Drawn(world=world, store=store, frame=make_frame(store, "reference"))


def test_every_checkpoint_is_drawn_in_order_of_time(drawn: Drawn) -> None:
    assert [step.checkpoint for step in drawn.frame.steps] == [
        "reference",
        "copy",
        "rotated",
        "moved",
        "moved and rotated",
        "noisy",
    ]


def test_the_map_is_centred_and_holds_nearly_all_samples_in_the_unit_circle(drawn: Drawn) -> None:
    points = drawn.step("reference").points

    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-5)
    # by construction 99 %: the radius is their quantile, so 4 of 400 lie beyond it, give or take the one on it
    assert (np.linalg.norm(points, axis=1) > 1).sum() in (3, 4, 5)


def test_an_unmoved_cloud_stays_exactly_put(drawn: Drawn) -> None:
    assert np.array_equal(drawn.step("copy").points, drawn.step("reference").points)
    assert np.array_equal(drawn.step("copy").centroids, drawn.step("reference").centroids)
    assert drawn.step("copy").explained == 1


def test_a_rotated_copy_lands_on_itself(drawn: Drawn) -> None:
    # the rotated vectors are float32: 1e-7 of movement, on a map of radius 1
    np.testing.assert_allclose(drawn.sample_shifts("rotated"), 0, atol=1e-5)


@pytest.mark.parametrize("checkpoint", ["moved", "moved and rotated", "noisy"])
def test_a_quarter_of_the_way_is_drawn_as_a_quarter_of_the_way(drawn: Drawn, checkpoint: str) -> None:
    places = drawn.step("reference").centroids.astype(float)
    way = places[B] - places[A]

    # within a fiftieth of the way: the alignment is robust, and what it errs by is shrunk toward 0
    assert np.linalg.norm(drawn.shifts(checkpoint)[A] - SHARE * way) < 0.02 * np.linalg.norm(way)


@pytest.mark.parametrize("checkpoint", ["moved", "moved and rotated", "noisy"])
def test_the_other_concepts_stand_still(drawn: Drawn, checkpoint: str) -> None:
    others = np.arange(10) != A

    # a hundredth of the map's radius is less than a drawn point
    assert np.linalg.norm(drawn.shifts(checkpoint)[others], axis=1).max() < 0.01


def test_samples_are_drawn_with_their_concept(drawn: Drawn) -> None:
    went = drawn.sample_shifts("moved")
    member = drawn.world.concepts == A

    np.testing.assert_allclose(went[member].mean(axis=0), drawn.shifts("moved")[A], atol=1e-3)
    assert np.linalg.norm(went[~member], axis=1).max() < 0.01


def test_a_movement_between_concepts_is_wholly_explained_by_them(drawn: Drawn) -> None:
    assert drawn.step("moved").explained > 0.99


def test_the_clusters_keep_their_numbers_from_checkpoint_to_checkpoint(drawn: Drawn) -> None:
    before = drawn.step("reference").clusters
    assert before.max() >= 8  # ten blobs, of which hardly any is missed

    assert np.array_equal(drawn.step("copy").clusters, before)
    assert (drawn.step("moved and rotated").clusters == before).mean() > 0.9


def test_the_same_frame_is_read_and_not_made_again(drawn: Drawn) -> None:
    again = kept_frame(drawn.store, "reference")

    assert again is not None
    for kept, made in zip(again.steps, drawn.frame.steps, strict=True):
        assert np.array_equal(kept.points, made.points)


def test_a_store_of_a_single_concept_has_a_map_on_which_nothing_moves(tmp_path: Path) -> None:
    # with no other concept there is no landmark; scipy's nnls once ended the process over it
    world = make_world(n_concepts=1, n_per_concept=20)
    store = open_store(tmp_path / "store.lance")
    for checkpoint, vectors in (("reference", world.vectors), ("next", jittered(world.vectors, scale=0.1))):
        ingest(store, {"id": world.sample_ids, "embedding": vectors, "label": world.labels}, checkpoint=checkpoint)

    first, then = make_frame(store, "reference").steps

    assert np.array_equal(first.points, then.points)

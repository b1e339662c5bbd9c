"""Clusters through time on worlds whose answer is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore import compare, ingest, open_store
from driftcore.errors import BadInputError, NotComparableError, NotFoundError
from driftcore.records import ClusterReport, from_json, to_json
from driftcore.store import Store
from driftcore.testing import jittered, make_world, moved, rotated
from driftcore.workflows.cluster_events import cluster_events, kept_clusters
from tests.workflows.worlds import START

# small: every report clusters it a hundred times
WORLD = make_world(n_concepts=6, n_per_concept=40, n_dims=16)
X = WORLD.vectors
CENTRES = np.array([X[WORLD.concepts == k].mean(axis=0) for k in range(6)])
Vectors = NDArray[np.float32]


def rows_of(concept: int) -> NDArray[np.int64]:
    return np.flatnonzero(WORLD.concepts == concept)


def in_halves() -> Vectors:
    """Concept 2 in two halves that stand as far apart as they stand from their own (0.7, at a spread of 0.3)."""
    vectors = X.copy()
    vectors[rows_of(2)[:20], 7] += 0.7
    return vectors


def dissolved() -> Vectors:
    """Concept 3 all over the space, ten times as wide as a concept."""
    vectors = X.copy()
    vectors[rows_of(3)] = np.random.default_rng(0).normal(scale=3 / np.sqrt(16), size=(40, 16))
    return vectors


def taken_over() -> Vectors:
    """15 of the 40 samples of concept 5 among those of concept 0."""
    vectors = X.copy()
    vectors[rows_of(5)[:15]] += CENTRES[0] - CENTRES[5]
    return vectors


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def add(
    store: Store,
    checkpoint: str,
    vectors: Vectors,
    *,
    week: int = 0,
    labels: bool = True,
    rows: NDArray[np.int64] | None = None,
) -> None:
    chosen = np.arange(len(vectors)) if rows is None else rows
    columns = {"id": WORLD.sample_ids[chosen], "embedding": vectors[chosen]}
    labelled = columns | {"label": WORLD.labels[chosen]} if labels else columns
    ingest(store, labelled, checkpoint=checkpoint, at=START + timedelta(weeks=week))


def report_of(store: Store, before: Vectors, after: Vectors) -> ClusterReport:
    add(store, "wk0", before)
    add(store, "wk1", after, week=1)
    return cluster_events(store, "wk0", "wk1")


def named(*concepts: int) -> tuple[str, ...]:
    return tuple(f"mostly concept {k}, 100 %" for k in concepts)


def test_the_links_say_where_every_sample_went_the_largest_flow_first(store: Store) -> None:
    report = report_of(store, X, in_halves())

    assert sum(link.n_shared for link in report.links) == report.n_samples
    assert [link.n_shared for link in report.links] == sorted((link.n_shared for link in report.links), reverse=True)
    # the planted split: twenty samples of concept 2 on either side
    split = next(event for event in report.events if event.kind == "split")
    halves = [link for link in report.links if link.cluster_reference == split.clusters_reference[0]]
    assert sorted((link.cluster_current, link.n_shared) for link in halves) == sorted(
        (cluster, 20) for cluster in split.clusters_current
    )
    assert {link.name_reference for link in halves} == set(named(2))


def test_samples_in_no_cluster_are_linked_too(store: Store) -> None:
    report = report_of(store, X, dissolved())

    assert sum(link.n_shared for link in report.links if link.cluster_current == -1) == round(
        report.noise_current * report.n_samples
    )
    assert {link.name_current for link in report.links if link.cluster_current == -1} == {"no cluster"}


def test_kept_clusters_are_read_back_and_never_computed(store: Store) -> None:
    add(store, "wk0", X)
    add(store, "wk1", in_halves(), week=1)
    assert kept_clusters(store, "wk0", "wk1") is None

    report = cluster_events(store, "wk0", "wk1")

    assert kept_clusters(store, "wk0", "wk1") == report


@pytest.mark.parametrize(
    ("before", "after", "kind", "names_reference", "names_current", "sizes"),
    [
        (X, in_halves(), "split", named(2), named(2, 2), (40, 40)),
        (in_halves(), X, "merged", named(2, 2), named(2), (40, 40)),
        (X, moved(WORLD, 1, toward=4, share=1.0), "merged", named(1, 4), ("mostly concept 1, 50 %",), (80, 80)),
        (X, dissolved(), "vanished", named(3), (), (40, 0)),
        (dissolved(), X, "appeared", (), named(3), (0, 40)),
    ],
)
def test_what_was_planted_is_the_only_sure_event(
    store: Store,
    before: Vectors,
    after: Vectors,
    kind: str,
    names_reference: tuple[str, ...],
    names_current: tuple[str, ...],
    sizes: tuple[int, int],
) -> None:
    report = report_of(store, before, after)

    event, *others = report.events
    assert (event.kind, event.sure, event.p_value) == (kind, True, 1 / 100)
    assert (sorted(event.names_reference), event.names_current) == (sorted(names_reference), names_current)
    assert (event.n_reference, event.n_current) == sizes
    assert {(each.kind, each.sure) for each in others} == {("survived", False)}


def test_a_cluster_that_takes_members_grew_and_the_one_that_gives_them_shrank(store: Store) -> None:
    report = report_of(store, X, taken_over())

    sure = {event.kind: event for event in report.events if event.sure}
    assert set(sure) == {"grew", "shrank"}
    assert (sure["grew"].names_reference, sure["shrank"].names_reference) == (named(0), named(5))
    # 40 of 55 are one cluster with the 40 of before, and 25 of 40
    assert sure["grew"].overlap == pytest.approx(40 / 55, abs=0.02)
    assert sure["shrank"].overlap == pytest.approx(25 / 40, abs=0.02)
    assert sure["grew"].names_current == ("mostly concept 0, 73 %",)


@pytest.mark.parametrize(
    "harmless",
    [
        lambda: X,
        lambda: rotated(X),
        lambda: jittered(X, scale=0.02),
        lambda: 3 * X,
        # a third of the way is far for a concept, and its cluster still holds the same samples
        lambda: moved(WORLD, 1, toward=4, share=0.3),
    ],
    ids=["same", "rotated", "jittered", "scaled", "moved"],
)
def test_every_cluster_survives_what_keeps_samples_together(store: Store, harmless: Callable[[], Vectors]) -> None:
    report = report_of(store, X, harmless())

    assert Counter(event.kind for event in report.events) == {"survived": 6}
    assert not any(event.sure for event in report.events)
    assert report.p_value == 1


def test_a_cluster_keeps_its_number_where_it_goes_on(store: Store) -> None:
    report = report_of(store, X, rotated(X))

    assert [event.clusters_reference for event in report.events] == [event.clusters_current for event in report.events]
    assert all(event.overlap >= event.expected_overlap - 0.05 for event in report.events)


def test_encoders_of_different_width_can_be_compared(store: Store) -> None:
    wider = np.hstack([X, np.zeros((len(X), 8), dtype=np.float32)])

    assert {event.kind for event in report_of(store, X, wider).events} == {"survived"}


def test_clusters_of_samples_without_labels_are_called_by_their_number(store: Store) -> None:
    add(store, "wk0", X, labels=False)
    add(store, "wk1", X, week=1, labels=False)

    report = cluster_events(store, "wk0", "wk1", n_copies=3)

    assert {event.names_reference for event in report.events} == {(f"cluster {k}",) for k in range(6)}


def test_samples_of_one_side_are_left_out_and_said(store: Store) -> None:
    add(store, "wk0", X)
    add(store, "wk1", X, week=1, rows=np.arange(30, len(X)))

    report = cluster_events(store, "wk0", "wk1", n_copies=3)

    assert report.n_samples == len(X) - 30
    assert any("30 samples are only in the reference and 0 only in the current" in note for note in report.notes)


def test_few_copies_can_make_nothing_sure_and_say_so(store: Store) -> None:
    add(store, "wk0", X)
    add(store, "wk1", dissolved(), week=1)

    report = cluster_events(store, "wk0", "wk1", n_copies=9)

    assert not any(event.sure for event in report.events)
    assert any("With 9 copies no p-value is below 0.1, so nothing can be sure at 0.01" in n for n in report.notes)


def test_a_cloud_without_clusters_is_all_noise_and_said(store: Store) -> None:
    cloud = np.random.default_rng(0).normal(size=X.shape).astype(np.float32)

    report = report_of(store, cloud, X)

    assert (report.n_clusters_reference, report.noise_reference) == (0, 1)
    assert {(event.kind, event.sure) for event in report.events} == {("appeared", True)}
    assert any("The reference has no clusters" in note for note in report.notes)


def test_a_report_is_kept_under_what_it_was_computed_from(store: Store) -> None:
    add(store, "wk0", X)
    add(store, "wk1", in_halves(), week=1)
    stamp = store.stamp()

    first, again = (cluster_events(store, "wk0", "wk1", n_copies=3) for _ in range(2))
    other = cluster_events(store, "wk0", "wk1", n_copies=3, seed=1)

    # a report that had been computed anew would have taken another time
    assert first == again
    assert other.report_id != first.report_id
    assert store.cluster_reports.all() == (first, other)
    assert store.cluster_reports.orphans() == ()
    assert store.stamp() != stamp


def test_a_report_comes_back_from_json_as_it_was(store: Store) -> None:
    add(store, "wk0", X)

    report = cluster_events(store, "wk0", "wk0", n_copies=2)

    assert from_json(ClusterReport, to_json(report)) == report


def test_progress_goes_up_to_one(store: Store) -> None:
    add(store, "wk0", X)
    shares: list[float] = []

    cluster_events(store, "wk0", "wk0", n_copies=5, progress=lambda _, share: shares.append(share))

    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_no_copies_are_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match="0 copies: at least 1"):
        cluster_events(store, "wk0", "wk0", n_copies=0)


def test_a_checkpoint_that_is_not_there_is_not_found(store: Store) -> None:
    add(store, "wk0", X)

    with pytest.raises(NotFoundError, match="wk9"):
        cluster_events(store, "wk0", "wk9")


def test_too_few_samples_for_clusters_are_refused(store: Store) -> None:
    add(store, "wk0", X, rows=np.arange(9))

    with pytest.raises(NotComparableError, match="9 samples are too few for clusters"):
        cluster_events(store, "wk0", "wk0")


def test_without_labels_a_concept_is_the_same_cluster_whatever_samples_the_current_side_has(store: Store) -> None:
    drifted = moved(WORLD, 1, toward=4, share=0.3)
    add(store, "wk0", X, labels=False)
    add(store, "wk1", drifted, week=1, labels=False)
    # the samples of concept 0 are gone
    add(store, "wk2", drifted, week=2, labels=False, rows=np.arange(40, len(X)))

    moved_names = [
        [(concept.concept, concept.toward) for concept in compare(store, "wk0", checkpoint).concepts[:1]]
        for checkpoint in ("wk1", "wk2")
    ]

    assert moved_names[0] == moved_names[1]
    assert len(compare(store, "wk0", "wk2").concepts) == 5


def test_without_labels_and_without_clusters_the_comparison_says_what_is_missing(store: Store) -> None:
    cloud = np.random.default_rng(0).normal(size=X.shape).astype(np.float32)
    add(store, "wk0", cloud, labels=False)

    with pytest.raises(NotComparableError, match=r"samples of no concept: at least two .* No labels: .*with labels"):
        compare(store, "wk0", "wk0")

"""Of very many samples some are looked at closely: the report says what it would say of all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import DriftReport
from driftcore.store import Store
from driftcore.testing import jittered, make_world, moved, rotated

N_CONCEPTS, N_PER_CONCEPT, CLOSELY = 8, 400, 800
WORLD = make_world(n_concepts=N_CONCEPTS, n_per_concept=N_PER_CONCEPT, n_dims=24)
SOURCE = "concept 1"
MEMBERS = np.flatnonzero(WORLD.labels == SOURCE)
# a third of the concept
PART = MEMBERS[: N_PER_CONCEPT // 3]

Vectors = NDArray[np.float32]


def whole() -> Vectors:
    return moved(WORLD, 1, toward=4, share=0.3)


def part() -> Vectors:
    vectors = WORLD.vectors.copy()
    vectors[PART] = moved(WORLD, 1, toward=4, share=0.6)[PART]
    return vectors


def stored(path: Path, vectors: Vectors, *, order: NDArray[np.int64] | None = None) -> Store:
    """Two weeks, the second retrained a little, in a space of its own, and in the order given."""
    store, order = open_store(path), np.arange(len(vectors)) if order is None else order
    ids = np.array([f"s{row:05d}" for row in range(len(vectors))], dtype=object)
    later = rotated(jittered(vectors, scale=0.02), seed=1)
    ingest(store, {"id": ids, "label": WORLD.labels, "embedding": WORLD.vectors}, checkpoint="a")
    ingest(store, {"id": ids[order], "label": WORLD.labels[order], "embedding": later[order]}, checkpoint="b")
    answers = WORLD.labels.copy()
    answers[PART[::2]] = "concept 4"
    for checkpoint, said in (("a", WORLD.labels), ("b", answers)):
        log_eval(store, {"id": ids, "prediction": said, "confidence": np.full(len(ids), 0.9)}, checkpoint=checkpoint)
    return store


def both(store: Store) -> tuple[DriftReport, DriftReport]:
    """The report by a closer look at some, and that by a close look at all."""
    return compare(store, "a", "b", closely=CLOSELY), compare(store, "a", "b")


@pytest.mark.parametrize("drifted", [whole, part])
def test_the_report_is_that_of_a_close_look_at_all(tmp_path: Path, drifted: Callable[[], Vectors]) -> None:
    some, every = both(stored(tmp_path / "store", drifted()))
    assert (some.verdict, some.cause.kind) == (every.verdict, every.cause.kind)
    assert some.n_samples == every.n_samples == N_CONCEPTS * N_PER_CONCEPT
    assert {each.concept: (each.verdict, each.kind) for each in some.concepts} == {
        each.concept: (each.verdict, each.kind) for each in every.concepts
    }
    known = {each.concept: each for each in every.concepts}
    for each in some.concepts:
        other = known[each.concept]
        assert each.n == other.n
        assert each.displacement == pytest.approx(other.displacement, abs=1e-3)
        assert each.mean_shift == pytest.approx(other.mean_shift, rel=1e-2)
        assert (each.accuracy_current, each.churn) == (other.accuracy_current, other.churn)
    assert some.global_.cka == pytest.approx(every.global_.cka, abs=1e-4)
    assert some.global_.mean_shift == pytest.approx(every.global_.mean_shift, rel=1e-2)
    assert some.global_.n_new_errors == every.global_.n_new_errors
    assert some.pairs[0].gap_closure == pytest.approx(every.pairs[0].gap_closure, abs=1e-3)
    assert any("samples, drawn from every label" in note for note in some.notes)
    assert not any("drawn from every label" in note for note in every.notes)


@pytest.mark.parametrize("drifted", [whole, part])
def test_a_span_has_all_its_samples_and_not_only_those_looked_at(
    tmp_path: Path, drifted: Callable[[], Vectors]
) -> None:
    store = stored(tmp_path / "store", drifted())
    some, every = both(store)
    (found,), (expected,) = ([store.spans.get(each.span_id) for each in report.spans] for report in (some, every))
    assert (found.kind, found.concept, found.toward) == (expected.kind, SOURCE, "concept 4")
    apart = set(found.sample_ids) ^ set(expected.sample_ids)
    assert len(apart) <= 0.05 * expected.n_samples


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    shuffled = np.random.default_rng(0).permutation(len(WORLD.vectors))
    straight = compare(stored(tmp_path / "straight", whole()), "a", "b", closely=CLOSELY)
    mixed = compare(stored(tmp_path / "mixed", whole(), order=shuffled), "a", "b", closely=CLOSELY)
    for each, other in zip(straight.concepts, mixed.concepts, strict=True):
        assert each.displacement == pytest.approx(other.displacement, abs=1e-6)
        assert each.p_value == pytest.approx(other.p_value, rel=1e-3)


def test_where_nothing_moved_nothing_is_said_to_have(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for name in ("a", "b"):
        ingest(store, {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}, checkpoint=name)
    report = compare(store, "a", "b", closely=CLOSELY)
    assert report.verdict == "stable"
    assert report.global_.mean_shift == 0
    assert all(each.displacement == 0 for each in report.concepts)


def test_a_wider_snapshot_is_laid_over_a_narrow_one(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    wider = np.pad(whole(), ((0, 0), (0, 8)))
    for name, vectors in (("a", WORLD.vectors), ("b", wider)):
        ingest(store, {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": vectors}, checkpoint=name)
    report = compare(store, "a", "b", align=True, closely=CLOSELY)
    assert report.concepts[0].concept == SOURCE
    assert report.concepts[0].migration == pytest.approx(0.3, abs=0.02)

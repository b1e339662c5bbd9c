"""Windows of very many samples pass by in parts: the report says what it would say of all of them at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from driftcore import compare, open_store
from driftcore.engine import Engine, LocalEngine, choose_engine, tree_sum
from driftcore.errors import EngineError
from driftcore.records import DriftReport, to_json
from driftcore.store import Store
from tests.workflows.windows_world import N_CONCEPTS, NAMES, Draw, draw, evaluated, keep, turned, under_two_checkpoints

EACH, CLOSELY = 500, 300
MANY = (EACH,) * N_CONCEPTS


def stored(path: Path, before: Draw, after: Draw, *, labels: tuple[bool, bool] = (True, True)) -> Store:
    store = open_store(path)
    for window, split, told in zip((before, after), ("week1", "week2"), labels, strict=True):
        keep(store, window, split, labels=told)
    return store


def both(store: Store, current: str = "wk0", splits: tuple[str, str] = ("week1", "week2")) -> list[DriftReport]:
    """The report by a closer look at some, and that by a close look at all."""
    sides = {"reference_split": splits[0], "split": splits[1]}
    return [compare(store, "wk0", current, closely=closely, **sides) for closely in (CLOSELY, 100_000)]


def same(some: DriftReport, every: DriftReport) -> None:
    """What is said is the same; what all samples say is the same number."""
    assert some.report_id != every.report_id
    assert (some.verdict, some.cause.kind, some.n_samples) == (every.verdict, every.cause.kind, every.n_samples)
    known = {each.concept: each for each in every.concepts}
    assert {each.concept for each in some.concepts} == known.keys()
    for each in some.concepts:
        other = known[each.concept]
        assert (each.n, each.verdict, each.kind, each.toward) == (other.n, other.verdict, other.kind, other.toward)
        assert each.displacement == pytest.approx(other.displacement, abs=1e-6)
        assert (each.accuracy_current, each.accuracy_q_value) == (other.accuracy_current, other.accuracy_q_value)
    assert some.windows is not None
    assert every.windows is not None
    assert some.windows.composition == every.windows.composition
    assert any("drawn from every concept, were looked at closely" in note for note in some.notes)
    assert not any("looked at closely" in note for note in every.notes)


def alike(store: Store, left: DriftReport, right: DriftReport, kind: str) -> float:
    """The share of samples that two reports have in common in their spans of a kind, of which each has one."""
    members = []
    for report in (left, right):
        (span,) = [each for each in report.spans if each.kind == kind]
        members.append(set(store.spans.get(span.span_id).sample_ids))
    return len(members[0] & members[1]) / len(members[0] | members[1])


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_report_is_that_of_a_close_look_at_all(tmp_path: Path, shift: float) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY, shift=shift))

    some, every = both(store)

    same(some, every)
    assert some.verdict == ("silent" if shift else "stable")


def test_a_shifted_concept_keeps_its_size_and_all_its_samples(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY, shift=0.3))

    some, every = both(store)

    (changed,) = [each for each in some.concepts if each.verdict != "stable"]
    # all gaps are √2: the share of the mean gap is the share of this gap; 500 samples tell it to 0.6 / √(2 · 250)
    assert (changed.concept, changed.n) == (NAMES[1], EACH)
    assert changed.displacement == pytest.approx(0.3, abs=0.03)
    assert alike(store, some, every, "content") > 0.9


def test_a_new_concept_is_found_the_same(tmp_path: Path) -> None:
    after = draw(2, MANY)
    after.vectors[::50] += np.float32(3.0)
    store = stored(tmp_path, draw(1, MANY), after)

    some, every = both(store)

    same(some, every)
    assert some.windows is not None
    assert some.windows.novelty is not None
    assert set(after.ids[::50]) <= set(some.windows.novelty.sample_ids)
    assert alike(store, some, every, "novel") > 0.6


def test_another_mix_is_counted_over_all(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, (*MANY[:-1], 3 * EACH)))

    some, every = both(store)

    same(some, every)
    assert "the mix changed, most of all 'concept 5' (from 17 % of the samples to 38 %)" in some.summary


def test_accuracies_are_those_of_all(tmp_path: Path) -> None:
    after = draw(2, MANY, shift=0.3)
    store = stored(tmp_path, draw(1, MANY), after)
    evaluated(store, draw(1, MANY), "week1")
    evaluated(store, after, "week2", wrong=(after.concepts == 1) & (np.arange(len(after.concepts)) % 2 == 0))

    some, every = both(store)

    same(some, every)
    assert some.verdict == "regression"


def test_a_small_window_meets_a_large_one(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, (90,) * N_CONCEPTS), draw(2, MANY, shift=0.3))

    some, every = both(store)

    same(some, every)
    assert any("540 of the 540 samples of the reference window" in note for note in some.notes)


# concepts without labels


def test_every_sample_of_an_unlabelled_window_has_the_nearest_concept(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY, shift=0.3), labels=(True, False))

    same(*both(store))


def test_unlabelled_windows_take_the_names_of_a_large_labelled_split(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY), labels=(False, False))
    keep(store, draw(0, MANY), "validation")

    some, every = both(store)

    same(some, every)
    assert {each.concept for each in some.concepts} == set(NAMES)


def test_without_any_label_a_draw_is_clustered_and_all_find_their_cluster(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY), labels=(False, False))

    some, every = both(store)

    assert some.verdict == every.verdict == "stable"
    assert {each.concept for each in some.concepts} == {f"cluster {k}" for k in range(N_CONCEPTS)}
    # clusters have no order: the sizes are those of the nearest centre, of 500 samples each
    assert sorted(each.n for each in some.concepts) == pytest.approx(sorted(each.n for each in every.concepts), abs=10)
    assert any("of 300 samples drawn from the reference" in note for note in some.notes)


# two checkpoints


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_what_the_model_did_is_taken_off_by_a_draw_of_the_anchors(tmp_path: Path, shift: float) -> None:
    store = open_store(tmp_path)
    under_two_checkpoints(store, draw(1, MANY), draw(2, MANY, shift=shift), n_anchors=200)

    some, every = both(store, "wk1", ("live", "live"))

    assert (some.verdict, some.cause.kind) == (every.verdict, every.cause.kind)
    verdicts = [{each.concept: each.verdict for each in report.concepts} for report in (some, every)]
    assert verdicts[0] == verdicts[1]
    assert some.windows is not None
    assert (some.windows.spaces, some.windows.n_anchors) == ("anchors", 1200)
    assert any("300 of the 1,200 anchors, drawn from every label, were looked at" in note for note in some.notes)


def test_the_same_encoder_is_recognised_by_a_draw_of_the_anchors(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for week, checkpoint in enumerate(("wk0", "wk1")):
        keep(store, draw(0, (200,) * N_CONCEPTS), "validation", checkpoint=checkpoint, week=week)
        keep(store, draw(1 + week, MANY), "live", checkpoint=checkpoint, week=week)

    some, every = both(store, "wk1", ("live", "live"))

    same(some, every)
    assert some.windows is not None
    assert (some.windows.spaces, some.windows.n_anchors) == ("same encoder", 1200)


def test_unlabelled_windows_under_two_checkpoints_are_read_by_their_own_anchors(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    under_two_checkpoints(store, draw(1), draw(2), n_anchors=200)
    keep(store, draw(3, MANY), "night", labels=False)
    keep(store, turned(draw(4, MANY), noise=0.2), "night", checkpoint="wk1", week=1, labels=False)

    some, every = both(store, "wk1", ("night", "night"))

    assert some.verdict == every.verdict == "stable"


# engines


class Elsewhere:
    """Every part is sent to another process and comes back, the last one first; added in the one tree."""

    name = "elsewhere"

    def total(
        self,
        read: Callable[[Any], Any],
        tally: Callable[[Any], Any],
        parts: Sequence[Any],
        *,
        told: Callable[[int, int], None],
    ) -> Any:
        sent = pickle.dumps((read, tally))
        found = []
        for part in reversed(parts):
            there, rule = pickle.loads(sent)
            found.append(pickle.dumps(rule(there(pickle.loads(pickle.dumps(part))))))
            told(len(found), len(parts))
        return tree_sum(pickle.loads(each) for each in reversed(found))


def test_no_digit_depends_on_the_engine_or_on_what_comes_first(tmp_path: Path) -> None:
    # two parts and three
    store = stored(
        tmp_path, draw(1, (3000,) * N_CONCEPTS), draw(2, (6000,) * N_CONCEPTS, shift=0.3), labels=(True, False)
    )
    engines: dict[str, Engine] = {"one": LocalEngine(1), "three": LocalEngine(3), "elsewhere": Elsewhere()}
    said, shifts = {}, {}
    for name, engine in engines.items():
        report = compare(store, "wk0", "wk0", reference_split="week1", split="week2", engine=engine, closely=CLOSELY)
        shifts[name] = store.reports.samples(report.report_id).shift
        said[name] = to_json(report) | {"provenance": None}
        assert report.provenance.engine == engine.name
        store.reports.discard("wk0")

    assert said["one"] == said["three"] == said["elsewhere"]
    assert (shifts["one"] == shifts["elsewhere"]).all()
    assert (shifts["one"] == shifts["three"]).all()


def test_large_windows_go_to_the_engine_of_the_process(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1, MANY), draw(2, MANY))

    # nobody answers there, with Ray or without
    choose_engine("127.0.0.1:1")
    try:
        with pytest.raises(EngineError):
            compare(store, "wk0", "wk0", reference_split="week1", split="week2", closely=CLOSELY)
    finally:
        choose_engine("local")


def test_small_windows_need_no_engine(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1), draw(2))

    report = compare(store, "wk0", "wk0", reference_split="week1", split="week2", engine=Elsewhere())

    assert report.provenance.engine == "local"


def test_how_much_is_looked_at_closely_is_another_report_only_where_there_is_more(tmp_path: Path) -> None:
    store = stored(tmp_path, draw(1), draw(2))
    sides = {"reference_split": "week1", "split": "week2"}

    # windows of 180
    by = {closely: compare(store, "wk0", "wk0", **sides, closely=closely).report_id for closely in (100, 180, 9999)}

    assert by[180] == by[9999] != by[100]

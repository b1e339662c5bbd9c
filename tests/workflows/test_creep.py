"""The matrix that orders itself, and pairs by names that are never taken for one another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftcore.records import Corridor, CorridorStep, GapClosures, PairPoint
from driftcore.workflows.creep import distances_of, pair_name, ranked_pairs, seriated, strongest
from tests.stats.clouds import law


def gaps_of(n_concepts: int, **closures: float) -> GapClosures:
    """Closures of pairs such as `c0_c3`; all others are 0."""
    values = np.zeros((n_concepts, n_concepts), dtype=np.float32)
    for pair, closure in closures.items():
        a, b = (int(name[1:]) for name in pair.split("_"))
        values[a, b] = values[b, a] = closure
    return GapClosures(concepts=tuple(f"c{k}" for k in range(n_concepts)), values=values)


def closure(gaps: GapClosures, a: str, b: str) -> float:
    return float(gaps.values[gaps.concepts.index(a), gaps.concepts.index(b)])


def test_what_came_closer_stands_side_by_side() -> None:
    found = seriated(gaps_of(8, c0_c7=0.5, c1_c5=0.4, c2_c6=0.3))

    for a, b in (("c0", "c7"), ("c1", "c5"), ("c2", "c6")):
        assert abs(found.concepts.index(a) - found.concepts.index(b)) == 1


@given(seed=st.integers(0, 1000), n_concepts=st.integers(1, 12))
@law
def test_ordering_changes_no_closure(seed: int, n_concepts: int) -> None:
    values = np.random.default_rng(seed).normal(size=(n_concepts, n_concepts)).astype(np.float32)
    gaps = GapClosures(concepts=gaps_of(n_concepts).concepts, values=values + values.T)

    found = seriated(gaps)

    assert sorted(found.concepts) == sorted(gaps.concepts)
    for a, b in combinations(gaps.concepts, 2):
        assert closure(found, a, b) == closure(gaps, a, b)


def test_a_pair_without_a_gap_has_a_place_in_the_order_and_none_in_the_list() -> None:
    gaps = gaps_of(4, c0_c3=0.5, c1_c2=float("nan"))

    assert set(seriated(gaps).concepts) == {"c0", "c1", "c2", "c3"}
    assert ("c1", "c2") not in ranked_pairs(gaps)
    assert len(ranked_pairs(gaps)) == 5


def test_of_too_many_concepts_those_of_the_strongest_closures_are_shown() -> None:
    found = strongest(gaps_of(10, c2_c9=0.5, c4_c9=0.4, c0_c1=0.3, c5_c6=0.2), at_most=5)

    # c9 counts once: its two pairs and the next one are five concepts
    assert found.concepts == ("c0", "c1", "c2", "c4", "c9")
    assert closure(found, "c2", "c9") == np.float32(0.5)


def test_as_many_concepts_as_can_be_shown_are_all_shown() -> None:
    gaps = gaps_of(5)

    assert strongest(gaps, at_most=5) is gaps


def test_pairs_are_ranked_by_closure_whatever_its_sign() -> None:
    assert ranked_pairs(gaps_of(3, c0_c1=-0.3, c0_c2=0.1, c1_c2=0.4)) == (("c1", "c2"), ("c0", "c2"), ("c0", "c1"))


awkward = st.lists(st.text(alphabet="a ↔", max_size=5), min_size=4, max_size=4, unique=True)


@given(names=awkward)
@law
def test_no_two_pairs_have_one_name_whatever_concepts_are_called(names: list[str]) -> None:
    pairs = list(combinations(names, 2))

    assert len({pair_name(*pair) for pair in pairs}) == len(pairs)


def test_names_that_would_read_the_same_are_told_apart() -> None:
    # both would be "a ↔ b ↔ c"
    assert pair_name("a", "b ↔ c") != pair_name("a ↔ b", "c")


def test_a_pair_has_one_name_from_both_sides() -> None:
    assert pair_name("refund", "cancel") == pair_name("cancel", "refund")


def test_the_corridor_says_the_distance_where_it_is_kept_and_the_reports_elsewhere() -> None:
    step = CorridorStep(
        checkpoint="wk1",
        sample_ids=np.empty(0, dtype=object),
        of_a=np.empty(0, dtype=bool),
        positions=np.empty(0, dtype=np.float32),
        own_positions=np.empty(0, dtype=np.float32),
        gap_closure=0.25,
        low=0.125,
        high=0.5,
    )
    corridor = Corridor(reference="wk0", split="validation", a="a", b="b", steps=(step,))
    history = [PairPoint(checkpoint="wk0", gap_closure=0.0), PairPoint(checkpoint="wk1", gap_closure=0.2)]

    found = distances_of(corridor, history)

    assert found == (history[0], PairPoint(checkpoint="wk1", gap_closure=0.25, low=0.125, high=0.5))

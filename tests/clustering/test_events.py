"""What became of each cluster, and what clustering again alone makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from driftcore.clustering import (
    COPY_SHARE,
    NOT_DRAWN,
    Transition,
    chance_pvalues,
    cluster,
    links,
    overlap,
    reclustered,
    recurrence,
    transitions,
)
from driftcore.errors import NotComparableError
from driftcore.testing import make_world

law = settings(deadline=None, derandomize=True, max_examples=100)
Labels = NDArray[np.int32]

# two clusterings of the same samples; some numbers may be left out, some samples are noise
pairs = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=60).map(
    lambda rows: (np.array(rows, dtype=np.int32)[:, 0], np.array(rows, dtype=np.int32)[:, 1])
)


def groups(*sizes: tuple[int, int]) -> Labels:
    """Labels from (label, how often)."""
    return np.repeat(np.array([label for label, _ in sizes], dtype=np.int32), [n for _, n in sizes])


def what_became(reference: Labels, current: Labels) -> dict[tuple[str, tuple[int, ...], tuple[int, ...]], Transition]:
    found = transitions(overlap(reference, current))
    return {(event.kind, event.reference, event.current): event for event in found}


@given(both=pairs)
@law
def test_shared_counts_are_the_contingency_table_of_another_program(both: tuple[Labels, Labels]) -> None:
    reference, current = both
    known = (reference >= 0) & (current >= 0)
    table = overlap(reference, current).shared

    expected = contingency_matrix(reference[known], current[known]) if known.any() else np.empty((0, 0))

    # sklearn leaves numbers out that nobody has
    assert np.array_equal(table[table.any(axis=1)][:, table.any(axis=0)], expected)
    assert table.sum() == known.sum()


def test_shares_and_jaccard_by_hand() -> None:
    # cluster 0 has 10 samples: 6 of the 8 of current 0, 1 of the 2 of current 1, and 3 are noise there
    table = overlap(groups((0, 10), (-1, 3)), groups((0, 6), (1, 1), (-1, 3), (0, 2), (1, 1)))

    assert table.kept.tolist() == [[0.6, 0.1]]
    assert table.came.tolist() == [[6 / 8, 1 / 2]]
    assert table.jaccard.tolist() == [[6 / (10 + 8 - 6), 1 / (10 + 2 - 1)]]


def test_samples_that_one_side_did_not_cluster_do_not_count() -> None:
    full = overlap(groups((0, 4), (1, 4)), groups((0, 2), (NOT_DRAWN, 2), (1, 3), (NOT_DRAWN, 1)))

    assert full.sizes_reference.tolist() == [2, 3]
    assert full.shared.tolist() == [[2, 0], [0, 3]]


def test_half_of_a_cluster_is_no_majority() -> None:
    # half of 0 went into 1, and is a third of it: 2 of 4, 2 of 6
    table = overlap(groups((0, 4), (1, 4)), groups((0, 2), (1, 6)))

    assert links(table).tolist() == [[True, False], [False, True]]


@given(labels=st.lists(st.integers(-1, 4), min_size=1, max_size=60).map(lambda rows: np.array(rows, dtype=np.int32)))
@law
def test_the_same_clusters_survived_whole(labels: Labels) -> None:
    found = transitions(overlap(labels, labels))

    assert {(event.kind, event.reference, event.current) for event in found} == {
        ("survived", (k,), (k,)) for k in np.unique(labels[labels >= 0])
    }
    assert all((event.overlap, event.strength) == (1, 0) for event in found)


@given(both=pairs)
@law
def test_read_backwards_a_split_is_a_merger_and_what_vanished_appeared(both: tuple[Labels, Labels]) -> None:
    backwards = {"split": "merged", "merged": "split", "vanished": "appeared", "appeared": "vanished"}
    reference, current = both

    forth = {(kind, *map(frozenset, sides)) for kind, *sides in what_became(reference, current)}
    back = {
        (backwards.get(kind, kind), frozenset(after), frozenset(before))
        for kind, before, after in what_became(current, reference)
    }

    assert forth == back


@given(both=pairs)
@law
def test_every_cluster_of_either_side_is_in_an_event(both: tuple[Labels, Labels]) -> None:
    found = transitions(overlap(*both))

    for labels, named in zip(both, ([e.reference for e in found], [e.current for e in found]), strict=True):
        assert {number for numbers in named for number in numbers} == set(labels[labels >= 0].tolist())


@given(both=pairs, order=st.permutations(range(60)))
@law
def test_the_order_of_the_samples_does_not_matter(both: tuple[Labels, Labels], order: list[int]) -> None:
    rows = [row for row in order if row < len(both[0])]

    assert transitions(overlap(both[0][rows], both[1][rows])) == transitions(overlap(*both))


def test_a_cluster_in_two_pieces_split() -> None:
    found = what_became(groups((0, 10), (1, 5)), groups((0, 4), (1, 6), (2, 5)))

    # the larger piece first; 6 of 10 are one cluster still, 4 of 10 are not in it
    event = found["split", (0,), (1, 0)]
    assert (event.n_reference, event.n_current, event.n_shared) == (10, 10, 10)
    assert (event.overlap, event.strength) == (0.6, 0.4)
    assert ("survived", (1,), (2,)) in found


def test_a_piece_split_off_is_a_split_however_small() -> None:
    assert ("split", (0,), (0, 1)) in what_became(groups((0, 100)), groups((0, 88), (1, 12)))


def test_two_clusters_in_one_merged() -> None:
    found = what_became(groups((0, 6), (1, 4)), groups((0, 10)))

    # the one that kept least is 1: 4 of 10
    event = found["merged", (0, 1), (0,)]
    assert (event.n_reference, event.n_current, event.n_shared) == (10, 10, 10)
    assert (event.overlap, event.least) == (0.4, 1)


def test_a_cluster_that_dissolves_into_noise_vanished() -> None:
    event = what_became(groups((0, 10), (1, 5)), groups((-1, 10), (0, 5)))["vanished", (0,), ()]

    assert (event.n_reference, event.n_current, event.overlap) == (10, 0, 0)


def test_a_cluster_that_loses_most_of_its_samples_to_noise_goes_on_as_the_rest() -> None:
    assert ("survived", (0,), (0,)) in what_became(groups((0, 10)), groups((-1, 7), (0, 3)))


def test_a_cluster_out_of_noise_appeared() -> None:
    event = what_became(groups((-1, 10), (0, 5)), groups((1, 10), (0, 5)))["appeared", (), (1,)]

    assert (event.n_reference, event.n_current, event.overlap) == (0, 10, 0)


def test_what_leaves_one_cluster_for_another_is_told_on_both_sides() -> None:
    # 6 of the 10 of cluster 1 went into 0, the other 4 stayed among themselves
    found = what_became(groups((0, 10), (1, 10)), groups((0, 16), (1, 4)))

    assert set(found) == {("split", (1,), (0, 1)), ("merged", (0, 1), (0,))}


def test_less_than_a_quarter_more_is_no_growth() -> None:
    grown = [what_became(groups((0, 8), (-1, 3)), groups((0, 8 + n), (-1, 3 - n))) for n in (2, 3)]

    # 10/8 = 1.25 and 11/8: ln 1.375 in units of 0.05, the least that a few survivors differ by
    strengths = [found["survived", (0,), (0,)].strength for found in grown]
    assert strengths == [0, pytest.approx(np.log(1.375) / 0.05)]


def test_what_every_cluster_lost_is_nobodys_shrinking() -> None:
    # nine clusters lose 5 of 10 to noise, the tenth keeps its own
    reference = groups(*((k, 10) for k in range(10)))
    current = np.concatenate([groups((k, 5 if k < 9 else 10), (-1, 5 if k < 9 else 0)) for k in range(10)])

    found = transitions(overlap(reference, current))

    # neither did the tenth grow: it stands out, but is as large as it was
    assert [event.strength for event in found] == [0] * 10


def test_a_copy_holds_its_share_of_the_samples_and_says_which() -> None:
    vectors = make_world(n_concepts=4, n_per_concept=50).vectors

    copies = list(reclustered(vectors, n_copies=3))

    assert [int((copy != NOT_DRAWN).sum()) for copy in copies] == [round(COPY_SHARE * 200)] * 3
    assert len({(copy != NOT_DRAWN).tobytes() for copy in copies}) == 3


def test_the_same_seed_gives_the_same_copies() -> None:
    vectors = make_world(n_concepts=4, n_per_concept=50).vectors

    first, again, other = (np.array(list(reclustered(vectors, n_copies=2, seed=seed))) for seed in (5, 5, 6))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_copies_of_clear_clusters_find_them_again() -> None:
    world = make_world(n_concepts=4, n_per_concept=50)

    for copy in reclustered(world.vectors, n_copies=3):
        # centres are about √2 apart and samples 0.3 from theirs
        assert adjusted_rand_score(world.concepts[copy >= 0], copy[copy >= 0]) == 1


def test_ten_copies_of_one_sample_can_be_clustered_again() -> None:
    assert len(list(reclustered(np.ones((10, 3), dtype=np.float32), n_copies=2))) == 2


def test_nine_samples_are_too_few_for_copies() -> None:
    with pytest.raises(NotComparableError, match="9 samples are too few"):
        list(reclustered(np.ones((9, 3), dtype=np.float32), n_copies=1))


# cluster 0 splits in half in one copy of three and vanishes in one; 1 and 2 are one cluster in one copy
REFERENCE = groups((0, 8), (1, 8), (2, 8), (-1, 8))
COPIES = (
    groups((0, 4), (1, 4), (2, 8), (3, 8), (-1, 8)),
    groups((-1, 8), (0, 16), (-1, 8)),
    groups((0, 8), (1, 8), (2, 8), (3, 8)),
)


@pytest.mark.parametrize(
    ("current", "kind", "n_as_strong"),
    [
        (groups((0, 4), (1, 4), (2, 8), (3, 8), (-1, 8)), "split", 1),
        # 3 of 8 outside the largest piece: half of 8 is more
        (groups((0, 5), (1, 3), (2, 8), (3, 8), (-1, 8)), "split", 1),
        (groups((-1, 8), (1, 8), (2, 8), (-1, 8)), "vanished", 1),
        (groups((0, 8), (1, 16), (-1, 8)), "merged", 1),
        (groups((0, 16), (1, 8), (-1, 8)), "merged", 0),
        (groups((0, 8), (1, 8), (2, 8), (-1, 2), (3, 6)), "appeared", 1),
    ],
)
def test_a_pvalue_counts_the_copies_that_show_as_strong_an_event(current: Labels, kind: str, n_as_strong: int) -> None:
    known = recurrence(REFERENCE, COPIES)

    (event,) = (event for event in transitions(overlap(REFERENCE, current)) if event.kind == kind)

    assert known.p_value(event, current) == (1 + n_as_strong) / (1 + 3)


def test_a_split_stronger_than_in_any_copy_has_the_smallest_pvalue() -> None:
    known = recurrence(REFERENCE, [groups((0, 6), (1, 2), (2, 8), (3, 8), (-1, 8))] * 3)
    current = groups((0, 4), (1, 4), (2, 8), (3, 8), (-1, 8))

    (event,) = (event for event in transitions(overlap(REFERENCE, current)) if event.kind == "split")

    assert known.p_value(event, current) == 1 / 4


def test_a_survivor_whose_cluster_often_breaks_has_not_surely_grown() -> None:
    current = groups((0, 8), (1, 8), (2, 12), (-1, 4))
    known = recurrence(REFERENCE, COPIES)

    grown = [event for event in transitions(overlap(REFERENCE, current)) if event.strength > 0]

    # cluster 2 grew by a half; it does not survive where it was merged
    assert [event.reference for event in grown] == [(2,)]
    assert known.p_value(grown[0], current) == (1 + 1) / (1 + 3)


def test_survival_and_expected_overlap_are_counted_over_the_copies() -> None:
    known = recurrence(REFERENCE, COPIES)

    assert known.survival().tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    # best overlaps of cluster 0: half, none, whole; of 1 and 2: whole, half, whole
    assert known.overlap.tolist() == [[0.5, 1, 1], [0, 0.5, 0.5], [1, 1, 1]]
    assert known.expected_overlap(quantile=0.5).tolist() == [0.5, 1, 1]


def test_stability_is_one_where_every_copy_agrees_and_noise_has_nothing_in_common() -> None:
    drawn = np.where(np.arange(32) % 3 == 0, NOT_DRAWN, REFERENCE)
    dissolved = np.where(REFERENCE == 0, -1, REFERENCE)

    assert recurrence(REFERENCE, [drawn, drawn]).stability == 1
    # by another program, with noise spelled out as groups of one
    apart = [np.where(labels < 0, 100 + np.arange(32), labels) for labels in (REFERENCE, dissolved)]
    assert recurrence(REFERENCE, [dissolved]).stability == pytest.approx(adjusted_rand_score(*apart))


def test_a_reference_without_clusters_can_still_see_one_appear() -> None:
    nothing, current = groups((-1, 12)), groups((0, 8), (-1, 4))
    known = recurrence(nothing, [nothing, current])

    (event,) = transitions(overlap(nothing, current))

    assert (event.kind, known.p_value(event, current)) == ("appeared", (1 + 1) / (1 + 2))


def test_chance_pvalues_judge_each_copy_by_the_others() -> None:
    known = recurrence(REFERENCE, COPIES)

    by_copy = chance_pvalues(REFERENCE, known)

    # events of the second copy: 1 and 2 merged and 0 vanished, both in no other copy: (1 + 0) / (1 + 3)
    assert by_copy[1] == (1 / 4, 1 / 4)
    assert all(0 < p <= 1 for p_values in by_copy for p in p_values)


def test_clusters_that_any_copy_breaks_are_not_called_broken() -> None:
    # concepts so wide that a fifth of the samples are noise and every copy cuts the clusters differently
    n_false = n_clusters = 0
    for seed in range(3):
        world, again = (make_world(n_concepts=12, n_per_concept=40, spread=0.8, seed=seed), np.random.default_rng(seed))
        reference = cluster(world.vectors).labels
        moved = world.vectors + again.normal(scale=0.3 * 0.8 / np.sqrt(32), size=world.vectors.shape).astype(np.float32)
        current = cluster(moved).labels
        known = recurrence(reference, reclustered(world.vectors, n_copies=99, seed=seed))
        found = transitions(overlap(reference, current))
        n_false += sum(known.p_value(event, current) <= 0.01 for event in found)
        n_clusters += reference.max() + 1

    assert n_clusters >= 30
    assert n_false <= 3

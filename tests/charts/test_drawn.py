"""Which samples are drawn where there are too many."""

from __future__ import annotations

import numpy as np

from driftcore.charts._drawn import drawn_part


def test_all_are_drawn_where_they_fit():
    shown = np.array([True, False, True])
    places = np.zeros((3, 2), dtype=np.float32)
    assert (drawn_part(places, shown, at_most=2, kept=np.zeros(3, bool)) == shown).all()


def test_dense_places_are_thinned_more_than_thin_ones_and_the_same_rows_are_drawn_again():
    dense, thin = 10_000, 100
    places = np.repeat(np.array([[-0.5, 0.0], [0.5, 0.0]], dtype=np.float32), [dense, thin], axis=0)
    shown, nothing = np.ones(len(places), dtype=bool), np.zeros(len(places), dtype=bool)
    drawn = drawn_part(places, shown, at_most=1_010, kept=nothing)
    assert drawn.sum() == 1_010
    # luck·√crowd below one bound: probabilities stand as √100 : √10,000 = 10 : 1, so of 1,010 about 918 and 92
    # (10,000 p + 100 · 10 p = 1,010 gives p = .0918); 92 has a standard deviation of 2.7
    assert 80 <= drawn[dense:].sum() <= 100
    assert (drawn == drawn_part(places, shown, at_most=1_010, kept=nothing)).all()


def test_few_mispredictions_are_all_drawn_and_many_are_drawn_like_the_rest():
    rng = np.random.default_rng(0)
    places = rng.uniform(-1, 1, (5_000, 2)).astype(np.float32)
    shown = np.ones(5_000, dtype=bool)
    few = np.arange(5_000) < 50
    assert drawn_part(places, shown, at_most=1_000, kept=few)[few].all()
    # 4,000 of 5,000: 50 at first, and of the other 950 four in five
    many = np.arange(5_000) < 4_000
    drawn = drawn_part(places, shown, at_most=1_000, kept=many)
    assert drawn.sum() == 1_000
    assert 760 <= drawn[many].sum() <= 860

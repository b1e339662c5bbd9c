"""The words of a part say what it is about, and nothing where there is nothing to say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcore.wording import distinguishing_words
from tests.stats.clouds import law, seeds

FRUIT = ["apple", "pear", "plum", "cherry", "grape", "melon", "fig", "date", "kiwi", "lemon"]


def said(n: int, *, seed: int, also: str = "") -> list[str]:
    """Texts of three fruits each, with something that all of them say besides."""
    rng = np.random.default_rng(seed)
    return [f"{also} {' '.join(rng.choice(FRUIT, 3, replace=False))}".strip() for _ in range(n)]


def test_what_only_the_inside_says_comes_first() -> None:
    assert distinguishing_words(said(30, seed=0, also="frozen"), said(60, seed=1))[0] == "frozen"


def test_texts_of_one_kind_are_not_told_apart() -> None:
    # 40 random parts; with nothing to tell, the threshold lets a few in a hundred through
    told = [bool(distinguishing_words(said(30, seed=2 * seed), said(60, seed=2 * seed + 1))) for seed in range(40)]

    assert sum(told) <= 4


@pytest.mark.parametrize(("n", "told"), [(7, ()), (8, ("frozen",))])
def test_a_word_counts_from_a_score_of_two_and_a_half_on(n: int, told: tuple[str, ...]) -> None:
    # n texts say "frozen" on one side and none on the other, which say "apple" n and 2n times. With the tenth of both
    # as prior: 1.1 n and 0.1 n against 1.3 n and 2.3 n, so ln(1.1/1.3) − ln(0.1/2.3) = 2.97 over √(1/1.1 + 1/0.1)/√n
    score = (math.log(1.1 / 1.3) - math.log(0.1 / 2.3)) / math.sqrt((1 / 1.1 + 1 / 0.1) / n)
    assert (score >= 2.5) == bool(told)

    assert distinguishing_words(["frozen", "apple"] * n, ["apple"] * 2 * n) == told


@given(seed=seeds)
@law
def test_the_order_of_the_texts_changes_nothing(seed: int) -> None:
    inside, outside = said(20, seed=1, also="frozen stiff"), said(40, seed=2, also="fresh")
    rng = np.random.default_rng(seed)

    shuffled = distinguishing_words(rng.permutation(inside).tolist(), rng.permutation(outside).tolist())

    assert shuffled == distinguishing_words(inside, outside)


def test_a_word_of_one_side_is_no_word_of_the_other() -> None:
    cold, warm = said(30, seed=0, also="frozen"), said(30, seed=1, also="cooked")

    assert not set(distinguishing_words(cold, warm)) & set(distinguishing_words(warm, cold))


def test_at_most_k_words_are_given_and_none_of_them_twice() -> None:
    inside = said(40, seed=0, also="frozen solid blocks from northern farms")

    assert len(distinguishing_words(inside, said(40, seed=1), k=2)) == 2
    words = " ".join(distinguishing_words(inside, said(40, seed=1))).split()
    assert len(words) == len(set(words))


def test_a_text_counts_once_however_often_it_says_a_word() -> None:
    shouting = ["frozen " * 50, *said(29, seed=0)]

    assert "frozen" not in distinguishing_words(shouting, said(60, seed=1))


def test_stop_words_are_left_out_but_for_what_they_negate() -> None:
    words = distinguishing_words(said(30, seed=0, also="it is not ripe"), said(30, seed=1, also="it was ripe"))

    assert words == ("not ripe",)


def test_letters_are_compared_however_they_are_written() -> None:
    # composed, decomposed, upper case, full width: the same word on both sides
    inside = ["Caf\u00e9 STRASSE \uff46\uff49\uff47"] * 30
    outside = ["cafe\u0301 straße fig"] * 30

    assert distinguishing_words(inside, outside) == ()


def test_scripts_without_spaces_have_words_too() -> None:
    assert distinguishing_words(["退款没有到账"] * 30, ["取消转账"] * 30, k=2)


@pytest.mark.parametrize(
    ("inside", "outside"),
    [([], []), (["frozen"] * 9, []), ([], ["frozen"] * 9), (["", "  "], ["frozen"]), (["?!"] * 9, ["…"] * 9)],
)
def test_without_words_on_both_sides_there_is_nothing_to_say(inside: list[str], outside: list[str]) -> None:
    assert distinguishing_words(inside, outside) == ()


@given(texts=st.lists(st.text(), max_size=8), others=st.lists(st.text(), max_size=8))
@law
def test_any_text_is_read(texts: list[str], others: list[str]) -> None:
    assert isinstance(distinguishing_words(texts, others), tuple)

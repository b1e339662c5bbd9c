"""The grammar: a phrase file and a seed in, messages out."""

import re
import tomllib

import numpy as np
import pytest

from driftcore.demo.corpus import draw_intents, drifting_utterances, read_phrases, utterances


@pytest.fixture(scope="module")
def book(phrases):
    return read_phrases(phrases)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_same_seed_writes_the_same_messages(book):
    intents = draw_intents(book, 200, rng=rng(3))
    assert utterances(book, intents, rng=rng(3)) == utterances(book, intents, rng=rng(3))
    assert utterances(book, intents, rng=rng(3)) != utterances(book, intents, rng=rng(4))


def test_a_longer_corpus_begins_with_the_shorter_one(book):
    assert utterances(book, ["refund"] * 500, rng=rng())[:20] == utterances(book, ["refund"] * 20, rng=rng())


def test_no_hole_is_left_open(book):
    texts = utterances(book, draw_intents(book, 20_000, rng=rng()), rng=rng())
    texts += drifting_utterances(book, ["refund", "cancel"] * 2_000, rng=rng())
    assert not [text for text in texts if re.search(r"[{}()|]", text) or not text.strip()]


def test_every_slot_that_a_phrase_names_is_filled_somewhere(phrases, book):
    named = set(re.findall(r"\{(\w+)\}", phrases.read_text(encoding="utf-8").split("[style]")[1]))
    assert named <= set(book.slots) | set(book.once)


def test_who_was_charged_an_amount_wants_that_amount_back(book):
    price = re.compile(r"[£€$]\d[\d.,]*\d")
    for text in drifting_utterances(book, ["refund"] * 500, rng=rng()):
        # a slip of the thumb may change one of them, but two prices without a slip are the same price
        assert len({found.rstrip(".,") for found in price.findall(text)}) <= 2
    both = [set(price.findall(text)) for text in drifting_utterances(book, ["refund"] * 500, rng=rng())]
    assert sum(len(prices) > 1 for prices in both) < 0.02 * len(both)


def test_intents_come_as_often_as_their_weights_say(book):
    drawn = np.array(draw_intents(book, 20_000, rng=rng()))
    shares = np.array([(drawn == name).mean() for name in book.intents])
    # three standard errors of a share near 0.1 of 20,000: 3 * sqrt(0.1 * 0.9 / 20000) = 0.006
    np.testing.assert_allclose(shares, book.weights, atol=0.006)


def test_people_hardly_ever_write_the_same_thing(book):
    texts = utterances(book, draw_intents(book, 2_000, rng=rng()), rng=rng())
    assert len(set(texts)) > 0.9 * len(texts)
    lengths = np.array([len(text) for text in texts])
    assert lengths.min() < 10 and lengths.max() > 120


def test_a_phrase_file_without_a_section_says_which(tmp_path):
    incomplete = tmp_path / "phrases.toml"
    incomplete.write_text("[style]\nshort = 0.1\n")
    with pytest.raises(KeyError, match="drifting"):
        read_phrases(incomplete)


def test_a_phrase_that_can_mean_several_things_is_known_to_each_of_them(phrases, book):
    for group in tomllib.loads(phrases.read_text(encoding="utf-8"))["ambiguous"]:
        assert len(group["intents"]) > 1
        assert all(set(group["phrases"]) <= set(book.intents[name].ambiguous) for name in group["intents"])

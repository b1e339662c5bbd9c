"""What customers write to a bank's support chat: a phrase file and a seed in, messages out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Dice: TypeAlias = Iterator[float]

_HOLE = re.compile(r"\{(\w+)\}|\(([^()]*)\)")
_WORD = re.compile(r"[A-Za-z']+|&")
_SENTENCE_END = (".", "?", "!")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The ways of saying one thing, from the usual to the ambiguous."""

    weight: float
    common: tuple[str, ...]
    rare: tuple[str, ...]
    short: tuple[str, ...]
    ambiguous: tuple[str, ...]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What people put around a message whatever it is about."""

    openings: tuple[str, ...]
    fillers: tuple[str, ...]
    closings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """What thumbs do to words: cut them short, misremember them, slip to the next key."""

    abbreviations: Mapping[str, tuple[str, ...]]
    misspellings: Mapping[str, tuple[str, ...]]
    neighbours: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifting:
    """A new way of saying an old thing, by what the customer wants, and the label it is given."""

    labelled_as: str
    phrases: Mapping[str, tuple[str, ...]]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseBook:
    """Everything a phrase file says: `style` is how often, `once` the slots that keep their value in a message."""

    intents: Mapping[str, Intent]
    drifting: Drifting
    wording: Wording
    typing: Typing
    once: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, ...]]
    style: Mapping[str, float]

    @property
    def weights(self) -> NDArray[np.float64]:
        """How often each intent is meant, in the order of `intents`, summing to 1."""
        weights = np.array([intent.weight for intent in self.intents.values()])
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares


def read_phrases(path: Path) -> PhraseBook:
    """Read a phrase file (TOML).

    Parameters
    ----------
    path : Path
        The file; `data/support_phrases.toml` explains its own grammar.

    Returns
    -------
    PhraseBook
        Its phrases, with each ambiguous phrase under every intent it can mean.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KeyError
        If a section is missing.
    """
    book = tomllib.loads(path.read_text(encoding="utf-8"))
    drifting = book["drifting"]
    return PhraseBook(
        intents={name: _intent(name, said, book["ambiguous"]) for name, said in book["intents"].items()},
        drifting=Drifting(
            labelled_as=drifting["labelled_as"],
            phrases=_tuples(drifting["phrases"]),
            context=tuple(drifting["context"]),
        ),
        wording=Wording(**_tuples(book["wording"])),
        typing=Typing(
            abbreviations=_tuples(book["typing"]["abbreviations"]),
            misspellings=_tuples(book["typing"]["misspellings"]),
            neighbours=book["typing"]["neighbours"],
        ),
        once=_tuples(book["once"]),
        slots=_tuples(book["slots"]),
        style=book["style"],
    )


def draw_intents(book: PhraseBook, n_messages: int, *, rng: np.random.Generator) -> tuple[str, ...]:
    """Draw what the next `n_messages` customers want, in the proportions of the book."""
    names = tuple(book.intents)
    return tuple(names[k] for k in rng.choice(len(names), size=n_messages, p=book.weights))


def utterances(book: PhraseBook, intents: Sequence[str], *, rng: np.random.Generator) -> tuple[str, ...]:
    """Write one message for each intent, the way people wrote before the drift.

    Parameters
    ----------
    book : PhraseBook
        The phrases.
    intents : Sequence of str
        What each message shall mean; a name may come many times.
    rng : numpy.random.Generator
        The chance in it: the same state writes the same messages.

    Returns
    -------
    tuple of str
        The messages, in the order of `intents`.
    """
    dice = _throw(rng)
    return tuple(_write(_phrases(book, book.intents[name], dice), book, dice) for name in intents)


def drifting_utterances(book: PhraseBook, intents: Sequence[str], *, rng: np.random.Generator) -> tuple[str, ...]:
    """Write one message for each intent in the new phrasing; parameters as in `utterances`."""
    dice, new = _throw(rng), book.drifting
    return tuple(
        _write(_with_context(_pick(new.phrases[name], dice), new.context, book, dice), book, dice) for name in intents
    )


def _intent(name: str, said: Mapping[str, Any], ambiguous: Sequence[Mapping[str, Any]]) -> Intent:
    shared = tuple(phrase for group in ambiguous if name in group["intents"] for phrase in group["phrases"])
    lists = {kind: tuple(phrases) for kind, phrases in said.items() if kind != "weight"}
    return Intent(weight=said["weight"], ambiguous=shared, **lists)


def _tuples(table: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in table.items()}


def _throw(rng: np.random.Generator) -> Dice:
    # In blocks: a call of the generator for each throw would be most of the run time.
    while True:
        yield from rng.random(4096).tolist()


def _pick(options: Sequence[str], dice: Dice) -> str:
    return options[int(next(dice) * len(options))]


def _write(phrases: Sequence[str], book: PhraseBook, dice: Dice) -> str:
    """Make a message of one phrase, or of two that become sentences."""
    values: dict[str, str] = {}
    said = [_fill(phrase, book, dice, values) for phrase in phrases]
    body = said[0] if len(said) == 1 else " ".join(map(_sentence, said))
    return _type(_message(body, book, dice), book, dice)


def _phrases(book: PhraseBook, intent: Intent, dice: Dice) -> tuple[str, ...]:
    """Choose what is asked, by how clearly people ask, and sometimes a sentence of what happened."""
    throw, style = next(dice), book.style
    if throw < style["short"]:
        return (_pick(intent.short, dice),)
    throw -= style["short"]
    if throw < style["ambiguous"]:
        return (_pick(intent.ambiguous or intent.rare, dice),)
    throw -= style["ambiguous"]
    phrase = _pick(intent.rare if throw < style["rare"] else intent.common, dice)
    return _with_context(phrase, intent.context, book, dice)


def _with_context(phrase: str, context: Sequence[str], book: PhraseBook, dice: Dice) -> tuple[str, ...]:
    if next(dice) >= book.style["context"]:
        return (phrase,)
    told = _pick(context, dice)
    return (told, phrase) if next(dice) < 0.4 else (phrase, told)


def _fill(phrase: str, book: PhraseBook, dice: Dice, values: dict[str, str]) -> str:
    """Fill every hole of a phrase, and the holes of what was filled in; `values` are those already settled."""

    def value(hole: re.Match[str]) -> str:
        slot, alternatives = hole.groups()
        if slot in values:
            return values[slot]
        options = (book.once.get(slot) or book.slots[slot]) if slot else alternatives.split("|")
        chosen = _fill(_pick(options, dice), book, dice, values)
        if slot in book.once:
            values[slot] = chosen
        return chosen

    return _HOLE.sub(value, phrase).strip()


def _message(body: str, book: PhraseBook, dice: Dice) -> str:
    """Put an opening, a filler and a closing around a body, each as often as the style says."""
    wording, style = book.wording, book.style
    if next(dice) < style["filler"]:
        filler = _pick(wording.fillers, dice)
        body = f"{filler}, {body}" if next(dice) < 0.6 else f"{body.rstrip('.?!')}, {filler}"
    parts = [_sentence(body)]
    if next(dice) < style["opening"]:
        opening = _pick(wording.openings, dice)
        parts = [f"{opening}, {body}" if next(dice) < 0.7 else f"{opening}. {_sentence(body)}"]
    if next(dice) < style["closing"]:
        parts = [_sentence(parts[0]), _sentence(_fill(_pick(wording.closings, dice), book, dice, {}))]
    return " ".join(parts)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith(_SENTENCE_END) else f"{text}."


def _type(message: str, book: PhraseBook, dice: Dice) -> str:
    """Type a message on a phone: shortcuts, slips, no capitals, no full stop."""
    typing, style = book.typing, book.style
    if next(dice) < style["abbreviation"]:
        message = _replace_one_word(message, typing.abbreviations, dice)
    if next(dice) < style["misspelling"]:
        message = _replace_one_word(message, typing.misspellings, dice)
    if next(dice) < style["slip"]:
        message = _slip(message, typing.neighbours, dice)
    if next(dice) < style["no_punctuation"]:
        message = re.sub(r"[.,!?](?=\s|$)", "", message)
    return message.lower() if next(dice) < style["lower_case"] else message


def _replace_one_word(message: str, variants: Mapping[str, tuple[str, ...]], dice: Dice) -> str:
    known = [match for match in _WORD.finditer(message) if match[0].lower() in variants]
    throw = next(dice)
    if not known:
        return message
    word = known[int(throw * len(known))]
    return message[: word.start()] + _pick(variants[word[0].lower()], dice) + message[word.end() :]


def _slip(message: str, neighbours: Mapping[str, str], dice: Dice) -> str:
    """Hit one letter wrongly: the key beside it, none, twice, or in the wrong order."""
    at = int(next(dice) * len(message))
    letter, way = message[at], int(next(dice) * 4)
    if letter.lower() not in neighbours:
        return message
    hit = (_pick(neighbours[letter.lower()], dice), "", letter * 2, message[at + 1 : at + 2] + letter)[way]
    return message[:at] + hit + message[at + (2 if way == 3 else 1) :]

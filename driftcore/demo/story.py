"""The fintech story: one training a week, and from week 5 a new phrasing that is labelled wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from driftcore.demo.classifier import IntentClassifier, hashed_ngrams
from driftcore.demo.corpus import PhraseBook, draw_intents, drifting_utterances, read_phrases, utterances

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Split: TypeAlias = Literal["validation", "live", "train"]

YEAR = 2026
FIRST_DRIFTING_WEEK = 5
N_HISTORY, N_VALIDATION, N_LIVE, N_TRAIN = 14_000, 1_800, 1_200, 3_500
N_HISTORY_EPOCHS, N_WEEK_EPOCHS = 16, 2

# Angry messages about the new price, as a share of all: so many in week 5, and so many more in each week after it.
FIRST_SHARE, SHARE_PER_WEEK = 0.012, 0.013
# The others of them only want the charges to end, and for those `cancel` is the honest label.
WANTS_MONEY_BACK = 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekSplit:
    """One split of one week, as the model trained in that week sees it; row i is `sample_ids[i]`.

    `labels` are the labels the team used; `intended_labels` are what the customers meant. They differ only on
    `train` rows in the new phrasing.
    """

    split: Split
    sample_ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    intended_labels: tuple[str, ...]
    vectors: NDArray[np.float32]
    predictions: tuple[str, ...]
    confidences: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Week:
    """One checkpoint: its name, the Monday it was trained on, and what it makes of `validation`, `live` and `train`.

    `model` is the model itself, as `IntentClassifier.restored` reads it.
    """

    checkpoint: str
    at: datetime
    splits: tuple[WeekSplit, ...]
    model: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Batch:
    """The messages of one split of one week, before a model has seen them."""

    split: Split
    sample_ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    intended_labels: tuple[str, ...]
    features: csr_matrix


def weeks(phrases: Path, *, seed: int = 0, n_weeks: int = 12) -> Iterator[Week]:
    """Train the model week by week and yield what it sees.

    The validation set is the same every week and holds only the ordinary phrasing. Each week brings a new live
    window and a new training set, on which the model of the week before is trained further. From week 5 a growing
    share of customers says it differently ("stop charging me and give it back"); the team labels all of that
    `cancel`, also where the customer wants a `refund`. Nothing else is done to the model or to its vectors.

    Parameters
    ----------
    phrases : Path
        The phrase file, `data/support_phrases.toml`.
    seed : int
        Decides everything: the same seed yields the same weeks.
    n_weeks : int
        How many weeks to tell, at most 53; the first weeks do not depend on it.

    Yields
    ------
    Week
        In order of time, each as soon as its model is trained: about a second apart.
    """
    book = read_phrases(phrases)
    validation = _batch("validation", book, 0, N_VALIDATION, rng=_chance(seed, 0, "validation"))
    model = _pretrained(book, rng=_chance(seed, 0, "train"))
    for week in range(1, n_weeks + 1):
        train = _batch("train", book, week, N_TRAIN, rng=_chance(seed, week, "train"))
        live = _batch("live", book, week, N_LIVE, rng=_chance(seed, week, "live"))
        model.fit(train.features, train.labels, n_epochs=N_WEEK_EPOCHS)
        yield Week(
            checkpoint=f"{YEAR}-W{week:02d}",
            at=datetime.fromisocalendar(YEAR, week, 1).replace(tzinfo=UTC),
            splits=tuple(_seen_by(model, batch) for batch in (validation, live, train)),
            model=model.saved(),
        )


def _chance(seed: int, week: int, split: Split) -> np.random.Generator:
    """A stream of its own for each week and split, so that none depends on how much another has drawn."""
    return np.random.default_rng([seed, week, *split.encode()])


def _pretrained(book: PhraseBook, *, rng: np.random.Generator) -> IntentClassifier:
    """A model that has learnt all it can from last year, so that an ordinary week moves it little."""
    intents = draw_intents(book, N_HISTORY, rng=rng)
    model = IntentClassifier(tuple(book.intents), rng=rng)
    model.fit(hashed_ngrams(utterances(book, intents, rng=rng)), intents, n_epochs=N_HISTORY_EPOCHS)
    return model


def _batch(split: Split, book: PhraseBook, week: int, n_messages: int, *, rng: np.random.Generator) -> _Batch:
    """Write the messages of a week: the usual mix, and among it the new phrasing."""
    is_new = rng.random(n_messages) < _new_share(split, week)
    usual = draw_intents(book, n_messages, rng=rng)
    angry = np.where(rng.random(n_messages) < WANTS_MONEY_BACK, "refund", "cancel")
    intended = np.where(is_new, angry, usual)
    labels = np.where(is_new, book.drifting.labelled_as, intended) if split == "train" else intended
    texts = _texts(book, intended, is_new, rng=rng)
    return _Batch(
        split=split,
        sample_ids=_sample_ids(split, week, n_messages),
        texts=texts,
        labels=tuple(labels.tolist()),
        intended_labels=tuple(intended.tolist()),
        features=hashed_ngrams(texts),
    )


def _texts(
    book: PhraseBook, intents: NDArray[np.str_], is_new: NDArray[np.bool_], *, rng: np.random.Generator
) -> tuple[str, ...]:
    texts = np.empty(len(intents), dtype=object)
    texts[~is_new] = utterances(book, intents[~is_new].tolist(), rng=rng)
    texts[is_new] = drifting_utterances(book, intents[is_new].tolist(), rng=rng)
    return tuple(texts.tolist())


def _new_share(split: Split, week: int) -> float:
    if split == "validation" or week < FIRST_DRIFTING_WEEK:
        return 0.0
    return FIRST_SHARE + SHARE_PER_WEEK * (week - FIRST_DRIFTING_WEEK)


def _sample_ids(split: Split, week: int, n_messages: int) -> tuple[str, ...]:
    stem, width = ("val", 5) if split == "validation" else (f"{split}-W{week:02d}", 4)
    return tuple(f"{stem}-{row:0{width}d}" for row in range(n_messages))


def _seen_by(model: IntentClassifier, batch: _Batch) -> WeekSplit:
    vectors = model.embed(batch.features)
    predictions, confidences = model.predict(vectors)
    return WeekSplit(
        split=batch.split,
        sample_ids=batch.sample_ids,
        texts=batch.texts,
        labels=batch.labels,
        intended_labels=batch.intended_labels,
        vectors=vectors,
        predictions=tuple(predictions.tolist()),
        confidences=confidences,
    )
